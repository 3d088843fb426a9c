import Foundation
import Patches
import TestSupport
import Testing

/// Trailers of messages, against git's.
@Suite struct TrailerTests {
  private static let lines = [
    "Topic : t", "upstream:u", "\tfolded", "prose", "(cherry picked from commit 1)",
    "Signed-off-by:  S", "",
  ]

  /// Every message of at most five of these lines.
  private static let bodies: [String] = {
    var all: [[String]] = [[]]
    var longest = all
    for _ in 1...5 {
      longest = longest.flatMap { body in lines.map { body + [$0] } }
      all += longest
    }
    return all.map { $0.joined(separator: "\n") }
  }()

  @Test func trailersAreThoseThatGitReads() throws {
    let folder = try TemporaryDirectory(inMemory: true)
    try git(["init", "-q", "-b", "main"], in: folder.path)
    let commits = Self.bodies.map { body in
      let message = "subject\n\n\(body)\n"
      return "commit refs/heads/main\ncommitter C <c@example.org> 1700000000 +0000\n"
        + "data \(message.utf8.count)\n\(message)\n"
    }
    try git(
      ["fast-import", "--quiet"], in: folder.path, input: Array(commits.joined().utf8))
    let output = try git(
      [
        "-c", "trailer.upstream.key=Upstream", "log", "--reverse",
        "--format=%(trailers:only,unfold)%x00", "main",
      ], in: folder.path)
    let read = output.split(separator: "\0", omittingEmptySubsequences: false).dropLast().map {
      $0.split(separator: "\n").map(String.init)
    }
    for (body, wanted) in zip(Self.bodies, read) {
      let header = PatchHeader(author: nil, subject: [], body: Array(body.utf8))
      for name in ["Topic", "Upstream", "Signed-off-by"] {
        let values = wanted.compactMap { Self.value($0, of: name) }
        #expect(header.trailers(name) == values, "\(body.debugDescription)")
      }
    }
    #expect(read.count == Self.bodies.count)
  }

  private static func value(_ trailer: String, of name: String) -> String? {
    let parts = trailer.split(separator: ":", maxSplits: 1)
    guard parts[0].lowercased().trimmingCharacters(in: .whitespaces) == name.lowercased() else {
      return nil
    }
    return parts[1].trimmingCharacters(in: .whitespaces)
  }
}
