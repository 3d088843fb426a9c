import TestSupport
import Testing
import Workspace

/// `delete` of patches that need each other.
@Suite struct DeletionTests {
  @Test(arguments: [["one", "four"], ["four", "one"]])
  func whatNeedsAPatchThatGoesMayGoWithIt(_ words: [String]) throws {
    let world = try AuthorWorld()
    #expect(try kerb(["apply", "2024.1/demo"], in: world.root).status == 0)
    let file = "work/src/2024.1/demo/f"
    let text = (world.folder.read(file) ?? "").replacing("\none\n", with: "\nONE\n")
    try world.folder.write(file, text)
    #expect(try kerb(["new", "2024.1/demo", "four", "-m", "four"], in: world.root).status == 0)
    let outcome = try kerb(["delete", "2024.1/demo"] + words, in: world.root)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try world.outcome("2024.1").map(\.name) == ["two", "three"])
  }

  @Test func aPatchThatIsNamedTwiceIsAMistake() throws {
    let world = try AuthorWorld()
    let outcome = try kerb(["delete", "2024.1/demo", "one", "1"], in: world.root)
    #expect(outcome.status == 2)
    #expect(outcome.errors == "kerb: error: a patch is named twice\n")
  }
}
