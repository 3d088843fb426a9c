/// Sums of the first few of some numbers, each of which may change (Fenwick's tree).
///
/// - Complexity: O(log n) for each question and each change.
struct PrefixSums {
  private var sums: [Int]

  init(repeating value: Int, count: Int) {
    sums = (0...count).map { ($0 & -$0) * value }
  }

  mutating func add(_ change: Int, at index: Int) {
    var node = index + 1
    while node < sums.count {
      sums[node] += change
      node += node & -node
    }
  }

  /// The sum of the numbers before an index.
  func sum(before index: Int) -> Int {
    var (node, sum) = (index, 0)
    while node > 0 {
      sum += sums[node]
      node -= node & -node
    }
    return sum
  }

  /// The last index whose numbers before it sum to no more than a bound; no number is negative.
  func last(upTo bound: Int) -> Int {
    var (index, rest) = (0, bound)
    var step = 1
    while step * 2 < sums.count { step *= 2 }
    while step > 0 {
      if index + step < sums.count, sums[index + step] <= rest {
        index += step
        rest -= sums[index]
      }
      step /= 2
    }
    return index
  }
}
