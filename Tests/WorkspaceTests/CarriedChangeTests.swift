import Foundation
import TestSupport
import Testing

/// `sync` begins with what was carried last, by a port or by another sync.
@Suite struct CarriedChangeTests {
  private let world: AuthorWorld

  init() throws { world = try AuthorWorld() }

  private func run(_ words: String) throws -> Outcome {
    try kerb(words.split(separator: " ").map(String.init), in: world.root)
  }

  /// The patched file.
  private func patched(_ release: String) throws -> String {
    let outcome = try run("apply \(release)/demo")
    #expect(outcome.status == 0, "\(outcome.errors)\(outcome.text)")
    return try #require(world.folder.read("work/src/\(release)/demo/f"))
  }

  private func edit(_ release: String, _ old: String, _ new: String) throws {
    let text = try patched(release)
    #expect(text.contains(old))
    try world.folder.write("work/src/\(release)/demo/f", text.replacing(old, with: new))
    let outcome = try run("refresh \(release)/demo two")
    #expect(outcome.status == 0, "\(outcome.errors)\(outcome.text)")
  }

  private func sync(from release: String) throws {
    let outcome = try run("sync demo two --from \(release)")
    #expect(outcome.status == 0, "\(outcome.errors)\(outcome.text)")
  }

  /// The release's file is another one beside the patch, or in its very line: a person has to resolve that.
  @Test(arguments: [("f 22\n", "f twenty-two\n", false), ("f 20\n", "f twenty\n", true)])
  func aChangeAfterAPortIsCarriedAlone(old: String, new: String, stops: Bool) throws {
    try world.folder.write("work/series/master", "")
    let clone = world.folder.file("upstream")
    try git(["checkout", "-q", "master"], in: clone)
    let text = (world.folder.read("upstream/f") ?? "").replacing(old, with: new)
    try world.folder.write("upstream/f", text)
    try git(["commit", "-q", "-a", "-m", "beside"], in: clone)
    #expect(try run("fetch --update master/demo --from ../upstream").status == 0)
    #expect(try run("port 2024.1 master demo").status == (stops ? 3 : 0))
    if stops {
      let path = "work/src/master/demo/f"
      let lines = (world.folder.read(path) ?? "").split(separator: "\n").filter {
        !["<<<<<<<", "|||||||", "=======", ">>>>>>>"].contains(String($0.prefix(7)))
          && $0 != "f 20" && $0 != "f twenty"
      }
      try world.folder.write(path, lines.joined(separator: "\n") + "\n")
      let outcome = try run("continue master/demo")
      #expect(outcome.status == 0, "\(outcome.errors)\(outcome.text)")
    }
    try edit("2024.1", "\ntwo\n", "\ntwo and more\n")
    try sync(from: "2024.1")
    #expect(try patched("master").contains("\ntwo and more\n"))
    #expect(try patched("master").contains(new) != stops)
    // The next one begins where that one ended, in this direction and in the other.
    try edit("2024.1", "\ntwo and more\n", "\ntwo, more and most\n")
    try sync(from: "2024.1")
    #expect(try patched("master").contains("\ntwo, more and most\n"))
    try edit("master", "\ntwo, more and most\n", "\ntwo again\n")
    try sync(from: "master")
    #expect(try patched("2024.1").contains("\ntwo again\n"))
    #expect(try patched("2024.1").contains("\nf 22\n"))
  }
}
