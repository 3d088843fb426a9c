import Patches
import TestSupport
import Testing

@testable import PatchEngine

/// Which patches need which.
@Suite struct DependenciesTests {
  /// Twelve lines, `a1` to `a12`.
  private static func lines(_ letter: String) -> String {
    (1...12).map { "\(letter)\($0)\n" }.joined()
  }

  /// The edges of a stack as `2 needs 1: f`.
  private func edges(_ patches: [String], _ files: [String: String]) throws -> [String] {
    let stack = try parsed(patches)
    let found = try dependencies(
      of: stack, on: try FakeTree(files), using: ReplayMeans(primitives: .real))
    return found.edges.map {
      "\($0.patch) needs \($0.needs): \($0.paths.map(\.description).joined(separator: " "))"
    }
  }

  private func replacing(_ line: Int, by new: String, in text: String) -> String {
    var lines = text.split(separator: "\n").map(String.init)
    lines[line - 1] = new
    return lines.map { $0 + "\n" }.joined()
  }

  @Test func changesThatAreFarApartNeedNothing() throws {
    let base = Self.lines("a")
    let one = replacing(1, by: "new\nnew", in: base)
    let two = replacing(13, by: "x", in: one)
    #expect(try edges([diff("f", base, one), diff("f", one, two)], ["f": base]).isEmpty)
  }

