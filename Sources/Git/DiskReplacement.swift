import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension DiskTree {
  /// Creates a file and waits until its bytes are on the disk; its name may not be yet. The
  /// directory must be there. What was at the path before is removed.
  ///
  /// - Parameters:
  ///   - permissions: the exact bits; nil lets the process's mask decide, as `createFile` does.
  ///   - isExecutable: asked where `permissions` is nil.
  package mutating func createSynchronized(
    _ path: RepoPath, _ bytes: [UInt8], permissions: UInt32?, isExecutable: Bool
  ) throws(GitError) {
    let parent = try require(path, creating: false)
    try removeAlone(path)
    let number = openat(
      parent, cString(path.name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
      isExecutable ? 0o777 : 0o666)
    guard number >= 0 else { throw GitError("create \(path)", errno: errno) }
    let file = Descriptor(owning: number)
    if let permissions {
      guard fchmod(number, mode_t(permissions)) == 0 else {
        throw GitError("set the mode of \(path)", errno: errno)
      }
    }
    try file.write(bytes, "write \(path)")
    try file.synchronize("write \(path)")
  }

  /// Renames a file or link; a file at the new path is replaced. Directories above the new path are
  /// made where they are missing.
  package mutating func move(_ old: RepoPath, to new: RepoPath) throws(GitError) {
    let below = try require(new, creating: true)
    let target = openat(below, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard target >= 0 else { throw GitError("enter the directory of \(new)", errno: errno) }
    let directory = Descriptor(owning: target)
    let source = try require(old, creating: false)
    guard renameat(source, cString(old.name), directory.number, cString(new.name)) == 0 else {
      throw GitError("write \(new)", errno: errno)
    }
  }

  /// The directory above a path that is there; nil for the root itself.
  package mutating func nearestDirectory(above path: RepoPath) -> RepoPath? {
    var directory = path.parent
    while let next = directory, enter(next, creating: false) == nil { directory = next.parent }
    return directory
  }

  /// Removes a file or link, and leaves the directories above it alone.
  package mutating func removeAlone(_ path: RepoPath) throws(GitError) {
    let parent = try require(path, creating: false)
    guard unlinkat(parent, cString(path.name), 0) == 0 || errno == ENOENT else {
      throw GitError("remove \(path)", errno: errno)
    }
  }

  /// Waits until the names in a directory, nil for the root, are on the disk.
  package mutating func synchronize(_ directory: RepoPath?) throws(GitError) {
    let shown = directory.map { "\($0)" } ?? "the folder"
    guard let parent = enter(directory, creating: false) else {
      throw GitError("sync \(shown)", errno: errno)
    }
    guard fsync(parent) == 0 else { throw GitError("sync \(shown)", errno: errno) }
  }

  /// True if this process may make and remove names in a directory, nil for the root.
  package mutating func isWritable(_ directory: RepoPath?) -> Bool {
    guard let parent = enter(directory, creating: false) else { return false }
    return faccessat(parent, ".", W_OK | X_OK, AT_EACCESS) == 0
  }

  /// Removes a directory with everything below it; one that is missing is no mistake.
  package mutating func removeAll(_ path: RepoPath) throws(GitError) {
    guard case .directory = try look(at: path) else { return }
    for file in try filesBelow(path.bytes) { try remove(safePath(file)) }
    guard case .directory = try look(at: path) else { return }
    try removeEmptyDirectories(path)
  }
}

extension DiskTree.Found {
  /// A file's permission bits, of a link or anything else nil.
  package var permissions: UInt32? {
    switch self {
    case .file(let status): UInt32(status.st_mode & 0o7777)
    case .symlink, .absent, .directory, .other, .blocked: nil
    }
  }
}
