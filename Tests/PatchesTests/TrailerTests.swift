import Patches
import Testing

/// Trailers that are set and taken away.
@Suite struct TrailerTests {
  /// The message of a mail with that body after a trailer is set.
  private func message(_ body: String, _ name: String, _ value: String?) throws -> String {
    let mail =
      "From: A <a@example.org>\nSubject: [PATCH] x\n\n\(body)\n"
      + "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
    return try patch(mail).header.message(settingTrailer: name, to: value).text
  }

  @Test func theFirstTrailerHasAParagraphOfItsOwn() throws {
    #expect(try message("Why.\n", "Upstream", "u") == "x\n\nWhy.\n\nUpstream: u\n")
    #expect(try message("", "Upstream", "u") == "x\n\nUpstream: u\n")
  }

  @Test func othersStay() throws {
    #expect(
      try message("Why.\n\nTopic: t\nUpstream: old\n folded\nChange-Id: I1\n", "Upstream", "new")
        == "x\n\nWhy.\n\nTopic: t\nChange-Id: I1\nUpstream: new\n")
  }

  @Test func allOfAKindGo() throws {
    #expect(try message("Why.\n\nA: 1\nA: 2\nB: 3\n", "A", nil) == "x\n\nWhy.\n\nB: 3\n")
    #expect(try message("Why.\n\nA: 1\n", "A", nil) == "x\n\nWhy.\n")
    #expect(try message("A: 1\n", "A", nil) == "x\n")
  }

  @Test func aNameThatBeginsTheSameIsAnother() throws {
    #expect(
      try message("Upstream-Bug: 1\n", "Upstream", "u") == "x\n\nUpstream-Bug: 1\nUpstream: u\n")
  }

  @Test(arguments: [
    ("Upstream", true), ("Change-Id", true), ("", false), ("a b", false), ("a:", false),
  ])
  func namesHaveLettersDigitsAndDashes(name: String, isGood: Bool) {
    #expect(isTrailerName(name.utf8) == isGood)
  }
}
