import Foundation
import Patches
import TestSupport
import Testing

@testable import Journal

@Suite struct WriteTests {
  @Test func aSetChangesAddsAndRemoves() throws {
    let world = try World(["a": "1", "b/c": "2", "stays": "3"])
    let made = try #require(try world.write(["a": "one", "b/c": nil, "d/e/f": "new"]))
    #expect(world.files == ["a": "one", "d/e/f": "new", "stays": "3"])
    #expect(made.paths == [try RepoPath("a"), try RepoPath("b/c"), try RepoPath("d/e/f")])
    #expect(made.number == 1 && made.kind == .normal && made.seconds == 1_700_000_000)
  }

  @Test func nothingOfTheWayThereIsLeft() throws {
    let world = try World(["a": "1"])
    try world.write(["a": "2", "b": "3"])
    let left = try FileManager.default.contentsOfDirectory(atPath: world.journal.folder)
    #expect(Set(left) == ["lock", "operations.git"])
    #expect(world.directory.read(".kerb/journal/lock") == "")
  }

  @Test func aFileOfTheUsersThatIsNamedAsThoseOnTheWayStays() throws {
    let world = try World(["a": "0", ".kerb-new-0": "mine", "x/.kerb-new-1": "mine"])
    try world.write(["a": "1", "b": "2", "x/c": "3"])
    #expect(
      world.files == [
        "a": "1", "b": "2", "x/c": "3", ".kerb-new-0": "mine", "x/.kerb-new-1": "mine",
      ])
  }

  @Test func theLogHasEveryByteBeforeAndAfter() throws {
    let world = try World(["a": "old\n", "gone": "bye\n"])
    try world.write(["a": "new\n", "gone": nil, "b": "b\n"], as: "fmt\nb", note: "why\n\nmore")
    #expect(try world.log("show", "refs/kerb/operations:before/a") == "old")
    #expect(try world.log("show", "refs/kerb/operations:after/a") == "new")
    #expect(
      try world.log("ls-tree", "-r", "--name-only", "refs/kerb/operations")
        == "after/a\nafter/b\nbefore/a\nbefore/gone")
    #expect(try world.log("log", "-1", "--format=%s", "refs/kerb/operations") == "fmt b")
    #expect(try world.log("fsck", "--strict").isEmpty)
    let operation = try #require(try world.journal.operations().first)
    #expect(operation.note == "why\n\nmore" && operation.words == "fmt b")
  }

  @Test func manyOperationsDoNotLeaveAPackEach() throws {
    let world = try World(["a": "0"])
    for number in 1...60 { try world.write(["a": "\(number)", "\(number)": "x"]) }
    let packs = try FileManager.default.contentsOfDirectory(
      atPath: world.directory.file(".kerb/journal/operations.git/objects/pack"))
    #expect(packs.count < 60 && packs.allSatisfy { $0.hasSuffix(".pack") || $0.hasSuffix(".idx") })
    #expect(try world.log("fsck", "--strict").isEmpty)
    #expect(try world.journal.operations().count == 60)
    for _ in 1...3 { _ = try world.undo() }
    #expect(world.files["a"] == "57" && world.files.count == 58)
  }

  @Test func whatIsSoAlreadyIsNoOperation() throws {
    let world = try World(["a": "1"])
    #expect(try world.write(["a": "1", "none": nil]) == nil)
    #expect(try world.journal.operations().isEmpty)
  }

  @Test func aFileKeepsItsPermissionBits() throws {
    let world = try World(["tool": "1", "secret": "2"])
    chmod(world.directory.file("tool"), 0o755)
    chmod(world.directory.file("secret"), 0o600)
    try world.write(["tool": "one", "secret": "two"])
    #expect(try world.permissions(of: "tool") == 0o755)
    #expect(try world.permissions(of: "secret") == 0o600)
  }

  @Test func aRemovedProgramComesBackAsAProgram() throws {
    let world = try World(["tool": "1"])
    chmod(world.directory.file("tool"), 0o755)
    try world.write(["tool": nil])
    _ = try world.undo()
    #expect(try world.permissions(of: "tool") & 0o111 != 0)
  }

  @Test func aFileMayBecomeAFolderAndBack() throws {
    let world = try World(["a": "1"])
    try world.write(["a": nil, "a/b": "2"])
    #expect(world.files == ["a/b": "2"])
    try world.write(["a": "3", "a/b": nil])
    #expect(world.files == ["a": "3"])
  }

  @Test(arguments: [
    ("link", "a symbolic link"), ("linked/x", "what is above it"),
    ("folder", "a folder with files"),
    ("file/x", "what is above it"), ("pipe", "a device, pipe"),
    (".kerb/journal/x", "no file of the workspace"),
    (".kerb/upstream/x.git/config", "no file of the"),
    ("src/2024.1/demo/setup.py", "no file of the workspace"), ("SRC/x", "no file"),
  ]) func whatIsNoFileOfTheWorkspaceIsRefused(_ name: String, _ message: String) throws {
    let world = try World(["folder/x": "1", "file": "2", "other": "3"])
    let outside = try TemporaryDirectory()
    try outside.write("x", "outside")
    symlink("other", world.directory.file("link"))
    symlink(outside.path, world.directory.file("linked"))
    mkfifo(world.directory.file("pipe"), 0o600)
    let before = world.files
    let error = #expect(throws: Diagnostics.self) {
      try world.write([name: "written", "other": "written"])
    }
    #expect(error?.all.count == 1)
    #expect(error?.all.first?.location.file == name)
    #expect(error?.all.first?.message.contains(message) == true)
    #expect(world.files == before)
    #expect(outside.read("x") == "outside")
    #expect(try world.journal.operations().isEmpty)
  }

  @Test func aStateChangesInTheSameSet() throws {
    let world = try World(["a": "1"])
    #expect(try world.journal.state("rebase") == nil)
    let made = try world.write(["a": "2"], state: ["rebase": Array("at 3".utf8)])
    #expect(made?.states == ["rebase"])
    #expect(try world.journal.state("rebase") == Array("at 3".utf8))
    try world.write(["a": "3"], state: ["rebase": nil])
    #expect(try world.journal.state("rebase") == nil)
    _ = try world.undo()
    #expect(try world.journal.state("rebase") == Array("at 3".utf8))
    #expect(world.files == ["a": "2"])
  }

  @Test func aSetMayBeOfStatesAlone() throws {
    let world = try World()
    try world.write([:], as: "rebase", state: ["rebase": Array("x".utf8)])
    #expect(try world.journal.operations().map(\.states) == [["rebase"]])
  }
}
