import Git
import PatchEngine
import Patches

extension Repository {
  /// A patch's text for what it does between two trees now: its header as it is, its sections made
  /// anew as `git format-patch` makes them. Renames and copies stay what the patch said they are.
  ///
  /// - Throws: `Refusal` for binary content that the patch's own data does not give; `GitError`.
  public func refreshed(_ patch: Patch, from old: ObjectID, to new: ObjectID) throws -> [UInt8] {
    var changes = try changes(from: old, to: new)
    var files: [FileChange] = []
    for file in patch.files {
      guard case .rename(let from, _) = file.kind,
        let gone = changes.firstIndex(where: { $0.path == from.bytes && $0.new == nil }),
        let come = changes.firstIndex(where: { $0.path == file.path.bytes && $0.old == nil })
      else { continue }
      let change = try section(
        changes[gone].old, changes[come].new, at: file.path, source: from, in: patch)
      files += change.map { [$0] } ?? []
      for index in [gone, come].sorted(by: >) { changes.remove(at: index) }
    }
    for change in changes.flatMap(\.byType) {
      let path = try safe(change.path)
      var (before, source, isCopy) = (change.old, RepoPath?.none, false)
      if change.old == nil, let file = patch.files.first(where: { $0.path == path }),
        case .copy(let from, _) = file.kind, let entry = try entry(at: from, inTree: old)
      {
        (before, source, isCopy) = (entry, from, true)
      }
      let made = try section(
        before, change.new, at: path, source: source, isCopy: isCopy, in: patch)
      files += made.map { [$0] } ?? []
    }
    return patch.canonical(with: inOrder(files))
  }

  /// By path; of one path what goes before what comes.
  private func inOrder(_ files: [FileChange]) -> [FileChange] {
    files.enumerated().sorted {
      ($0.element.path, $0.offset) < ($1.element.path, $1.offset)
    }.map(\.element)
  }

  private func section(
    _ old: TreeEntry?, _ new: TreeEntry?, at path: RepoPath, source: RepoPath?,
    isCopy: Bool = false, in patch: Patch
  ) throws -> FileChange? {
    let change = FileChange.between(
      try version(old), try version(new), at: path, source: source, isCopy: isCopy)
    if let change { return change }
    guard old?.id != new?.id || old?.mode != new?.mode else { return nil }
    let known = patch.files.first {
      $0.path == path && $0.index?.newID == (new?.id ?? .zero)
        && $0.index?.oldID == (old?.id ?? .zero)
    }
    guard let known, case .binary = known.content else {
      throw Refusal("\(patch.name): \(path): binary content that the patch does not hold")
    }
    return known
  }

  private func version(_ entry: TreeEntry?) throws -> FileVersion? {
    guard let entry else { return nil }
    return FileVersion(mode: entry.mode, id: entry.id, text: Text(try blob(entry.id)))
  }
}

extension TreeChange {
  /// A file that becomes a link, or the other way round, is taken away and made again, as git has it.
  fileprivate var byType: [TreeChange] {
    guard let old, let new, (old.mode == .symlink) != (new.mode == .symlink) else { return [self] }
    return [
      TreeChange(path: path, old: old, new: nil), TreeChange(path: path, old: nil, new: new),
    ]
  }
}

private func safe(_ path: [UInt8]) throws -> RepoPath {
  do {
    return try RepoPath(path)
  } catch {
    throw Refusal("\(String(decoding: path, as: UTF8.self)): \(error)")
  }
}
