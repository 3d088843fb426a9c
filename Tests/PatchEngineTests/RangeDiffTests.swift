import PatchEngine
import Patches
import Testing

/// Which patch of one stack is which of another.
@Suite struct RangeDiffTests {
  /// A mail that changes one line of a file.
  private func patch(
    _ subject: String, file: String = "f", at line: Int = 10, _ old: String, _ new: String,
    index: String = "1111111..2222222"
  ) throws -> Patch {
    let context =
      (1...3).map { "\(file) before \($0)" } + ["-"] + (1...3).map { "\(file) after \($0)" }
    let body = context.map { $0 == "-" ? "-\(old)\n+\(new)\n" : " \($0)\n" }.joined()
    return try Patch(
      parsing: """
        From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
        From: A. Author <a@example.org>
        Date: Mon, 1 Jan 2024 00:00:00 +0000
        Subject: [PATCH] \(subject)

        ---
        diff --git a/\(file) b/\(file)
        index \(index) 100644
        --- a/\(file)
        +++ b/\(file)
        @@ -\(line),7 +\(line),7 @@ def name():
        \(body)
        """.bytes, name: subject)
  }

  private func signs(_ diff: RangeDiff) -> [String] {
    diff.pairs.map { pair in
      let sign =
        switch pair.status {
        case .same: "="
        case .changed: "!"
        case .removed: "<"
        case .added: ">"
        }
      return
        "\(pair.left.map { "\($0 + 1)" } ?? "-") \(sign) \(pair.right.map { "\($0 + 1)" } ?? "-")"
    }
  }

  @Test func lineNumbersAndIndexLinesAreNoDifference() throws {
    let one = try patch("one", "a", "b")
    let moved = try patch("one", at: 90, "a", "b", index: "3333333..4444444")
    let diff = RangeDiff([one], [moved])
    #expect(signs(diff) == ["1 = 1"])
    #expect(diff.difference(of: diff.pairs[0]).isEmpty)
  }

  @Test func anotherMessageIsADifferenceThoughTheChangesAreTheSame() throws {
    let diff = RangeDiff([try patch("one", "a", "b")], [try patch("two", "a", "b")])
    #expect(signs(diff) == ["1 ! 1"])
    #expect(
      diff.difference(of: diff.pairs[0]).map(\.text) == [
        "@@ Metadata", " Author: A. Author <a@example.org>", " ", "  ## Commit message ##",
        "-    one", "+    two", " ", "  ## f ##", " @@ f: def name():",
      ])
  }

  @Test func aChangedHunkIsShownWithTheHunkItIsIn() throws {
    let diff = RangeDiff([try patch("one", "a", "b")], [try patch("one", "a", "c")])
    #expect(signs(diff) == ["1 ! 1"])
    #expect(
      diff.difference(of: diff.pairs[0]).map(\.text) == [
        "@@ f: def name():", "  f before 2", "  f before 3", " -a", "-+b",
        "+ +c".replacing(" ", with: ""),
        "  f after 1", "  f after 2", "  f after 3",
      ])
  }

  @Test func patchesThatAreInOneStackOnlyStandWhereTheyWere() throws {
    let one = try patch("one", file: "x", "a", "b")
    let two = try patch("two", file: "y", "c", "d")
    let new = try patch("new", file: "z", "e", "f")
    #expect(signs(RangeDiff([one, two], [two, new])) == ["1 < -", "2 = 1", "- > 2"])
    #expect(signs(RangeDiff([two], [new, two, one])) == ["- > 1", "1 = 2", "- > 3"])
    #expect(signs(RangeDiff([one, two], [two, one])) == ["2 = 1", "1 = 2"])
    #expect(signs(RangeDiff([], [one])) == ["- > 1"])
    #expect(signs(RangeDiff([one], [])) == ["1 < -"])
  }

  @Test func aCreationFactorOfZeroPairsOnlyWhatDoesTheSame() throws {
    let (one, other) = (try patch("one", "a", "b"), try patch("one", "a", "c"))
    #expect(signs(RangeDiff([one], [other], creationFactor: 0)) == ["1 < -", "- > 1"])
    #expect(signs(RangeDiff([one], [one], creationFactor: 0)) == ["1 = 1"])
  }

  @Test func theNearestOfSeveralPatchesIsThePartner() throws {
    let old = try patch("one", "a", "b")
    let near = try patch("one", "a", "c")
    let far = try patch("other", file: "g", "x", "y")
    #expect(signs(RangeDiff([old], [far, near])) == ["- > 1", "1 ! 2"])
  }

  @Test func binaryContentIsComparedByItsNames() throws {
    func binary(_ new: String) throws -> Patch {
      try Patch(
        parsing: """
          diff --git a/b b/b
          index \(String(repeating: "1", count: 40))..\(String(repeating: new, count: 40)) 100644
          GIT binary patch
          literal 1
          IcmZQz0000200961

          literal 1
          IcmZQz0000200961


          """.bytes, name: "b")
    }
    #expect(signs(RangeDiff([try binary("2")], [try binary("2")])) == ["1 = 1"])
    let diff = RangeDiff([try binary("2")], [try binary("3")], creationFactor: 1_000)
    #expect(signs(diff) == ["1 ! 1"])
  }
}
