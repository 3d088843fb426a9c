import Foundation
import TestSupport
import Testing

/// `log`, `undo` and `redo` of a workspace whose other files have gone on, or are broken.
@Suite struct TakenBackTests {
  private let world: AuthorWorld

  init() throws {
    world = try AuthorWorld()
  }

  /// Runs kerb, and gives its exit code, what it printed and what it said on standard error.
  private func run(_ words: String) throws -> (status: Int32, text: String, errors: String) {
    let outcome = try kerb(words.split(separator: " ").map(String.init), in: world.root)
    return (outcome.status, outcome.text, outcome.errors)
  }

  private func append(_ text: String, to name: String) throws {
    try world.folder.write("work/\(name)", (world.folder.read("work/\(name)") ?? "") + text)
  }

  private func add(_ name: String) throws {
    #expect(try run("apply 2024.1/demo").status == 0)
    try append("more\n", to: "src/2024.1/demo/f")
    #expect(try run("new 2024.1/demo \(name) -m \(name)").status == 0)
  }

  @Test func aPatchThatAnotherSeriesListsByNowIsNotTakenAway() throws {
    try add("four")
    try append("demo/four.patch  # by hand\n", to: "series/master")
    let before = try world.bytes()
    for words in ["undo", "undo --dry-run"] {
      let outcome = try run(words)
      #expect(outcome.status == 1)
      #expect(
        outcome.errors
          == "kerb: error: series/master lists patches/demo/four.patch, which would be "
          + "removed; undo what came after it first, or take the patch out of that series\n")
    }
    #expect(try world.bytes() == before)
  }

  @Test func aRenameOfWhichAnotherSeriesListsTheNewNameIsNotTakenBack() throws {
    #expect(try run("rename 2024.1/demo one first").status == 0)
    try append("demo/first.patch\n", to: "series/master")
    #expect(try run("undo").status == 1)
  }

  @Test func aDeletionIsNotDoneAgainWhereAnotherSeriesListsThePatch() throws {
    #expect(try run("fork 2024.1/demo three").status == 0)
    #expect(try run("undo").status == 0)
    #expect(try run("delete demo three").status == 0)
    #expect(try run("undo").status == 0)
    try world.folder.write("work/series/2025.1", "demo/three.patch\n")
    #expect(try run("redo").status == 1)
    #expect(try run("redo --dry-run").status == 1)
  }

  @Test func aConfigurationThatCannotBeReadIsInNobodysWay() throws {
    try add("four")
    try append(" x:\n", to: "kerb.yaml")
    for words in ["log", "undo --dry-run", "undo", "log -n 1", "redo --dry-run", "redo"] {
      let outcome = try run(words)
      #expect(outcome.status == 0, "\(words): \(outcome.errors)")
    }
    #expect(world.folder.read("work/patches/demo/four.patch") != nil)
  }

  @Test func aSeriesThatCannotBeReadIsNoted() throws {
    try add("four")
    try append("demo/five.patch bad\n", to: "series/master")
    let outcome = try run("undo")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.text.contains(
        "note: series/master cannot be read, so the applied stacks of master stay as they are"))
    let folder = "\(world.root)/src/2024.1/demo"
    #expect(try git(["log", "--format=%s", "-1"], in: folder) == "three: first")
  }
}
