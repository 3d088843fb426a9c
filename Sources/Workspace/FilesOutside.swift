import Foundation
import Git

/// Replaces a file in one step, at a place that is named by a path.
///
/// - Parameters:
///   - root: the workspace, in whose clone no link is followed.
///   - own: as in `NamedPlace.replace`; where it is given, the permissions are exact.
/// - Throws: `UsageError` where the path cannot be written, `GitError` where the disk refuses.
func replaceFile(
  _ path: String, in root: String, with bytes: [UInt8], through own: String? = nil,
  mode: mode_t = 0o644
) throws {
  try NamedPlace(path, in: root).replace(
    with: bytes, through: own, mode: mode, isExact: own != nil)
}

/// Writes a file that is not there yet, in a folder of kerb's own.
///
/// - Parameter isExact: true where the process's mask has no say in the permissions.
public func writeNew(
  _ path: String, _ bytes: [UInt8], mode: mode_t = 0o644, isExact: Bool = false
) throws {
  let number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
  guard number >= 0 else { throw refused("write \(path)") }
  let file = Descriptor(owning: number)
  guard !isExact || fchmod(number, mode) == 0 else { throw refused("write \(path)") }
  try file.write(bytes, "write \(path)")
}

/// What `errno` says about a path of the user's: a disk that is full or broken, or that nobody may write
/// to, is no mistake of theirs.
func refused(_ doing: String) -> any Error {
  let number = errno
  switch number {
  case ENOSPC, EDQUOT, EIO, EROFS, EBADF: return GitError(doing, errno: number)
  default: return UsageError("cannot \(doing): \(String(cString: strerror(number)))")
  }
}
