import Patches
import Testing

/// What a reader misses in a patch's message.
@Suite struct MessageFindingTests {
  private static let diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
  private static let why = "Nobody heard the old one.\n"

  /// The findings of a mail with that body, as `line: rule`. The subject is on line 2.
  private func rules(_ body: String) throws -> [String] {
    let mail = "From: A <a@example.org>\nSubject: [PATCH] x\n\n\(body)\n\(Self.diff)"
    return try patch(mail).messageFindings.map { "\($0.location.line ?? 0): \($0.rule)" }
  }

  @Test(
    arguments: [
      "Upstream: https://review.example.org/c/nova/+/1", "Upstream: http://example.org/a (30.0.0)",
      "Upstream: never, because it is ours", "Upstream: not submitted yet: it waits for a test",
      "Signed-off-by: A <a@example.org>\nUpstream: never, because\n it is ours",
    ])
  func aPatchThatSaysWhyAndWhereItStandsHasNoFinding(trailers: String) throws {
    #expect(try rules("\(Self.why)\n\(trailers)\n").isEmpty)
  }

  @Test func aPatchWithoutAuthorOrSubjectNeedsThem() throws {
    #expect(try patch(Self.diff).messageFindings.map(\.rule) == ["patch-header"])
    #expect(try patch("A text\n\n\(Self.diff)").messageFindings.map(\.rule) == ["patch-header"])
  }

  @Test(arguments: ["", "It was bad.\n\n", "Because of X.\n\n"])
  func aMessageThatGivesNoReasonIsThin(prose: String) throws {
    #expect(try rules("\(prose)Upstream: never, because it is ours\n") == ["2: message-thin"])
  }

  @Test(arguments: ["修复启动时的竞争条件。", "起動時の競合を修正する", "แก้ไขข้อผิดพลาด"])
  func scriptsWithoutSpacesHaveWords(prose: String) throws {
    #expect(try rules("\(prose)\n\nUpstream: never, because it is ours\n").isEmpty)
    let short = prose.unicodeScalars.prefix(3).map(String.init).joined()
    #expect(
      try rules("\(short)\n\nUpstream: never, because it is ours\n") == ["2: message-thin"])
  }

  @Test func trailersAreNoReason() throws {
    let trailers =
      "Co-Authored-By: B C D E F G <b@example.org>\nUpstream: never, because it is ours\n"
    #expect(try rules(trailers) == ["2: message-thin"])
  }

  @Test func theTrailerIsMissed() throws {
    #expect(try rules(Self.why) == ["1: upstream-missing"])
  }

  @Test(
    arguments: [
      "never", "never, because ", "later", "https://", "ftp://example.org/a", "not submitted yet",
    ])
  func anotherFormIsFoundAtItsLine(value: String) throws {
    #expect(try rules("\(Self.why)\nUpstream: \(value)\n") == ["6: upstream-form"])
  }

  @Test func aTrailerOutsideTheLastParagraphIsReadByNobody() throws {
    #expect(
      try rules("Upstream: never, because it is ours\n\n\(Self.why)\nThe end.\n")
        == ["4: trailer-place"])
  }

  @Test func findingsOfTrailersAreAtTheirLines() throws {
    let prose = "Upstream: is what this begins with, as it may.\n\n\n"
    #expect(try rules("\(prose)upstream: soon\n") == ["7: upstream-form"])
    #expect(try rules("\(prose)Upstream:https://review.example.org/1\n").isEmpty)
    let picked = "(cherry picked from commit 1)"
    #expect(try rules("\(Self.why)\nUpstream: soon\n\(picked)\n") == ["6: upstream-form"])
  }

  @Test func whatIsSaidAmongTrailersIsAReason() throws {
    #expect(try rules("\(Self.why)Upstream: never, because it is ours\n").isEmpty)
  }

  @Test func twoOfOneKindAreTooMany() throws {
    let trailer = "Upstream: never, because it is ours\n"
    #expect(try rules("\(Self.why)\n\(trailer)\(trailer)") == ["6: trailer-twice"])
  }

  @Test(arguments: ["0123", "I0123", "Iz123456789012345678901234567890123456789"])
  func aChangeIDHasItsForm(id: String) throws {
    let trailers = "Upstream: never, because it is ours\nChange-Id: \(id)\n"
    #expect(try rules("\(Self.why)\n\(trailers)") == ["7: change-id-form"])
  }

  @Test func aRealChangeIDIsGood() throws {
    let id = "I" + String(repeating: "0f", count: 20)
    #expect(
      try rules("\(Self.why)\nUpstream: never, because it is ours\nChange-Id: \(id)\n").isEmpty)
  }
}
