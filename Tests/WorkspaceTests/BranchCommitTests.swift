import Patches
import TestSupport
import Testing
import Workspace

/// What `refresh` takes the commits of an applied stack's branch for. All patches have one author and
/// moment.
@Suite struct BranchCommitTests {
  private let world: AuthorWorld
  private let stack: StackName

  init() throws {
    world = try AuthorWorld()
    stack = StackName(try #require(Release("2024.1")), "demo")
    #expect(try kerb(["apply", "2024.1/demo"], in: world.root).status == 0)
  }

  private var folder: String { "\(world.root)/src/2024.1/demo" }

  /// Writes the branch anew: each of the commits, counted from the stack's first, and its message.
  private func pick(_ commits: [(place: Int, message: String)]) throws {
    let ids = try git(["rev-list", "--reverse", "-3", "HEAD"], in: folder).split(separator: "\n")
    try git(["reset", "-q", "--hard", "HEAD~3"], in: folder)
    for (place, message) in commits {
      try git(["cherry-pick", String(ids[place])], in: folder)
      try git(["commit", "-q", "--amend", "-m", message], in: folder)
    }
  }

  private func refresh() throws { _ = try world.open().refresh(stack) }

  private func order() throws -> [String] { try world.outcome("2024.1").map(\.name) }

  @Test func aCommitWithAnotherMessageIsThePatchWithItsDifference() throws {
    try pick([(1, "2"), (0, "1"), (2, "3")])
    try refresh()
    #expect(try order() == ["two", "one", "three"])
    #expect(try added("one") == ["one"])
    #expect(try added("two") == ["two", "too"])
  }

  @Test func amongPatchesOfOneMessageTheDifferenceDecides() throws {
    try pick([(0, "same"), (1, "same"), (2, "same")])
    try refresh()
    let before = try world.bytes().filter { $0.key.hasPrefix("patches/") }
    try pick([(2, "same"), (1, "same"), (0, "same")])
    try refresh()
    #expect(try order() == ["three", "two", "one"])
    #expect(try world.bytes().filter { $0.key.hasPrefix("patches/") } == before)
  }

  @Test func aCommitOfAnotherAuthorAndMessageIsThePatchWithItsDifference() throws {
    try git(["commit", "-q", "--amend", "--reset-author", "-m", "other"], in: folder)
    try refresh()
    #expect(try order() == ["one", "two", "three"])
  }

  private func refused() throws -> String {
    let before = try world.bytes()
    let outcome = try kerb(["refresh", "2024.1/demo"], in: world.root)
    #expect(outcome.status == 1)
    #expect(try world.bytes() == before)
    return outcome.errors
  }

  @Test(arguments: [
    ("[PATCH] x", "the subject would be read as 'x'"), ("x\n\n---\nmore", "the message has a line"),
  ])
  func aMessageThatNoPatchCanHaveIsNamedByItsCommit(_ message: String, _ reason: String) throws {
    try world.folder.write("work/src/2024.1/demo/new", "x\n")
    try git(["add", "."], in: folder)
    try git(["commit", "-q", "--cleanup=verbatim", "-m", message], in: folder)
    let commit = try git(["rev-parse", "--short=12", "HEAD"], in: folder)
    let errors = try refused()
    #expect(errors.hasPrefix("kerb: error: commit \(commit): \(reason)"))
    #expect(errors.contains("git commit --amend"))
  }

  @Test func aMessageInLatin1BecomesUTF8() throws {
    try commit("fa\u{e7}ade", as: "ISO-8859-1", [0x66, 0x61, 0xe7, 0x61, 0x64, 0x65])
    try refresh()
    #expect(try order() == ["one", "two", "three", "fa-ade"])
    #expect(
      world.folder.read("work/patches/demo/fa-ade.patch")?.contains("=?UTF-8?q?fa=C3=A7ade?=")
        == true)
  }

  @Test func aMessageInAnotherEncodingIsRefusedByItsName() throws {
    try commit("x", as: "KOI8-R", [0xc1])
    #expect(try refused().contains("its message is in KOI8-R, and kerb reads UTF-8 and Latin-1"))
  }

  private func commit(_ file: String, as encoding: String, _ message: [UInt8]) throws {
    try world.folder.write("work/src/2024.1/demo/new", "\(file)\n")
    try world.folder.write("message", message)
    try git(["add", "."], in: folder)
    try git(
      [
        "-c", "i18n.commitEncoding=\(encoding)", "commit", "-q", "-F", world.folder.file("message"),
      ], in: folder)
  }

  @Test func withoutABranchTheWayBackIsSaid() throws {
    try git(["checkout", "-q", "--detach"], in: folder)
    #expect(
      try refused().contains("no branch is checked out there; 'git switch kerb/2024.1' goes back"))
  }

  @Test func aPatchToDropHasToBeOneOfTheStack() throws {
    let outcome = try kerb(["refresh", "2024.1/demo", "--drop", "nope"], in: world.root)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("2024.1/demo has no patch 'nope'"))
  }

  /// The lines that a patch adds.
  private func added(_ name: String) throws -> [String] {
    let text = world.folder.read("work/patches/demo/\(name).patch") ?? ""
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("+") && !$0.hasPrefix("+++") }
    return lines.map { String($0.dropFirst()) }
  }
}
