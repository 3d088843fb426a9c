import Patches
import Testing

@testable import PatchEngine

/// Small inputs have small costs: work is counted, at two sizes. Twice the input may cost little more than
/// twice the work.
@Suite struct PlacementCostTests {
  /// A file of numbered lines and a hunk for every tenth, which says that it begins `shift` lines higher
  /// up than it does.
  private static func input(
    hunks count: Int, shift: Int, line: (Int) -> String = { "line \($0)" }
  ) throws -> (text: Text, hunks: [Hunk]) {
    let top = (0..<shift).map { "top \($0)\n" }.joined()
    let lines = (0..<count * 10).map(line)
    var patch = ""
    for start in stride(from: 1, to: count * 10, by: 10) {
      patch += "@@ -\(start + 1),7 +\(start + 1),7 @@\n"
      for offset in 0..<7 {
        let line = lines[start + offset]
        patch += offset == 3 ? "-\(line)\n+NEW \(start)\n" : " \(line)\n"
      }
    }
    return (text(top + lines.map { "\($0)\n" }.joined()), try parsedHunks(patch))
  }

  private static func work(placing input: (text: Text, hunks: [Hunk])) throws -> Int {
    var placing = Placing(input.text, .unique)
    _ = try placing.apply(input.hunks)
    return placing.work
  }

  private func expectLinear(_ one: Int, _ two: Int, most: Int) {
    #expect(one <= most)
    #expect(Double(two) <= 2.5 * Double(one))
  }

  @Test func hunksInPlaceCostTheirLines() throws {
    let work = try [200, 400].map { try Self.work(placing: Self.input(hunks: $0, shift: 0)) }
    expectLinear(work[0], work[1], most: 200 * 20)
  }

  @Test func movedHunksDoNotEachCostTheWholeFile() throws {
    let work = try [200, 400].map { try Self.work(placing: Self.input(hunks: $0, shift: 50)) }
    expectLinear(work[0], work[1], most: 200 * 10 * 40)
  }

  @Test func movedHunksWhoseLinesRepeatDoNotEachCostTheWholeFile() throws {
    // Each line of a hunk stands everywhere: only together are they in one place.
    func line(_ number: Int) -> String {
      let (block, offset) = (number / 10, number % 10)
      return (1...7).contains(offset) ? "\(block >> (2 * offset - 2) & 3)" : "edge \(number)"
    }
    let work = try [200, 400].map {
      try Self.work(placing: Self.input(hunks: $0, shift: 50, line: line))
    }
    expectLinear(work[0], work[1], most: 200 * 10 * 40)
  }

  @Test func hunksThatGoAboveOthersDoNotEachCostTheWholeFile() throws {
    let work = try [200, 400].map { count in
      let input = try Self.input(hunks: count, shift: 50)
      return try Self.work(placing: (input.text, input.hunks.reversed()))
    }
    expectLinear(work[0], work[1], most: 200 * 10 * 40)
  }

  @Test func aTextOfOneLineIsPutInOrderWithoutComparingAllWithAll() {
    let work = [1_000, 2_000].map {
      SuffixOrder(text(String(repeating: "x\n", count: $0))).work
    }
    expectLinear(work[0], work[1], most: 1_000 * 12)
  }

  private func search(_ hunks: String, in tree: String) throws -> Int {
    let hunks = try parsedHunks(hunks)
    let file = FileChange(
      try RepoPath("f"), .modify, oldMode: nil, newMode: nil, content: .hunks(hunks))
    var search = HunkSearch(file: file, hunks: hunks, base: nil, locked: nil, text: text(tree))
    _ = search.parts(isPossible: true)
    return search.work
  }

  @Test func whatLandedOfAHunkOfOneLineThatRepeatsCostsItsLines() throws {
    let work = try [500, 1_000].map { count in
      let lines = String(repeating: "-something\n", count: count)
      return try search(
        "@@ -1,\(count + 1) +1,2 @@\n x\n\(lines)+another\n",
        in: String(repeating: "something\n", count: count * 2))
    }
    expectLinear(work[0], work[1], most: 500 * 20)
  }

  @Test func whatLandedOfManyRunsOfLinesDoesNotCostTheWholeFileEach() throws {
    let work = try [200, 400].map { count in
      let runs = (0..<count).map { " context \($0)\n+added line\n" }.joined()
      return try search(
        "@@ -2,\(count) +2,\(count * 2) @@\n\(runs)",
        in: (0..<count).map { "context \($0 + 1)\nadded line\n" }.joined())
    }
    expectLinear(work[0], work[1], most: 200 * 2 * 80)
  }

  @Test func whatLandedOfManyHunksDoesNotCostTheWholeFileEach() throws {
    let work = try [200, 400].map { count in
      let input = try Self.input(hunks: count, shift: 50)
      var search = HunkSearch(
        file: FileChange(
          try RepoPath("f"), .modify, oldMode: nil, newMode: nil, content: .hunks(input.hunks)),
        hunks: input.hunks, base: nil, locked: nil, text: input.text)
      _ = search.parts(isPossible: true)
      return search.work
    }
    expectLinear(work[0], work[1], most: 200 * 10 * 80)
  }
}
