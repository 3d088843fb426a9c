import Git
import PatchEngine
import Patches

/// Files that upstream has renamed since a stack was made, as far as the stack touches them.
///
/// - Parameters:
///   - root: the tree that the stack is put on.
///   - bases: the tree that each patch was made on, nil where it is not known.
/// - Throws: `GitError` where a tree cannot be read.
/// - Complexity: a look-up a path; the two trees are compared only where a path is missing.
func relocations(
  of stack: [Patch], onto root: ObjectID, bases: [ObjectID?], in repository: borrowing Repository
) throws -> Relocations {
  var search = RelocationSearch(root: root)
  for (patch, base) in zip(stack, bases) {
    guard let base, base != root else { continue }
    try search.take(patch, base, repository)
  }
  return try search.result(repository)
}

private struct RelocationSearch {
  private let root: ObjectID
  /// Paths that the stack itself makes.
  private var made: Set<RepoPath> = []
  /// Directories above them: upstream never had those files, so it has not moved them either.
  private var madeAbove: Set<RepoPath> = []
  private var missing: [ObjectID: Set<RepoPath>] = [:]
  private var additions: [ObjectID: Set<RepoPath>] = [:]
  private var known: [RepoPath: Bool] = [:]

  init(root: ObjectID) {
    self.root = root
  }

  mutating func take(
    _ patch: Patch, _ base: ObjectID, _ repository: borrowing Repository
  ) throws {
    for file in patch.files {
      let path = file.sourcePath
      switch file.kind {
      case .create:
        let isOwn = path.parent.map(madeAbove.contains) ?? false
        make(path)
        if let above = path.parent, !isOwn, try !isThere(above, repository),
          try repository.entry(at: above, inTree: base) != nil
        {
          additions[base, default: []].insert(path)
        }
      case .modify, .delete, .rename, .copy:
        if !made.contains(path), try !isThere(path, repository),
          try repository.entry(at: path, inTree: base) != nil
        {
          missing[base, default: []].insert(path)
        }
        make(file.path)
      }
    }
  }

  private mutating func make(_ path: RepoPath) {
    guard made.insert(path).inserted else { return }
    if let above = path.parent { madeAbove.insert(above) }
  }

  private mutating func isThere(
    _ path: RepoPath, _ repository: borrowing Repository
  ) throws -> Bool {
    if let present = known[path] { return present }
    let present = try repository.entry(at: path, inTree: root) != nil
    known[path] = present
    return present
  }

  func result(_ repository: borrowing Repository) throws -> Relocations {
    var result = Relocations()
    for base in Set(missing.keys).union(additions.keys).sorted() {
      let (gone, come) = try loneFiles(base, repository)
      let directories = Set((additions[base] ?? []).compactMap(\.parent))
      let wanted = (missing[base] ?? []).union(
        gone.map(\.path).filter { isBelow($0, directories) })
      let (found, unsearched) = try renames(gone: gone, come: come, wanted: wanted) {
        try repository.blob($0)
      }
      if let unsearched { result.unsearched = unsearched }
      for path in missing[base] ?? [] {
        if let place = found[path] { result.files[path] = place }
      }
      let votes = votes(found, directories)
      for path in additions[base] ?? [] {
        if let place = newPlace(of: path, votes) { result.additions[path] = place }
      }
    }
    return result
  }

  /// True where one of the directories is above a path.
  private func isBelow(_ path: RepoPath, _ directories: Set<RepoPath>) -> Bool {
    guard !directories.isEmpty else { return false }
    return path.bytes.indices.contains { index in
      path.bytes[index] == UInt8(ascii: "/")
        && directories.contains(path.directory(endingAt: index))
    }
  }

  private func loneFiles(
    _ base: ObjectID, _ repository: borrowing Repository
  ) throws -> (gone: [LoneFile], come: [LoneFile]) {
    var (gone, come): ([LoneFile], [LoneFile]) = ([], [])
    for change in try repository.changes(from: base, to: root) {
      guard let path = try? RepoPath(change.path) else { continue }
      if change.new == nil, let old = change.old, old.mode.isFile {
        gone.append(LoneFile(path: path, id: old.id))
      } else if change.old == nil, let new = change.new, new.mode.isFile {
        come.append(LoneFile(path: path, id: new.id))
      }
    }
    return (gone, come)
  }

  /// How many files of each directory, nil for the top, went to each other one.
  private func votes(
    _ found: [RepoPath: RepoPath], _ directories: Set<RepoPath>
  ) -> [RepoPath?: [[UInt8]: Int]] {
    var votes: [RepoPath?: [[UInt8]: Int]] = [:]
    for (old, new) in found {
      guard let to = new.parent, old.parent.map(directories.contains) ?? true else { continue }
      votes[old.parent, default: [:]][to.bytes, default: 0] += 1
    }
    return votes
  }

  /// A new file goes where most of its directory's files went.
  private func newPlace(
    of path: RepoPath, _ votes: [RepoPath?: [[UInt8]: Int]]
  ) -> RepoPath? {
    // Of several the shortest, and of these the first.
    let best = votes[path.parent]?.max { one, two in
      if one.value != two.value { return one.value < two.value }
      if one.key.count != two.key.count { return one.key.count > two.key.count }
      return two.key.lexicographicallyPrecedes(one.key)
    }
    return best.flatMap { try? RepoPath($0.key + [UInt8(ascii: "/")] + path.name) }
  }
}
