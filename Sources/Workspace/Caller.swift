import Journal

/// On whose behalf files are written: what the log of operations says, and who hears of it.
public struct Caller: Sendable {
  /// The command line.
  public var words: String
  /// Seconds since 1970.
  public var clock: @Sendable () -> Int64
  /// Told what the journal waits for or found.
  public var notice: @Sendable (Notice) -> Void

  public init(
    words: String = "kerb", clock: @escaping @Sendable () -> Int64 = Journal.systemClock,
    notice: @escaping @Sendable (Notice) -> Void = { _ in }
  ) {
    (self.words, self.clock, self.notice) = (words, clock, notice)
  }
}

extension Workspace {
  /// Keeps everybody else away while `body` reads and writes files of the workspace.
  ///
  /// - Throws: `Refusal` where the lock file is no longer the one that was read when the workspace was
  ///   opened, `JournalError`, what the body throws.
  func hold<Result>(_ body: (borrowing HeldJournal) throws -> Result) throws -> Result {
    try journal.hold(for: caller.words, notice: caller.notice) { held in
      guard try Self.readLock(files) == lock else {
        throw Refusal("\(Self.lockName) was changed by another kerb meanwhile; try again")
      }
      return try body(held)
    }
  }

  /// Writes a set as one operation of the caller's, and with it the states of stopped runs whose texts
  /// it changes.
  ///
  /// - Returns: what was written.
  /// - Throws: `Refusal` by the name of a stopped stack that could not go on; nothing is written then.
  @discardableResult
  func write(_ set: FileSet, _ held: borrowing HeldJournal) throws -> FileSet {
    let carried = try carryingStops(set)
    try held.write(carried, as: caller.words, notice: caller.notice)
    return carried
  }
}
