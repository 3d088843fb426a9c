import Foundation
import TestSupport
import Testing

/// What rebases and ports write beside the patches themselves.
@Suite struct MoveWritesTests {
  private let folder: TemporaryDirectory
  private var root: String { folder.file("work") }

  init() throws {
    folder = try TemporaryDirectory(inMemory: true)
    try git(["init", "-q", "-b", "master", "up"], in: folder.path)
    try folder.write("up/a.txt", Self.lines([:]))
    try git(["add", "."], in: folder.file("up"))
    try git(["commit", "-q", "-m", "base"], in: folder.file("up"))
    for release in ["2023.2", "2024.1"] {
      try git(["branch", "stable/\(release)"], in: folder.file("up"))
    }
    try folder.write("work/x", "")
    try setUp(
      "init --project demo --git https://example.org/d.git --release 2023.2 --release 2024.1 "
        + "--release master")
  }

  private static func lines(_ changes: [Int: String]) -> String {
    (1...30).map { (changes[$0] ?? "\($0)") + "\n" }.joined()
  }

  /// A patch that changes lines of the file, each 7 lines from the others.
  private func write(
    _ name: String, _ changes: [(line: Int, text: String)], before: [Int: String] = [:]
  )
    throws
  {
    let hunks = changes.map { line, text in
      let first = max(1, line - 3)
      let (above, below) = (first..<line, line + 1...min(30, line + 3))
      let count = above.count + below.count + 1
      return "@@ -\(first),\(count) +\(first),\(count) @@\n"
        + above.map { " \(before[$0] ?? "\($0)")\n" }.joined()
        + "-\(before[line] ?? "\(line)")\n+\(text)\n"
        + below.map { " \(before[$0] ?? "\($0)")\n" }.joined()
    }
    let header = """
      From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
      From: A <a@example.org>
      Date: Mon, 1 Jan 2024 00:00:00 +0000
      Subject: [PATCH] \(name): first

      ---
      diff --git a/a.txt b/a.txt
      --- a/a.txt
      +++ b/a.txt

      """
    try folder.write("work/patches/demo/\(name).patch", header + hunks.joined())
  }

  private func series(_ release: String, _ names: String...) throws {
    try folder.write("work/series/\(release)", names.map { "demo/\($0).patch\n" }.joined())
  }

  private func setUp(_ words: String) throws {
    let outcome = try run(words)
    try #require(outcome.status == 0, "\(words): \(outcome.errors)")
  }

  @discardableResult
  private func run(_ words: String) throws -> (status: Int32, text: String, errors: String) {
    let outcome = try kerb(words.split(separator: " ").map(String.init), in: root)
    return (outcome.status, outcome.text, outcome.errors)
  }

  private func upstream(_ branch: String, _ text: String) throws {
    try git(["checkout", "-q", branch], in: folder.file("up"))
    try folder.write("up/a.txt", text)
    try git(["commit", "-q", "-a", "-m", "on"], in: folder.file("up"))
  }

