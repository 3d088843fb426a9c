import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Writes files of a workspace as one set: after a crash at any point all of them are as before, or
/// all as after.
///
/// The new contents go into a staging folder with a list of them. Renaming that folder is the point
/// from which the set counts as written; then each file is put in its place. What a process that
/// died has left is finished or dropped by the next one. The lock is the system's, so it goes with
/// its process.
public struct Journal: Sendable {
  private let files: Files

  private var stateFolder: String { files.root + "/.kerb/journal" }
  private var staging: String { stateFolder + "/staging" }
  private var committed: String { stateFolder + "/committed" }

  /// - Parameter workspace: the folder with `kerb.yaml`.
  public init(workspace: String) {
    files = Files(root: workspace)
  }

  /// What an earlier process had left.
  public enum Recovery: Hashable, Sendable {
    case nothing
    /// A set that was written in part is now written.
    case finished
    /// A set that was not yet written is dropped.
    case dropped
  }

  /// True where a process has left something, or is at work.
  public var isUnsettled: Bool { files.exists(committed) || files.exists(staging) }

  /// Holds the workspace's lock while `body` runs, after finishing or dropping what is there.
  ///
  /// - Parameter patience: how long to wait for another process, in seconds.
  /// - Throws: `JournalError`, and what `body` throws.
  public func hold<T>(patience: Int = 10, _ body: (borrowing Held) throws -> T) throws -> T {
    let held = try take(patience)
    return try body(held)
  }

  private func take(_ patience: Int) throws(JournalError) -> Held {
    try files.makeFolder(stateFolder)
    let path = stateFolder + "/lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw files.failure("open", path) }
    var tries = 0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else {
        let error = files.failure("lock", path)
        close(descriptor)
        throw error
      }
      guard tries < patience * 20 else {
        close(descriptor)
        throw JournalError(
          kind: .busy, description: "another kerb is at work in \(files.root); try again after it")
      }
      tries += 1
      usleep(50_000)
    }
    do throws(JournalError) {
      let recovery = try recover()
      return Held(journal: self, descriptor: descriptor, recovery: recovery)
    } catch {
      close(descriptor)
      throw error
    }
  }

  private func recover() throws(JournalError) -> Recovery {
    var recovery = Recovery.nothing
    if files.exists(staging) {
      try files.removeFolder(staging)
      recovery = .dropped
    }
    if files.exists(committed) {
      try rollForward()
      recovery = .finished
    }
    return recovery
  }

  /// The lock, for as long as the value lives.
  public struct Held: ~Copyable {
    private let journal: Journal
    private let descriptor: Int32
    /// What was there when the lock was taken.
    public let recovery: Recovery

    fileprivate init(journal: Journal, descriptor: Int32, recovery: Recovery) {
      self.journal = journal
      self.descriptor = descriptor
      self.recovery = recovery
    }

    deinit { close(descriptor) }

    /// Writes a set.
    ///
    /// - Throws: `JournalError`; nothing has changed then, or, after the point from which the set
    ///   counts, the next command finishes it.
    public func write(_ set: FileSet) throws(JournalError) {
      guard !set.isEmpty else { return }
      try journal.stage(set)
      try journal.rollForward()
    }
  }

  private func stage(_ set: FileSet) throws(JournalError) {
    for path in set.paths { try files.check(path) }
    do throws(JournalError) {
      try files.makeFolder(staging)
      var list: [UInt8] = []
      for (number, path) in set.paths.enumerated() {
        if let bytes = set.contents[path]! {
          try files.create("\(staging)/\(number)", bytes, mode: files.mode(of: path) ?? 0o644)
          list += Array("put ".utf8)
        } else {
          list += Array("remove ".utf8)
        }
        list += path.bytes + [10]
      }
      try files.create(staging + "/list", list, mode: 0o644)
      try files.sync(folder: staging)
      try files.move(staging, to: committed)
    } catch {
      if !files.exists(committed) { try? files.removeFolder(staging) }
      throw error
    }
    try files.sync(folder: stateFolder)
  }

  /// Puts the files of the committed set in their places; can be repeated.
  private func rollForward() throws(JournalError) {
    let list = try files.read(committed + "/list")
    var folders: Set<String> = []
    for (number, line) in list.split(separator: 10).enumerated() {
      guard let space = line.firstIndex(of: 32),
        let path = try? RepoPath(Array(line[(space + 1)...]))
      else {
        throw JournalError(
          kind: .refused, description: "\(committed)/list is damaged; look at the files beside it")
      }
      try files.check(path)
      if line[..<space].elementsEqual("put".utf8) {
        let source = "\(committed)/\(number)"
        try files.replace(path, with: try files.read(source), mode: files.mode(at: source) ?? 0o644)
      } else {
        try files.remove(path)
      }
      folders.insert(files.folder(of: path))
    }
    for folder in folders.sorted() where files.exists(folder) { try files.sync(folder: folder) }
    // From here on what is left is to be dropped: without its list it could not be finished.
    try files.move(committed, to: staging)
    try files.removeFolder(staging)
  }
}
