import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Why kerb does not use what is in a folder of its own: something else than kerb has made it.
public struct StateProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path that is not as kerb makes it.
  public let path: String
  /// What is wrong with it, and what to do.
  public let reason: String

  package init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
  }

  public var description: String { "\(path): \(reason)" }
}

/// A look at folders in which only kerb, and git on its behalf, write, before anything in them is
/// believed: a clone, a cache or an artifact can have put anything there.
///
/// Everything below has to be a folder or a regular file, so no path below leads elsewhere and
/// nothing that is opened there waits for another process. Links are met without being followed.
package struct StateFolder {
  /// The most bytes of a file that is no object, pack or archive; such files are read whole.
  package static let maximumFile = 64 << 20
  /// The most entries below one folder.
  static let maximumEntries = 4_000_000
  static let maximumDepth = 64

  private var entries = 0
  /// True for a folder whose files may have any size: they are mapped or have a limit of their own. The
  /// objects of a store, and below the folder of all stores archives and what git is fetching.
  private static func holdsLargeFiles(_ name: String, depth: Int) -> Bool {
    depth <= 1 && name == "objects" || depth == 0 && (name == "archives" || name == "fetching")
  }

  /// Looks through a folder; one that is absent is as it should be.
  ///
  /// - Parameter path: the folder; what is above it is not looked at.
  /// - Throws: the first thing that is no folder or regular file, or is too large.
  package static func judge(_ path: String) throws(StateProblem) {
    let number = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else {
      if errno == ENOENT { return }
      throw StateProblem(path, errno == ENOTDIR || errno == ELOOP ? Self.noFolder : reasonOfErrno())
    }
    var judge = StateFolder()
    try judge.look(into: number, path, depth: 0, isLarge: false)
  }

  private static let noFolder =
    "it is no folder; kerb makes a folder there and follows no links. Remove it"

  /// - Parameter number: the open folder; it is closed.
  private mutating func look(
    into number: Int32, _ path: String, depth: Int, isLarge: Bool
  ) throws(StateProblem) {
    guard depth < Self.maximumDepth else {
      close(number)
      throw StateProblem(path, "folders in folders, \(Self.maximumDepth) deep. Remove it")
    }
    guard let stream = fdopendir(number) else {
      let reason = reasonOfErrno()
      close(number)
      throw StateProblem(path, reason)
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
      guard name != ".", name != ".." else { continue }
      entries += 1
      guard entries <= Self.maximumEntries else {
        throw StateProblem(path, "more than \(Self.maximumEntries) files. Remove it")
      }
      try look(
        at: &entry.pointee.d_name.0, in: dirfd(stream), "\(path)/\(name)", depth: depth,
        isLarge: isLarge || Self.holdsLargeFiles(name, depth: depth))
    }
  }

  private mutating func look(
    at name: UnsafePointer<CChar>, in folder: Int32, _ path: String, depth: Int, isLarge: Bool
  ) throws(StateProblem) {
    var status = stat()
    guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return }
      throw StateProblem(path, reasonOfErrno())
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      guard isLarge || status.st_size <= Self.maximumFile else {
        throw StateProblem(
          path, "\(status.st_size) bytes; \(Self.maximumFile) is the most. Remove it")
      }
    case S_IFDIR:
      let next = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard next >= 0 else {
        if errno == ENOENT { return }
        throw StateProblem(path, reasonOfErrno())
      }
      try look(into: next, path, depth: depth + 1, isLarge: isLarge)
    case S_IFLNK:
      throw StateProblem(path, "a symbolic link, and kerb makes none there. Remove it")
    default:
      throw StateProblem(path, "no regular file, and kerb makes no other there. Remove it")
    }
  }
}

private func reasonOfErrno() -> String { String(cString: strerror(errno)) }
