import Foundation
import Patches
import Testing

@testable import Journal

@Suite struct UndoTests {
  private let world: World

  init() throws {
    world = try World(["a": "0", "b": "0"])
    try world.write(["a": "1", "new": "x"], as: "first")
    try world.write(["b": "2"], as: "second")
  }

  private func kinds() throws -> [Journal.Operation.Kind] {
    try world.journal.operations().map(\.kind)
  }

  @Test func undoTakesBackOneOperationAfterTheOther() throws {
    _ = try world.undo()
    #expect(world.files == ["a": "1", "b": "0", "new": "x"])
    _ = try world.undo()
    #expect(world.files == ["a": "0", "b": "0"])
    #expect(try kinds() == [.undo(of: 1), .undo(of: 2), .normal, .normal])
    let error = #expect(throws: JournalError.self) { try world.undo() }
    #expect(error?.description == "there is no operation to undo")
  }

  @Test func redoDoesAgainWhatWasUndoneLast() throws {
    _ = try world.undo()
    _ = try world.undo()
    _ = try world.redo()
    #expect(world.files == ["a": "1", "b": "0", "new": "x"])
    _ = try world.redo()
    #expect(world.files == ["a": "1", "b": "2", "new": "x"])
    #expect(try kinds().prefix(2) == [.redo(of: 2), .redo(of: 1)])
    #expect(throws: JournalError.self) { try world.redo() }
  }

  @Test func undoOfAnUndoIsARedo() throws {
    let undone = try world.undo()
    let redone = try world.undo(undone.number)
    #expect(redone.kind == .redo(of: 2))
    #expect(world.files == ["a": "1", "b": "2", "new": "x"])
    #expect(try world.undo(redone.number).kind == .undo(of: 2))
    #expect(world.files["b"] == "0")
  }

  @Test func anOlderOperationIsTakenBackAlone() throws {
    #expect(try world.undo(1).kind == .undo(of: 1))
    #expect(world.files == ["a": "0", "b": "2"])
  }

  @Test func aNewOperationEndsWhatCanBeRedone() throws {
    _ = try world.undo()
    try world.write(["a": "3"])
    let error = #expect(throws: JournalError.self) { try world.redo() }
    #expect(error?.description == "nothing was undone since operation 4")
  }

  @Test func aFileThatChangedSinceIsNamedAndNothingIsWritten() throws {
    try world.directory.write("new", "mine")
    let error = #expect(throws: JournalError.self) { try world.undo(1) }
    guard case .changed(let paths, let operation) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(paths == [try RepoPath("new")] && operation.number == 1)
    #expect(world.files == ["a": "1", "b": "2", "new": "mine"])
    #expect(try kinds() == [.normal, .normal])
  }

  @Test func aFileThatIsGoneHasChangedToo() throws {
    try world.write(["b": nil])
    #expect(throws: JournalError.self) { try world.undo(2) }
    #expect(world.files == ["a": "1", "new": "x"])
  }

  @Test func aStateThatWentOnIsNamed() throws {
    try world.write([:], state: ["rebase": [1]])
    try world.write([:], state: ["rebase": [2]])
    let error = #expect(throws: JournalError.self) { try world.undo(3) }
    #expect(error?.description.hasPrefix("rebase has gone on since operation 3") == true)
    #expect(try world.journal.state("rebase") == [2])
  }

  @Test func anUnknownOrUndoneOperationIsNoneToUndo() throws {
    #expect(throws: JournalError.self) { try world.undo(9) }
    _ = try world.undo(2)
    #expect(throws: JournalError.self) { try world.undo(2) }
    #expect(try kinds().count == 3)
  }

  // Root may write anywhere.
  @Test(.disabled(if: geteuid() == 0)) func whatAnUndoWouldDoIsKnownToWhoMayNotWrite() throws {
    chmod(world.directory.path, 0o555)
    defer { chmod(world.directory.path, 0o755) }
    #expect(try world.journal.undoing().operation.number == 2)
    #expect(throws: Diagnostics.self) { try world.undo() }
  }

  @Test func whatAnUndoWouldDoIsKnownBefore() throws {
    let reversal = try world.journal.undoing(1)
    #expect(reversal.files == (try fileSet(["a": "0", "new": nil])))
    #expect(try kinds().count == 2)
  }
}
