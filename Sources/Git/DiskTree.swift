import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A directory on disk in which files are looked at, removed and created by their path, and no
/// symbolic link is ever followed: every component is opened on its own, below the one before.
package struct DiskTree: ~Copyable {
  private let root: Descriptor
  /// The directory that was entered last, as neighbours in a tree follow each other.
  private var entered: (path: [UInt8], number: Int32)?
  /// What is stored for files that a work tree has otherwise; nil where files are as they are stored.
  var cleanSide: CleanSide?

  /// What is at a path.
  package enum Found {
    case absent
    case file(stat)
    case symlink(stat)
    case directory
    /// A device, a socket or a pipe.
    case other
    /// Something that is no directory is above the path.
    case blocked
  }

  package init(at path: String) throws(GitError) {
    root = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY)
  }

  deinit {
    if let entered { close(entered.number) }
  }

  package mutating func look(at path: RepoPath) throws(GitError) -> Found {
    guard let parent = enter(path.parent, creating: false) else {
      guard errno == ENOENT else {
        if errno == ENOTDIR || errno == ELOOP { return .blocked }
        throw GitError("look at \(path)", errno: errno)
      }
      return .absent
    }
    var status = stat()
    guard fstatat(parent, cString(path.name), &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      guard errno == ENOENT else { throw GitError("look at \(path)", errno: errno) }
      return .absent
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file(status)
    case S_IFLNK: return .symlink(status)
    case S_IFDIR: return .directory
    default: return .other
    }
  }

  /// The bytes of a regular file. Nothing is read of a link, a pipe or a device, nor waited for.
  ///
  /// - Parameter limit: the most bytes that it may have.
  package mutating func readFile(
    _ path: RepoPath, limit: Int = .max
  ) throws(GitError) -> [UInt8] {
    let parent = try require(path, creating: false)
    let number = openat(
      parent, cString(path.name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else { throw GitError("read \(path)", errno: errno) }
    return try Descriptor(owning: number).readFile("read \(path)", limit: limit)
  }

  /// A symbolic link's target.
  package mutating func readLink(_ path: RepoPath) throws(GitError) -> [UInt8] {
    let parent = try require(path, creating: false)
    var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlinkat(parent, cString(path.name), &target, target.count)
    guard count >= 0 else { throw GitError("read link \(path)", errno: errno) }
    return target[..<count].map { UInt8(bitPattern: $0) }
  }

  /// Removes a file or link, and the directories that it leaves empty.
  package mutating func remove(_ path: RepoPath) throws(GitError) {
    let parent = try require(path, creating: false)
    guard unlinkat(parent, cString(path.name), 0) == 0 || errno == ENOENT else {
      throw GitError("remove \(path)", errno: errno)
    }
    var directory = path.parent
    while let next = directory, removeDirectory(next) { directory = next.parent }
  }

  /// Removes a directory if it is empty.
  ///
  /// - Returns: false if it is still there.
  @discardableResult
  mutating func removeDirectory(_ path: RepoPath) -> Bool {
    guard let parent = enter(path.parent, creating: false),
      unlinkat(parent, cString(path.name), AT_REMOVEDIR) == 0
    else { return false }
    forget()
    return true
  }

  /// Makes an empty directory, and those above it; one that is there already is left alone.
  mutating func makeDirectory(_ path: RepoPath) throws(GitError) {
    let parent = try require(path, creating: true)
    guard mkdirat(parent, cString(path.name), 0o777) == 0 || errno == EEXIST else {
      throw GitError("make directory \(path)", errno: errno)
    }
  }

  /// Creates a file, and the directories above it. As with git, the process's mask decides which
  /// of the bits 0666 or 0777 it gets.
  ///
  /// - Throws: if there is anything at the path.
  mutating func createFile(
    _ path: RepoPath, _ bytes: [UInt8], isExecutable: Bool
  ) throws(GitError) -> FileStamp {
    let parent = try require(path, creating: true)
    let number = openat(
      parent, cString(path.name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
      isExecutable ? 0o777 : 0o666)
    guard number >= 0 else { throw GitError("create \(path)", errno: errno) }
    let file = Descriptor(owning: number)
    try file.write(bytes, "write \(path)")
    var status = stat()
    guard fstat(number, &status) == 0 else { throw GitError("create \(path)", errno: errno) }
    return FileStamp(status)
  }

  /// Creates a file that is not executable, as `createFile` does.
  package mutating func createNew(_ path: RepoPath, _ bytes: [UInt8]) throws(GitError) {
    _ = try createFile(path, bytes, isExecutable: false)
  }

  /// Creates a symbolic link, and the directories above it.
  ///
  /// - Throws: if there is anything at the path.
  mutating func createLink(_ path: RepoPath, to target: [UInt8]) throws(GitError) -> FileStamp {
    guard !target.contains(0) else {
      throw GitError("create link \(path)", because: "its target has a NUL byte")
    }
    let parent = try require(path, creating: true)
    var status = stat()
    guard symlinkat(cString(target[...]), parent, cString(path.name)) == 0,
      fstatat(parent, cString(path.name), &status, AT_SYMLINK_NOFOLLOW) == 0
    else { throw GitError("create link \(path)", errno: errno) }
    return FileStamp(status)
  }

  /// The names in a directory below, or in the root; nil if it cannot be read.
  package mutating func names(in path: RepoPath?) -> [[UInt8]]? {
    guard let parent = enter(path, creating: false) else { return nil }
    let number = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    return number < 0 ? nil : listDirectory(number)
  }

  /// Forgets the directory that was entered last: it may be the one that has been removed.
  mutating func forget() {
    if let entered { close(entered.number) }
    entered = nil
  }

  mutating func require(_ path: RepoPath, creating: Bool) throws(GitError) -> Int32 {
    guard let parent = enter(path.parent, creating: creating) else {
      throw GitError("enter the directory of \(path)", errno: errno)
    }
    return parent
  }

  /// Opens a directory below the root; nil where a component is missing or is no directory, with
  /// the reason in `errno`.
  mutating func enter(_ path: RepoPath?, creating: Bool) -> Int32? {
    guard let path else { return root.number }
    if let entered, entered.path == path.bytes { return entered.number }
    var current = root.number
    for component in path.components {
      let name = cString(component)
      if creating { mkdirat(current, name, 0o777) }
      let next = openat(current, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      let reason = errno
      if current != root.number { close(current) }
      errno = reason
      guard next >= 0 else { return nil }
      current = next
    }
    forget()
    entered = (path.bytes, current)
    return current
  }
}

/// The names in an open directory, which is closed; without `.` and `..`.
package func listDirectory(_ number: Int32) -> [[UInt8]]? {
  guard let stream = fdopendir(number) else {
    close(number)
    return nil
  }
  defer { closedir(stream) }
  var names: [[UInt8]] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
    if name != [0x2e], name != [0x2e, 0x2e] { names.append(name) }
  }
  return names
}

package func cString(_ bytes: some Sequence<UInt8>) -> [CChar] {
  bytes.map { CChar(bitPattern: $0) } + [0]
}
