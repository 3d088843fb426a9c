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
    description = "\(status.st_ino)-\(birthTime(of: folder.number, status) ?? 0)"
  }
}

/// When a file or folder was made, in nanoseconds since 1970; nil where the file system does not say.
func birthTime(of descriptor: Int32, _ status: stat) -> UInt64? {
  #if canImport(Darwin)
    let birth =
      UInt64(status.st_birthtimespec.tv_sec) * 1_000_000_000
      + UInt64(status.st_birthtimespec.tv_nsec)
  #else
    let birth = kerb_birth_time(descriptor)
  #endif
  return birth == 0 ? nil : birth
}
