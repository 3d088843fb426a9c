import PatchEngine
import Patches
import TestSupport
import Testing

@Suite struct DifferenceTests {
  @Test func applyingTheHunksOfTwoTextsToTheFirstGivesTheSecond() throws {
    var generator = SeededGenerator(seed: 1)
    for round in 0..<6_000 {
      let letters = 2 + round % 4
      let old = generator.lines(most: 14, letters: letters)
      let new =
        round % 2 == 0
        ? generator.edited(old, letters: letters) : generator.lines(most: 14, letters: letters)
      let context = 1 + round % 3
      let made = hunks(from: text(old), to: text(new), context: context)
      let (result, placements) = try apply(made, to: text(old))
      let message: Comment = "from \(old.debugDescription) to \(new.debugDescription)"
      try #require(result.bytes == new.bytes, message)
      try #require(placements.allSatisfy { $0.offset == 0 }, message)
      try #require(made.isEmpty == (old == new), message)
    }
  }

  /// Lines that repeat often may be set aside, as git does; with few of them nothing is.
  @Test func theDifferenceIsTheShortest() throws {
    var generator = SeededGenerator(seed: 2)
    var shortestCount = 0
    for round in 0..<4_000 {
      let letters = 12 + round % 3
      let old = generator.lines(most: 12, letters: letters)
      let new = generator.lines(most: 12, letters: letters)
      let edits = difference(from: text(old), to: text(new))
      let count = edits.reduce(0) { $0 + $1.old.count + $1.new.count }
      let least = shortest(text(old), text(new))
      try #require(
        count >= least, "from \(old.debugDescription) to \(new.debugDescription): \(edits)")
      if count == least { shortestCount += 1 }
    }
    #expect(shortestCount > 3_980)
  }

  @Test func editsAreInOrderAndApart() throws {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<2_000 {
      let old = generator.lines(most: 12, letters: 3)
      let new = generator.lines(most: 12, letters: 3)
      let edits = difference(from: text(old), to: text(new))
      for (first, second) in zip(edits, edits.dropFirst()) {
        try #require(first.old.upperBound < second.old.lowerBound, "\(old) \(new)")
        try #require(
          second.old.lowerBound - first.old.upperBound
            == second.new.lowerBound - first.new.upperBound, "\(old) \(new)")
      }
    }
  }

  /// The number of lines that no longest common subsequence holds, by the table of all prefixes.
  private func shortest(_ old: Text, _ new: Text) -> Int {
    var row = [Int](repeating: 0, count: new.lines.count + 1)
    for i in old.lines.indices {
      var diagonal = 0
      for j in new.lines.indices {
        let above = row[j + 1]
        row[j + 1] = old[line: i] == new[line: j] ? diagonal + 1 : max(above, row[j])
        diagonal = above
      }
    }
    return old.lines.count + new.lines.count - 2 * row[new.lines.count]
  }

  @Test func equalTextsHaveNoEdits() {
    #expect(difference(from: text(""), to: text("")).isEmpty)
    #expect(difference(from: text("a\nb"), to: text("a\nb")).isEmpty)
  }

  @Test func aMissingNewlineIsADifference() {
    let edits = difference(from: text("a\nb"), to: text("a\nb\n"))
    #expect(edits.map(\.old) == [1..<2])
    #expect(edits.map(\.new) == [1..<2])
  }

  @Test func aHunkHasThreeLinesOfContext() {
    let old = text("1\n2\n3\n4\n5\n6\n7\n8\n9\n")
    let made = hunks(from: old, to: text("1\n2\n3\n4\nX\n6\n7\n8\n9\n"))
    #expect(made.count == 1)
    #expect(
      [made[0].oldStart, made[0].oldCount, made[0].newStart, made[0].newCount] == [2, 7, 2, 7])
    #expect([made[0].leadingContext, made[0].trailingContext] == [3, 3])
  }

  @Test func editsSixLinesApartShareAHunkAndSevenDoNot() {
    let lines = (1...20).map { "\($0)\n" }
    var near = lines
    (near[4], near[11]) = ("X\n", "Y\n")
    var far = lines
    (far[4], far[12]) = ("X\n", "Y\n")
    let old = text(lines.joined())
    #expect(hunks(from: old, to: text(near.joined())).map(\.oldStart) == [2])
    #expect(hunks(from: old, to: text(far.joined())).map(\.oldStart) == [2, 10])
  }
}