  private func head(_ release: String) throws -> String {
    try git(["rev-parse", "HEAD~1"], in: "\(root)/src/\(release)/demo")
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func isLevel(_ release: String) throws -> Bool {
    let lock = folder.read("work/series/upstream.lock") ?? ""
    let line = lock.split(separator: "\n").first { $0.hasPrefix("\(release) ") }
    return try line?.contains(head(release)) == true
  }

  @Test func aPortWritesTheOrderThatItHasTried() throws {
    try write("p1", [(10, "ten")])
    try write("p2", [(11, "eleven")], before: [10: "ten"])
    try series("2024.1", "p1", "p2")
    try series("2023.2", "p2")
    try setUp("fetch --update --from ../up")
    try setUp("port 2024.1 2023.2")
    #expect(folder.read("work/series/2023.2") == "demo/p1.patch\ndemo/p2.patch\n")
    #expect(try run("check 2023.2").status == 0)
  }

  @Test func whatAPortLeavesOutIsNotedInTheSeries() throws {
    try write("p1", [(10, "ten")])
    try write("p2", [(20, "twenty")])
    try series("2024.1", "p1", "p2")
    try series("2023.2", "p2")
    try upstream("stable/2023.2", Self.lines([10: "ten"]))
    try setUp("fetch --update --from ../up")
    try setUp("port 2024.1 2023.2")
    let series = folder.read("work/series/2023.2") ?? ""
    #expect(series.contains("# demo/p1 landed: demo stable/2023.2"))
    #expect(series.contains("demo/p2.patch"))
    try setUp("port 2024.1 2023.2")
    #expect(folder.read("work/series/2023.2") == series)
  }

  @Test func aSharedTextIsOneThatGitTakesOnEveryRelease() throws {
    try write("p1", [(5, "five"), (13, "thirteen")])
    try series("2024.1", "p1")
    try series("master", "p1")
    try setUp("fetch --update --from ../up")
    try upstream("master", String(Self.lines([:]).dropFirst(2)))
    try setUp("rebase master --update --from ../up")
    #expect(try run("check").status == 0)
    try git(["checkout", "-q", "stable/2024.1"], in: folder.file("up"))
    let file = (folder.read("work/series/2024.1") ?? "").split(separator: " ")[0]
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let outcome = try git(["apply", "--check", "../work/patches/\(file)"], in: folder.file("up"))
    #expect(outcome == "")
    try FileManager.default.removeItem(atPath: "\(root)/.kerb")
    try setUp("fetch 2024.1 --from ../up")
    #expect(try run("check 2024.1").status == 0)
  }

  @Test func aReleaseWhoseTreeIsNotHereKeepsItsText() throws {
    try write("p1", [(10, "ten")])
    try series("2024.1", "p1")
    try series("master", "p1")
    try setUp("fetch --update --from ../up")
    let text = folder.read("work/patches/demo/p1.patch")
    try upstream("master", Self.lines([12: "near"]))
    try FileManager.default.removeItem(atPath: "\(root)/.kerb")
    try git(["branch", "-D", "stable/2024.1"], in: folder.file("up"))
    try folder.write(
      "work/series/upstream.lock",
      (folder.read("work/series/upstream.lock") ?? "").split(separator: "\n").map { line in
        line.hasPrefix("2024.1")
          ? line.split(separator: " ").map { $0.count == 40 ? String($0.reversed()) : String($0) }
            .joined(separator: " ") : String(line)
      }.joined(separator: "\n") + "\n")
    try setUp("fetch master --from ../up")
    try setUp("rebase master --update --from ../up")
    #expect(folder.read("work/patches/demo/p1@2024.1.patch") == text)
  }

  @Test func anAppliedStackFollowsARebaseAndItsUndo() throws {
    try write("p1", [(10, "ten")])
    try series("master", "p1")
    try setUp("fetch --update --from ../up")
    try setUp("apply master/demo")
    try upstream("master", Self.lines([28: "end"]))
    for words in ["rebase master --update --from ../up", "undo", "redo"] {
      try setUp(words)
      #expect(try isLevel("master"), "\(words)")
    }
  }

  @Test func anAppliedStackWithWorkOfItsOwnersStaysAndThatIsSaid() throws {
    try write("p1", [(10, "ten")])
    try series("master", "p1")
    try setUp("fetch --update --from ../up")
    try setUp("apply master/demo")
    try upstream("master", Self.lines([28: "end"]))
    try folder.write("work/src/master/demo/a.txt", Self.lines([10: "ten", 28: "mine"]))
    let outcome = try run("rebase master --update --from ../up")
    #expect(outcome.status == 0)
    #expect(outcome.text.contains("note: a.txt has changes in "))
    #expect(folder.read("work/src/master/demo/a.txt") == Self.lines([10: "ten", 28: "mine"]))
  }

  @Test func theSameRebaseAgainWritesNothing() throws {
    try write("p1", [(10, "ten")])
    for release in ["2024.1", "master"] { try series(release, "p1") }
    try setUp("fetch --update --from ../up")
    try upstream("master", Self.lines([12: "near"]))
    try upstream("stable/2024.1", Self.lines([28: "end"]))
    try setUp("rebase demo --update --from ../up")
    let again = try run("rebase demo --update --from ../up")
    #expect(again.text.contains("every patch is as it was"))
  }

  @Test func whatIsStoppedComesFirst() throws {
    try write("p1", [(10, "ten")])
    try series("master", "p1")
    try setUp("fetch --update --from ../up")
    try upstream("stable/2024.1", Self.lines([10: "other"]))
    try series("2024.1", "p1")
    try setUp("fetch 2024.1 --update --from ../up")
    try series("2024.1")
    #expect(try run("port master 2024.1").status == 3)
    let line = "2024.1/demo is stopped at patch 1 of 1: kerb continue, skip or abort"
    for verb in ["status", "check", "log"] {
      let text = try run(verb).text
      #expect(text.hasPrefix(line + "\n"), "\(verb): \(text)")
      let json = try run("\(verb) --json").text
      #expect(json.contains(#""stack" : "2024.1/demo""#), "\(verb)")
      #expect(json.contains(#""open" : ["#), "\(verb)")
    }
    let grid = try run("status").text.split(separator: "\n")
    #expect(
      grid.contains { $0.contains("2024.1") && $0.contains("master") && !$0.contains("stopped") })
    #expect(grid.contains { $0.hasPrefix("  p1 ") && $0.contains("?") && $0.contains("=") })
  }

  @Test func oneUpstreamThatCannotBeAskedLeavesTheOthersToBeMoved() throws {
    try write("p1", [(10, "ten")])
    for release in ["2024.1", "master"] { try series(release, "p1") }
    try setUp("fetch --update --from ../up")
    try upstream("master", Self.lines([28: "end"]))
    try git(["branch", "-D", "stable/2024.1"], in: folder.file("up"))
    let outcome = try run("rebase demo --update --from ../up")
    #expect(outcome.status == 5)
    #expect(outcome.errors.contains("kerb: error: 2024.1/demo: "))
    #expect(outcome.text.contains("= master/demo"))
  }
}
