import CLibgit2

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What tells a folder from every copy of it: its inode and the nanosecond in which it was made. Neither
/// comes along with a clone, a cache or an archive, nor can be known before the folder is there.
package struct FolderIdentity: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  /// - Throws: where the folder cannot be read.
  package init(of path: String) throws(GitError) {
    let folder = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    var status = stat()
    guard fstat(folder.number, &status) == 0 else { throw GitError("read \(path)", errno: errno) }
    #if canImport(Darwin)
      let birth =
        UInt64(status.st_birthtimespec.tv_sec) * 1_000_000_000
        + UInt64(status.st_birthtimespec.tv_nsec)
    #else
      let birth = kerb_birth_time(folder.number)
    #endif
    description = "\(status.st_ino)-\(birth)"
  }
}
