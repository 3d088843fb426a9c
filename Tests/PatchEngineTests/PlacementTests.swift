import PatchEngine
import Patches
import Testing

@Suite struct PlacementTests {
  /// What applying gives: the text and for each hunk `line(offset)`, or the reason it was refused.
  private func outcome(
    _ hunks: String, on string: String, _ policy: PlacementPolicy = .unique
  ) throws -> String {
    do throws(Rejection) {
      let hunks = (try? parsedHunks(hunks)) ?? []
      let (result, placements) = try apply(hunks, to: text(string), policy: policy)
      let places = placements.map { "\($0.hunk):\($0.line)(\($0.offset))" }
      return "\(Self.inOneLine(result)) \(places.joined(separator: " "))"
    } catch {
      return "#\(error.hunk) on line \(error.line): \(error.reason)"
    }
  }

  /// The text with `/` for its newlines.
  private static func inOneLine(_ text: Text) -> String {
    text.bytes.map { $0 == 0x0a ? 0x2f : $0 }.text
  }

  private func refusal(of hunks: [Hunk], on string: String) -> Rejection? {
    do throws(Rejection) {
      _ = try apply(hunks, to: text(string))
      return nil
    } catch {
      return error
    }
  }

  @Test func aHunkInPlaceStaysThere() throws {
    #expect(
      try outcome("@@ -2,3 +2,3 @@\n b\n-c\n+C\n d\n", on: "a\nb\nc\nd\ne\n") == "a/b/C/d/e/ 1:2(0)"
    )
  }

  @Test func aHunkInPlaceIsNotAmbiguous() throws {
    #expect(
      try outcome("@@ -3,3 +3,3 @@\n a\n-b\n+B\n a\n", on: "a\nb\na\nb\na\nb\na\n")
        == "a/b/a/B/a/b/a/ 1:3(0)")
  }

  @Test func aHunkMovesDown() throws {
    #expect(
      try outcome("@@ -2,3 +2,3 @@\n b\n-c\n+C\n d\n", on: "1\n2\na\nb\nc\nd\ne\n")
        == "1/2/a/b/C/d/e/ 1:4(2)")
  }

  @Test func aHunkMovesUp() throws {
    #expect(
      try outcome("@@ -12,3 +12,3 @@\n b\n-c\n+C\n d\n", on: "a\nb\nc\nd\ne\n")
        == "a/b/C/d/e/ 1:2(-10)")
  }

  @Test func theStatedLineIsThatOfTheNewSide() throws {
    #expect(
      try outcome("@@ -9,3 +2,3 @@\n b\n-c\n+C\n d\n", on: "a\nb\nc\nd\ne\n") == "a/b/C/d/e/ 1:2(0)"
    )
  }

  @Test func laterHunksAreLookedForInTheResultOfEarlierOnes() throws {
    #expect(
      try outcome(
        "@@ -2,2 +2,3 @@\n a\n+x\n b\n@@ -4,3 +5,3 @@\n c\n-d\n+D\n e\n",
        on: "1\na\nb\nc\nd\ne\n") == "1/a/x/b/c/D/e/ 1:2(0) 2:5(0)")
  }

  @Test func aHunkFromTheTopOfAFileStaysThere() throws {
    let hunk = "@@ -1,2 +1,2 @@\n-a\n+A\n b\n"
    #expect(try outcome(hunk, on: "a\nb\nc\n") == "A/b/c/ 1:1(0)")
    #expect(try outcome(hunk, on: "c\na\nb\nc\n") == "#1 on line 3: noMatch")
  }

  @Test func aHunkFromTheTopIsPinnedWhateverItsNewSideSays() throws {
    #expect(try outcome("@@ -1,2 +7,2 @@\n-a\n+A\n b\n", on: "a\nb\na\nb\n") == "A/b/a/b/ 1:1(-6)")
  }

  @Test func aHunkToTheEndOfAFileStaysThere() throws {
    let hunk = "@@ -2,2 +2,2 @@\n b\n-c\n+C\n"
    #expect(try outcome(hunk, on: "a\nb\nc\n") == "a/b/C/ 1:2(0)")
    #expect(try outcome(hunk, on: "a\nb\nc\nb\nc\n") == "a/b/c/b/C/ 1:4(2)")
    #expect(try outcome(hunk, on: "a\nb\nc\nd\n") == "#1 on line 3: noMatch")
  }

  @Test func theLaterOfTwoLinesEquallyFarWins() throws {
    let hunk = "@@ -3,3 +3,3 @@\n a\n-b\n+B\n c\n"
    let string = "a\nb\nc\n1\na\nb\nc\n"
    #expect(try outcome(hunk, on: string, .nearest) == "a/b/c/1/a/B/c/ 1:5(2)")
    #expect(try outcome(hunk, on: string) == "#1 on line 3: ambiguous(lines: [1, 5])")
  }

  @Test func theNearerOfTwoLinesWins() throws {
    let string = "a\nb\nc\n1\n2\na\nb\nc\n"
    #expect(
      try outcome("@@ -3,3 +3,3 @@\n a\n-b\n+B\n c\n", on: string, .nearest)
        == "a/B/c/1/2/a/b/c/ 1:1(-2)")
  }

  @Test func patchedLinesMatchNothing() throws {
    let hunks = "@@ -2,3 +2,3 @@\n a\n-b\n+a\n a\n@@ -8,2 +8,3 @@\n a\n+x\n a\n"
    #expect(try outcome(hunks, on: "1\na\nb\na\n", .nearest) == "#2 on line 8: noMatch")
  }

  @Test func aHunkThatOnlyAddsNeedsContext() throws {
    #expect(try outcome("@@ -2,0 +3 @@\n+x\n", on: "a\nb\n") == "#1 on line 3: noContext")
    #expect(try outcome("@@ -0,0 +1 @@\n+x\n", on: "a\nb\n") == "#1 on line 3: noMatch")
    #expect(try outcome("@@ -0,0 +1 @@\n+x\n", on: "") == "x/ 1:1(0)")
  }

  @Test func aMissingNewlineIsPartOfALine() throws {
    let hunk = "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"
    #expect(try outcome(hunk, on: "a\nb") == "a/b/ 1:1(0)")
    #expect(try outcome(hunk, on: "a\nb\n") == "#1 on line 3: noMatch")
  }

  @Test func carriageReturnsArePartOfALine() throws {
    #expect(
      try outcome("@@ -1,2 +1,2 @@\n a\n-b\n+B\n", on: "a\r\nb\r\n") == "#1 on line 3: noMatch")
    #expect(
      try outcome("@@ -1,2 +1,2 @@\n a\r\n-b\r\n+B\r\n", on: "a\r\nb\r\n") == "a\r/B\r/ 1:1(0)")
  }

  @Test func theFirstHunkThatDoesNotFitIsNamed() throws {
    #expect(
      try outcome(
        "@@ -1,2 +1,2 @@\n-a\n+A\n b\n@@ -4,3 +4,3 @@\n x\n-y\n+Y\n z\n", on: "a\nb\nc\nd\ne\n")
        == "#2 on line 7: noMatch")
  }

  @Test func aHunkLongerThanTheTextFitsNowhere() throws {
    #expect(
      try outcome("@@ -2,4 +2,4 @@\n a\n a\n-a\n+A\n a\n", on: "a\n", .nearest)
        == "#1 on line 3: noMatch")
    #expect(
      try outcome("@@ -2,3 +2,2 @@\n a\n a\n-a\n", on: "a\n", .nearest) == "#1 on line 3: noMatch")
  }

  @Test func theTextBeforeIsUnchanged() throws {
    let before = text("a\nb\n")
    let after = try apply(parsedHunks("@@ -1,2 +1,2 @@\n-a\n+A\n b\n"), to: before).text
    #expect(before.bytes.text == "a\nb\n")
    #expect(after.bytes.text == "A\nb\n")
    #expect(after == text("A\nb\n"))
    #expect(after.count == 4)
  }

  @Test(
    arguments: [
      ("a\n", "hunk #1: the lines that it keeps and removes are nowhere in the file"),
      (
        String(repeating: "1\na\nb\nc\n", count: 7),
        "hunk #1: its lines are not where it says and fit at several places: "
          + "lines 2, 6, 10, 14, 18 and 2 more"
      ),
      (
        String(repeating: "1\na\nb\nc\n", count: 2),
        "hunk #1: its lines are not where it says and fit at several places: lines 2, 6"
      ),
    ])
  func aRejectionSaysWhy(string: String, message: String) throws {
    let hunks = try parsedHunks("@@ -9,3 +9,3 @@\n a\n-b\n+B\n c\n")
    let rejection = try #require(refusal(of: hunks, on: string))
    #expect("\(rejection)" == message)
  }

  @Test func aRejectionSaysThatContextIsMissing() throws {
    let hunks = try parsedHunks("@@ -9,0 +10 @@\n+x\n")
    let rejection = try #require(refusal(of: hunks, on: "a\n"))
    #expect(
      "\(rejection)"
        == "hunk #1: it has no context, so that nothing shows where it belongs")
  }
}
