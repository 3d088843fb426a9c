import Git
import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What is written to a workspace, as sets that are there entirely or not at all, one process at a
/// time, each of them recorded so that it can be undone.
public struct Journal: Sendable {
  /// The folder of `kerb.yaml`.
  public let workspace: String
  /// The folder for the journal's own files.
  public let folder: String
  let clock: @Sendable () -> Int64

  /// Seconds since 1970, as the machine has them.
  public static let systemClock: @Sendable () -> Int64 = { Int64(time(nil)) }

  /// How long to wait for another process unless a caller says otherwise.
  public static let usualWait = Duration.seconds(60)

  /// - Parameters:
  ///   - workspace: the folder of `kerb.yaml`.
  ///   - state: the folder for the journal's own files (`.kerb/journal`); it is made when it is needed.
  ///   - clock: seconds since 1970.
  public init(
    workspace: String, state: String,
    clock: @escaping @Sendable () -> Int64 = Journal.systemClock
  ) {
    self.workspace = workspace
    self.folder = state
    self.clock = clock
  }

  var prepared: String { folder + "/prepared" }
  var committed: String { folder + "/committed" }
  private var lockPath: String { folder + "/lock" }

  /// Takes the workspace's lock, finishes or drops what an earlier process left, and runs the body.
  ///
  /// Everything that the body's writes are computed from should be read in the body as well. It must
  /// not call `hold` or `read` again: it would wait for itself.
  ///
  /// - Parameters:
  ///   - words: what the process does, for those who have to wait for it.
  ///   - wait: how long to wait for another process.
  ///   - notice: told when it waits, and what it found.
  /// - Throws: `JournalError.busy`, `GitError`, what the body throws.
  @discardableResult
  public func hold<Result>(
    for words: String, wait: Duration = Journal.usualWait, notice: (Notice) -> Void = { _ in },
    _ body: (borrowing HeldJournal) throws -> Result
  ) throws -> Result {
    try makeDirectories(folder)
    let lock = try WorkspaceLock(writing: lockPath)
    try take(lock, .exclusive, wait, notice)
    lock.describe(words)
    return try body(HeldJournal(self, lock: lock, notice))
  }

  /// The same for a body that is asynchronous.
  @discardableResult
  public func hold<Result>(
    for words: String, wait: Duration = Journal.usualWait, notice: (Notice) -> Void = { _ in },
    isolation: isolated (any Actor)? = #isolation,
    _ body: (borrowing HeldJournal) async throws -> Result
  ) async throws -> Result {
    try makeDirectories(folder)
    let lock = try WorkspaceLock(writing: lockPath)
    var patience = Patience(wait)
    while try !lock.attempt(.exclusive) {
      try patience.wait(for: lock.holder, notice)
      try await Task.sleep(for: Patience.pause)
    }
    lock.describe(words)
    return try await body(HeldJournal(self, lock: lock, notice))
  }

  /// Runs a body that reads files of the workspace: nobody writes to them meanwhile, and what an
  /// earlier process left is finished or dropped first. Others may read at the same time.
  ///
  /// Where there is no folder above the journal's, or no way to make a lock there, as on a file
  /// system that is read-only, nothing can have been left and nobody can write: the body runs at once.
  ///
  /// - Throws: `JournalError.busy`, `GitError`, what the body throws.
  public func read<Result>(
    wait: Duration = Journal.usualWait, notice: (Notice) -> Void = { _ in },
    _ body: () throws -> Result
  ) throws -> Result {
    let lease = try lease(wait: wait, notice: notice)
    defer { withExtendedLifetime(lease) {} }
    return try body()
  }

  /// Finishes or drops what an earlier process left, and keeps those who write away for as long as
  /// the lease lives; nil where nobody can write.
  ///
  /// - Throws: `JournalError.busy`, `GitError`.
  public func lease(
    wait: Duration = Journal.usualWait, notice: (Notice) -> Void = { _ in }
  ) throws -> ReadingLease? {
    mkdir(folder, 0o777)
    while true {
      guard let lock = try WorkspaceLock(reading: lockPath) else { return nil }
      try take(lock, .shared, wait, notice)
      if access(committed, F_OK) != 0, access(prepared, F_OK) != 0 || !canRecover() {
        return ReadingLease(lock)
      }
      // Closed, as that cannot fail: the recovery waits for this lock as well.
      _ = consume lock
      do {
        try hold(for: "recovery", wait: wait, notice: notice) { _ in }
      } catch let error as GitError {
        let left = try readFile(committed).flatMap { Manifest(parsing: $0) }
        throw left.map { JournalError.unfinished($0.words, error) } ?? error
      }
    }
  }

  /// False on a file system that is read-only: what is only prepared harms nobody there.
  private func canRecover() -> Bool { access(folder, W_OK) == 0 }

  private func take(
    _ lock: borrowing WorkspaceLock, _ kind: WorkspaceLock.Kind, _ wait: Duration,
    _ notice: (Notice) -> Void
  ) throws {
    var patience = Patience(wait)
    while try !lock.attempt(kind) {
      try patience.wait(for: lock.holder, notice)
      usleep(20_000)
    }
  }

  /// The operations, newest first.
  public func operations() throws(GitError) -> [Journal.Operation] {
    try OperationLog(in: folder)?.operations() ?? []
  }

  /// One of the journal's own states; nil where there is none of this name.
  public func state(_ name: String) throws -> [UInt8]? {
    try readFile("\(folder)/\(Self.statePath(name))")
  }

  /// Where a state is, in the journal's folder.
  static func statePath(_ name: String) throws(RepoPath.Problem) -> RepoPath {
    precondition(!name.contains("/"), "a state's name is one component")
    return try RepoPath("state/\(name)")
  }
}

/// While it lives, nobody writes to the workspace. A class, so that it may be kept in one place of a
/// command for as long as the command reads.
public final class ReadingLease: Sendable {
  private let lock: WorkspaceLock

  init(_ lock: consuming WorkspaceLock) {
    self.lock = lock
  }
}