  @Test func aChangeOfAddedLinesNeedsThePatchThatAddsThem() throws {
    let base = Self.lines("a")
    let one = replacing(6, by: "b", in: base)
    let two = replacing(6, by: "c", in: one)
    #expect(
      try edges([diff("f", base, one), diff("f", one, two)], ["f": base]) == ["1 needs 0: f"])
  }

  @Test func aChangeInTheContextOfAnotherNeedsIt() throws {
    let base = Self.lines("a")
    let one = replacing(4, by: "b", in: base)
    let two = replacing(7, by: "c", in: one)
    let three = replacing(12, by: "d", in: two)
    let patches = [diff("f", base, one), diff("f", one, two), diff("f", two, three)]
    #expect(try edges(patches, ["f": base]) == ["1 needs 0: f"])
  }

  @Test func whatOthersImplyIsLeftOut() throws {
    let base = Self.lines("a")
    let one = replacing(6, by: "b", in: base)
    let two = replacing(6, by: "c", in: one)
    let three = replacing(6, by: "d", in: two)
    let patches = [diff("f", base, one), diff("f", one, two), diff("f", two, three)]
    #expect(try edges(patches, ["f": base]) == ["1 needs 0: f", "2 needs 1: f"])
    let stack = try parsed(patches)
    let found = try dependencies(
      of: stack, on: try FakeTree(["f": base]), using: ReplayMeans(primitives: .real))
    #expect(found.allNeeds(of: 2) == [0, 1] && found.needs(of: 2) == [1])
    #expect(found.allNeeds(of: 0).isEmpty)
  }

  @Test func aPatchIsMovedTogetherWithWhatItNeeds() throws {
    let base = Self.lines("a")
    let top = replacing(1, by: "top", in: base)
    let one = replacing(10, by: "b", in: top)
    let two = replacing(10, by: "c", in: one)
    let patches = [diff("f", base, top), diff("f", top, one), diff("f", one, two)]
    #expect(try edges(patches, ["f": base]) == ["2 needs 1: f"])
  }

  @Test func patchesOfOtherFilesNeedNothing() throws {
    let (f, g) = (Self.lines("a"), Self.lines("b"))
    let patches = [
      diff("f", f, replacing(3, by: "x", in: f)), diff("g", g, replacing(3, by: "x", in: g)),
    ]
    #expect(try edges(patches, ["f": f, "g": g]).isEmpty)
  }

  @Test func aChangeOfANewOrRenamedFileNeedsThePatchThatPutItThere() throws {
    let base = Self.lines("a")
    let other = replacing(3, by: "x", in: base)
    let create =
      "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+one\n"
    let modify = "--- a/n\n+++ b/n\n@@ -1 +1 @@\n-one\n+two\n"
    #expect(try edges([create, modify], ["f": base]) == ["1 needs 0: n"])
    let move = "diff --git a/f b/g\nsimilarity index 100%\nrename from f\nrename to g\n"
    #expect(try edges([move, diff("g", base, other)], ["f": base]) == ["1 needs 0: g"])
    #expect(try edges([diff("f", base, other), move], ["f": base]) == ["1 needs 0: f"])
  }

  @Test func aFileInThePlaceOfADirectoryNeedsThePatchThatEmptiesIt() throws {
    let delete =
      "diff --git a/d/x b/d/x\ndeleted file mode 100644\n--- a/d/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
    let create =
      "diff --git a/d b/d\nnew file mode 100644\n--- /dev/null\n+++ b/d\n@@ -0,0 +1 @@\n+one\n"
    #expect(try edges([delete, create], ["d/x": "x\n"]) == ["1 needs 0: d/x"])
  }

  @Test func aChangeOfModeAndOneOfContentNeedNotWaitForEachOther() throws {
    let base = Self.lines("a")
    let mode = "diff --git a/f b/f\nold mode 100644\nnew mode 100755\n"
    let patches = [mode, diff("f", base, replacing(3, by: "x", in: base))]
    #expect(try edges(patches, ["f": base]).isEmpty)
    let back = "diff --git a/f b/f\nold mode 100755\nnew mode 100644\n"
    #expect(try edges([mode, back], ["f": base]) == ["1 needs 0: f"])
  }

  /// In every order that respects the graph all patches apply and the files come out the same; where a
  /// patch is put before one that it needs, they do not.
  ///
  /// - Parameter letters: how many kinds of lines the files are made of; 0 where none repeats.
  @Test(arguments: 1...120, [0, 6])
  func everyOrderThatRespectsTheGraphGivesTheSameFiles(seed: Int, letters: Int) throws {
    try expectTheSameFiles(seed: seed, letters: letters)
  }

  /// Stacks of which a hunk fits at a wrong place, or at several, only where an earlier patch is missing
  /// that it otherwise passes.
  @Test(arguments: [222, 327, 386])
  func patchesWhoseLinesRepeatKeepTheirOrderWhereAnotherWouldMisplaceThem(seed: Int) throws {
    try expectTheSameFiles(seed: seed, letters: 3)
  }

  /// The lines of a file that repeats few lines are known to be in one place only; where many repeat, all is
  /// replayed.
  @Test(arguments: 1...60, [0, 3, 8, 11])
  func placesAreComparedWithTheResultOfReplays(seed: Int, letters: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let world = RandomStack(&random, count: 3 + seed % 12, letters: letters)
    let (stack, tree) = (try parsed(world.patches), try FakeTree(world.files))
    var (compared, replayed) = (MoveWork(), MoveWork())
    let means = ReplayMeans(primitives: .real)
    let found = try dependencies(of: stack, on: tree, using: means, comparing: true, &compared)
    let wanted = try dependencies(of: stack, on: tree, using: means, comparing: false, &replayed)
    #expect(found.edges == wanted.edges)
    #expect(compared.replays <= replayed.replays)
  }

  /// Patches of one file that each change a line of their own.
  private func work(_ count: Int) throws -> (work: MoveWork, edges: Int) {
    var texts = [(0..<count * 8).map { "line \($0)\n" }.joined()]
    for number in 0..<count {
      texts.append(replacing(number * 8 + 4, by: "new \(number)", in: texts[number]))
    }
    let patches = (0..<count).map { diff("f", texts[$0], texts[$0 + 1]) }
    var work = MoveWork()
    let found = try dependencies(
      of: try parsed(patches), on: try FakeTree(["f": texts[0]]),
      using: ReplayMeans(primitives: .real), comparing: true, &work)
    return (work, found.edges.count)
  }

  @Test func patchesThatAreApartAreReplayedOnceEach() throws {
    for count in [20, 40] {
      let (work, edges) = try work(count)
      #expect(edges == 0 && work.replays == count && work.pairs <= count * count)
    }
  }

  /// Patches of one file that each change what the one before has left.
  @Test func aChainOfPatchesIsReplayedAFewTimesEach() throws {
    func work(_ count: Int) throws -> MoveWork {
      let texts = (0...count).map { "a\nb\nc\nversion \($0)\nd\ne\nf\n" }
      let patches = (0..<count).map { diff("f", texts[$0], texts[$0 + 1]) }
      var work = MoveWork()
      let found = try dependencies(
        of: try parsed(patches), on: try FakeTree(["f": texts[0]]),
        using: ReplayMeans(primitives: .real), comparing: true, &work)
      #expect(found.edges.map(\.needs) == Array(0..<count - 1))
      return work
    }
    for count in [20, 40] {
      let work = try work(count)
      #expect(work.replays <= 4 * count && work.pairs <= 2 * count)
    }
  }

  private func expectTheSameFiles(seed: Int, letters: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let world = RandomStack(&random, count: 3 + seed % 8, letters: letters)
    let tree = try FakeTree(world.files)
    let found = try dependencies(
      of: try parsed(world.patches), on: tree, using: ReplayMeans(primitives: .real))
    let usual = try Replayed(world.patches, onto: tree)
    #expect(usual.isApplied, "\(usual.lines)")
    for _ in 0..<12 {
      let order = anOrder(of: found, &random)
      let replayed = try Replayed(order.map { world.patches[$0] }, onto: tree)
      #expect(replayed.isApplied, "\(order) \(replayed.lines)")
      #expect(replayed.tree == usual.tree, "\(order) \(found.edges)")
    }
    // Where lines repeat, an edge may have been needed only until others were found.
    for edge in found.edges where letters == 0 {
      #expect(try matters(edge, in: found, world.patches, tree), "\(edge)")
    }
  }

  /// True where a patch put before one that it needs does not apply, or other files come out: as early as
  /// what else it needs lets it, on all or on nothing but what the two need.
  private func matters(
    _ edge: Dependencies.Edge, in found: Dependencies, _ patches: [String], _ tree: FakeTree
  ) throws -> Bool {
    let row = found.allNeeds(of: edge.patch).filter { $0 > edge.needs } + [edge.patch]
    let all = Array(0..<edge.needs)
    let rest = (edge.needs + 1..<edge.patch).filter { !row.contains($0) }
    let needed = Set(found.allNeeds(of: edge.patch) + found.allNeeds(of: edge.needs))
      .subtracting([edge.needs]).sorted()
    let orders = [
      (all + row + [edge.needs] + rest, all + [edge.needs] + row + rest),
      (needed + [edge.patch, edge.needs], needed + [edge.needs, edge.patch]),
    ]
    return try orders.contains { swapped, usual in
      let replayed = try Replayed(swapped.map { patches[$0] }, onto: tree)
      let expected = try Replayed(usual.map { patches[$0] }, onto: tree)
      return !replayed.isApplied || !expected.isApplied || replayed.tree != expected.tree
    }
  }

  @Test func randomStacksHaveEdgesAndPatchesWithout() throws {
    var (edges, free) = (0, 0)
    for seed in 1...40 {
      var random = SeededGenerator(seed: UInt64(seed))
      let world = RandomStack(&random, count: 3 + seed % 8)
      let found = try dependencies(
        of: try parsed(world.patches), on: try FakeTree(world.files),
        using: ReplayMeans(primitives: .real))
      edges += found.edges.count
      free += (0..<found.count).filter { found.needs(of: $0).isEmpty }.count
    }
    #expect(edges > 60 && free > 60, "\(edges) \(free)")
  }

  /// A random order in which each patch comes after those that it needs.
  private func anOrder(
    of found: Dependencies, _ random: inout SeededGenerator
  ) -> [Int] {
    var order: [Int] = []
    var left = Array(0..<found.count)
    while !left.isEmpty {
      let free = left.filter { patch in found.needs(of: patch).allSatisfy(order.contains) }
      let next = free[Int.random(in: 0..<free.count, using: &random)]
      order.append(next)
      left.removeAll { $0 == next }
    }
    return order
  }
}

