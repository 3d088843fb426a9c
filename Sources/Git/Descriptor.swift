#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// An open file or directory; closed with the value.
package struct Descriptor: ~Copyable {
  package let number: Int32

  package init(owning number: Int32) {
    self.number = number
  }

  /// Opens a file or directory by path; `mode` is for one that is created.
  package init(opening path: String, _ flags: Int32, mode: mode_t = 0) throws(GitError) {
    number = open(path, flags | O_CLOEXEC, mode)
    guard number >= 0 else { throw GitError("open \(path)", errno: errno) }
  }

  deinit {
    if number >= 0 { close(number) }
  }

  /// The bytes of a regular file.
  ///
  /// - Throws: where it is none, or has more bytes than the limit.
  package func readFile(
    _ doing: @autoclosure () -> String, limit: Int
  ) throws(GitError) -> [UInt8] {
    let status = try regular(doing())
    guard status.st_size <= limit else {
      throw GitError(doing(), because: "\(status.st_size) bytes; \(limit) is the most")
    }
    return try readAll(self, doing(), expecting: Int(status.st_size), limit: limit)
  }

  /// What the file system says of a regular file.
  ///
  /// - Throws: where it is a directory, a device, a pipe or a socket.
  @discardableResult
  package func regular(_ doing: @autoclosure () -> String) throws(GitError) -> stat {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw GitError(doing(), errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw GitError(doing(), because: "not a regular file")
    }
    return status
  }

  /// Writes all of the bytes.
  package func write(_ bytes: [UInt8], _ doing: @autoclosure () -> String) throws(GitError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { put(number, $0.baseAddress! + done, $0.count - done) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw GitError(doing(), errno: errno) }
      done += count
    }
  }

  /// Waits until the bytes are on the disk.
  package func synchronize(_ doing: @autoclosure () -> String) throws(GitError) {
    guard fsync(number) == 0 else { throw GitError(doing(), errno: errno) }
  }
}

// `write` inside the type is the method.
private func put(_ number: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(number, bytes, count)
}

/// Waits until the names in a directory are on the disk.
package func synchronizeDirectory(_ path: String) throws(GitError) {
  try Descriptor(opening: path, O_RDONLY | O_DIRECTORY).synchronize("sync \(path)")
}

/// Makes a directory and those above it, as far as they are missing.
package func makeDirectories(_ path: String) throws(GitError) {
  if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
  guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
    throw GitError("make directory \(path)", errno: errno)
  }
  try makeDirectories(String(path[..<slash]))
  guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
    throw GitError("make directory \(path)", errno: errno)
  }
}

/// A file's bytes; nil where there is none. A link, a directory, a device or a FIFO at the path is no
/// file, and nothing waits for it.
///
/// - Parameter limit: the most bytes that it may have.
package func readFile(
  _ path: String, limit: Int = StateFolder.maximumFile
) throws(GitError) -> [UInt8]? {
  let number = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
  if number < 0, errno == ENOENT || errno == ENOTDIR { return nil }
  guard number >= 0 else {
    guard errno != ELOOP else { throw GitError("open \(path)", because: "a symbolic link") }
    throw GitError("open \(path)", errno: errno)
  }
  return try Descriptor(owning: number).readFile("read \(path)", limit: limit)
}

/// The bytes from where the descriptor stands to the end.
private func readAll(
  _ descriptor: borrowing Descriptor, _ doing: @autoclosure () -> String, expecting size: Int,
  limit: Int
) throws(GitError) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(size)
  var chunk = [UInt8](repeating: 0, count: 64 << 10)
  while true {
    let count = read(descriptor.number, &chunk, chunk.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw GitError(doing(), errno: errno) }
    if count == 0 { return bytes }
    guard count <= limit - bytes.count else {
      throw GitError(doing(), because: "it grows; \(limit) bytes is the most")
    }
    bytes += chunk[..<count]
  }
}

/// Puts a whole file in place with one rename. What stands in the temporary file's place, left by a
/// process that was killed or put there by somebody, is removed and never written through.
func replaceFile(_ path: String, with bytes: [UInt8]) throws(GitError) {
  let temporary = path + ".new"
  unlink(temporary)
  let file = try Descriptor(
    opening: temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o666)
  try file.write(bytes, "write \(path)")
  try file.synchronize("write \(path)")
  guard rename(temporary, path) == 0 else { throw GitError("write \(path)", errno: errno) }
}
