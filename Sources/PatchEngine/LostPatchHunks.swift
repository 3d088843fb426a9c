import Patches

/// A part of a patch of which a stack has nothing left.
public struct LostChange: Hashable, Sendable {
  /// The patch, counted from 0 as the stack was.
  public let patch: Int
  public let path: RepoPath
  public let part: LostPart
  /// The line of the hunk, or of its section, in the patch file.
  public let line: Int
}

extension EditedStack {
  /// What an earlier state of the stack did and of which nothing is left: neither in its patch nor in
  /// the files on top.
  ///
  /// - Parameter earlier: the stack as it was; patches that are no longer there are not looked at.
  public func changesLost(
    since earlier: EditedStack, over base: inout BaseTree
  ) throws -> [LostChange] {
    var lost: [LostChange] = []
    let onTop = try linesCome(earlier.effect, effect, over: &base)
    for (number, old) in earlier.patches.enumerated() {
      guard let origin = old.origin, let index = patches.firstIndex(where: { $0.origin == origin }),
        patches[index].effect != old.effect
      else { continue }
      for file in old.text.files where old.effect[file.path] != patches[index].effect[file.path] {
        let before = try content(file.sourcePath, before: index, over: &base)
        let (path, end) = try places(of: file, from: old.effect, at: index, over: &base)
        lost += try partsLost(of: file, in: old, at: index, (path, end), over: base).map {
          LostChange(patch: number, path: file.path, part: $0, line: file.line)
        }
        let after = try content(path, before: index + 1, over: &base)
        let top = try content(end, before: patches.count, over: &base)
        let come = try linesCome(old.effect, patches[index].effect, over: &base)
        let gone = Set(file.lostHunks(before: before, after: after, others: come))
          .intersection(file.lostHunks(before: before, after: top, others: onTop))
        guard !gone.isEmpty, case .hunks(let hunks) = file.content else { continue }
        let edits = difference(from: before, to: after)
        for hunk in gone.sorted() where !hunks[hunk - 1].isTouched(by: edits, of: before) {
          lost.append(
            LostChange(
              patch: number, path: file.path, part: .hunk(hunk), line: hunks[hunk - 1].line))
        }
      }
    }
    return lost
  }

  /// What is lost of a section besides lines, in its patch and on top.
  private func partsLost(
    of file: FileChange, in old: EditedPatch, at index: Int,
    _ targets: (after: RepoPath, top: RepoPath),
    over base: BaseTree
  ) throws -> [LostPart] {
    func lost(_ now: PatchEffect, _ target: RepoPath, _ count: Int) throws -> [LostPart] {
      try file.lostParts(
        of: old.text, place: file.sourcePath, target: target,
        in: FilesBeside(
          before: { try entry(at: $0, before: index, over: base) },
          after: { try entry(at: $0, before: count, over: base) },
          changed: Set(old.effect.paths + now.paths).sorted()))
    }
    let top = patches[index...].reduce(PatchEffect()) { $0.then($1.effect) }
    let onTop = Set(try lost(top, targets.top, patches.count))
    return try lost(patches[index].effect, targets.after, index + 1).filter(onTop.contains)
  }

  /// The lines that files have now and did not have, where two effects differ.
  private func linesCome(
    _ old: PatchEffect, _ new: PatchEffect, over base: inout BaseTree
  ) throws -> LinesBeside {
    var lines = LinesBeside()
    for path in Set(old.paths + new.paths) where old[path]?.after != new[path]?.after {
      // A path that only one of them touches is compared with what it was.
      let (before, after) = (old[path] ?? new[path]?.untouched, new[path] ?? old[path]?.untouched)
      lines.add(
        before: try before?.after.map { try base.text(of: $0.id) } ?? Text([]),
        after: try after?.after.map { try base.text(of: $0.id) } ?? Text([]), [])
    }
    return lines
  }

  /// Where the file of a section is after its patch, and on top: an edit may have put it elsewhere, or
  /// back.
  private func places(
    of file: FileChange, from old: PatchEffect, at index: Int, over base: inout BaseTree
  ) throws -> (after: RepoPath, top: RepoPath) {
    func follow(_ path: RepoPath, _ effect: PatchEffect) throws -> RepoPath {
      try effect.renames(over: &base)[path] ?? path
    }
    var path = file.path
    if try entry(at: path, before: index + 1, over: base) == nil, old[path]?.after != nil {
      let now = patches[index].effect
      path = try follow(path, old.inverse.then(now))
      // A rename that was taken back.
      if path == file.path, try entry(at: file.sourcePath, before: index + 1, over: base) != nil {
        path = file.sourcePath
      }
    }
    var top = path
    for patch in patches[(index + 1)...] where patch.effect[top]?.after == nil {
      if patch.effect[top] != nil { top = try follow(top, patch.effect) }
    }
    return (path, top)
  }

  private func content(
    _ path: RepoPath, before index: Int, over base: inout BaseTree
  ) throws -> Text {
    guard let entry = try entry(at: path, before: index, over: base) else { return Text([]) }
    return try base.text(of: entry.id)
  }
}

extension Hunk {
  /// True where edits of a text change the lines that the hunk is about, perhaps in another way.
  fileprivate func isTouched(by edits: [Edit], of text: Text) -> Bool {
    guard let line = try? apply([self], to: text).placements.first?.line else { return false }
    let start = line - 1 + leadingContext
    let end = max(start, line - 1 + oldCount - trailingContext)
    return edits.contains { $0.old.lowerBound <= end && start <= $0.old.upperBound }
  }
}

extension PatchEffect.Change {
  /// No change of what was there.
  fileprivate var untouched: PatchEffect.Change { .init(before: before, after: before) }
}
