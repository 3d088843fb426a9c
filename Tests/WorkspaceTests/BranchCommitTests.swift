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

  /// The lines that a patch adds.
  private func added(_ name: String) throws -> [String] {
    let text = world.folder.read("work/patches/demo/\(name).patch") ?? ""
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("+") && !$0.hasPrefix("+++") }
    return lines.map { String($0.dropFirst()) }
  }
}
