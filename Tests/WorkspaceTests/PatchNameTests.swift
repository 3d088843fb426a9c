import TestSupport
import Testing

/// The names that patches may get.
@Suite struct PatchNameTests {
  private let world: AuthorWorld

  init() throws {
    world = try AuthorWorld()
  }

  @Test(arguments: [
    ("ONE", "it differs from one of 2024.1/demo in case only"),
    ("con.1", "Windows keeps this name for a device"),
    ("x.Patch", "without the ending .patch"), ("x.diff", "without the ending .diff"),
    ("7", "a number is the place of a patch in its stack"),
  ])
  func aNameThatStandsInSomebodysWayIsRefused(_ name: String, _ reason: String) throws {
    let before = try world.bytes()
    for words in [
      ["rename", "demo", "two", name], ["split", "2024.1/demo", "two", name, "g", "-m", "new"],
    ] {
      let outcome = try kerb(words, in: world.root)
      #expect(outcome.status == 2)
      #expect(outcome.errors == "kerb: error: '\(name)' is no name for a patch: \(reason)\n")
    }
    #expect(try world.bytes() == before)
  }

  @Test func aPatchMayGetItsNameInAnotherCaseEverywhereAtOnce() throws {
    #expect(try kerb(["rename", "2024.1/demo", "two", "Two"], in: world.root).status == 2)
    #expect(try kerb(["rename", "demo", "two", "Two"], in: world.root).status == 0)
    #expect(try world.outcome("master").map(\.name) == ["one", "Two", "three"])
  }

  @Test(arguments: [
    ("Con", "patch-con"), ("2024", "patch-2024"), ("Read fix.patch", "read-fix-patch"),
    ("One", "one-2"),
  ])
  func aCommitsSubjectBecomesAGoodName(_ subject: String, _ name: String) throws {
    #expect(try kerb(["apply", "2024.1/demo"], in: world.root).status == 0)
    let folder = "\(world.root)/src/2024.1/demo"
    try world.folder.write("work/src/2024.1/demo/new", "x\n")
    try git(["add", "."], in: folder)
    try git(["commit", "-q", "-m", subject], in: folder)
    #expect(try kerb(["refresh", "2024.1/demo"], in: world.root).status == 0)
    #expect(try world.outcome("2024.1").map(\.name).last == name)
  }
}
