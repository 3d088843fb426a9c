import Foundation
import TestSupport
import Testing

/// Files of an applied stack that no patch may carry: `refresh` says which and why.
@Suite struct UncarriedFileTests {
  private let world: AuthorWorld

  init() throws {
    world = try AuthorWorld()
    #expect(try kerb(["apply", "2024.1/demo"], in: world.root).status == 0)
  }

  private var folder: String { "\(world.root)/src/2024.1/demo" }

  private func refuses(_ message: String) throws {
    let before = try world.bytes()
    let outcome = try kerb(["refresh", "2024.1/demo"], in: world.root)
    #expect(outcome.status == 1)
    #expect(outcome.errors == "kerb: error: \(message); no patch can carry it\n")
    #expect(try world.bytes() == before)
  }

  @Test(arguments: [
    ("a\tb", "a\\u{9}b: the path has a control character"),
    ("a\\b", "a\\b: the path has a backslash"),
  ])
  func aFileWithABadName(_ name: String, _ message: String) throws {
    try Data("x\n".utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    try git(["add", "."], in: folder)
    try refuses(message)
    try git(["commit", "-q", "-m", "new"], in: folder)
    try refuses(message)
  }

  @Test func aLinkThatLeavesTheTree() throws {
    let message = "link: the link's target is absolute; it must lie inside the tree"
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder)/link", withDestinationPath: "/etc/hosts")
    try git(["add", "."], in: folder)
    try refuses(message)
    try git(["commit", "-q", "-m", "new"], in: folder)
    try refuses(message)
  }
}