extension Replayed {
  fileprivate var isApplied: Bool {
    steps.allSatisfy { $0.outcome == .clean || $0.outcome == .moved }
  }
}

/// Files, and patches that apply to them in order: edits, new files, deletions, renames.
private struct RandomStack {
  let files: [String: String]
  private(set) var patches: [String] = []
  private var state: [String: String]
  private var next = 0

  init(_ random: inout SeededGenerator, count: Int, letters: Int = 0) {
    var files: [String: String] = [:]
    for name in ["f", "g", "h"] {
      files[name] = (1...Int.random(in: 12...30, using: &random)).map {
        letters == 0 ? "\(name)\($0)\n" : "\($0 * 7 % 11 % letters)\n"
      }.joined()
    }
    self.files = files
    state = files
    for _ in 0..<count {
      var sections: [String] = []
      let names = state.keys.sorted().shuffled(using: &random)
      for name in names.prefix(Int.random(in: 1...2, using: &random)) {
        sections.append(section(name, &random))
      }
      patches.append(sections.joined())
    }
  }

  private mutating func section(_ name: String, _ random: inout SeededGenerator) -> String {
    next += 1
    let old = state[name]!
    switch Int.random(in: 0..<12, using: &random) {
    case 0:
      let path = "new\(next)"
      let content = (1...8).map { "\(path) \($0)\n" }.joined()
      state[path] = content
      let body = content.split(separator: "\n").map { "+\($0)\n" }.joined()
      return "diff --git a/\(path) b/\(path)\nnew file mode 100644\n--- /dev/null\n+++ b/\(path)\n"
        + "@@ -0,0 +1,8 @@\n\(body)"
    case 1:
      let path = "\(name)-\(next)"
      state[path] = old
      state[name] = nil
      return "diff --git a/\(name) b/\(path)\nsimilarity index 100%\nrename from \(name)\n"
        + "rename to \(path)\n"
    case 2 where state.count > 2:
      state[name] = nil
      let lines = old.split(separator: "\n")
      let body = lines.map { "-\($0)\n" }.joined()
      return "diff --git a/\(name) b/\(name)\ndeleted file mode 100644\n--- a/\(name)\n"
        + "+++ /dev/null\n@@ -1,\(lines.count) +0,0 @@\n\(body)"
    default:
      var new = edited(old, &random)
      while new == old { new = edited(old, &random) }
      state[name] = new
      return diff(name, old, new)
    }
  }

  private func edited(_ text: String, _ random: inout SeededGenerator) -> String {
    var lines = text.split(separator: "\n").map(String.init)
    for number in 0...Int.random(in: 0...1, using: &random) {
      let index = Int.random(in: 0..<lines.count, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0 where lines.count > 8: lines.remove(at: index)
      case 1: lines[index] += "'"
      default: lines.insert("line \(next).\(number)", at: index)
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
