import PatchEngine
import Patches
import Testing

@Suite struct ReplayTests {
  /// A section that changes one line.
  private func change(_ path: String, _ old: String, _ new: String) -> String {
    "diff --git a/\(path) b/\(path)\n--- a/\(path)\n+++ b/\(path)\n@@ -1 +1 @@\n-\(old)\n+\(new)\n"
  }

  private func create(_ path: String, _ line: String, mode: String = "100644") -> String {
    "diff --git a/\(path) b/\(path)\nnew file mode \(mode)\n--- /dev/null\n+++ b/\(path)\n"
      + "@@ -0,0 +1 @@\n+\(line)\n"
  }

  private func delete(_ path: String, _ line: String, mode: String = "100644") -> String {
    "diff --git a/\(path) b/\(path)\ndeleted file mode \(mode)\n--- a/\(path)\n+++ /dev/null\n"
      + "@@ -1 +0,0 @@\n-\(line)\n"
  }

  private func link(_ path: String, to target: String) -> String {
    create(path, "\(target)\n\\ No newline at end of file", mode: "120000")
  }

  private func move(_ verb: String, _ from: String, _ to: String) -> String {
    "diff --git a/\(from) b/\(to)\nsimilarity index 100%\n\(verb) from \(from)\n\(verb) to \(to)\n"
  }

  private func mode(_ path: String, _ old: String, _ new: String) -> String {
    "diff --git a/\(path) b/\(path)\nold mode \(old)\nnew mode \(new)\n"
  }

  private func replay(_ patches: String..., onto files: [String: String]) throws -> Replayed {
    try Replayed(patches, onto: FakeTree(files))
  }

  @Test func aChangeInPlaceIsClean() throws {
    let replayed = try replay(change("a", "1", "2"), onto: ["a": "1\n"])
    #expect(replayed.lines == ["0 a clean"])
    #expect(replayed.tree == ["a": "100644 2\n"])
  }

  @Test func patchesBuildOnEachOther() throws {
    let replayed = try replay(
      change("a", "1", "2"), change("a", "2", "3"), change("a", "3", "4"), onto: ["a": "1\n"])
    #expect(replayed.lines == ["0 a clean", "1 a clean", "2 a clean"])
    #expect(replayed.tree == ["a": "100644 4\n"])
  }

  @Test func aChangeElsewhereIsMovedBySoManyLines() throws {
    let patch =
      "--- a/a\n+++ b/a\n@@ -2,3 +2,3 @@\n x\n-1\n+2\n y\n@@ -8,3 +8,3 @@\n u\n-3\n+4\n v\n"
    let replayed = try replay(patch, onto: ["a": "n\nn\nx\n1\ny\nn\nu\n3\nv\nn\n"])
    #expect(replayed.lines == ["0 a moved 1"])
    #expect(replayed.steps[0].paths[0].placements.map(\.offset) == [1, -1])
    #expect(replayed.tree == ["a": "100644 n\nn\nx\n2\ny\nn\nu\n4\nv\nn\n"])
  }

  @Test func theOffsetIsTheGreatest() throws {
    let patch =
      "--- a/a\n+++ b/a\n@@ -3,3 +3,3 @@\n x\n-1\n+2\n y\n@@ -10,3 +10,3 @@\n u\n-3\n+4\n v\n"
    let replayed = try replay(patch, onto: ["a": "n\nx\n1\ny\nn\nu\n3\nv\nn\n"])
    #expect(replayed.lines == ["0 a moved -4"])
  }

  @Test func aChangeThatFitsNowhereIsAConflictAtItsHunk() throws {
    let replayed = try replay("text\n\n" + change("a", "1", "2"), onto: ["a": "x\n"])
    #expect(replayed.lines == ["0 a conflicted p0:6 hunk-no-match"])
    #expect(replayed.tree.isEmpty)
  }

  @Test func anAmbiguousPlaceIsAConflict() throws {
    let patch = "--- a/a\n+++ b/a\n@@ -9,3 +9,3 @@\n x\n-1\n+2\n y\n"
    let replayed = try replay(patch, onto: ["a": "x\n1\ny\nx\n1\ny\nz\n"])
    #expect(replayed.lines == ["0 a conflicted p0:3 hunk-ambiguous"])
  }

