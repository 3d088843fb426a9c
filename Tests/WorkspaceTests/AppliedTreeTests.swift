import Foundation
import TestSupport
import Testing

/// What `refresh` sees of an applied stack's files and branch, as git's status sees it.
@Suite struct AppliedTreeTests {
  private let world: AuthorWorld

  init() throws {
    world = try AuthorWorld()
    #expect(try kerb(["apply", "2024.1/demo"], in: world.root).status == 0)
  }

  private var folder: String { "\(world.root)/src/2024.1/demo" }

  private func write(_ name: String, _ text: String) throws {
    try world.folder.write("work/src/2024.1/demo/\(name)", text)
  }

  private func text(_ name: String) -> String {
    world.folder.read("work/src/2024.1/demo/\(name)") ?? ""
  }

  /// Refreshes, and gives the sections of the patches that were written.
  private func refreshed(_ options: [String] = []) throws -> (outcome: Outcome, sections: [String])
  {
    let before = try world.bytes()
    let outcome = try kerb(["refresh", "2024.1/demo"] + options, in: world.root)
    let sections = try world.bytes().filter { before[$0.key] != $0.value }.flatMap { _, bytes in
      String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter {
        $0.hasPrefix("diff --git ")
      }.map(String.init)
    }
    return (outcome, sections)
  }

  @Test func filesWithTheLineEndsOfAnAttributeAreNoChange() throws {
    try write(".gitattributes", "f text eol=crlf\n")
    try FileManager.default.removeItem(atPath: "\(folder)/f")
    try git(["checkout", "--", "f"], in: folder)
    #expect(text("f").contains("\r\n"))
    // Another stamp: the content has to be looked at.
    try write("f", text("f"))
    try write("g", text("g").replacing("g 36\n", with: "g thirty-six\n"))
    let (outcome, sections) = try refreshed()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(sections == ["diff --git a/g b/g"])
    try write("f", text("f").replacing("f 36\r\n", with: "f thirty-six\r\n"))
    let next = try refreshed()
    #expect(next.sections == ["diff --git a/f b/f", "diff --git a/g b/g"])
    #expect(try world.bytes().values.allSatisfy { !$0.contains(13) })
    #expect(try git(["status", "--short", "--untracked-files=no"], in: folder).isEmpty)
    // A check-out may go over what it made of the stored content.
    #expect(try kerb(["undo"], in: world.root).status == 0)
    #expect(try kerb(["apply", "2024.1/demo"], in: world.root).status == 0)
    #expect(try git(["status", "--short", "--untracked-files=no"], in: folder).isEmpty)
  }

  @Test func aFilterOfTheUsersIsNeverStartedAndItsFileStays() throws {
    let canary = world.folder.file("canary")
    try world.folder.write(
      "home/.gitconfig",
      "[filter \"t\"]\n clean = touch \(canary); cat\n smudge = touch \(canary); cat\n")
    try write(".gitattributes", "f filter=t\n")
    try write("f", "what the filter makes\n")
    try write("g", text("g").replacing("g 36\n", with: "g thirty-six\n"))
    let outcome = try shell(
      "env -u CI HOME=\(world.folder.file("home")) kerb refresh 2024.1/demo", in: world.root)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.text.contains("f is left as it is: its filter 't' is a program"))
    #expect(!FileManager.default.fileExists(atPath: canary))
    #expect(text("f") == "what the filter makes\n")
    #expect(
      try world.bytes().values.allSatisfy { bytes in
        !String(decoding: bytes, as: UTF8.self).contains("what the filter makes")
      })
  }

  @Test func aRemovalThatIsStagedIsTakenAndNamed() throws {
    try git(["rm", "-q", "--cached", "g"], in: folder)
    let (outcome, sections) = try refreshed()
    #expect(outcome.text.contains("note: the removal that is staged is taken"))
    #expect(sections.contains("diff --git a/g b/g"))
    #expect(!text("g").isEmpty)
    #expect(try git(["status", "--short"], in: folder) == "?? g")
  }

  @Test func untrackedFilesAreNamed() throws {
    try write("new", "x\n")
    try write("folder/one", "x\n")
    let (outcome, sections) = try refreshed()
    #expect(outcome.text.contains("note: untracked, and in no patch until 'git add': folder/, new"))
    #expect(sections.isEmpty)
  }

  /// Puts the stack's commits onto two newer commits of upstream's.
  private func rebase() throws {
    let clone = world.folder.file("upstream")
    try git(["checkout", "-q", "stable/2024.1"], in: clone)
    for number in 1...2 {
      try world.folder.write("upstream/news-\(number)", "x\n")
      try git(["add", "."], in: clone)
      try git(["commit", "-q", "-m", "news \(number)"], in: clone)
    }
    try git(["fetch", "-q", clone, "stable/2024.1"], in: folder)
    try git(["rebase", "-q", "FETCH_HEAD"], in: folder)
  }

  @Test func commitsOfANewerUpstreamAreRefusedByNumberAndName() throws {
    try rebase()
    let (outcome, sections) = try refreshed()
    #expect(outcome.status == 1)
    #expect(sections.isEmpty)
    #expect(outcome.errors.contains("2024.1/demo: the branch stands on 2 commits of upstream's"))
    #expect(outcome.errors.contains("'news 2'"))
    // What the message says leads on.
    let parts = outcome.errors.split(separator: "'")
    let command = try #require(parts.first { $0.hasPrefix("git rebase --onto ") })
    try git(command.split(separator: " ").dropFirst().map(String.init), in: folder)
    let back = try refreshed()
    #expect(back.outcome.status == 0)
    #expect(back.sections.isEmpty)
  }

  @Test func commitsOfANewerUpstreamBecomePatchesWhereThatIsAsked() throws {
    try rebase()
    #expect(try refreshed(["--take-upstream"]).outcome.status == 0)
    #expect(
      try world.outcome("2024.1").map(\.name) == ["news-1", "news-2", "one", "two", "three"])
  }

  @Test func aCommitOfOnesOwnBelowTheOthersIsAPatch() throws {
    try git(["checkout", "-q", "--detach", "HEAD~3"], in: folder)
    try write("own", "x\n")
    try git(["add", "own"], in: folder)
    try git(["commit", "-q", "-m", "own"], in: folder)
    try git(["rebase", "-q", "--onto", "HEAD", "kerb/2024.1~3", "kerb/2024.1"], in: folder)
    #expect(try refreshed().outcome.status == 0)
    #expect(try world.outcome("2024.1").map(\.name) == ["own", "one", "two", "three"])
  }

  @Test func aBranchThatAnotherWorkTreeIsOnDoesNotMove() throws {
    let other = world.folder.file("other")
    try git(["checkout", "-q", "--detach"], in: folder)
    try git(["worktree", "add", "-q", other, "kerb/2024.1"], in: folder)
    #expect(try kerb(["delete", "2024.1/demo", "three"], in: world.root).status == 0)
    let head = try git(["rev-parse", "kerb/2024.1"], in: folder)
    let outcome = try kerb(["apply", "2024.1/demo"], in: world.root)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("branch kerb/2024.1 is checked out in \(other)"))
    #expect(try git(["rev-parse", "kerb/2024.1"], in: folder) == head)
    #expect(try git(["status", "--short"], in: other).isEmpty)
    try git(["switch", "-q", "--detach"], in: other)
    #expect(try kerb(["apply", "2024.1/demo"], in: world.root).status == 0)
  }
}
