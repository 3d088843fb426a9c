import PatchEngine
import Patches
import Testing

@Suite struct LandingTests {
  private static let base = (1...20).map { "line number \($0)\n" }.joined()

  /// Two hunks: a line in the place of the fourth, two lines after the fifteenth.
  private static let patch = """
    --- a/f
    +++ b/f
    @@ -1,7 +1,7 @@
     line number 1
     line number 2
     line number 3
    -line number 4
    +line number four
     line number 5
     line number 6
     line number 7
    @@ -13,6 +13,8 @@
     line number 13
     line number 14
     line number 15
    +another line here
    +and one more of them
     line number 16
     line number 17
     line number 18

    """

  private func landing(
    _ patch: String, in tree: [String: String], base: [String: String]? = nil,
    relocations: Relocations = Relocations()
  ) throws -> Landing {
    var search = LandingSearch(relocations: relocations)
    return try search.landing(
      of: try Patch(parsing: patch.bytes, name: "p"), in: FakeTree(tree, base: base))
  }

  private func isThere(_ landing: Landing) -> [Bool] { landing.parts.map(\.isThere) }

  private var patched: String {
    Self.base.replacing("number 4\n", with: "number four\n")
      .replacing("number 15\n", with: "number 15\nanother line here\nand one more of them\n")
  }

  @Test func aPatchThatTheTreeDoesNotHaveHasNotLanded() throws {
    let landing = try landing(Self.patch, in: ["f": Self.base], base: ["f": Self.base])
    #expect(landing.extent() == .not)
    #expect(isThere(landing) == [false, false])
    #expect((landing.found, landing.wanted) == (0, 3))
  }

  @Test(arguments: [true, false])
  func aPatchWhoseResultIsThereHasLandedWhole(isBaseKnown: Bool) throws {
    let landing = try landing(
      Self.patch, in: ["f": patched], base: isBaseKnown ? ["f": Self.base] : nil)
    #expect(landing.extent() == .whole)
    #expect((landing.found, landing.wanted) == (3, 3))
  }

  @Test(arguments: [true, false])
  func aHunkThatIsThereIsNamedWithItsLine(isBaseKnown: Bool) throws {
    let tree = Self.base.replacing("number 4\n", with: "number four\n")
    let landing = try landing(
      Self.patch, in: ["f": tree], base: isBaseKnown ? ["f": Self.base] : nil)
    #expect(landing.extent() == .inPart)
    #expect(isThere(landing) == [true, false])
    #expect(landing.parts.map(\.hunk) == [1, 2])
    #expect(landing.parts.map(\.line) == [3, 12])
    #expect(landing.parts.map { $0.lines.count(where: \.isFound) } == [1, 0])
  }

  @Test func aHunkIsThereThoughUpstreamChangedTheLinesAroundIt() throws {
    let tree = patched.replacing("number 3\n", with: "number III\n")
      .replacing("number 16\n", with: "number XVI\n")
    let landing = try landing(Self.patch, in: ["f": tree])
    #expect(isThere(landing) == [true, true])
  }

  @Test func linesThatStandApartAreNoHunkButCountAsText() throws {
    let tree = Self.base.replacing(
      "number 15\n", with: "number 15\nand one more of them\nsomething else\nanother line here\n")
    let landing = try landing(Self.patch, in: ["f": tree], base: ["f": Self.base])
    #expect(isThere(landing) == [false, false])
    #expect((landing.found, landing.wanted) == (2, 3))
    #expect(landing.extent() == .not)
    #expect(landing.extent(isKnownCommit: true) == .reworked)
  }

  @Test func aLineThatTheFileHadBeforeIsNoSignOfALanding() throws {
    let patch = """
      --- a/f
      +++ b/f
      @@ -3,3 +3,4 @@
       line number 3
       line number 4
      +line number 17
       line number 5

      """
    let upstream = Self.base.replacing("number 4\n", with: "number IV\n")
    let known = try landing(patch, in: ["f": upstream], base: ["f": Self.base])
    #expect((known.found, known.wanted) == (0, 1))
    #expect(known.extent() == .not)
  }

