import Foundation
import Git
import Patches
import TestSupport
import Testing

@testable import Journal

/// What a process that was killed leaves behind, made by hand at each of its stages.
@Suite struct RecoveryTests {
  private let world: World
  private let manifest: Manifest
  private let old = ["a": "1", "b": "2"]
  private let new = ["a": "one", "c/d": "three"]

  init() throws {
    world = try World(old)
    try world.write(["b": "2 "], as: "before")
    try world.write(["b": "2"], as: "before")
    var folders = try Folders(world.journal)
    let wanted: [Target: Content?] = [
      Target(.workspace, try RepoPath("a")): Content(bytes: Array("one".utf8)),
      Target(.workspace, try RepoPath("b")): Content?.none,
      Target(.workspace, try RepoPath("c/d")): Content(bytes: Array("three".utf8)),
      Target(.state, try RepoPath("state/rebase")): Content(bytes: Array("s".utf8)),
    ]
    let plan = try ChangePlan(wanted, in: &folders)
    let log = try OperationLog(creatingIn: world.journal.folder)
    let (commit, parent) = try log.record(
      plan, words: "broken", note: nil, kind: .normal, seconds: 5)
    manifest = Manifest(
      words: "broken", folder: try FolderIdentity(of: world.journal.folder).description,
      parent: parent, commit: commit, changes: plan.changes)
  }

  private func recover() throws -> Recovery {
    try world.journal.hold(for: "test") { $0.recovery }
  }

  /// Where the new content of a file waits.
  private func waiting(_ name: String) -> String {
    let change = manifest.changes.first { "\($0.target.path)" == name }
    return change?.temporary?.description ?? ""
  }

  private func leave(_ name: String) throws {
    try world.directory.write(".kerb/journal/\(name)", manifest.bytes)
  }

  @Test func aSetBeforeItsCommitPointIsDropped() throws {
    try leave("prepared")
    try world.directory.write(waiting("a"), "one")
    #expect(try recover() == .dropped(operation: "broken"))
    #expect(world.files == old)
    #expect(try world.journal.operations().map(\.words) == ["before", "before"])
    #expect(try recover() == .nothing)
  }

  @Test func aManifestThatWasNotWrittenToItsEndIsDropped() throws {
    for count in 0..<manifest.bytes.count {
      #expect(Manifest(parsing: Array(manifest.bytes.prefix(count))) == nil)
    }
    #expect(Manifest(parsing: manifest.bytes) == manifest)
    try world.directory.write(".kerb/journal/prepared", manifest.bytes.prefix(20))
    #expect(try recover() == .dropped(operation: "a command"))
    #expect(world.files == old)
  }

  @Test(arguments: [[], ["a"], ["a", "b"], ["a", "b", "c/d"]])
  func aSetPastItsCommitPointIsFinished(_ placed: [String]) throws {
    try leave("committed")
    for name in placed {
      if let text = new[name] {
        try world.directory.write(name, text)
      } else {
        try FileManager.default.removeItem(atPath: world.directory.file(name))
      }
    }
    #expect(try recover() == .finished(operation: "broken"))
    #expect(world.files == new)
    #expect(try world.journal.state("rebase") == Array("s".utf8))
    #expect(try world.journal.operations().map(\.words) == ["broken", "before", "before"])
    #expect(try recover() == .nothing)
    _ = try world.undo()
    #expect(world.files == old)
    #expect(try world.journal.state("rebase") == nil)
  }

  @Test func whenTheLogHasMovedTheFilesAreTheUsers() throws {
    try leave("committed")
    _ = try recover()
    try leave("committed")
    try world.directory.write("a", "mine")
    #expect(try recover() == .finished(operation: "broken"))
    #expect(world.files["a"] == "mine")
    #expect(try world.journal.operations().count == 3)
  }

  @Test func whatWasChangedMeanwhileIsKeptUnderAnotherName() throws {
    try leave("committed")
    try world.directory.write("a", "mine")
    try world.directory.write("b", "mine too")
    var notices: [Notice] = []
    let listen = { (notice: Notice) in notices.append(notice) }
    try world.journal.hold(for: "test", notice: listen) { _ in }
    #expect(world.files["a"] == "one" && world.files["b"] == nil)
    #expect(world.files["a.kerb-saved"] == "mine" && world.files["b.kerb-saved"] == "mine too")
    #expect(notices.count == 3 && notices.last == .finished(operation: "broken"))
  }

  @Test(arguments: ["committed", "prepared"])
  func whatWasBegunInAnotherFolderIsNotCarriedOut(_ name: String) throws {
    let foreign = Manifest(
      words: "edit", folder: "12345-67890", parent: manifest.parent, commit: manifest.commit,
      changes: manifest.changes)
    try world.directory.write(".kerb/journal/\(name)", foreign.bytes)
    try world.directory.write(waiting("a"), "one")
    for _ in 0..<2 {
      let error = #expect(throws: JournalError.self) { try recover() }
      #expect("\(error!)".contains("was not begun in this folder"))
    }
    #expect(world.files.filter { !$0.key.contains("kerb-new") } == old)
    #expect(try world.journal.operations().map(\.words) == ["before", "before"])
  }

