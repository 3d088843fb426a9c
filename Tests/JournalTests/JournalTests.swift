import Foundation
import Journal
import Patches
import TestSupport
import Testing

@Suite struct JournalTests {
  private func path(_ text: String) throws -> RepoPath { try RepoPath(Array(text.utf8)) }

  private func set(_ contents: [String: String?]) throws -> FileSet {
    var set = FileSet()
    for (name, text) in contents {
      if let text { set.put(try path(name), Array(text.utf8)) } else { set.remove(try path(name)) }
    }
    return set
  }

  @Test func aSetIsWritten() throws {
    let folder = try TemporaryDirectory()
    _ = try folder.write("a", "old\n")
    _ = try folder.write("gone", "x\n")
    let journal = Journal(workspace: folder.path)
    try journal.hold { held in
      #expect(held.recovery == .nothing)
      try held.write(try set(["a": "new\n", "deep/er/b": "b\n", "gone": nil]))
    }
    #expect(folder.read("a") == "new\n")
    #expect(folder.read("deep/er/b") == "b\n")
    #expect(folder.read("gone") == nil)
    #expect(!journal.isUnsettled)
  }

  @Test func anExecutableFileStaysExecutable() throws {
    let folder = try TemporaryDirectory()
    let file = try folder.write("run", "old\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    try Journal(workspace: folder.path).hold { try $0.write(try set(["run": "new\n"])) }
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
    #expect(mode as? Int == 0o755)
  }

  @Test func whatWasStagedOnlyIsDropped() throws {
    let folder = try TemporaryDirectory()
    _ = try folder.write("a", "old\n")
    _ = try folder.write(".kerb/journal/staging/0", "new\n")
    _ = try folder.write(".kerb/journal/staging/list", "put a\n")
    let journal = Journal(workspace: folder.path)
    #expect(journal.isUnsettled)
    try journal.hold { #expect($0.recovery == .dropped) }
    #expect(folder.read("a") == "old\n")
    #expect(!journal.isUnsettled)
  }

  @Test func whatCountsAsWrittenIsFinished() throws {
    let folder = try TemporaryDirectory()
    _ = try folder.write("a", "old\n")
    _ = try folder.write("b", "old\n")
    _ = try folder.write(".kerb/journal/committed/0", "new\n")
    _ = try folder.write(".kerb/journal/committed/list", "put a\nremove b\n")
    let journal = Journal(workspace: folder.path)
    try journal.hold { #expect($0.recovery == .finished) }
    #expect(folder.read("a") == "new\n")
    #expect(folder.read("b") == nil)
    #expect(!journal.isUnsettled)
  }

  @Test func aLinkInTheWayIsRefusedAndNothingIsWritten() throws {
    let folder = try TemporaryDirectory()
    let outside = try TemporaryDirectory()
    _ = try folder.write("a", "old\n")
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("out"), withDestinationPath: outside.path)
    let journal = Journal(workspace: folder.path)
    #expect(throws: JournalError.self) {
      try journal.hold { try $0.write(try set(["a": "new\n", "out/b": "b\n"])) }
    }
    #expect(folder.read("a") == "old\n")
    #expect(outside.read("b") == nil)
    #expect(!journal.isUnsettled)
  }

  @Test func aSecondHolderIsToldThatAnotherIsAtWork() throws {
    let folder = try TemporaryDirectory()
    let journal = Journal(workspace: folder.path)
    try journal.hold { _ in
      let error = #expect(throws: JournalError.self) {
        try Journal(workspace: folder.path).hold(patience: 0) { _ in }
      }
      #expect(error?.kind == .busy)
    }
    try journal.hold { _ in }
  }
}
