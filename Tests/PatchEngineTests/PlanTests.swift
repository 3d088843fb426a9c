import PatchEngine
import Patches
import Testing

@Suite struct PlanTests {
  private static func modify(_ path: String) -> String {
    "diff --git a/\(path) b/\(path)\n--- a/\(path)\n+++ b/\(path)\n@@ -1 +1 @@\n-a\n+b\n"
  }

  private static func move(_ verb: String, _ from: String, _ to: String) -> String {
    "diff --git a/\(from) b/\(to)\n\(verb) from \(from)\n\(verb) to \(to)\n"
  }

  /// The groups as `patch.section` of each change, sorted.
  private func groups(_ patches: [String]) throws -> [[String]] {
    let stack = try patches.map { try Patch(parsing: $0.bytes, name: "p") }
    return Plan(stack).groups.map { $0.map { "\($0.patch).\($0.section)" } }
  }

  @Test func independentFilesAreSeparateGroups() throws {
    #expect(
      try groups([Self.modify("a") + Self.modify("b"), Self.modify("c")])
        == [["0.0"], ["0.1"], ["1.0"]])
  }

  @Test func changesOfOneFileAreAGroupInOrderAndTheLargestComesFirst() throws {
    #expect(
      try groups([Self.modify("a") + Self.modify("b"), Self.modify("b"), Self.modify("b")])
        == [["0.1", "1.0", "2.0"], ["0.0"]])
  }

  @Test(arguments: ["rename", "copy"])
  func aMoveJoinsItsTwoPaths(verb: String) throws {
    #expect(
      try groups([Self.modify("a"), Self.modify("b"), Self.move(verb, "a", "b"), Self.modify("c")])
        == [["0.0", "1.0", "2.0"], ["3.0"]])
  }

  @Test func movesJoinInChains() throws {
    #expect(
      try groups([
        Self.modify("a"), Self.modify("d"), Self.move("rename", "c", "d"),
        Self.move("copy", "b", "c"), Self.move("rename", "a", "b"),
      ]) == [["0.0", "1.0", "2.0", "3.0", "4.0"]])
  }

  @Test func aPathBelowAnotherIsInItsGroup() throws {
    #expect(
      try groups([Self.modify("d/e/a"), Self.modify("d"), Self.modify("d.x"), Self.modify("dd/a")])
        == [["0.0", "1.0"], ["2.0"], ["3.0"]])
  }

  @Test func pathsBesideEachOtherAreNotJoined() throws {
    #expect(try groups([Self.modify("d/a"), Self.modify("d/b")]) == [["0.0"], ["1.0"]])
  }

  @Test func anEmptyStackHasNoGroups() throws {
    #expect(try groups([]).isEmpty)
  }

  @Test func stepsAreInTheOrderOfTheStackAndItsSections() throws {
    let tree = try FakeTree(["a": "a\n", "b": "a\n", "c": "x\n"])
    let replayed = try Replayed(
      [Self.modify("c") + Self.modify("b"), Self.modify("a"), Self.modify("c")], onto: tree)
    #expect(
      replayed.lines == [
        "0 c conflicted p0:4 hunk-no-match", "0 b clean", "1 a clean", "2 c blocked by 0",
      ])
    #expect(replayed.steps.map(\.outcome) == [.conflicted, .clean, .blocked])
  }
}