  @Test func aDeletedLineThatIsGoneIsAHunkThatIsThere() throws {
    let patch = """
      --- a/f
      +++ b/f
      @@ -3,3 +3,2 @@
       line number 3
      -line number 4
       line number 5

      """
    let without = Self.base.replacing("line number 4\n", with: "")
    #expect(try landing(patch, in: ["f": without]).extent() == .whole)
    #expect(try landing(patch, in: ["f": Self.base]).extent() == .not)
    let rewritten = "none of it\n"
    #expect(try landing(patch, in: ["f": rewritten]).extent() == .not)
  }

  @Test func aLineThatRepeatsIsOnlyThereIfItWasAdded() throws {
    let patch =
      "--- a/f\n+++ b/f\n@@ -1,3 +1,4 @@\n first line\n same line\n+same line\n last line\n"
    let before = "first line\nsame line\nlast line\n"
    let after = "first line\nsame line\nsame line\nlast line\n"
    #expect(try landing(patch, in: ["f": before]).extent() == .not)
    #expect(try landing(patch, in: ["f": after]).extent() == .whole)
  }

  @Test func aNewFileHasLandedIfItIsTheSame() throws {
    let patch =
      "diff --git a/n b/n\nnew file mode 100755\n--- /dev/null\n+++ b/n\n@@ -0,0 +1,2 @@\n"
      + "+first new line\n+second new line\n"
    #expect(try landing(patch, in: ["x": ""]).extent() == .not)
    let content = "first new line\nsecond new line\n"
    #expect(try landing(patch, in: ["100755 n": content]).extent() == .whole)
    let other = try landing(patch, in: ["n": content])
    #expect(other.extent() == .not)
    #expect(other.found == 2)
  }

  @Test func filesThatGoAndPureRenamesAreLookedForByName() throws {
    let delete =
      "diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-only line\n"
    #expect(try landing(delete, in: ["x": ""]).extent() == .whole)
    #expect(try landing(delete, in: ["f": "only line\n"]).extent() == .not)
    let rename = "diff --git a/f b/g\nsimilarity index 100%\nrename from f\nrename to g\n"
    #expect(try landing(rename, in: ["g": "x\n"]).extent() == .whole)
    #expect(try landing(rename, in: ["f": "x\n", "g": "x\n"]).extent() == .not)
    let mode = "diff --git a/f b/f\nold mode 100644\nnew mode 100755\n"
    #expect(try landing(mode, in: ["100755 f": "x\n"]).extent() == .whole)
    #expect(try landing(mode, in: ["f": "x\n"]).extent() == .not)
  }

  @Test func aFileThatUpstreamRenamedIsLookedForAtItsNewPlace() throws {
    let moved = Relocations(files: [try RepoPath("f"): try RepoPath("d/g")])
    let landing = try landing(Self.patch, in: ["d/g": patched], relocations: moved)
    #expect(landing.extent() == .whole)
    #expect(landing.files[0].followedTo == (try RepoPath("d/g")))
  }

  @Test func eachPatchOfAStackIsHeldAgainstUpstreamAlone() throws {
    let first =
      "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n line number 1\n+first addition\n line number 2\n"
    let second =
      "--- a/f\n+++ b/f\n@@ -1,3 +1,4 @@\n line number 1\n first addition\n+second addition\n"
      + " line number 2\n"
    let upstream = Self.base.replacing("number 1\n", with: "number 1\nsecond addition\n")
    let tree = try FakeTree(["f": upstream], base: ["f": Self.base])
    var search = LandingSearch()
    let landings = try [first, second].map { text in
      try search.landing(of: try Patch(parsing: text.bytes, name: "p"), in: tree)
    }
    #expect(landings.map { $0.extent() } == [.not, .whole])
  }

  @Test func whatAPatchUndoesOfAnEarlierOneWasNeverUpstream() throws {
    let add = "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n line number 1\n+an addition\n line number 2\n"
    let undo = "--- a/f\n+++ b/f\n@@ -1,3 +1,2 @@\n line number 1\n-an addition\n line number 2\n"
    let create =
      "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+new file\n"
    let delete =
      "diff --git a/n b/n\ndeleted file mode 100644\n--- a/n\n+++ /dev/null\n@@ -1 +0,0 @@\n-new file\n"
    for upstream in [Self.base, Self.base.replacing("number 19", with: "number XIX")] {
      let tree = try FakeTree(["f": upstream], base: ["f": Self.base])
      var search = LandingSearch()
      let landings = try [add, create, undo, delete].map { text in
        try search.landing(of: try Patch(parsing: text.bytes, name: "p"), in: tree)
      }
      #expect(landings.map { $0.extent() } == [.not, .not, .not, .not])
    }
  }

