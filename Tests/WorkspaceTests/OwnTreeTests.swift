import Foundation
import TestSupport
import Testing

/// Work trees that were moved, or that have something of their owner's: what kerb says leads on.
@Suite struct OwnTreeTests {
  private let world: AuthorWorld

  init() throws {
    world = try AuthorWorld()
    #expect(try kerb(["apply", "2024.1/demo"], in: world.root).status == 0)
  }

  private var folder: String { "\(world.root)/src/2024.1/demo" }

  private func run(_ words: String, in root: String? = nil) throws -> Outcome {
    try kerb(words.split(separator: " ").map(String.init), in: root ?? world.root)
  }

  private func append(_ text: String, to name: String, in root: String = "work") throws {
    let path = "\(root)/src/2024.1/demo/\(name)"
    try world.folder.write(path, (world.folder.read(path) ?? "") + text)
  }

  /// The words between quotes in a message that begin with some word.
  private func commands(_ message: String, _ word: String) -> [[String]] {
    message.split(separator: "'").filter { $0.hasPrefix("\(word) ") }.map {
      $0.split(separator: " ").dropFirst().map(String.init)
    }
  }

  @Test(arguments: ["mv", "cp -a"])
  func aWorkspaceInAnotherPlaceKeepsItsWorkTrees(command: String) throws {
    #expect(try shell("\(command) work elsewhere", in: world.folder.path).status == 0)
    let root = world.folder.file("elsewhere")
    try append("more\n", to: "f", in: "elsewhere")
    let outcome = try run("refresh 2024.1/demo", in: root)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.text.contains("changed patches/demo/three.patch"))
    #expect(try run("apply 2024.1/demo", in: root).status == 0)
    let tree = "\(root)/src/2024.1/demo"
    #expect(try git(["status", "--short"], in: tree).isEmpty)
    #expect(
      try git(["rev-parse", "--git-common-dir"], in: tree) == "\(root)/.kerb/upstream/demo.git")
    if command != "mv" {
      #expect(try run("status").text.contains("src/") == false)
      #expect(try git(["status", "--short"], in: folder).isEmpty)
    }
  }

  @Test(arguments: ["mv", "cp -a"])
  func aStopInAWorkspaceThatWasMovedCanBeAborted(command: String) throws {
    let clone = world.folder.file("upstream")
    try git(["checkout", "-q", "stable/2024.1"], in: clone)
    let text = (world.folder.read("upstream/f") ?? "").replacing("f 8\n", with: "f eight\n")
    try world.folder.write("upstream/f", text)
    try git(["commit", "-q", "-a", "-m", "eight"], in: clone)
    #expect(try run("rebase 2024.1/demo --update --from ../upstream").status == 3)
    let before = try world.bytes()
    #expect(try shell("\(command) work elsewhere", in: world.folder.path).status == 0)
    let root = world.folder.file("elsewhere")
    let outcome = try run("abort 2024.1/demo", in: root)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let tree = "\(root)/src/2024.1/demo"
    #expect(try git(["status", "--short"], in: tree).isEmpty)
    #expect(try git(["branch", "--show-current"], in: tree) == "kerb/2024.1")
    #expect(try shell("diff -r patches '\(root)/patches'", in: root).status == 0)
    if command != "mv" { #expect(try world.bytes() == before) }
  }

  @Test func aFolderOfAnotherWorkspaceThatIsThereIsNotTaken() throws {
    #expect(try run("apply 2024.1/demo --branch b --tree ../shared").status == 0)
    #expect(try shell("cp -a work twin && rm -rf shared", in: world.folder.path).status == 0)
    let twin = world.folder.file("twin")
    #expect(try run("apply 2024.1/demo --branch b --tree ../shared", in: twin).status == 0)
    let outcome = try run("apply 2024.1/demo --branch b --tree ../shared")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("the folder holds files that are not this work tree's"))
  }

  @Test func aBranchOfOnesOwnIsNamedAndTheWayBack() throws {
    try git(["switch", "-q", "-c", "mine", "HEAD~1"], in: folder)
    let outcome = try run("apply 2024.1/demo")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("src/2024.1/demo is on branch mine, which kerb did not make"))
    let command = try #require(commands(outcome.errors, "git").first)
    try git(command, in: folder)
    #expect(try run("apply 2024.1/demo").status == 0)
    #expect(try git(["rev-parse", "mine"], in: folder) != git(["rev-parse", "HEAD"], in: folder))
  }

  @Test func commitsOfOnesOwnArePutAsideAsTheMessageSays() throws {
    try append("more\n", to: "f")
    try git(["commit", "-q", "-a", "-m", "mine"], in: folder)
    let mine = try git(["rev-parse", "HEAD"], in: folder)
    #expect(try run("delete 2024.1/demo one").status == 0)
    let outcome = try run("apply 2024.1/demo")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("branch kerb/2024.1 has commits that kerb did not make"))
    for command in commands(outcome.errors, "git") {
      try git(command.map { $0 == "NAME" ? "kept" : $0 }, in: folder)
    }
    #expect(try run("apply 2024.1/demo").status == 0)
    #expect(try git(["rev-parse", "kept"], in: folder) == mine)
  }

  @Test func changedFilesAreStashedOrLeftBesideAnotherTree() throws {
    try append("more\n", to: "f")
    #expect(try run("delete 2024.1/demo one").status == 0)
    let outcome = try run("apply 2024.1/demo")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("'--branch NAME --tree DIR' applies the stack beside it"))
    #expect(try run("apply 2024.1/demo --branch beside --tree ../beside").status == 0)
    try git(["stash", "-q"], in: folder)
    #expect(try run("apply 2024.1/demo").status == 0)
    try git(["stash", "pop", "-q"], in: folder)
  }

  @Test func anIndexThatIsSplitOrSparseIsNamedWithTheWayOut() throws {
    try git(["update-index", "--split-index"], in: folder)
    let split = try run("refresh 2024.1/demo")
    #expect(split.status == 5)
    #expect(split.errors.contains("it is a split index, which kerb does not read"))
    try git(try #require(commands(split.errors, "git").first), in: folder)
    #expect(try run("refresh 2024.1/demo").status == 0)
  }

  @Test func aLockOfTheIndexIsNamedWithTheWayOut() throws {
    let lock = "\(world.root)/.kerb/upstream/demo.git/worktrees/kerb-2024.1/index.lock"
    try Data().write(to: URL(filePath: lock))
    try append("more\n", to: "f")
    let outcome = try run("refresh 2024.1/demo")
    #expect(
      outcome.errors.contains("\(lock) is there: a git command is at work, or one was killed"))
    #expect(FileManager.default.fileExists(atPath: lock))
    try FileManager.default.removeItem(atPath: lock)
    #expect(try run("refresh 2024.1/demo").status == 0)
    #expect(try git(["status", "--short"], in: folder).isEmpty)
  }

  @Test func statusSaysWhatTheWorkTreesHold() throws {
    #expect(!(try run("status").text.contains("src/")))
    try append("more\n", to: "f")
    try git(["rm", "-q", "--cached", "g"], in: folder)
    try append("x\n", to: "new")
    let text = try run("status").text
    #expect(
      text.hasSuffix(
        "src/2024.1/demo: 1 changed (f), 1 removed from the index (g), 1 untracked (new); "
          + "'kerb refresh 2024.1/demo' takes them into the patches"))
    let json = try run("status --json").text.filter { !$0.isWhitespace }
    #expect(
      json.contains(
        #""changed":["f"],"commits":false,"directory":"src/2024.1/demo","removed":["g"]"#))
    try git(["reset", "-q", "--hard"], in: folder)
    try git(["commit", "-q", "--allow-empty", "-m", "mine"], in: folder)
    #expect(
      try run("status").text.contains("src/2024.1/demo: 1 untracked (new), commits that kerb"))
    try git(["switch", "-q", "-c", "mine"], in: folder)
    #expect(try run("status").text.contains("src/2024.1/demo: on branch mine"))
  }

  @Test func aStackWithoutPatchesTakesItsFirst() throws {
    #expect(try run("delete 2024.1/demo one two three").status == 0)
    #expect(try shell("rm -rf src .kerb/upstream/demo.git/worktrees", in: world.root).status == 0)
    let applied = try run("apply 2024.1/demo")
    #expect(applied.status == 0, "\(applied.errors)")
    try append("more\n", to: "f")
    let made = try run("new 2024.1/demo first -m first")
    #expect(made.status == 0, "\(made.errors)")
    #expect(try world.outcome("2024.1").map(\.name) == ["first"])
    #expect(try git(["status", "--short"], in: folder).isEmpty)
    #expect(try run("check 2024.1/demo").status == 0)
  }
}
