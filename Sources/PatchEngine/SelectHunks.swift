import Patches

/// Some of what a patch does to its files.
public enum PatchSelection: Hashable, Sendable {
  case file(RepoPath)
  /// Hunks of a file by their numbers in the patch, counted from 1.
  case hunks(RepoPath, Set<Int>)
}

/// Why a part of a patch cannot be told from the rest.
public enum SelectionProblem: Error, Hashable, Sendable {
  case noFile(RepoPath)
  /// The file has only so many hunks.
  case noHunk(RepoPath, Int, count: Int)
  /// The change of the file has no hunks.
  case whole(RepoPath)
  /// The file's hunks have no place of their own: they were merged.
  case merged(RepoPath)
  case everything
  case nothing
}

extension EditedPatch {
  /// The part of the patch's effect that is selected, from the files before the patch. A file that is
  /// renamed goes with both of its names.
  ///
  /// - Throws: `SelectionProblem`; what `base` throws.
  public func part(
    _ selection: [PatchSelection], over base: inout BaseTree
  ) throws -> PatchEffect {
    var part = PatchEffect()
    for item in selection {
      switch item {
      case .file(let path):
        guard effect[path] != nil else { throw SelectionProblem.noFile(path) }
        part[path] = effect[path]
        for file in text.files {
          guard case .rename(let from, _) = file.kind, [from, file.path].contains(path) else {
            continue
          }
          part[from] = effect[from]
          part[file.path] = effect[file.path]
        }
      case .hunks(let path, let numbers):
        part[path] = try change(path, numbers, over: &base)
      }
    }
    guard !part.isEmpty else { throw SelectionProblem.nothing }
    guard part != effect else { throw SelectionProblem.everything }
    return part
  }

  private func change(
    _ path: RepoPath, _ numbers: Set<Int>, over base: inout BaseTree
  ) throws -> PatchEffect.Change {
    guard let change = effect[path] else { throw SelectionProblem.noFile(path) }
    guard let before = change.before, let after = change.after, before.rawMode == after.rawMode,
      let file = text.files.first(where: { $0.path == path }), file.kind == .modify,
      case .hunks(let hunks) = file.content
    else { throw SelectionProblem.whole(path) }
    if let number = numbers.sorted().first(where: { !(1...hunks.count).contains($0) }) {
      throw SelectionProblem.noHunk(path, number, count: hunks.count)
    }
    let (old, new) = (try base.text(of: before.id), try base.text(of: after.id))
    guard let placements = try? apply(hunks, to: old).placements else {
      throw SelectionProblem.merged(path)
    }
    var bytes: [UInt8] = []
    var position = 0
    let places = numbers.map {
      let start = placements[$0 - 1].line - 1
      return start..<start + hunks[$0 - 1].newCount
    }.sorted { $0.lowerBound < $1.lowerBound }
    var next = 0
    for edit in difference(from: old, to: new, .myers, placed: .byIndentation) {
      old.copy(lines: position..<edit.old.lowerBound, to: &bytes)
      while next < places.count, places[next].upperBound < edit.new.lowerBound { next += 1 }
      if next < places.count, places[next].lowerBound <= edit.new.upperBound {
        new.copy(lines: edit.new, to: &bytes)
      } else {
        old.copy(lines: edit.old, to: &bytes)
      }
      position = edit.old.upperBound
    }
    old.copy(lines: position..<old.lines.count, to: &bytes)
    return .init(before: before, after: SourceEntry(rawMode: before.rawMode, id: base.add(bytes)))
  }
}

extension SelectionProblem: CustomStringConvertible {
  /// Not escaped for any medium.
  public var description: String {
    switch self {
    case .noFile(let path): "the patch does not change \(path)"
    case .noHunk(let path, let number, let count):
      "\(path) has \(count) \(count == 1 ? "hunk" : "hunks") in the patch, and none with the number "
        + "\(number)"
    case .whole(let path): "\(path) can only be taken whole: it is not just changed lines"
    case .merged(let path):
      "the hunks of \(path) have no place as they stand; 'kerb rebase' writes the patch anew first"
    case .everything: "that is all of the patch; to divide it, leave something"
    case .nothing: "nothing is selected"
    }
  }
}
