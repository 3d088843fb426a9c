import Patches
import Testing

/// What lines that a patch adds should not have.
@Suite struct LineFindingTests {
  /// The findings of hunks of one file, as `line: rule`.
  private func rules(_ hunks: String, in file: String = "x") throws -> [String] {
    try patch("--- a/\(file)\n+++ b/\(file)\n\(hunks)").lineFindings.map {
      "\($0.location.line ?? 0): \($0.rule)"
    }
  }

  @Test func linesWithoutFaultHaveNoFinding() throws {
    #expect(try rules("@@ -1,2 +1,3 @@\n one\n-two\n+TWO\n+\n").isEmpty)
  }

  @Test func whiteSpaceAtTheEndOfAnAddedLineIsFoundAtItsLine() throws {
    #expect(
      try rules("@@ -1,2 +1,4 @@\n one \n-two \n+TWO \n+three\t\n+four\n")
        == ["6: trailing-space", "7: trailing-space"])
  }

  @Test func aLineThatTheHunkOnlyMovesIsNotThePatchsOwn() throws {
    #expect(try rules("@@ -1,3 +1,3 @@\n-two \n one\n-three\n+two \n+3\n").isEmpty)
  }

  @Test func linesBehindAMissingNewlineKeepTheirNumbers() throws {
    let hunk = "@@ -1 +1,2 @@\n-one\n\\ No newline at end of file\n+one \n+two \n"
    #expect(try rules(hunk) == ["6: trailing-space", "7: trailing-space"])
  }

  @Test func aContextLineThatLostItsSpaceCounts() throws {
    #expect(try rules("@@ -1,2 +1,3 @@\n one\n\n+two \n") == ["6: trailing-space"])
  }

  @Test func carriageReturnsOfAFileThatHasThemAreItsLineEnds() throws {
    #expect(try rules("@@ -1,2 +1,2 @@\n one\r\n-two\r\n+TWO\r\n").isEmpty)
    #expect(try rules("@@ -1,2 +1,2 @@\n one\n-two\n+TWO\r\n") == ["6: trailing-space"])
  }

  @Test func twoSpacesInMarkdownAreALineBreak() throws {
    let hunk = "@@ -1 +1,2 @@\n one\n+two  \n"
    #expect(try rules(hunk, in: "README.md").isEmpty)
    #expect(try rules(hunk, in: "README.rst") == ["5: trailing-space"])
  }

  @Test func aLineBreakInMarkdownIsMoreThanWhiteSpace() throws {
    let hunk = "@@ -1,2 +1,2 @@\n one\n-two\n+two  \n"
    #expect(try rules(hunk, in: "README.md").isEmpty)
    #expect(try rules(hunk, in: "x") == ["6: trailing-space", "3: white-space-only"])
    #expect(
      try rules("@@ -1 +1 @@\n-  two  \n+two  \n", in: "README.md") == ["3: white-space-only"])
  }

  @Test func aPatchInAPatchMayHaveBoth() throws {
    let hunk = "@@ -1 +1,3 @@\n one\n++two\n+ \n"
    #expect(try rules(hunk, in: "debian/patches/a.patch").isEmpty)
    #expect(try rules(hunk, in: "b") == ["5: literal-plus", "6: trailing-space"])
  }

  @Test(arguments: ["++text", "++    indented", "++"])
  func aLiteralPlusIsFound(line: String) throws {
    #expect(try rules("@@ -1 +1,2 @@\n one\n\(line)\n") == ["5: literal-plus"])
  }

  @Test(arguments: ["++ item", "++ (void)load;", "++   item"])
  func listsAndMethodsBeginWithAPlusOfTheirOwn(line: String) throws {
    #expect(try rules("@@ -1 +1,2 @@\n one\n\(line)\n", in: "a.md").isEmpty)
  }

  @Test func aPlusOfItsOwnDependsOnTheFile() throws {
    #expect(try rules("@@ -1 +1,2 @@\n one\n++ item\n", in: "a.txt").isEmpty)
    #expect(try rules("@@ -1 +1,2 @@\n one\n++   item\n", in: "a.py") == ["5: literal-plus"])
    #expect(try rules("@@ -1 +1,2 @@\n one\n++(id)new;\n", in: "a.m").isEmpty)
    #expect(try rules("@@ -1 +1,2 @@\n one\n++(1)\n", in: "a.py") == ["5: literal-plus"])
    #expect(try rules("@@ -1 +1,2 @@\n one\n++text\n", in: "debian/patches/name").isEmpty)
    #expect(try rules("@@ -1 +1,2 @@\n one\n++text\n", in: "patches/name") == ["5: literal-plus"])
  }

  @Test(arguments: ["+```diff", "+@@ -1 +1 @@", " diff --git a/x b/x", "++++ b/x"])
  func aDiffThatATextShowsHasPluses(line: String) throws {
    let old = line.hasPrefix(" ") ? 2 : 1
    #expect(
      try rules("@@ -1,\(old) +1,3 @@\n one\n\(line)\n++text\n", in: "a.md").isEmpty)
  }

  @Test(arguments: ["+++i;", "++-----+", "++====+", "++1", "+a + b"])
  func codeAndTablesBeginWithAPlusOfTheirOwn(line: String) throws {
    #expect(try rules("@@ -1 +1,2 @@\n one\n\(line)\n").isEmpty)
  }

  @Test(arguments: ["<<<<<<< HEAD", ">>>>>>> theirs", "||||||| base"])
  func aConflictMarkerIsAnError(line: String) throws {
    let found = try patch("--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n one\n+\(line)\n").lineFindings
    #expect(found.map(\.rule) == ["conflict-marker"])
    #expect(found.map(\.severity) == [.error])
    #expect(found.map(\.location.line) == [5])
  }

  @Test func markersWithoutLabelsAreSuchWhereAllAreThere() throws {
    let conflict = "@@ -1 +1,6 @@\n+<<<<<<<\n one\n+=======\n+two\n+>>>>>>>\n"
    #expect(try rules("\(conflict)+>>>>>>>\n") == [4, 8, 9].map { "\($0): conflict-marker" })
    let titles = "@@ -1 +1,5 @@\n+=======\n one\n+>>>>>>>\n+|||||||\n+<<<<<<<\n"
    #expect(try rules(titles).isEmpty)
  }

  @Test(arguments: [
    "=======", "<<<<<<<<", "<<<<<<<", ">>>>>>>", "|||||||",
    "<<<<<<<x", " <<<<<<< x",
  ])
  func aLineLikeAMarkerIsNone(line: String) throws {
    #expect(try rules("@@ -1 +1,2 @@\n one\n+\(line)\n").isEmpty)
  }

  @Test(
    arguments: [
      "@@ -1,2 +1,2 @@\n one\n-two\n+  two\n", "@@ -1 +1,2 @@\n one\n+\n",
      "@@ -1,2 +1 @@\n one\n-\n", "@@ -1,2 +1 @@\n-one\n-two\n+onetwo\n",
      "@@ -1 +1 @@\n-one\r\n+one\n",
    ])
  func aHunkOfWhiteSpaceIsFoundAtItsHeader(hunk: String) throws {
    #expect(try rules(hunk) == ["3: white-space-only"])
  }

  @Test func eachHunkIsJudgedOnItsOwn() throws {
    let hunks = "@@ -1,2 +1,2 @@\n one\n-two\n+TWO\n@@ -9,2 +9,2 @@\n nine\n-ten\n+ ten\n"
    #expect(try rules(hunks) == ["7: white-space-only"])
  }

  @Test func aNewFileOfWhiteSpaceAndADeletedOneHaveNoFinding() throws {
    let created =
      "diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+\n"
    #expect(try patch(created).lineFindings.isEmpty)
    let deleted =
      "diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a \n"
    #expect(try patch(deleted).lineFindings.isEmpty)
  }
}
