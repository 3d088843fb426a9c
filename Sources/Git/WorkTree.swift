import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A linked work tree of a repository, as `git worktree` knows them, in any directory.
///
/// What is checked out is written down in a reference of the work tree's own,
/// `refs/worktree/kerb`, so the branch may move before the files follow. Files are written as they
/// are in the tree: no filters, no attributes, no hooks, no change of line ends.
public struct WorkTree: Sendable {
  /// The absolute path of the directory with the files.
  public let directory: String
  /// The work tree's name in the repository's `worktrees/`.
  public let name: String
  let gitDirectory: String

  /// What a work tree is like before anything is done to it.
  public enum State: Hashable, Sendable {
    /// The directory does not exist, or is empty.
    case absent
    /// The directory holds something that is not this work tree.
    case occupied
    /// A check-out of this commit was broken off; `checkOut` goes on from there.
    case interrupted(ObjectID)
    /// The tracked files are those of this commit; nil before the first commit.
    case clean(head: ObjectID?)
    /// Tracked files are changed, staged, deleted or in conflict, at these paths, in order.
    case dirty(head: ObjectID?, [[UInt8]])

    /// The commit whose files the folder is compared with, where it has one.
    public var head: ObjectID? {
      switch self {
      case .clean(let head), .dirty(let head, _): head
      case .absent, .occupied, .interrupted: nil
      }
    }

    /// Tracked files that are not as they are in that commit.
    public var changedPaths: [[UInt8]] {
      if case .dirty(_, let paths) = self { paths } else { [] }
    }
  }

  /// - Parameters:
  ///   - directory: where the files are to be; it need not exist.
  ///   - gitDirectory: the repository, bare or not.
  ///   - name: one component.
  public init(directory: String, repository gitDirectory: String, name: String) {
    precondition(!name.isEmpty && !name.contains("/") && !name.hasPrefix("."))
    self.directory = absolute(directory)
    self.gitDirectory = absolute(gitDirectory)
    self.name = name
  }

  /// Compares every tracked file with the index, and the index with the commit. Files that are not
  /// tracked are not looked for.
  public func state() throws(WorkTreeError) -> State {
    do throws(GitError) {
      switch try WorkTreeFiles(self).place() {
      case .fresh: return .absent
      case .occupied: return .occupied
      case .ours: break
      }
      let files = WorkTreeFiles(self)
      if let target = try files.target() { return .interrupted(target) }
      let repository = try Repository(opening: gitDirectory)
      let head = try files.checkedOut()
      let changed = try changedPaths(since: head, repository)
      return changed.isEmpty ? .clean(head: head) : .dirty(head: head, changed)
    } catch {
      throw .git(error)
    }
  }

  /// The files on disk, compared as git does with what is stored of them.
  func disk(_ index: IndexFile) throws(GitError) -> DiskTree {
    var disk = try DiskTree(at: directory)
    disk.cleanSide = try CleanSide(
      directory: directory, repository: gitDirectory, index: index)
    return disk
  }

  private func changedPaths(
    since head: ObjectID?, _ repository: borrowing Repository
  ) throws(GitError) -> [[UInt8]] {
    let index = try IndexFile(reading: WorkTreeFiles(self).index)
    var disk = try disk(index)
    var changed = index.conflicts
    var missing = Set(index.entries.keys)
    if let head {
      for (path, entry) in try repository.files(inTree: repository.commit(head).tree) {
        missing.remove(path)
        let staged = index.entries[path]
        if staged?.id != entry.id || staged?.rawMode != entry.mode.raw { changed.insert(path) }
      }
    }
    changed.formUnion(missing)
    for (path, entry) in index.entries where !changed.contains(path) {
      let place = try safePath(path)
      let isSame = try disk.isPassedOver(entry, at: place, unless: index.written)
      guard !isSame else { continue }
      if try disk.unaskedFilter(entry, at: place) == nil { changed.insert(path) }
    }
    return changed.sorted { $0.lexicographicallyPrecedes($1) }
  }
}

/// Why a work tree was left as it is.
public enum WorkTreeError: Error, Sendable {
  /// These paths hold changes, or files that git does not know, which would be overwritten. Nothing
  /// was written.
  case changed([[UInt8]])
  /// The directory holds something else, or the name belongs to another directory; which is said.
  case occupied(String)
  /// The repository or the file system refused.
  case git(GitError)
}

extension WorkTreeError: CustomStringConvertible {
  /// Not escaped for any medium.
  public var description: String {
    switch self {
    case .changed(let paths):
      "these files have changes that would be overwritten: "
        + paths.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
    case .occupied(let reason): reason
    case .git(let error): error.description
    }
  }
}

/// A path out of a tree, checked before it is used on disk.
func safePath(_ path: [UInt8]) throws(GitError) -> RepoPath {
  do throws(RepoPath.Problem) {
    return try RepoPath(path)
  } catch {
    throw GitError(
      "check out \(String(decoding: path, as: UTF8.self))", because: error.description)
  }
}

private func absolute(_ path: String) -> String {
  var path = path
  if !path.hasPrefix("/"), let current = getcwd(nil, 0) {
    path = String(cString: current) + "/" + path
    free(current)
  }
  while path.count > 1, path.hasSuffix("/") { path.removeLast() }
  return path
}
