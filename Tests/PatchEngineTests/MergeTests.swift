import PatchEngine
import Patches
import TestSupport
import Testing

@Suite struct MergeTests {
  private func merged(_ base: String, _ ours: String, _ theirs: String) -> String? {
    Merge(base: text(base), ours: text(ours), theirs: text(theirs)).text()?.bytes.text
  }

  @Test func editsThatAreApartAreBothTaken() {
    #expect(merged("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n") == "A\nb\nC\n")
    #expect(merged("a\nb\nc\n", "x\na\nb\nc\n", "a\nb\nc\ny\n") == "x\na\nb\nc\ny\n")
    #expect(merged("a\nb\nc\n", "b\nc\n", "a\nb\n") == "b\n")
    #expect(merged("a\nb\nc\nd\ne\n", "a\nB\nc\nd\ne\n", "A\n1\nb\nc\nD\ne\n") == nil)
  }

  @Test func editsThatTouchAreNotMerged() {
    #expect(merged("a\nb\n", "A\nb\n", "a\nB\n") == nil)
    #expect(merged("a\nb\n", "A\nb\n", "a\nx\nb\n") == nil)
    #expect(merged("a\nb\nc\n", "a\nb\n", "a\nb\nC\n") == nil)
    #expect(merged("a\n", "a\nx\n", "a\ny\n") == nil)
    #expect(merged("a\n", "", "A\n") == nil)
  }

  @Test func theSameEditOnBothSidesIsTakenOnce() {
    #expect(merged("a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n") == "a\nB\nc\n")
    #expect(merged("a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\nd\n") == "a\nB\nc\nd\n")
    #expect(merged("a\n", "", "") == "")
  }

  @Test func aMissingNewlineStaysAtTheEnd() {
    #expect(merged("a\nb\nc", "A\nb\nc", "a\nb\nc\n") == "A\nb\nc\n")
    #expect(merged("a\nb\nc", "a\nb\nc\nd", "A\nb\nc") == "A\nb\nc\nd")
  }

  @Test func aSideWithoutEditsGivesTheOther() throws {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<2_000 {
      let base = generator.lines(most: 10, letters: 3)
      let side = generator.lines(most: 10, letters: 3)
      try #require(
        merged(base, side, base) == side, "\(base.debugDescription) \(side.debugDescription)")
      try #require(
        merged(base, base, side) == side, "\(base.debugDescription) \(side.debugDescription)")
      try #require(
        merged(base, side, side) == side, "\(base.debugDescription) \(side.debugDescription)")
    }
  }

  @Test func swappedSidesGiveTheSameBytes() throws {
    var generator = SeededGenerator(seed: 5)
    var count = 0
    for _ in 0..<4_000 {
      let base = generator.lines(most: 12, letters: 6)
      let ours = generator.edited(base, letters: 6)
      let theirs = generator.edited(base, letters: 6)
      let one = merged(base, ours, theirs)
      try #require(
        one == merged(base, theirs, ours),
        "\(base.debugDescription) \(ours.debugDescription) \(theirs.debugDescription)")
      if one != nil { count += 1 }
    }
    #expect(count > 1_000)
  }

  static let links: [(String, String, LinkProblem?)] = [
    ("a", "b", nil), ("a", "b/c", nil), ("d/a", "../b", nil), ("d/e/a", "../../b", nil),
    ("a", "./b", nil), ("a", "b/../c", nil), ("a", "b//c", nil), ("a", ".", nil),
    ("a", "", .empty), ("a", "/etc/passwd", .absolute), ("a", "b\\c", .absolute),
    ("a", "..", .outside), ("a", "../b", .outside), ("d/a", "../../b", .outside),
    ("a", "b/../../c", .outside), ("a", "b\nc", .control), ("a", "b\0c", .control),
    ("a", "b\u{7f}", .control), ("a", ".git", .gitDirectory), ("a", ".GIT/hooks", .gitDirectory),
    ("d/a", "../.git/config", .gitDirectory), ("a", "git~1", .gitDirectory),
    ("a", ".g\u{200c}it", .gitDirectory),
  ]

  @Test(arguments: links)
  func aLinkPointsIntoTheTree(path: String, target: String, problem: LinkProblem?) throws {
    let path = try RepoPath(path)
    var found: LinkProblem?
    do {
      try checkLink(at: path, target: target.bytes)
    } catch {
      found = error
    }
    #expect(found == problem)
  }
}
