import Patches
import Testing

@testable import PatchEngine

/// Paths, patches of many files, renames.
@Suite struct PathCostTests {
  private static func path(_ depth: Int, _ name: String) throws -> RepoPath {
    try RepoPath(String(repeating: "d/", count: depth) + name)
  }

  @Test func aPlanOfDeepPathsTakesEachComponentOnce() throws {
    let work = try [100, 200].map { depth in
      var paths = PathSets()
      for index in 0..<50 { _ = paths.number(of: try Self.path(depth, "\(index)")) }
      paths.joinNested()
      return paths.work
    }
    #expect(work == [50 * 101, 50 * 201])
  }

  @Test func whatStandsAboveADeepPathIsFoundInOneWalk() throws {
    let tree = CountingTree()
    let looks = try [100, 200].map { depth in
      var state = VirtualTree()
      tree.looks.value = 0
      for index in 0..<50 {
        let path = try Self.path(depth, "\(index)")
        state.set(path, nil)
        #expect(try state.fileAbove(path, in: tree) == nil)
        #expect(try !state.hasFiles(below: path, in: tree))
      }
      #expect(state.work <= 50 * 3 * (depth + 1))
      return tree.looks.value
    }
    #expect(looks[0] <= 50 * 10)
    #expect(looks[1] <= 50 * 11)
  }

  @Test func aFileThatBecomesAFolderIsCheckedOncePerFile() throws {
    let checks = try [200, 400].map { count in
      let sections =
        "diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
        + (0..<count).map { "diff --git a/f/\($0) b/f/\($0)\nnew file mode 100644\n" }.joined()
      let patch = try Patch(parsing: sections.bytes, name: "p")
      let tree = CountingTree(file: "f", content: "x\n")
      var (state, bases, recorder) = (VirtualTree(), BaseTexts(), NoRecorder())
      var round = PatchRound(number: 0, means: ReplayMeans(primitives: .none))
      for file in patch.files { try round.take(file, &state, bases: &bases, tree, &recorder) }
      try round.settle(&state, tree)
      #expect(round.results.allSatisfy { $0.outcome == .clean })
      return round.checks + state.work
    }
    #expect(checks[0] <= 200 * 30)
    #expect(checks[1] <= checks[0] * 5 / 2)
  }

  private static func files(_ count: Int, _ folder: String) throws -> [LoneFile] {
    try (0..<count).map {
      LoneFile(path: try RepoPath("\(folder)/\($0)"), id: try #require(ObjectID(hex: id($0))))
    }
  }

  private static func id(_ number: Int) -> [UInt8] {
    let digits = String(number, radix: 16)
    return (String(repeating: "0", count: 40 - digits.count) + digits).bytes
  }

  @Test func filesOfTheSameContentAreMatchedOneByOne() throws {
    let work = try [500, 1_000].map { count in
      var search = RenameSearch(gone: try Self.files(count, "a"), come: try Self.files(count, "b"))
      search.matchExactly()
      #expect(search.found.count == count)
      return search.work
    }
    #expect(work == [500, 1_000])
  }

  @Test func moreFilesThanGitComparesAreNotCompared() throws {
    func files(_ folder: String, _ id: ObjectID) throws -> [LoneFile] {
      try (0..<7_001).map { LoneFile(path: try RepoPath("\(folder)/\(folder)\($0)"), id: id) }
    }
    let gone = try files("a", .zero)
    let come = try files("b", try #require(ObjectID(hex: Self.id(1))))
    var reads = 0
    let result = try renames(gone: gone, come: come, wanted: Set(gone.map(\.path))) { _ in
      reads += 1
      return []
    }
    #expect(result.found.isEmpty && reads == 0)
    #expect(result.unsearched?.gone == 7_001 && result.unsearched?.come == 7_001)
  }
}

/// A tree with at most one file that counts how often it is asked for an entry.
private struct CountingTree: TreeSource {
  final class Counter { var value = 0 }

  let looks = Counter()
  var file = ""
  var content = ""

  func entry(at path: RepoPath) throws -> SourceEntry? {
    looks.value += 1
    return "\(path)" == file ? SourceEntry(rawMode: 0o100644, id: .zero) : nil
  }

  func content(of blob: ObjectID) throws -> [UInt8] { content.bytes }
  func storedContent(of blob: ObjectID) throws -> [UInt8]? { nil }
  func files(under directory: RepoPath) throws -> [[UInt8]] { [] }
  var hasBase: Bool { false }
  func baseEntry(at path: RepoPath) throws -> SourceEntry? { nil }
}

extension Primitives {
  fileprivate static let none = Primitives(blobID: { _ in .zero }, inflate: { _, _ in nil })
}
