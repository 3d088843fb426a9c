import Foundation
import Testing

@testable import Journal

@Suite struct LockTests {
  private let world: World

  init() throws {
    world = try World(["a": "1"])
  }

  @Test func theSecondOfTwoWritersIsToldWhoIsAtWork() throws {
    try world.journal.hold(for: "fetch --update") { _ in
      var notices: [Notice] = []
      let error = #expect(throws: JournalError.self) {
        try world.journal.hold(
          for: "fmt", wait: .milliseconds(50), notice: { notices.append($0) }
        ) { _ in }
      }
      let holder = Holder(process: getpid(), words: "fetch --update")
      #expect(notices == [.waiting(holder)])
      #expect(
        error?.description == "another kerb (pid \(getpid()), command fetch --update) is at work "
          + "here; try again when it has ended")
    }
  }

  @Test func whoDiedIsNotNamed() throws {
    try world.journal.hold(for: "x") { _ in
      try world.directory.write(".kerb/journal/lock", "999999999 gone\n")
      let error = #expect(throws: JournalError.self) {
        try world.journal.hold(for: "fmt", wait: .zero) { _ in }
      }
      #expect(error?.description.hasPrefix("another kerb is at work here") == true)
    }
  }

  @Test func theLockIsFreeAfterABodyThatFailed() throws {
    struct Failure: Error {}
    #expect(throws: Failure.self) {
      try world.journal.hold(for: "x") { _ in throw Failure() }
    }
    try world.journal.hold(for: "y") { _ in }
  }

  @Test func theWaitEndsWhenTheOtherDoes() async throws {
    let journal = world.journal
    async let first: Void = journal.hold(for: "first") { _ in
      try await Task.sleep(for: .milliseconds(200))
    }
    try await Task.sleep(for: .milliseconds(50))
    try await journal.hold(for: "second") { _ in await Task.yield() }
    try await first
  }

  @Test func manyMayReadAndNobodyWritesMeanwhile() throws {
    try world.write(["a": "2"])
    try world.journal.read(wait: .zero) {
      try world.journal.read(wait: .zero) {}
      #expect(throws: JournalError.self) {
        try world.journal.hold(for: "x", wait: .zero) { _ in }
      }
    }
    // Another test's child has the descriptor for the moment between fork and exec: so not at once.
    try world.journal.hold(for: "x") { _ in
      #expect(throws: JournalError.self) { try world.journal.read(wait: .zero) {} }
    }
  }

  @Test func whoReadsAWorkspaceWithoutKerbFolderMakesNone() throws {
    #expect(try world.journal.read { world.files } == ["a": "1"])
    #expect(world.directory.read(".kerb/journal/lock") == nil)
    #expect(!FileManager.default.fileExists(atPath: world.directory.file(".kerb")))
  }
}
