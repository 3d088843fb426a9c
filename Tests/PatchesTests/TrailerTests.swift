import Patches
import Testing

/// Trailers that are set and taken away.
@Suite struct TrailerTests {
  /// The message of a mail with that body after a trailer is set.
  private func message(_ body: String, _ name: String, _ value: String?) throws -> String {
    let mail =
      "From: A <a@example.org>\nSubject: [PATCH] x\n\n\(body)\n"
      + "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
    let read = try patch(mail)
    let author = try #require(read.header.author)
    return try read.with(author: author, trailer: name, value).header.message.text
  }

  /// The first value of `Upstream` in a message with that body.
  private func upstream(_ body: String) -> String? {
    PatchHeader(author: nil, subject: "x".bytes, body: body.bytes).trailer("Upstream")
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

  @Test func messagesThatAreJoinedHaveTheirTrailersAtTheEnd() {
    func joined(_ one: String, _ other: String) -> String {
      let headers = [one, other].map {
        PatchHeader(author: nil, subject: "s".bytes, body: $0.bytes)
      }
      return headers[0].message(joining: headers[1]).text
    }
    #expect(
      joined(
        "Why.\n\nUpstream: 1\nTopic: t",
        "Because.\n\nTopic: t\nTopic: u\nUpstream: 2\nChange-Id: I2")
        == "s\n\nWhy.\n\ns\n\nBecause.\n\nUpstream: 1\nTopic: t\nTopic: u\nChange-Id: I2\n")
    #expect(joined("", "") == "s\n\ns\n")
    #expect(joined("Why.\n\nmore", "") == "s\n\nWhy.\n\nmore\n\ns\n")
  }

  @Test func aLineThatGitWritesIsAmongTrailers() throws {
    let picked = "(cherry picked from commit 0123)"
    #expect(upstream("Why.\n\nUpstream: u\n\(picked)") == "u")
    #expect(
      try message("Why.\n\nUpstream: old\nChange-Id: I1\n\(picked)\n", "Upstream", "new")
        == "x\n\nWhy.\n\nChange-Id: I1\n\(picked)\nUpstream: new\n")
    #expect(
      try message("Why.\n\nUpstream: old\n\(picked)\n", "Upstream", nil)
        == "x\n\nWhy.\n\n\(picked)\n")
  }

  @Test func proseMayStandAmongTrailersThatAreKnown() throws {
    #expect(upstream("Why.\n\nUpstream: u\nsaid B.") == "u")
    #expect(
      try message("Why.\n\nUpstream: old\nsaid B.\nTopic: t\n", "Topic", "new")
        == "x\n\nWhy.\n\nUpstream: old\nsaid B.\nTopic: new\n")
    #expect(
      try message("Why.\nTopic: t\n", "Upstream", "u") == "x\n\nWhy.\nTopic: t\n\nUpstream: u\n")
  }

  @Test func oneTrailerInFiveLinesIsProse() {
    #expect(upstream("1\n2\n3\nUpstream: u") == "u")
    #expect(upstream("1\n2\n3\n4\nUpstream: u") == nil)
  }

  @Test(arguments: ["upstream: u", "UPSTREAM: u", "Upstream:u", "Upstream : u", "Upstream:\n\tu"])
  func capitalsAndSpacesAreNoDifference(trailer: String) throws {
    #expect(upstream("Why.\n\n\(trailer)") == "u")
    #expect(try message("Why.\n\n\(trailer)\n", "Upstream", nil) == "x\n\nWhy.\n")
  }

  @Test func linesAreFoldedByASpaceOrATab() {
    #expect(upstream("Why.\n\nUpstream: a\n b\n\tc\nTopic: t") == "a b c")
  }

  @Test func theRestOfTheMessageStaysToTheByte() throws {
    let body = "Why:\n\n    code  \n\n\n    more\n\n\n"
    let header = "From: A <a@example.org>\nSubject: [PATCH v2 1/3] x\n\n"
    let diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
    let read = try patch("\(header)\(body)Upstream: u\n\n\(diff)")
    let author = try #require(read.header.author)
    #expect(
      try read.with(author: author, trailer: "Upstream", "v").bytes.text
        == "\(header)\(body)Upstream: v\n\n\(diff)")
    #expect(try read.with(author: author, message: read.header.message).bytes == read.bytes)
    let other = Author(name: "B".bytes, email: "b@example.org".bytes, date: nil)
    #expect(
      try read.with(author: other, message: read.header.message).bytes.text
        == read.bytes.text.replacing("From: A <a@", with: "From: B <b@"))
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
