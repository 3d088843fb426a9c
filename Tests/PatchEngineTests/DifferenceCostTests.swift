import Testing

@testable import PatchEngine

/// Differences and conflicts.
@Suite struct DifferenceCostTests {
  @Test func theHistogramMethodIsGivenUpWhereItTakesTheLinesTimesTheEdits() {
    let (old, new) = (0..<500).reduce(into: ([Int32](), [Int32]())) { texts, number in
      let first = Int32(number * 5)
      texts.0 += [first, first + 1, first + 2, first + 3]
      texts.1 += [first, first + 4, first + 2, first + 3]
    }
    var comparison = LineComparison(old, new, distinct: 2_500)
    let all = comparison.markByRarity()
    #expect(all > 500_000)
    let edits = comparison.edits
    var bounded = LineComparison(old, new, distinct: 2_500)
    let work = bounded.markByRarity(patience: 10_000)
    #expect(work <= 10_000 + 5 * old.count)
    #expect(bounded.edits == edits)
  }

  @Test func partsOfATextAreComparedWithoutCountingTheRest() {
    var work = MyersDiff(old: [70_000, 5, 9], new: [5, 9, 9], distinct: 100_000)
    work.run()
    #expect(work.removed == [true, false, false])
    #expect(work.added.count { $0 } == 1)
  }
}
