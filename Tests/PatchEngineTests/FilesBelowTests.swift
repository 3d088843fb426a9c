import Patches
import TestSupport
import Testing

@testable import PatchEngine

/// Files that take the place of folders, and folders that take the place of files.
@Suite struct FilesBelowTests {
  private func tree(_ count: Int) -> VirtualTree {
    var tree = VirtualTree()
    for number in 0..<count {
      let path = number % 3 == 0 ? "f/n\(number)" : number % 3 == 1 ? "f\(number)" : "g\(number)/x"
      tree.set(try! RepoPath(path), Node(rawMode: 0o100644, content: .stored(.zero), id: nil))
    }
    return tree
  }

  private func work(_ count: Int) throws -> Int {
    let files = tree(count)
    var below = FilesBelow()
    let none = try FakeTree([:])
    for path in files.paths { _ = try below.contains(path, of: files, in: none) }
    return below.work
  }

  @Test func asManyQuestionsAsFilesCostTheLogarithmEach() throws {
    let (few, many) = try (work(2_000), work(4_000))
    #expect(many < 20 * 4_000 && many * 10 < few * 24)
  }

  @Test func manyQuestionsAreAnsweredAsOneIs() throws {
    var files = tree(90)
    for path in ["f/n0", "g2/x", "g5/x"] { files.set(try RepoPath(path), nil) }
    var many = FilesBelow()
    let upstream = try FakeTree(["g5/x": "x\n", "g8/x": "x\n", "u/v/w": "x\n", "h": "x\n"])
    let asked = ["f", "g", "g2", "g5", "g8", "g11", "f1", "u", "u/v", "h", "f/n3", "n"]
    for round in 0..<3 {
      for path in try asked.map({ try RepoPath($0) }) {
        var once = FilesBelow()
        let wanted = try once.contains(path, of: files, in: upstream)
        #expect(try many.contains(path, of: files, in: upstream) == wanted, "\(path) \(round)")
      }
    }
  }

  /// A patch that puts many files into folders where files are, and the other way round.
  @Test(arguments: [3, 40])
  func withdrawnChangesLeaveTheirFiles(count: Int) throws {
    var patch = ""
    var files: [String: String] = ["d/x": "x\n"]
    for number in 0..<count {
      files["f\(number)"] = "\(number)\n"
      patch += created("f\(number)/n")
      patch += created("d/e\(number)")
    }
    patch += created("d")
    let stack = try parsed([patch])
    let result = try replayed(stack, files)
    let reasons = result.compactMap { $0.conflict?.reason }
    let above = try RepoPath("f0")
    #expect(reasons.count == 2 * count + 1 && reasons.contains(.isDirectory))
    #expect(reasons.contains(.parentIsFile(above)))
  }

  private func created(_ path: String) -> String {
    "diff --git a/\(path) b/\(path)\nnew file mode 100644\n--- /dev/null\n+++ b/\(path)\n"
      + "@@ -0,0 +1 @@\n+one\n"
  }

  private func replayed(_ stack: [Patch], _ files: [String: String]) throws -> [PathResult] {
    let tree = try FakeTree(files)
    var results: [PathResult] = []
    for group in Plan(stack).groups {
      var recorder = NoRecorder()
      results += try replay(
        group, of: stack, onto: tree, using: ReplayMeans(primitives: .real), into: &recorder
      ).results
    }
    return results
  }
}
