import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The file system below a workspace, as far as a journal needs it: every call is checked, and what
/// is written is on the disk when a function returns.
struct Files: Sendable {
  let root: String

  private func place(_ path: RepoPath) -> String {
    root + "/" + String(decoding: path.bytes, as: UTF8.self)
  }

  func failure(_ verb: String, _ path: String) -> JournalError {
    JournalError(
      kind: .system, description: "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
  }

  func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  func mode(at path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o777 : nil
  }

  func mode(of path: RepoPath) -> mode_t? { mode(at: place(path)) }

  func folder(of path: RepoPath) -> String {
    guard let parent = path.parent else { return root }
    return place(parent)
  }

  /// Refuses a path that is something else than a regular file, or has a link above it: writing
  /// there could leave the workspace.
  func check(_ path: RepoPath) throws(JournalError) {
    var above = path.parent
    while let folder = above {
      var status = stat()
      if lstat(place(folder), &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
        throw refusal(folder, "is no folder")
      }
      above = folder.parent
    }
    var status = stat()
    if lstat(place(path), &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw refusal(path, "is no regular file")
    }
  }

  private func refusal(_ path: RepoPath, _ why: String) -> JournalError {
    JournalError(kind: .refused, description: "\(path) \(why); nothing was written")
  }

  func makeFolder(_ path: String) throws(JournalError) {
    guard !path.isEmpty, !exists(path) else { return }
    let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    try makeFolder(parent)
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure("make", path) }
  }

  func create(_ path: String, _ bytes: [UInt8], mode: mode_t) throws(JournalError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { throw failure("write", path) }
    var offset = 0
    var isGood = fchmod(descriptor, mode) == 0
    while isGood, offset < bytes.count {
      let count = bytes.withUnsafeBytes {
        write(descriptor, $0.baseAddress! + offset, bytes.count - offset)
      }
      isGood = count > 0
      offset += max(0, count)
    }
    isGood = isGood && fsync(descriptor) == 0
    let error = failure("write", path)
    guard close(descriptor) == 0, isGood else {
      unlink(path)
      throw error
    }
  }

  func replace(_ path: RepoPath, with bytes: [UInt8], mode: mode_t) throws(JournalError) {
    let target = place(path)
    try makeFolder(folder(of: path))
    let temporary = folder(of: path) + "/.kerb-new"
    try create(temporary, bytes, mode: mode)
    guard rename(temporary, target) == 0 else {
      let error = failure("replace", target)
      unlink(temporary)
      throw error
    }
  }

  func remove(_ path: RepoPath) throws(JournalError) {
    guard unlink(place(path)) == 0 || errno == ENOENT else { throw failure("remove", place(path)) }
  }

  func move(_ from: String, to path: String) throws(JournalError) {
    guard rename(from, path) == 0 else { throw failure("rename", from) }
  }

  func read(_ path: String) throws(JournalError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw failure("read", path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count >= 0 else { throw failure("read", path) }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
  }

  /// Removes a folder of plain files.
  func removeFolder(_ path: String) throws(JournalError) {
    guard let stream = opendir(path) else { throw failure("read", path) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    closedir(stream)
    for name in names.sorted() {
      guard unlink("\(path)/\(name)") == 0 else { throw failure("remove", "\(path)/\(name)") }
    }
    guard rmdir(path) == 0 else { throw failure("remove", path) }
  }

  func sync(folder: String) throws(JournalError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", folder) }
    let isSynced = fsync(descriptor) == 0
    let error = failure("sync", folder)
    close(descriptor)
    guard isSynced else { throw error }
  }
}
