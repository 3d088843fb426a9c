import Foundation
import PatchEngine
import Patches
import Testing

@testable import Workspace

/// What the memory keeps of conflicts that are the same and were resolved differently.
@Suite struct LearnResolutionTests {
  private let key = ConflictKey(
    ours: Array("o\n".utf8), base: Array("b\n".utf8), theirs: Array("t\n".utf8))

  private func learned(_ path: String, _ text: String) -> Resolution {
    Resolution(path: Array(path.utf8), key: key, text: Array(text.utf8))
  }

  private func write(_ found: [Resolution], _ world: AuthorWorld) throws {
    let set = try world.open().remembered(found, "demo")
    for path in set.paths {
      let place = "\(world.root)/\(path)"
      guard let bytes = set.contents[path] ?? nil else {
        try? FileManager.default.removeItem(atPath: place)
        continue
      }
      try FileManager.default.createDirectory(
        atPath: "\(world.root)/series/resolutions/demo", withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(filePath: place))
    }
  }

  private func known(_ path: String, _ world: AuthorWorld) throws -> String? {
    let text = try world.open().memory(of: "demo")(key, try RepoPath(path))
    return text.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func oneResolutionServesEveryFile() throws {
    let world = try AuthorWorld()
    try write([learned("a", "x\n"), learned("b", "x\n")], world)
    #expect(try known("a", world) == "x\n")
    #expect(try known("c", world) == "x\n")
  }

  @Test func differentOnesServeTheirFilesOnly() throws {
    let world = try AuthorWorld()
    try write([learned("a", "x\n"), learned("b", "y\n")], world)
    #expect(try known("a", world) == "x\n")
    #expect(try known("b", world) == "y\n")
    #expect(try known("c", world) == nil)
  }

  @Test func whatAnotherFileWasResolvedToBeforeStays() throws {
    let world = try AuthorWorld()
    try write([learned("a", "x\n")], world)
    try write([learned("b", "y\n")], world)
    #expect(try known("a", world) == "x\n")
    #expect(try known("b", world) == "y\n")
    #expect(try known("c", world) == nil)
    try write([learned("a", "z\n")], world)
    #expect(try known("a", world) == "z\n")
    #expect(try known("b", world) == "y\n")
  }

  @Test func twoInOneFileAreNotRemembered() throws {
    let world = try AuthorWorld()
    try write([learned("a", "x\n"), learned("a", "y\n"), learned("b", "y\n")], world)
    #expect(try known("a", world) == nil)
    #expect(try known("b", world) == "y\n")
  }
}
