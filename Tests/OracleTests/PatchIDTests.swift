import Foundation
import Git
import PatchEngine
import Patches
import TestSupport
import Testing

/// Patch ids, against `git patch-id --stable`.
@Suite struct PatchIDTests {
  private func ids(_ bytes: [UInt8], in directory: String) throws -> ObjectID? {
    let output = try git(["patch-id", "--stable"], in: directory, input: bytes)
    return output.split(separator: " ").first.flatMap { ObjectID(String($0)) }
  }

  @Test(arguments: [["-M", "-C", "-C"], ["--no-renames"]])
  func aPatchIDIsThatOfGit(form: [String]) throws {
    let history = try History(seed: 17)
    let files = try history.formatPatches(form, into: "out")
    #expect(files.count == History.commitCount - 1)
    var seen: Set<ObjectID> = []
    for file in files {
      let bytes = Array(FileManager.default.contents(atPath: file) ?? Data())
      let patch = try Patch(parsing: bytes, name: file)
      let own = patchID(of: patch, digest: sha1)
      #expect(try own == ids(bytes, in: history.path), "\(file)")
      if let own { seen.insert(own) }
    }
    #expect(seen.count > files.count * 9 / 10)
  }

  @Test func lineNumbersWhiteSpaceAndTheOrderOfFilesDoNotMatter() throws {
    func section(_ path: String, _ line: Int, _ text: String) -> String {
      "diff --git a/\(path) b/\(path)\n--- a/\(path)\n+++ b/\(path)\n"
        + "@@ -\(line),2 +\(line),2 @@\n context\n-old\n+\(text)\n"
    }
    func id(_ sections: String...) throws -> ObjectID? {
      patchID(
        of: try Patch(parsing: Array(sections.joined().utf8), name: "p"), digest: sha1)
    }
    let plain = try id(section("a", 1, "new text"), section("b", 5, "more"))
    #expect(plain != nil)
    #expect(try id(section("b", 7, "more"), section("a", 3, "  newtext")) == plain)
    #expect(try id(section("a", 1, "new texts"), section("b", 5, "more")) != plain)
  }

  @Test func renamesMayBeComparedWithoutTheirPercentage() throws {
    func id(_ percent: Int, ignoring: Bool) throws -> ObjectID? {
      let text =
        "diff --git a/a b/b\nsimilarity index \(percent)%\nrename from a\nrename to b\n"
      return patchID(
        of: try Patch(parsing: Array(text.utf8), name: "p"), ignoringSimilarity: ignoring,
        digest: sha1)
    }
    #expect(try id(100, ignoring: false) != id(90, ignoring: false))
    #expect(try id(100, ignoring: true) == id(90, ignoring: true))
  }
}
