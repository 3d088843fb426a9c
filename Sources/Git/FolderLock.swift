import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A `flock` on a folder: it ends with its process, so it tells what a dead one has left.
package struct FolderLock: ~Copyable, Sendable {
  private let folder: Descriptor

  /// Makes a folder that is not there yet, and holds it.
  package init(making path: String) throws(GitError) {
    guard mkdir(path, 0o700) == 0 else { throw GitError("make directory \(path)", errno: errno) }
    let opened = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    guard flock(opened.number, LOCK_EX | LOCK_NB) == 0 else {
      throw GitError("lock \(path)", errno: errno)
    }
    folder = opened
  }

  /// Waits for a folder that is there, and holds it.
  package init(holding path: String) throws(GitError) {
    let opened = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    while flock(opened.number, LOCK_EX) != 0 {
      guard errno == EINTR else { throw GitError("lock \(path)", errno: errno) }
    }
    folder = opened
  }

  /// True for a folder that nobody holds.
  package static func isLeft(_ path: String) -> Bool {
    guard let folder = try? Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) else {
      return false
    }
    return flock(folder.number, LOCK_EX | LOCK_NB) == 0
  }
}