  @Test func linesThatTheTreeHasGainedAreGivenByFile() throws {
    let tree = Self.base.replacing("number 4\n", with: "number four\n")
    let landing = try landing(Self.patch, in: ["f": tree], base: ["f": Self.base])
    #expect(landing.foundLines.mapValues(\.count) == [try RepoPath("f"): 1])
    let nothing = try self.landing(Self.patch, in: ["f": Self.base], base: ["f": Self.base])
    #expect(nothing.foundLines.isEmpty)
  }

  @Test func muchTextIsReworkedAndAFewHunksOfManyToo() {
    func part(there: Bool, found: Int, of wanted: Int) -> PartLanding {
      PartLanding(
        hunk: 1, line: nil, isThere: there,
        lines: (0..<wanted).map { .init(key: LineKey($0), isFound: $0 < found) })
    }
    func extent(_ parts: [PartLanding], isKnownCommit: Bool = false) -> Landing.Extent {
      let file = FileLanding(path: try! RepoPath("f"), followedTo: nil, line: nil, parts: parts)
      return Landing(files: [file]).extent(isKnownCommit: isKnownCommit)
    }
    let none = part(there: false, found: 0, of: 1)
    #expect(extent([part(there: false, found: 3, of: 12)]) == .reworked)
    #expect(extent([part(there: false, found: 3, of: 13)]) == .not)
    #expect(extent([part(there: false, found: 2, of: 4)]) == .not)
    #expect(extent([none], isKnownCommit: true) == .reworked)
    let one = part(there: true, found: 1, of: 1)
    #expect(extent([one, none, none, none], isKnownCommit: true) == .inPart)
    #expect(extent([one, none, none, none, none], isKnownCommit: true) == .reworked)
    #expect(extent([one, none, none, none, none]) == .inPart)
    #expect(extent([one], isKnownCommit: true) == .whole)
  }

  @Test func linesThatUpstreamHasElsewhereCountAsText() throws {
    let patch = try Patch(parsing: Self.patch.bytes, name: "p")
    let landing = try landing(Self.patch, in: ["f": Self.base])
    let keys = Set(patch.addedLines.values.joined())
    #expect(keys.count == 3)
    #expect(landing.finding(keys).found == 3)
    #expect(landing.finding([]).found == 0)
    #expect(isThere(landing.finding(keys)) == [false, false])
  }

  @Test func linesCountWithoutTheirIndentationAndOnlyIfTheySaySomething() {
    let lines = SignificantLines("  return value_of\nreturn value_of  \n\n}\nelse:\n".bytes)
    #expect(lines.counts.values.sorted() == [2])
    let key = lines.counts.keys.first!
    #expect(SignificantLines("\treturn value_of".bytes)[key] == 1)
    #expect(SignificantLines("return value_of\n".bytes, only: []).counts.isEmpty)
  }

  /// The second patch was made on what the first leaves. Only so can it be known that the file had the
  /// line that it adds once already, far from the hunk.
  @Test func theBaseOfAPatchIsWhatThePatchesBeforeItLeave() throws {
    let first = """
      --- a/f
      +++ b/f
      @@ -1,3 +1,3 @@
      -line number 1
      +line number one
       line number 2
       line number 3

      """
    let second = """
      --- a/f
      +++ b/f
      @@ -1,3 +1,4 @@
       line number one
      +line number 19
       line number 2
       line number 3

      """
    let tree = try FakeTree(["f": Self.base], base: ["f": Self.base])
    var search = LandingSearch()
    _ = try search.landing(of: try Patch(parsing: first.bytes, name: "first"), in: tree)
    let landing = try search.landing(of: try Patch(parsing: second.bytes, name: "second"), in: tree)
    #expect(landing.extent() == .not)
    #expect((landing.found, landing.wanted) == (0, 1))
  }
}
