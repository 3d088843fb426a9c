import Foundation
import Git

/// Replaces a file that is not the workspace's in one step: readers see the old bytes or the new ones,
/// also after a crash.
///
/// - Parameters:
///   - through: a file of the caller's alone, on which the bytes are written first; by default one beside
///     the path. Where it is on another disk, it is of no use and one beside the path is taken.
///   - mode: the permissions that the file gets.
/// - Throws: `UsageError` where the path cannot be written, `GitError` where the disk refuses.
func replaceFile(
  _ path: String, with bytes: [UInt8], through own: String? = nil, mode: mode_t = 0o644
) throws {
  let parent = (path as NSString).deletingLastPathComponent
  let folder = parent.isEmpty ? "." : parent
  let temporary = own ?? "\(folder)/.kerb-\(UUID().uuidString)"
  func failure(_ what: String) -> any Error { refused("\(what) \(path)") }
  try makeFolders(folder)
  if own != nil { unlink(temporary) }
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
  guard descriptor >= 0 else { throw failure("write") }
  defer { unlink(temporary) }
  // Where the caller knows the permissions, the umask has no say.
  guard own == nil || fchmod(descriptor, mode) == 0 else {
    let error = failure("write")
    close(descriptor)
    throw error
  }
  var offset = 0
  while offset < bytes.count {
    let written = bytes.withUnsafeBytes {
      write(descriptor, $0.baseAddress! + offset, bytes.count - offset)
    }
    guard written >= 0 else {
      close(descriptor)
      throw failure("write")
    }
    offset += written
  }
  let isSynced = fsync(descriptor) == 0
  guard close(descriptor) == 0, isSynced else { throw failure("write") }
  guard rename(temporary, path) == 0 else {
    guard own != nil, errno == EXDEV else { throw failure("replace") }
    return try replaceFile(path, with: bytes, mode: mode)
  }
  let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  if directory >= 0 {
    fsync(directory)
    close(directory)
  }
}

/// Makes a folder whole or not at all: it is written beside its place, and comes there by one rename.
///
/// - Parameter body: writes into the folder that it is given.
/// - Throws: `Refusal` where there is something at the path already, `UsageError` and `GitError` as
///   `replaceFile`, what the body throws; nothing is left then.
func makeFolder<Result>(_ path: String, _ body: (String) throws -> Result) throws -> Result {
  try refuseFolder(path)
  let parent = (path as NSString).deletingLastPathComponent
  let temporary = "\(parent.isEmpty ? "." : parent)/.kerb-\(UUID().uuidString)"
  try makeFolders(temporary)
  do {
    let result = try body(temporary)
    guard rename(temporary, path) == 0 else { throw refused("make \(path)") }
    return result
  } catch {
    try? FileManager.default.removeItem(atPath: temporary)
    throw error
  }
}

/// Refuses a folder with something in it.
func refuseFolder(_ path: String) throws(Refusal) {
  guard FileManager.default.fileExists(atPath: path) else { return }
  let there = try? FileManager.default.contentsOfDirectory(atPath: path)
  guard there?.isEmpty == true else {
    throw Refusal("\(path) is there and not an empty folder; remove it, or name another")
  }
}

/// Makes a folder and those above it, as far as they are missing.
func makeFolders(_ path: String) throws {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw UsageError("cannot make \(path): \(error.localizedDescription)")
  }
}

/// What `errno` says about a path of the user's: a disk that is full or broken is no mistake of theirs.
func refused(_ doing: String) -> any Error {
  let number = errno
  switch number {
  case ENOSPC, EDQUOT, EIO: return GitError(doing, errno: number)
  default: return UsageError("cannot \(doing): \(String(cString: strerror(number)))")
  }
}