  @Test func aConflictBlocksOnlyLaterChangesOfTheSameFile() throws {
    let replayed = try replay(
      change("a", "x", "2") + change("b", "1", "2"), change("a", "2", "3"), change("b", "2", "3"),
      change("a", "3", "4") + change("c", "1", "2"), onto: ["a": "1\n", "b": "1\n", "c": "1\n"])
    #expect(
      replayed.lines == [
        "0 a conflicted p0:4 hunk-no-match", "0 b clean", "1 a blocked by 0", "2 b clean",
        "3 a blocked by 0", "3 c clean",
      ])
    #expect(replayed.tree == ["b": "100644 3\n", "c": "100644 2\n"])
  }

  @Test func bothPathsOfAFailedRenameAreBlocked() throws {
    let replayed = try replay(
      move("rename", "a", "b"), change("a", "1", "2"), change("b", "1", "2"), create("c", "1"),
      move("copy", "a", "d"), onto: ["b": "1\n"])
    #expect(
      replayed.lines == [
        "0 a to b conflicted p0:1 file-missing", "1 a blocked by 0", "2 b blocked by 0",
        "3 c clean",
        "4 a to d blocked by 0",
      ])
  }

  @Test func everyFileOfAFailedPatchIsTried() throws {
    let replayed = try replay(
      change("a", "x", "2") + change("b", "x", "2") + change("c", "1", "2"),
      onto: ["a": "1\n", "b": "1\n", "c": "1\n"])
    #expect(
      replayed.lines == [
        "0 a conflicted p0:4 hunk-no-match", "0 b conflicted p0:10 hunk-no-match", "0 c clean",
      ])
  }

  @Test func aMissingFileIsAConflictAtItsSection() throws {
    let replayed = try replay(
      change("a", "1", "2") + delete("b", "1") + move("rename", "c", "d") + move("copy", "e", "f"),
      onto: ["x": "1\n"])
    #expect(
      replayed.lines == [
        "0 a conflicted p0:1 file-missing", "0 b conflicted p0:7 file-missing",
        "0 c to d conflicted p0:13 file-missing", "0 e to f conflicted p0:17 file-missing",
      ])
  }

  @Test func aPlainSectionOfNewLinesAloneMakesAFileThatIsNotThere() throws {
    let plain = "--- a/d/new\n+++ b/d/new\n@@ -0,0 +1 @@\n+one\n"
    let made = try replay(plain, onto: ["x": "1\n"])
    #expect(made.lines == ["0 d/new clean"])
    #expect(made.tree == ["d/new": "100644 one\n"])
    #expect(try replay(plain, onto: ["d/new": ""]).tree == ["d/new": "100644 one\n"])
    #expect(
      try replay(plain, onto: ["d/new": "1\n"]).lines == ["0 d/new conflicted p0:3 hunk-no-match"])
    #expect(
      try replay(plain, onto: ["d": "1\n"]).lines == ["0 d/new conflicted p0:1 parent-is-file"])
    let git = "diff --git a/new b/new\n" + plain.replacing("d/", with: "")
    #expect(try replay(git, onto: [:]).lines == ["0 new conflicted p0:1 file-missing"])
  }

  @Test func changedCopiesHaveALimitInAll() throws {
    let big = "1\n2\n" + String(repeating: "x", count: 1 << 20) + "\n"
    func copies(_ range: Range<Int>) -> String {
      range.map { number in
        "diff --git a/a b/c\(number)\nsimilarity index 99%\ncopy from a\ncopy to c\(number)\n"
          + "--- a/a\n+++ b/c\(number)\n"
          + "@@ -1,2 +1,2 @@\n-1\n+\(number)\n 2\n"
      }.joined()
    }
    let replayed = try replay(copies(0..<40), copies(40..<70), onto: ["a": big])
    #expect(replayed.lines.prefix(63).allSatisfy { $0.hasSuffix(" clean") })
    #expect(replayed.lines[63...].allSatisfy { $0.hasSuffix(" copy-size") })
    // A copy that is as its source is the same blob.
    let plain = try replay((0..<70).map { move("copy", "a", "c\($0)") }.joined(), onto: ["a": big])
    #expect(plain.lines.allSatisfy { $0.hasSuffix(" clean") })
  }

  @Test func filesComeAndGo() throws {
    let replayed = try replay(
      create("new", "1") + delete("old", "1"), create("old", "2") + delete("new", "1"),
      onto: ["old": "1\n"])
    #expect(replayed.lines == ["0 new clean", "0 old clean", "1 old clean", "1 new clean"])
    #expect(replayed.tree == ["new": nil, "old": "100644 2\n"])
  }

  @Test func emptyFilesComeAndGo() throws {
    let created = "diff --git a/a b/a\nnew file mode 100755\nindex 0000000..e69de29\n"
    let deleted = "diff --git a/b b/b\ndeleted file mode 100644\nindex e69de29..0000000\n"
    let replayed = try replay(created + deleted, onto: ["b": ""])
    #expect(replayed.lines == ["0 a clean", "0 b clean"])
    #expect(replayed.tree == ["a": "100755 ", "b": nil])
  }

  @Test func aDeletionMustRemoveAllLines() throws {
    #expect(
      try replay(delete("a", "1"), onto: ["a": "1\n2\n"]).lines
        == ["0 a conflicted p0:5 hunk-no-match"])
    let empty = "diff --git a/a b/a\ndeleted file mode 100644\nindex e69de29..0000000\n"
    #expect(
      try replay(empty, onto: ["a": "1\n"]).lines == ["0 a conflicted p0:1 delete-keeps-content"])
  }

  @Test func aFileIsNotCreatedWhereOneIs() throws {
    #expect(
      try replay(create("a", "1"), onto: ["a": "1\n"]).lines
        == ["0 a conflicted p0:1 file-exists"])
  }

  @Test func aFileIsNotCreatedWhereADirectoryIs() throws {
    #expect(
      try replay(create("d", "1"), onto: ["d/a": "1\n"]).lines
        == ["0 d conflicted p0:1 file-is-directory"])
  }

  @Test func aDirectoryIsNoFileToChange() throws {
    #expect(
      try replay(change("d", "1", "2"), onto: ["d/a": "1\n"]).lines
        == ["0 d conflicted p0:1 file-is-directory"])
  }

  @Test(arguments: ["f", "100755 f", "120000 f"])
  func nothingIsCreatedOrChangedBelowAFileOrLink(above: String) throws {
    let replayed = try replay(
      create("f/a", "1"), change("f/d/b", "1", "2"), onto: [above: "g"])
    #expect(
      replayed.lines == [
        "0 f/a conflicted p0:1 parent-is-file", "1 f/d/b conflicted p1:1 parent-is-file",
      ])
  }

  @Test func nothingIsCreatedBelowALinkOfThePatchOrOfAnEarlierOne() throws {
    let replayed = try replay(
      link("l", to: "d") + create("l/a", "1"), onto: ["d/x": "1\n"])
    #expect(
      replayed.lines == ["0 l conflicted p0:1 file-is-directory", "0 l/a clean"])
    let later = try replay(link("l", to: "d"), create("l/a", "1"), onto: ["d/x": "1\n"])
    #expect(later.lines == ["0 l clean", "1 l/a conflicted p1:1 parent-is-file"])
  }

  @Test func aRenamedLinkIsNoParentEither() throws {
    let replayed = try replay(
      move("rename", "l", "m"), create("m/a", "1"), onto: ["120000 l": "d", "d/x": "1\n"])
    #expect(replayed.lines == ["0 l to m clean", "1 m/a conflicted p1:1 parent-is-file"])
  }

  @Test func aDirectoryBecomesAFileAndBack() throws {
    let replayed = try replay(
      delete("d/a", "1") + create("d", "2"), delete("d", "2") + create("d/b", "3"),
      onto: ["d/a": "1\n"])
    #expect(replayed.lines == ["0 d/a clean", "0 d clean", "1 d clean", "1 d/b clean"])
    #expect(replayed.tree == ["d/a": nil, "d": nil, "d/b": "100644 3\n"])
  }

  @Test func aDirectoryThatKeepsAFileStaysOne() throws {
    let replayed = try replay(
      delete("d/a", "1") + create("d", "2"), onto: ["d/a": "1\n", "d/b": "1\n"])
    #expect(replayed.lines == ["0 d/a clean", "0 d conflicted p0:7 file-is-directory"])
  }

  @Test func filesSwapTheirNames() throws {
    let replayed = try replay(
      move("rename", "a", "b") + move("rename", "b", "a"), onto: ["a": "1\n", "100755 b": "2\n"])
    #expect(replayed.lines == ["0 a to b clean", "0 b to a clean"])
    #expect(replayed.tree == ["a": "100755 2\n", "b": "100644 1\n"])
  }

  @Test func aChainOfRenamesLosesNothing() throws {
    let replayed = try replay(
      move("rename", "a", "b") + move("rename", "b", "c"), onto: ["a": "1\n", "b": "2\n"])
    #expect(replayed.tree == ["a": nil, "b": "100644 1\n", "c": "100644 2\n"])
  }

  @Test func aRenameDoesNotLandOnAFile() throws {
    let replayed = try replay(move("rename", "a", "b"), onto: ["a": "1\n", "b": "2\n"])
    #expect(replayed.lines == ["0 a to b conflicted p0:1 file-exists"])
    #expect(replayed.tree.isEmpty)
  }

  @Test func twoFilesAreNotRenamedToOneName() throws {
    let replayed = try replay(
      move("rename", "a", "c") + move("rename", "b", "c"), onto: ["a": "1\n", "b": "2\n"])
    #expect(replayed.lines == ["0 a to c clean", "0 b to c conflicted p0:5 file-changed-twice"])
    #expect(replayed.tree == ["a": nil, "c": "100644 1\n"])
  }

  @Test func oneFileIsNotRenamedToTwoNames() throws {
    let replayed = try replay(
      move("rename", "a", "b") + move("rename", "a", "c"), onto: ["a": "1\n"])
    #expect(replayed.lines == ["0 a to b clean", "0 a to c conflicted p0:5 file-changed-twice"])
  }

  @Test func aRenameMayChangeContentAndMode() throws {
    let patch =
      "diff --git a/a b/b\nold mode 100644\nnew mode 100755\nrename from a\nrename to b\n"
      + "--- a/a\n+++ b/b\n@@ -1 +1 @@\n-1\n+2\n"
    let replayed = try replay(patch, onto: ["a": "1\n"])
    #expect(replayed.lines == ["0 a to b clean"])
    #expect(replayed.tree == ["a": nil, "b": "100755 2\n"])
  }

  @Test func aCopyReadsTheFileAsItWasBeforeThePatch() throws {
    let replayed = try replay(
      change("a", "1", "2") + move("copy", "a", "b"), move("copy", "a", "c"), onto: ["a": "1\n"])
    #expect(replayed.lines == ["0 a clean", "0 a to b clean", "1 a to c clean"])
    #expect(replayed.tree == ["a": "100644 2\n", "b": "100644 1\n", "c": "100644 2\n"])
  }

  @Test func aCopyOfARenamedFileIsOfItsOldContent() throws {
    let replayed = try replay(
      move("rename", "a", "b") + move("copy", "a", "c"), onto: ["a": "1\n"])
    #expect(replayed.tree == ["a": nil, "b": "100644 1\n", "c": "100644 1\n"])
  }

  @Test func aFileBecomesALinkByDeletionAndCreation() throws {
    let replayed = try replay(delete("a", "1") + link("a", to: "b"), onto: ["a": "1\n"])
    #expect(replayed.lines == ["0 a clean", "0 a clean"])
    #expect(replayed.tree == ["a": "120000 b"])
  }

  @Test func aLinkThatLeavesTheTreeIsRefused() throws {
    #expect(
      try replay(link("a", to: "../b"), onto: [:]).lines == ["0 a conflicted p0:1 link-target"])
    #expect(
      try replay(link("a", to: "/etc/passwd"), onto: [:]).lines
        == ["0 a conflicted p0:1 link-target"])
  }

  @Test func aLinkIsCheckedAtThePlaceThatItMovesTo() throws {
    let replayed = try replay(move("rename", "d/a", "a"), onto: ["120000 d/a": "../b"])
    #expect(replayed.lines == ["0 d/a to a conflicted p0:1 link-target"])
  }

  @Test func aModeChanges() throws {
    let replayed = try replay(mode("a", "100644", "100755"), onto: ["a": "1\n"])
    #expect(replayed.lines == ["0 a clean"])
    #expect(replayed.tree == ["a": "100755 1\n"])
  }

  @Test func aModeThatIsNotTheStatedOneIsAConflict() throws {
    #expect(
      try replay(mode("a", "100755", "100644"), onto: ["a": "1\n"]).lines
        == ["0 a conflicted p0:1 file-mode"])
    #expect(
      try replay(mode("a", "100644", "100755"), onto: ["120000 a": "b"]).lines
        == ["0 a conflicted p0:1 file-type"])
  }

  @Test func aChangeKeepsTheModeOfTheTree() throws {
    let patch = change("a", "1", "2").replacing(
      "--- a/a", with: "index 1111111..2222222 100644\n--- a/a")
    #expect(try replay(patch, onto: ["100755 a": "1\n"]).tree == ["a": "100755 2\n"])
    #expect(try replay(patch, onto: ["100664 a": "1\n"]).tree == ["a": "100664 2\n"])
    #expect(try replay(patch, onto: ["120000 a": "1\n"]).lines == ["0 a conflicted p0:1 file-type"])
  }

  @Test func aSubmoduleIsNoFile() throws {
    #expect(
      try replay(change("a", "1", "2"), onto: ["160000 a": "1\n"]).lines
        == ["0 a conflicted p0:1 file-type"])
  }

  @Test func twoSectionsDoNotChangeOneFile() throws {
    let replayed = try replay(change("a", "1", "2") + change("a", "2", "3"), onto: ["a": "1\n"])
    #expect(replayed.lines == ["0 a clean", "0 a conflicted p0:7 file-changed-twice"])
    let deleted = try replay(change("a", "1", "2") + delete("a", "1"), onto: ["a": "1\n"])
    #expect(deleted.lines == ["0 a clean", "0 a conflicted p0:7 file-changed-twice"])
    let renamed = try replay(move("rename", "a", "b") + change("a", "1", "2"), onto: ["a": "1\n"])
    #expect(renamed.lines == ["0 a to b clean", "0 a conflicted p0:5 file-changed-twice"])
    let made = try replay(create("a", "1") + change("a", "1", "2"), onto: [:])
    #expect(made.lines == ["0 a clean", "0 a conflicted p0:7 file-changed-twice"])
    let twice = try replay(create("a", "1") + create("a", "2"), onto: [:])
    #expect(twice.lines == ["0 a clean", "0 a conflicted p0:7 file-changed-twice"])
  }

  @Test func theFileOfAFailedRenameIsNotOverwritten() throws {
    let replayed = try replay(
      move("rename", "a", "f/b") + create("a", "2"), onto: ["a": "1\n", "f": "1\n"])
    #expect(
      replayed.lines == [
        "0 a to f/b conflicted p0:1 parent-is-file", "0 a conflicted p0:5 file-exists",
      ])
    #expect(replayed.tree.isEmpty)
  }

  @Test func theFileOfARefusedDeletionIsNotOverwritten() throws {
    let replayed = try replay(delete("a", "x") + create("a", "2"), onto: ["a": "1\n"])
    #expect(
      replayed.lines == ["0 a conflicted p0:5 hunk-no-match", "0 a conflicted p0:7 file-exists"])
  }

  @Test func whatDoesNotFitIsMergedWithTheBase() throws {
    let base = "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
    let patch = "--- a/a\n+++ b/a\n@@ -1,6 +1,6 @@\n 1\n 2\n-3\n+X\n 4\n 5\n 6\n"
    let replayed = try Replayed(
      [patch], onto: FakeTree(["a": "I\n2\n3\n4\n5\n6\n7\n8\n9\n"], base: ["a": base]))
    #expect(replayed.lines == ["0 a merged"])
    #expect(replayed.tree == ["a": "100644 I\n2\nX\n4\n5\n6\n7\n8\n9\n"])
  }

  @Test func theBaseFollowsThePatches() throws {
    let base = "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
    let first = "--- a/a\n+++ b/a\n@@ -7,3 +7,3 @@\n 7\n 8\n-9\n+Y\n"
    let second = "--- a/a\n+++ b/a\n@@ -5,5 +5,5 @@\n 5\n 6\n-7\n+X\n 8\n Y\n"
    let replayed = try Replayed(
      [first, second], onto: FakeTree(["a": "1\n2\n3\n4\nV\n6\n7\n8\n9\n"], base: ["a": base]))
    #expect(replayed.lines == ["0 a clean", "1 a merged"])
    #expect(replayed.tree == ["a": "100644 1\n2\n3\n4\nV\n6\nX\n8\nY\n"])
  }

  @Test func editsThatTouchStayAConflict() throws {
    let patch = "--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-2\n+X\n 3\n"
    let replayed = try Replayed(
      [patch], onto: FakeTree(["a": "1\nY\n3\n"], base: ["a": "1\n2\n3\n"]))
    #expect(replayed.lines == ["0 a conflicted p0:3 merge-conflict"])
  }
}
