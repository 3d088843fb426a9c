import Git
import Patches

/// What taking back an operation, or doing it again, would write.
public struct Reversal: Sendable, Equatable {
  /// The operation that is taken back or done again.
  public let operation: Journal.Operation
  /// `undo` or `redo`, of that operation.
  public let kind: Journal.Operation.Kind
  /// The files of the workspace as they will be.
  public let files: FileSet
  let wanted: [Target: Content?]
  let expected: [Target: ObjectID?]

  /// What happens to a file.
  public enum Effect: String, Sendable {
    case added, changed, removed
  }

  /// What happens to each of the files, in order.
  public var effects: [(path: RepoPath, effect: Effect)] {
    files.contents.sorted { $0.key < $1.key }.map { path, content in
      let isThere = expected[Target(.workspace, path)] != .some(nil)
      return (path, content == nil ? .removed : isThere ? .changed : .added)
    }
  }

  /// The words for the log where the caller has none.
  var words: String {
    switch kind {
    case .normal: "write"
    case .undo(let number): "undo \(number)"
    case .redo(let number): "redo \(number)"
    }
  }
}

extension Journal {
  /// What an undo would do.
  ///
  /// - Parameter number: the operation to take back; nil for the newest that is not undone. To take
  ///   back an undo is to do again what it undid, and the other way round.
  /// - Throws: `JournalError.nothing`, and `changed` where files are not as the operation left them.
  public func undoing(_ number: Int? = nil) throws -> Reversal {
    let operations = try operations()
    let undone = operations.undone
    guard let number else {
      let newest = operations.first { $0.kind == .normal && !undone.contains($0.number) }
      guard let newest else { throw JournalError.nothing("there is no operation to undo") }
      return try reversal(newest, kind: .undo(of: newest.number))
    }
    guard let operation = operations.first(where: { $0.number == number }) else {
      throw JournalError.nothing("the log has no operation \(number); 'kerb log' lists them")
    }
    let (original, isUndo) =
      switch operation.kind {
      case .normal: (number, true)
      case .undo(let other): (other, false)
      case .redo(let other): (other, true)
      }
    guard undone.contains(original) != isUndo else {
      throw JournalError.nothing(
        "operation \(original) is \(isUndo ? "undone" : "done again") already")
    }
    guard let found = operations.first(where: { $0.number == original }) else {
      throw JournalError.nothing("the log has no operation \(original)")
    }
    return try reversal(found, kind: isUndo ? .undo(of: original) : .redo(of: original))
  }

  /// What a redo would do: the operation that was undone last, unless another came after it.
  ///
  /// - Throws: `JournalError.nothing`, and `changed` where files are not as the undo left them.
  public func redoing() throws -> Reversal {
    let operations = try operations()
    let undone = operations.undone
    for operation in operations {
      switch operation.kind {
      case .normal:
        guard undone.contains(operation.number) else {
          throw JournalError.nothing("nothing was undone since operation \(operation.number)")
        }
      case .undo(let number):
        guard undone.contains(number), let found = operations.first(where: { $0.number == number })
        else { continue }
        return try reversal(found, kind: .redo(of: number))
      case .redo: continue
      }
    }
    throw JournalError.nothing("there is no undone operation to redo")
  }

  private func reversal(_ operation: Journal.Operation, kind: Journal.Operation.Kind) throws
    -> Reversal
  {
    guard let log = try OperationLog(in: folder) else { preconditionFailure("it was just read") }
    let isUndo = kind == .undo(of: operation.number)
    let wanted = try log.contents(isUndo ? .before : .after, of: operation.id)
    let present = try log.contents(isUndo ? .after : .before, of: operation.id)
    var files = FileSet()
    for (target, content) in wanted where target.place == .workspace {
      files.contents[target.path] = .some(content?.bytes)
    }
    var expected: [Target: ObjectID?] = [:]
    for (target, content) in present {
      expected.updateValue(try content.map { try objectID(.blob, $0.bytes) }, forKey: target)
    }
    let reversal = Reversal(
      operation: operation, kind: kind, files: files, wanted: wanted, expected: expected)
    var folders = try Folders(self)
    try reversal.judge(ChangePlan(wanted, in: &folders, toWrite: false))
    return reversal
  }
}

extension Reversal {
  /// Refuses where a file is not as it was left.
  func judge(_ plan: ChangePlan) throws(JournalError) {
    let changed = expected.filter { plan.found[$0.key] != $0.value }.map(\.key).sorted()
    let paths = changed.filter { $0.place == .workspace }.map(\.path)
    guard paths.isEmpty else { throw .changed(paths, since: operation) }
    guard changed.isEmpty else {
      throw .stateChanged(changed.map { stateName(of: $0.path) }, since: operation)
    }
  }
}

extension HeldJournal {
  /// Takes back an operation; that is an operation itself.
  ///
  /// - Parameters:
  ///   - operation: its number; nil for the newest that is not undone. To take back an undo is to do
  ///     again what it undid.
  ///   - words: the command line for the log.
  ///   - notice: told of a file that changed under the journal's hands and was kept.
  /// - Throws: `JournalError.nothing`, and `changed` where files are not as the operation left them.
  @discardableResult
  public func undo(
    operation: Int? = nil, as words: String? = nil, notice: (Notice) -> Void = { _ in }
  ) throws -> Journal.Operation {
    try perform(journal.undoing(operation), words, notice)
  }

  /// Does again what was undone last, unless another operation came after it.
  ///
  /// - Throws: as `undo`.
  @discardableResult
  public func redo(
    as words: String? = nil, notice: (Notice) -> Void = { _ in }
  ) throws -> Journal.Operation {
    try perform(journal.redoing(), words, notice)
  }

  private func perform(
    _ reversal: Reversal, _ words: String?, _ notice: (Notice) -> Void
  ) throws -> Journal.Operation {
    let written = try write(
      reversal.wanted, words ?? reversal.words, nil, reversal.kind, notice,
      judge: { try reversal.judge($0) })
    // An operation that kerb recorded changed something; one that somebody else put there need not have.
    guard let written else {
      throw JournalError.nothing("operation \(reversal.operation.number) changed no file")
    }
    return written
  }
}

extension Journal {
  /// The files of the workspace as they were before an operation that changed them; nil for one that
  /// was not there.
  public func filesBefore(_ operation: Journal.Operation) throws -> FileSet {
    var files = FileSet()
    guard let log = try OperationLog(in: folder) else { return files }
    for (target, content) in try log.contents(.before, of: operation.id)
    where target.place == .workspace {
      files.contents[target.path] = .some(content?.bytes)
    }
    return files
  }
}
