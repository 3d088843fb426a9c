import Patches
import TestSupport
import Testing

@testable import PatchEngine

/// Files that take the place of folders, and folders that take the place of files.
@Suite struct FilesAndFoldersTests {
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
    let (result, edits) = try replayed(stack, files)
    let reasons = result.compactMap { $0.conflict?.reason }
    let above = try RepoPath("f0")
    #expect(reasons.count == 2 * count + 1 && reasons.contains(.isDirectory))
    #expect(reasons.contains(.parentIsFile(above)))
    #expect(edits.isEmpty, "\(edits)")
  }

  private func created(_ path: String) -> String {
    "diff --git a/\(path) b/\(path)\nnew file mode 100644\n--- /dev/null\n+++ b/\(path)\n"
      + "@@ -0,0 +1 @@\n+one\n"
  }

  private func replayed(_ stack: [Patch], _ files: [String: String]) throws -> (
    [PathResult], [TreeEdit]
  ) {
    let tree = try FakeTree(files)
    var (results, edits): ([PathResult], [TreeEdit]) = ([], [])
    for group in Plan(stack).groups {
      var recorder = NoRecorder()
      let replayed = try replay(
        group, of: stack, onto: tree, using: ReplayMeans(primitives: .real), into: &recorder)
      results += replayed.results
      edits += replayed.edits
    }
    return (results, edits)
  }
}
