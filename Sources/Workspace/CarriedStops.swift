import Git
import Journal
import Patches

extension Workspace {
  /// A set together with the states of stopped runs as they are once it is written.
  ///
  /// A run that has stopped is made of texts. Where the set gives one of them another name, or another
  /// form that does the same to the tree, the run goes on from there, and its state says so.
  ///
  /// - Throws: `Refusal` by the name of a stack that could not go on.
  func carryingStops(_ set: FileSet) throws -> FileSet {
    var carried = set
    let after = try after(set)
    for state in try after.stoppedMoves() where state.isTouched(by: set) {
      // One that could not go on before is no worse off.
      guard let before = try? move(of: state) else { continue }
      guard let now = try? after.unchecked(state), now.continues(before) else {
        throw Refusal(
          "\(state.standing), and this would change what it is made of: 'kerb continue', 'kerb skip' "
            + "or 'kerb abort' first")
      }
      let moved = try state.made(of: now, before: before)
      if moved.encoded != state.encoded {
        carried.put(StoppedMove.path(of: state.name), moved.encoded)
      }
    }
    return carried
  }

  /// Refuses a set from which a run that has stopped could not go on: one that brings back older texts.
  ///
  /// - Throws: `Refusal` by the stack's name.
  func refuseStranding(_ set: FileSet) throws {
    let after = try after(set)
    for state in try after.stoppedMoves() where state.isTouched(by: set) {
      guard (try? move(of: state)) != nil else { continue }
      guard (try? after.move(of: state)) != nil else {
        throw Refusal(
          "\(state.standing) and could not go on from the files that this would bring back: 'kerb "
            + "continue', 'kerb skip' or 'kerb abort' first")
      }
    }
  }
}

extension StoppedMove {
  /// Where it is: `2024.1/nova is stopped at patch 3 of 13`.
  public var standing: String { "\(stack) is stopped at patch \(patch + 1) of \(files.count)" }

  /// True for a set that may change what the run is made of: its texts, their order, the locked trees.
  fileprivate func isTouched(by set: FileSet) -> Bool {
    let series = ["series/\(name.release)", "series/\(sourceName.release)", Workspace.lockName]
    let folder = "patches/\(name.project)/"
    return set.paths.contains { path in
      let path = "\(path)"
      return series.contains(path) || path.hasPrefix(folder)
    }
  }

  /// The state of the same run, whose patches have other files or forms now.
  fileprivate func made(of now: StackMove, before: StackMove) throws -> StoppedMove {
    var state = self
    state.files = now.source.files
    state.digests = try now.source.digests
    if state.digests != digests { state.isRewritten = true }
    for index in done.indices {
      let own = before.own[index]?.file == done[index].file ? now.own[index]?.file : nil
      state.done[index].file = own ?? now.source.files[index]
    }
    return state
  }
}

extension StackMove {
  /// True where a run of another move goes on as it would have: the patches are the same, in the same
  /// order, and each does the same to the tree that it was made on.
  fileprivate func continues(_ other: StackMove) -> Bool {
    let (new, old) = (source, other.source)
    guard new.entries.map(\.name) == old.entries.map(\.name), new.upstream == old.upstream,
      own.keys == other.own.keys,
      own.allSatisfy({ $1.patch.doesTheSame(as: other.own[$0]?.patch) })
    else { return false }
    return zip(new.patches, old.patches).enumerated().allSatisfy { index, pair in
      guard pair.0.diff != pair.1.diff else { return true }
      // Of a patch that changes nothing on its own tree, the trees tell nothing.
      return bases[index] != bases[index + 1]
        && bases[index] == other.bases[index] && bases[index + 1] == other.bases[index + 1]
    }
  }
}

extension Patch {
  fileprivate func doesTheSame(as other: Patch?) -> Bool {
    guard let other else { return false }
    return diff == other.diff || saysTheSame(as: other)
  }
}
