import Patches

/// What a commit of everything would store for the files of a work tree (`git commit -a`).
public struct StoredFiles: ~Copyable {
  private var disk: DiskTree
  private let index: IndexFile

  /// What stands at a path.
  public enum Found {
    /// Neither a file nor a link, or one whose removal is staged.
    case nothing
    case content(FileMode, [UInt8])
    /// A file that a filter's program would have to read: as it was staged last.
    case staged(FileMode, ObjectID)
    /// A file that is not in the encoding that its attributes state.
    case otherEncoding(String)
  }

  public init(of tree: WorkTree) throws(GitError) {
    let index = try IndexFile(reading: WorkTreeFiles(tree).index)
    let disk = try tree.disk(index)
    self.index = index
    self.disk = disk
  }

  /// True where a file is there and no longer in the index: `git rm --cached`.
  ///
  /// - Parameter path: one that the commit has which is checked out.
  public mutating func isRemoved(_ path: RepoPath) throws(GitError) -> Bool {
    guard index.entries[path.bytes] == nil, !index.conflicts.contains(path.bytes) else {
      return false
    }
    return try disk.look(at: path).mode != nil
  }

  /// - Parameter limit: the most bytes that a file may have.
  public mutating func found(at path: RepoPath, limit: Int) throws(GitError) -> Found {
    switch try disk.look(at: path) {
    case .absent, .directory, .other, .blocked: return .nothing
    case .symlink: return .content(.symlink, try disk.readLink(path))
    case .file(let status):
      let mode: FileMode = status.st_mode & 0o100 != 0 ? .executable : .regular
      let bytes = try disk.readFile(path, limit: limit)
      switch try disk.cleanSide?.stored(bytes, at: path) ?? .bytes(bytes) {
      case .bytes(let stored): return .content(mode, stored)
      case .encoding(let name): return .otherEncoding(name)
      case .program:
        guard let entry = index.entries[path.bytes] else { return .content(mode, bytes) }
        return .staged(mode, entry.id)
      }
    }
  }

  /// True where what would be stored for a path is an entry of a tree, or nothing where there is none.
  public mutating func isSame(_ entry: TreeEntry?, at path: RepoPath) throws(GitError) -> Bool {
    let found = try disk.look(at: path)
    guard let entry else { return found.mode == nil }
    return try disk.holds(entry, at: path, found)
  }

  /// The files of which only a filter's program could say whether they are changed, with its name.
  public mutating func unasked() throws(GitError) -> [(path: [UInt8], filter: String)] {
    var found: [(path: [UInt8], filter: String)] = []
    for (path, entry) in index.entries {
      let place = try safePath(path)
      guard try !disk.isPassedOver(entry, at: place, unless: index.written) else { continue }
      if let name = try disk.unaskedFilter(entry, at: place) { found.append((path, name)) }
    }
    return found.sorted { $0.path.lexicographicallyPrecedes($1.path) }
  }
}
