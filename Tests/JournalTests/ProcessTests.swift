import Foundation
import TestSupport
import Testing

@testable import Journal

/// Processes of their own; `Tests/Faults` breaks them off.
@Suite struct ProcessTests {
  private static let driver = URL(filePath: kerbProgram).deletingLastPathComponent()
    .appending(path: "JournalDriver")

  private func start(_ arguments: String...) throws -> Process {
    let process = Process()
    process.executableURL = Self.driver
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  @Test func twoThatWriteAtOnceDoSoOneAfterTheOther() throws {
    let world = try World(["a": "0", "b": "0"])
    for turn in 1...10 {
      let pair = try ["left", "right"].map { side in
        try start(
          world.directory.path, "write", side, "a=\(side) \(turn)", "b=\(side) \(turn)")
      }
      for process in pair { process.waitUntilExit() }
      #expect(pair.map(\.terminationStatus) == [0, 0])
      #expect(world.files["a"] == world.files["b"])
    }
    #expect(try world.journal.operations().map(\.number) == (1...20).reversed())
  }
}
