import Git
import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The journal while this process alone may write to the workspace. It cannot leave the body of
/// `hold`.
public struct HeldJournal: ~Copyable, Sendable {
  let journal: Journal
  private let lock: WorkspaceLock
  /// What an earlier process had left.
  public private(set) var recovery = Recovery.nothing

  init(_ journal: Journal, lock: consuming WorkspaceLock, _ notice: (Notice) -> Void) throws {
    self.journal = journal
    self.lock = lock
    recovery = try recover(notice)
  }

  deinit {
    lock.describeNobody()
  }

  /// Changes files and states as one set, all or nothing, and records the operation.
  ///
  /// What is there already is left alone. A process that is killed at any moment leaves all of the
  /// old files or, after the next command has come by, all of the new.
  ///
  /// - Parameters:
  ///   - words: the command line as the user wrote it, or a summary; it becomes one line.
  ///   - note: text for people who read the log.
  ///   - state: new contents of the journal's own named states; nil removes one.
  ///   - notice: told of a file that changed under the journal's hands and was kept.
  /// - Returns: the operation, or nil where everything was so already: then there is none.
  /// - Throws: `Diagnostics` for paths that cannot be written and `GitError` where the disk refuses,
  ///   with nothing changed; `JournalError.unfinished` past the commit point.
  @discardableResult
  public func write(
    _ set: FileSet, as words: String, note: String? = nil, state: [String: [UInt8]?] = [:],
    notice: (Notice) -> Void = { _ in }
  ) throws -> Journal.Operation? {
    var wanted: [Target: Content?] = [:]
    for (path, bytes) in set.contents {
      wanted.updateValue(bytes.map { Content(bytes: $0) }, forKey: Target(.workspace, path))
    }
    for (name, bytes) in state {
      let target = Target(.state, try Journal.statePath(name))
      wanted.updateValue(bytes.map { Content(bytes: $0) }, forKey: target)
    }
    return try write(wanted, words, note, .normal, notice) { _ in }
  }

  /// - Parameter judge: looks at the plan before anything is written, and may refuse it.
  func write(
    _ wanted: [Target: Content?], _ words: String, _ note: String?, _ kind: Journal.Operation.Kind,
    _ notice: (Notice) -> Void, judge: (ChangePlan) throws -> Void
  ) throws -> Journal.Operation? {
    // An earlier set of the same process that could not be finished: it may not be written over.
    if access(journal.committed, F_OK) == 0 { _ = try recover(notice) }
    var folders = try Folders(journal)
    let plan = try ChangePlan(wanted, in: &folders)
    try judge(plan)
    guard !plan.changes.isEmpty else { return nil }
    let log = try OperationLog(creatingIn: journal.folder)
    let (commit, parent) = try log.record(
      plan, words: words, note: note, kind: kind, seconds: journal.clock())
    let manifest = Manifest(
      words: oneLine(words), folder: try FolderIdentity(of: journal.folder).description,
      parent: parent, commit: commit, changes: plan.changes)
    do throws(GitError) {
      try prepare(manifest, plan, &folders)
    } catch {
      try? drop(manifest)
      throw error
    }
    try finish(manifest, notice)
    guard let log = try OperationLog(in: journal.folder) else { return nil }
    // The set is written: a full disk is no reason to call it failed, and the next one tries again.
    try? log.gather()
    return try log.operations(limit: 1).first
  }

  /// Writes the manifest, the new contents beside their places, and then the commit point.
  private func prepare(
    _ manifest: Manifest, _ plan: ChangePlan, _ folders: inout Folders
  ) throws(GitError) {
    try folders.with(.state) { (disk: inout DiskTree) throws(GitError) in
      try disk.createSynchronized(
        path("prepared"), manifest.bytes, permissions: nil, isExecutable: false)
      // The names below are only known from here, also after a crash.
      try disk.synchronize(nil)
    }
    for change in manifest.changes {
      guard let new = change.new, let temporary = change.temporary else { continue }
      let bytes = plan.blobs[new]!
      try folders.with(change.target.place) { (disk: inout DiskTree) throws(GitError) in
        try disk.createSynchronized(
          temporary, bytes, permissions: change.permissions, isExecutable: change.isExecutable)
      }
    }
    let waiting = manifest.changes.compactMap { change in
      change.temporary.map { Target(change.target.place, $0) }
    }
    try folders.synchronize(above: waiting)
    try folders.with(.state) { (disk: inout DiskTree) throws(GitError) in
      try disk.move(path("prepared"), to: path("committed"))
    }
  }

  /// Rolls a set forward that is past its commit point, and forgets it.
  private func finish(_ manifest: Manifest, _ notice: (Notice) -> Void) throws(JournalError) {
    do throws(GitError) {
      try synchronizeDirectory(journal.folder)
      guard let log = try OperationLog(in: journal.folder) else {
        throw GitError(
          "finish '\(manifest.words)'",
          because: "the operation log is gone; move \(journal.committed) away to work without it")
      }
      var roll = RollForward(manifest, log: log, folders: try Folders(journal))
      try roll.run(notice)
      guard unlink(journal.committed) == 0 else {
        throw GitError("remove \(journal.committed)", errno: errno)
      }
      // Should the name come back after a crash, the log has moved and no file is touched.
      try? synchronizeDirectory(journal.folder)
    } catch {
      throw .unfinished(manifest.words, error)
    }
  }

  /// Takes away what waits for a set that is not past its commit point.
  private func drop(_ manifest: Manifest?) throws(GitError) {
    var folders = try Folders(journal)
    for change in manifest?.changes ?? [] {
      guard let temporary = change.temporary else { continue }
      try folders.with(change.target.place) { (disk: inout DiskTree) throws(GitError) in
        if case .file = try disk.look(at: temporary) { try disk.removeAlone(temporary) }
      }
    }
    guard unlink(journal.prepared) == 0 || errno == ENOENT else {
      throw GitError("remove \(journal.prepared)", errno: errno)
    }
  }

  private func recover(_ notice: (Notice) -> Void) throws -> Recovery {
    if let bytes = try readFile(journal.committed) {
      guard let manifest = Manifest(parsing: bytes) else {
        throw GitError(
          "read \(journal.committed)", because: "it is damaged; move it away to work without it")
      }
      try refuseForeign(manifest, journal.committed)
      try OperationLog.clean(journal.folder)
      try finish(manifest, notice)
      notice(.finished(operation: manifest.words))
      return .finished(operation: manifest.words)
    }
    guard let bytes = try readFile(journal.prepared) else {
      try OperationLog.clean(journal.folder)
      return .nothing
    }
    let manifest = Manifest(parsing: bytes)
    if let manifest { try refuseForeign(manifest, journal.prepared) }
    try drop(manifest)
    try OperationLog.clean(journal.folder)
    let words = manifest?.words ?? "a command"
    notice(.dropped(operation: words))
    return .dropped(operation: words)
  }

  /// Refuses to go on with what was begun in another folder: whoever copied it here, or made it, may
  /// have had other files in mind than those that are here.
  private func refuseForeign(_ manifest: Manifest, _ path: String) throws {
    guard try manifest.folder != FolderIdentity(of: journal.folder).description else { return }
    throw JournalError.foreign(manifest.words, path)
  }
}
