import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension DiskTree {
  /// The bytes of a regular file that may be somebody else's: nothing is read of a pipe, a device,
  /// or a file that is larger than the limit.
  package mutating func contents(of path: RepoPath, limit: Int) throws(GitError) -> [UInt8] {
    let parent = try require(path, creating: false)
    let number = openat(
      parent, cString(path.name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else { throw GitError("read \(path)", errno: errno) }
    let file = Descriptor(owning: number)
    var status = stat()
    guard fstat(number, &status) == 0 else { throw GitError("read \(path)", errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw GitError("read \(path)", because: "it is no regular file")
    }
    guard status.st_size <= limit else {
      throw GitError(
        "read \(path)", because: "it has \(status.st_size) bytes; \(limit) is the most")
    }
    return try read(file, size: Int(status.st_size), path)
  }

  /// Creates a file, and the directories above it.
  ///
  /// - Throws: if there is anything at the path.
  package mutating func createNew(_ path: RepoPath, _ bytes: [UInt8]) throws(GitError) {
    _ = try createFile(path, bytes, isExecutable: false)
  }

  /// The first bytes of a file, as many as it had when it was looked at.
  private func read(
    _ file: borrowing Descriptor, size: Int, _ path: RepoPath
  ) throws(GitError) -> [UInt8] {
    let number = file.number
    var reason: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = take(number, buffer.baseAddress! + count, size - count)
        if got < 0, errno == EINTR { continue }
        if got < 0 { reason = errno }
        if got <= 0 { return }
        count += got
      }
    }
    guard reason == 0 else { throw GitError("read \(path)", errno: reason) }
    return bytes
  }
}

// `read` inside the type is the method.
private func take(_ number: Int32, _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
  read(number, bytes, count)
}
