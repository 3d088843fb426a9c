import Foundation
import TestSupport
import Testing

/// What other writes do to a run that has stopped: it goes on from what they leave, or they are refused
/// by its name before anything is written.
@Suite struct StoppedWritesTests {
  private let folder: TemporaryDirectory
  private var root: String { folder.file("work") }

  /// Two releases share a text; upstream's next step meets it in both, on the same line.
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
    try folder.write("work/patches/demo/p.patch", Self.patch("p", 14, "four"))
    try folder.write("work/patches/demo/q.patch", Self.patch("q", 25, "five"))
    for release in ["2024.1", "master"] {
      try folder.write("work/series/\(release)", "demo/p.patch\ndemo/q.patch\n")
    }
    try setUp("fetch --update --from ../up")
  }

  private static func lines(_ changes: [Int: String]) -> String {
    (1...30).map { (changes[$0] ?? "\($0)") + "\n" }.joined()
  }

  private static func patch(_ name: String, _ line: Int, _ text: String) -> String {
    """
    From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
    From: A <a@example.org>
    Date: Mon, 1 Jan 2024 00:00:00 +0000
    Subject: [PATCH] \(name): first

    ---
    diff --git a/a.txt b/a.txt
    --- a/a.txt
    +++ b/a.txt
    @@ -\(line - 3),7 +\(line - 3),7 @@

    """ + (line - 3..<line).map { " \($0)\n" }.joined() + "-\(line)\n+\(text)\n"
      + (line + 1...line + 3).map { " \($0)\n" }.joined()
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

  /// Upstream changes a line of one release.
  private func upstream(_ branch: String, _ changes: [Int: String]) throws {
    try git(["checkout", "-q", branch], in: folder.file("up"))
    try folder.write("up/a.txt", Self.lines(changes))
    try git(["commit", "-q", "-a", "-m", "on"], in: folder.file("up"))
  }

  private func resolve(_ release: String) throws {
    let file = "work/src/\(release)/demo/a.txt"
    var kept: [Substring] = []
    var isOurs = false
    for line in (folder.read(file) ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("<<<<<<<") {
        isOurs = true
      } else if line.hasPrefix("=======") {
        isOurs = false
      } else if !line.hasPrefix(">>>>>>>"), !isOurs {
        kept.append(line)
      }
    }
    try folder.write(file, kept.joined(separator: "\n"))
  }

  private func files() throws -> [String: String] {
    var found: [String: String] = [:]
    for top in ["patches", "series", ".kerb/stopped"] {
      for name in try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(top)")
      where name != "demo" {
        found["\(top)/\(name)"] = folder.read("work/\(top)/\(name)")
      }
    }
    return found
  }

  /// Both releases stop.
  private func stopBoth() throws {
    try upstream("stable/2024.1", [14: "old"])
    try upstream("master", [14: "new"])
    #expect(try run("rebase demo --update --from ../up").status == 3)
  }

  @Test func aStackWhoseTextItsOwnRunHasRenamedGoesOn() throws {
    try upstream("stable/2024.1", [14: "old"])
    try upstream("master", [12: "near"])
    let outcome = try run("rebase demo --update --from ../up")
    #expect(outcome.status == 3)
    #expect(outcome.text.contains("patches/demo/p@2024.1.patch"))
    #expect(
      folder.read("work/.kerb/stopped/2024.1-demo.json")?.contains("p@2024.1.patch") == true)
    try resolve("2024.1")
    let went = try run("continue")
    #expect(went.status == 0, "\(went.errors)")
    #expect(try run("check").status == 0)
  }

  @Test func aStackWhoseTextAnotherOnesContinueHasRenamedGoesOn() throws {
    for verb in ["continue 2024.1/demo", "skip 2024.1/demo"] {
      let world = try StoppedWritesTests()
      try world.stopBoth()
      try world.resolve("master")
      let first = try world.run("continue master/demo")
      #expect(first.status == 0, "\(first.errors)")
      try world.resolve("2024.1")
      let second = try world.run(verb)
      #expect(second.status == 0, "\(verb): \(second.errors)")
      #expect(try world.run("check").status == 0)
    }
  }

  @Test func aHeaderThatIsEditedMeanwhileIsInTheNewText() throws {
    try stopBoth()
    let trailer = "Upstream: never, because it is ours"
    let edited = try kerb(["header", "master/demo", "p", "--trailer", trailer], in: root)
    try #require(edited.status == 0, "\(edited.errors)")
    for release in ["master", "2024.1"] {
      try resolve(release)
      let outcome = try run("continue \(release)/demo")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let log = try git(
        ["log", "--format=%b", "kerb/\(release)"], in: "\(root)/src/\(release)/demo")
      #expect(log.contains("Upstream: never"))
    }
  }

  @Test func aFormatThatTouchesAStoppedStackIsCarriedToIt() throws {
    try stopBoth()
    let before = folder.read("work/patches/demo/p.patch")
    try setUp("fmt")
    #expect(folder.read("work/patches/demo/p.patch") != before)
    for release in ["master", "2024.1"] {
      try resolve(release)
      let outcome = try run("continue \(release)/demo")
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }

  @Test func anEditThatWouldChangeAStoppedStackIsRefusedByItsName() throws {
    try upstream("stable/2024.1", [14: "old"])
    #expect(try run("rebase 2024.1/demo --update --from ../up").status == 3)
    try setUp("apply master/demo")
    try folder.write("work/src/master/demo/a.txt", Self.lines([14: "four", 25: "fifty"]))
    let before = try files()
    let outcome = try run("refresh master/demo")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors
        == "kerb: error: 2024.1/demo is stopped at patch 1 of 2, and this would change what it is "
        + "made of: 'kerb continue', 'kerb skip' or 'kerb abort' first\n")
    #expect(try files() == before)
  }

  @Test func theLockOfAStoppedStackIsNotMoved() throws {
    try stopBoth()
    try upstream("master", [14: "newer"])
    let before = try files()
    let outcome = try run("fetch --update --from ../up")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("2024.1/demo is stopped at patch 1 of 2"))
    #expect(try files() == before)
  }

  @Test func anUndoThatWouldStrandAStoppedStackIsRefusedByItsName() throws {
    try setUp("apply master/demo")
    try folder.write("work/src/master/demo/a.txt", Self.lines([14: "four", 25: "fifty"]))
    try setUp("refresh master/demo")
    try upstream("stable/2024.1", [14: "old"])
    #expect(try run("rebase 2024.1/demo --update --from ../up").status == 3)
    let number = try #require(
      run("log").text.split(separator: "\n").first { $0.contains("refresh") }?
        .split(separator: " ").first)
    let before = try files()
    let outcome = try run("undo \(number)")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("2024.1/demo is stopped at patch 1 of 2"))
    #expect(try files() == before)
  }

  @Test func whatAnUndoRenamesBackStaysWithTheStoppedStack() throws {
    try stopBoth()
    try resolve("master")
    try setUp("continue master/demo")
    #expect(folder.read("work/patches/demo/p@2024.1.patch") != nil)
    let undone = try run("undo")
    #expect(undone.status == 0, "\(undone.errors)")
    #expect(folder.read("work/patches/demo/p@2024.1.patch") == nil)
    try resolve("2024.1")
    let outcome = try run("continue 2024.1/demo")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func aPortWhoseSourceIsPartedMeanwhileGoesOn() throws {
    try folder.write("work/series/2023.2", "demo/p.patch\ndemo/q.patch\n")
    try upstream("stable/2024.1", [14: "old"])
    try setUp("fetch --update --from ../up")
    try folder.write("work/series/2024.1", "# nothing yet\n")
    #expect(try run("port 2023.2 2024.1").status == 3)
    try setUp("fork master/demo p")
    #expect(folder.read("work/series/2023.2")?.contains("p@2023.2.patch") == true)
    try resolve("2024.1")
    let outcome = try run("continue")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try run("check").status == 0)
  }
}
