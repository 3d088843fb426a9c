import PatchEngine
import TestSupport
import Testing

/// Assignments, against all permutations.
@Suite struct AssignmentTests {
  private func matrix(_ size: Int, most: Int, _ random: inout SeededGenerator) -> CostMatrix {
    var costs = CostMatrix(size: size)
    for column in 0..<size {
      for row in 0..<size { costs[column, row] = Int.random(in: 0...most, using: &random) }
    }
    return costs
  }

  private func sum(_ costs: CostMatrix, _ rows: [Int]) -> Int {
    rows.enumerated().reduce(0) { $0 + costs[$1.offset, $1.element] }
  }

  /// The least sum over all permutations.
  private func least(_ costs: CostMatrix, from column: Int = 0, taken: Int = 0) -> Int {
    guard column < costs.size else { return 0 }
    var best = Int.max
    for row in 0..<costs.size where taken >> row & 1 == 0 {
      best = min(
        best,
        costs[column, row] + least(costs, from: column + 1, taken: taken | 1 << row))
    }
    return best
  }

  @Test(arguments: [1, 2, 5, 30, 60_000])
  func noPermutationCostsLess(most: Int) {
    var random = SeededGenerator(seed: UInt64(most))
    for size in 0...6 {
      for _ in 0..<300 {
        let costs = matrix(size, most: most, &random)
        let rows = leastCostAssignment(costs)
        #expect(rows.sorted() == Array(0..<size))
        #expect(sum(costs, rows) == least(costs), "\(costs)")
      }
    }
  }

  @Test func aLargeMatrixWithOneCheapPermutationGivesIt() {
    var random = SeededGenerator(seed: 9)
    let wanted = Array(0..<120).shuffled(using: &random)
    var costs = matrix(120, most: 50, &random)
    for column in 0..<120 {
      for row in 0..<120 { costs[column, row] += 51 }
      costs[column, wanted[column]] = column % 3
    }
    #expect(leastCostAssignment(costs) == wanted)
  }
}
