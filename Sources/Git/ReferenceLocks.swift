import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Who writes references of a repository, so that locks which a killed process leaves are known.
public struct ReferenceWrites: Sendable {
  private let gitDirectory: String

  /// - Parameter gitDirectory: the directory with `HEAD` and `config`; it is not opened.
  public init(in gitDirectory: String) {
    self.gitDirectory = gitDirectory
  }

  /// Writes a reference, and says so meanwhile in a file of the repository that is held by `flock`: a
  /// process that is killed leaves git's lock of the reference, which keeps git itself away.
  ///
  /// - Parameter target: what the reference's lock will hold; nil where the reference is to be removed.
  func marking<Result>(
    _ name: String, _ target: ObjectID?, _ body: () -> Result
  ) throws(GitError) -> Result {
    try makeDirectories(marks)
    let path = "\(marks)/\(getpid())-\(UInt32.random(in: .min ... .max))"
    let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o666)
    // A lock that could not be removed is left to the next one who comes.
    defer {
      if locks(of: name, target).allSatisfy({ access($0, F_OK) != 0 }) { unlink(path) }
    }
    guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
      throw GitError("lock \(path)", errno: errno)
    }
    try file.write(Array("\(target?.description ?? "-") \(name)\n".utf8), "write \(path)")
    return body()
  }

  /// What libgit2 locks to write a reference, or to remove it.
  private func locks(of name: String, _ target: ObjectID?) -> [String] {
    (target == nil ? [name, "packed-refs"] : [name]).map { "\(gitDirectory)/\($0).lock" }
  }

  private var marks: String { "\(gitDirectory)/kerb-writes" }

  /// Removes the locks of references that a process which was killed has left.
  ///
  /// - Throws: if something that is there cannot be read or removed.
  public func endBroken() throws(GitError) { try endBroken { usleep(50_000) } }

  /// - Parameter pause: waits for a moment.
  func endBroken(pausing pause: () -> Void) throws(GitError) {
    var (doubtful, ended): ([String], [String]) = ([], [])
    for name in try names(in: marks).prefix(Self.mostMarks) {
      let path = "\(marks)/\(name)"
      guard let left = try leftWrite(path) else { continue }
      if let name = left.name {
        for lock in locks(of: name, left.target) where try !end(lock, left.target) {
          doubtful.append(lock)
        }
      }
      ended.append(path)
    }
    for lock in Self.staying(doubtful, pausing: pause) { try remove(lock) }
    for path in ended { try remove(path) }
  }

  /// The most marks that are looked at in one go; a process leaves one.
  private static let mostMarks = 1_000

  /// What the process of a mark was writing when it ended; without a name where the mark is none. Nil
  /// while the process lives.
  private func leftWrite(
    _ path: String
  ) throws(GitError) -> (name: String?, target: ObjectID?)? {
    let number = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if number < 0, errno == ENOENT { return nil }
    let file = Descriptor(owning: number)
    guard number >= 0 else { throw GitError("open \(path)", errno: errno) }
    try file.regular("open \(path)")
    guard flock(file.number, LOCK_SH | LOCK_NB) == 0 else {
      if errno == EWOULDBLOCK { return nil }
      throw GitError("lock \(path)", errno: errno)
    }
    // One that is not complete was left before anything else was written.
    guard let line = try readFile(path), line.last == UInt8(ascii: "\n"),
      let space = line.firstIndex(of: UInt8(ascii: " "))
    else { return (nil, nil) }
    let name = String(decoding: line[(space + 1)...].dropLast(), as: UTF8.self)
    guard name.hasPrefix("refs/"), (try? RepoPath(name)) != nil else { return (nil, nil) }
    return (name, ObjectID(String(decoding: line[..<space], as: UTF8.self)))
  }

  /// - Returns: false for a lock that does not hold what the mark says: it may be another git's, which
  ///   holds it for a moment.
  private func end(_ lock: String, _ target: ObjectID?) throws(GitError) -> Bool {
    guard let found = try readFile(lock) else { return true }
    guard let target, found == Array("\(target)\n".utf8) else { return false }
    try remove(lock)
    return true
  }

  /// Waits until nobody holds a lock; true if the same one is there all the time.
  static func stays(_ lock: String) -> Bool { !staying([lock]) { usleep(50_000) }.isEmpty }

  /// Waits for all locks at once, 40 pauses at most.
  ///
  /// - Returns: those that are there all the time.
  private static func staying(_ locks: [String], pausing pause: () -> Void) -> [String] {
    func inode(_ lock: String) -> ino_t? {
      var status = stat()
      return lstat(lock, &status) == 0 ? status.st_ino : nil
    }
    var left = locks.compactMap { lock in inode(lock).map { (lock: lock, inode: $0) } }
    for _ in 0..<40 where !left.isEmpty {
      pause()
      left.removeAll { inode($0.lock) != $0.inode }
    }
    return left.map(\.lock)
  }

  private func remove(_ path: String) throws(GitError) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw GitError("remove \(path)", errno: errno)
    }
  }

  private func names(in folder: String) throws(GitError) -> [String] {
    let number = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0, let names = listDirectory(number) else {
      if errno == ENOENT { return [] }
      throw GitError("read \(folder)", errno: errno)
    }
    return names.map { String(decoding: $0, as: UTF8.self) }.filter(Self.isMark).sorted()
  }

  /// True for a name that `marking` gives: two numbers and a dash. Nothing else is touched.
  private static func isMark(_ name: String) -> Bool {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        (1...10).contains(part.utf8.count)
          && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      }
  }
}