  @Test func aCopyOfAFolderIsAnotherFolder() throws {
    let copy = world.journal.folder + "-copy"
    try FileManager.default.copyItem(atPath: world.journal.folder, toPath: copy)
    #expect(try FolderIdentity(of: copy) != FolderIdentity(of: world.journal.folder))
    let moved = world.journal.folder + "-moved"
    let before = try FolderIdentity(of: copy)
    try FileManager.default.moveItem(atPath: copy, toPath: moved)
    #expect(try FolderIdentity(of: moved) == before)
  }

  @Test func aContentThatWaitsDamagedIsTakenFromTheLog() throws {
    try leave("committed")
    try world.directory.write(waiting("a"), "on")
    _ = try recover()
    #expect(world.files == new)
  }

  @Test func aFolderThatIsEmptyAlreadyMakesRoomForAFile() throws {
    let world = try World(["x/y/z": "1"])
    try world.write(["x/y/z": nil, "x": "2"])
    let last = try #require(try OperationLog(in: world.journal.folder)?.newest())
    let change = Change(
      target: Target(.workspace, try RepoPath("x")), old: nil,
      new: try objectID(.blob, Array("2".utf8)), permissions: nil, isExecutable: false,
      temporary: try RepoPath(".kerb-new-0"))
    try FileManager.default.removeItem(atPath: world.directory.file("x"))
    try FileManager.default.createDirectory(
      atPath: world.directory.file("x/y"), withIntermediateDirectories: true)
    try git(
      ["update-ref", "-d", OperationLog.reference],
      in: world.directory.file(".kerb/journal/operations.git"))
    try world.directory.write(
      ".kerb/journal/committed",
      Manifest(
        words: "b", folder: FolderIdentity(of: world.journal.folder).description, parent: nil,
        commit: last, changes: [change]
      ).bytes)
    try world.journal.hold(for: "test") { _ in }
    #expect(world.files == ["x": "2"])
  }

  @Test func whoReadsRecoversFirst() throws {
    try leave("committed")
    let seen = try world.journal.read { world.files }
    #expect(seen == new)
  }

  @Test func leftoversOfTheLogDoNotStandInTheWay() throws {
    let log = ".kerb/journal/operations.git"
    try world.directory.write("\(log)/refs/kerb/operations.lock", "")
    try world.directory.write("\(log)/objects/pack/tmp_pack_x", "half")
    try world.directory.write("\(log).new/HEAD", "")
    try world.write(["a": "3"])
    #expect(try world.journal.operations().count == 3)
    let packs = try FileManager.default.contentsOfDirectory(
      atPath: world.directory.file("\(log)/objects/pack"))
    #expect(packs.allSatisfy { $0.hasPrefix("pack-") })
    #expect(!FileManager.default.fileExists(atPath: world.directory.file("\(log).new")))
  }

  @Test func theMarkOfAWriteToTheLogThatWasBrokenOffIsRemoved() throws {
    let log = ".kerb/journal/operations.git"
    let mark = "\(log)/kerb-writes/1-1"
    try world.directory.write(mark, "\(ObjectID.zero) refs/kerb/operations\n")
    try world.directory.write("\(log)/refs/kerb/operations.lock", "\(ObjectID.zero)\n")
    try world.write(["a": "3"])
    #expect(world.directory.read(mark) == nil)
    #expect(world.directory.read("\(log)/refs/kerb/operations.lock") == nil)
  }

  @Test func aSetThatCannotBeFinishedIsNotWrittenOver() throws {
    try world.journal.hold(for: "test") { held in
      try leave("committed")
      try world.directory.write("c", "in the way")
      let error = #expect(throws: JournalError.self) {
        try held.write(fileSet(["a": "other"]), as: "other")
      }
      #expect(error?.description.hasPrefix("'broken' is recorded, and not all of it") == true)
      #expect(world.directory.read(".kerb/journal/committed") != nil)
    }
    try FileManager.default.removeItem(atPath: world.directory.file("c"))
    #expect(try recover() == .finished(operation: "broken"))
    #expect(world.files == new)
  }

  @Test(arguments: ["refs/kerb/operations", "objects"])
  func whoMeetsADamagedLogIsToldHowToGoOn(_ lost: String) throws {
    let log = world.directory.file(".kerb/journal/operations.git")
    try FileManager.default.removeItem(atPath: "\(log)/\(lost)")
    if lost == "objects" {
      try FileManager.default.createDirectory(
        atPath: "\(log)/objects", withIntermediateDirectories: true)
    } else {
      #expect(FileManager.default.createFile(atPath: "\(log)/\(lost)", contents: nil))
    }
    let error = #expect(throws: GitError.self) { try world.write(["a": "3"]) }
    #expect(error?.reason.contains("is damaged, move \(log)") == true, "\(error?.reason ?? "")")
    try FileManager.default.moveItem(atPath: log, toPath: "\(log).old")
    try world.write(["a": "3"])
    #expect(world.directory.read("a") == "3")
    #expect(try world.journal.operations().count == 1)
  }

  @Test func aDamagedSetIsNotGuessedAt() throws {
    try world.directory.write(".kerb/journal/committed", "nonsense")
    #expect(throws: GitError.self) { try recover() }
    #expect(world.files == old)
  }
}
