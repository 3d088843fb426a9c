import Foundation
import TestSupport
import Testing

/// Files of the workspace that are named through a link to its folder.
@Suite struct FilePlaceTests {
  private let world: AuthorWorld

  init() throws {
    world = try AuthorWorld()
    try FileManager.default.createSymbolicLink(
      atPath: world.folder.file("link"), withDestinationPath: "work")
  }

  @Test(arguments: [
    ["../link/patches/demo/one.patch"], ["-C", "../link", "patches/demo/one.patch"],
  ])
  func aPatchIsFormatted(_ words: [String]) throws {
    let outcome = try kerb(["fmt"] + words, in: world.root)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.text.contains("1 file, "))
  }

  @Test func aPageIsWrittenSoThatItCanBeTakenBack() throws {
    let page = "../link/docs/new/page.md"
    #expect(try kerb(["report", "--markdown", page], in: world.root).status == 0)
    #expect(world.folder.read("work/docs/new/page.md") != nil)
    #expect(try kerb(["undo"], in: world.root).status == 0)
    #expect(world.folder.read("work/docs/new/page.md") == nil)
  }

  @Test func aFileElsewhereIsNoneOfTheWorkspace() throws {
    let outcome = try kerb(["fmt", "../upstream/f"], in: world.root)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("../upstream/f is not in the workspace"))
  }
}
