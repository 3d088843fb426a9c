import Patches

/// The places of a text in the order of the lines that begin there: all places at which the same lines
/// begin stand beside each other (a suffix array, made by doubling).
///
/// - Complexity: O(n log n) to make, whatever repeats in the text.
struct SuffixOrder {
  private let numbers: LineNumbers
  private let lines: [Int32]
  private var order: [Int32]
  /// How many lines were ordered, each as often as it was.
  private(set) var work: Int

  init(_ text: Text) {
    var numbers = LineNumbers(capacity: text.lines.count)
    lines = numbers.numbers(text, text.lines.indices)
    self.numbers = numbers
    order = []
    work = lines.count
    sort(distinct: numbers.count)
  }

  private mutating func sort(distinct: Int) {
    var ranks = lines
    var classes = distinct
    order = Self.sorted(Array(0..<Int32(lines.count)), by: ranks, classes: classes)
    var width = 1
    while classes < lines.count {
      work += lines.count
      // By what comes after the first lines; where nothing does, first of all.
      var byRest = Array(Int32(max(0, lines.count - width))..<Int32(lines.count))
      byRest.reserveCapacity(lines.count)
      for place in order where Int(place) >= width { byRest.append(place - Int32(width)) }
      order = Self.sorted(byRest, by: ranks, classes: classes)
      (ranks, classes) = ranked(ranks, width)
      width *= 2
    }
  }

  /// The ranks by twice as many lines.
  private func ranked(_ ranks: [Int32], _ width: Int) -> (ranks: [Int32], classes: Int) {
    func rest(_ place: Int) -> Int32 { place + width < ranks.count ? ranks[place + width] : -1 }
    var result = ranks
    var rank: Int32 = 0
    for index in order.indices.dropFirst() {
      let (one, two) = (Int(order[index - 1]), Int(order[index]))
      if ranks[one] != ranks[two] || rest(one) != rest(two) { rank += 1 }
      result[two] = rank
    }
    if let first = order.first { result[Int(first)] = 0 }
    return (result, Int(rank) + 1)
  }

  /// The places by rank; those of one rank stay in their order.
  private static func sorted(_ places: [Int32], by ranks: [Int32], classes: Int) -> [Int32] {
    var ends = [Int](repeating: 0, count: classes + 1)
    for rank in ranks { ends[Int(rank) + 1] += 1 }
    for rank in 0..<classes { ends[rank + 1] += ends[rank] }
    var result = [Int32](repeating: 0, count: places.count)
    for place in places {
      let rank = Int(ranks[Int(place)])
      result[ends[rank]] = place
      ends[rank] += 1
    }
    return result
  }

  /// Every line at which the ranges of `source` stand, in order.
  ///
  /// - Parameter work: grows by what was compared and found.
  func places(of wanted: [Range<Int>], in source: [UInt8], _ work: inout Int) -> [Int] {
    var found = order.indices
    for (depth, range) in wanted.enumerated() {
      work += 1
      guard let number = numbers.number(of: range, in: source) else { return [] }
      if found.count == 1 {
        guard line(found.lowerBound, depth) == number else { return [] }
        continue
      }
      let first = firstIndex(in: found, &work) { line($0, depth) >= number }
      let last = firstIndex(in: first..<found.upperBound, &work) { line($0, depth) > number }
      found = first..<last
      if found.isEmpty { return [] }
    }
    work += found.count
    return order[found].map { Int($0) }.sorted()
  }

  /// The line so many below a place; -1 below the end of the text.
  private func line(_ index: Int, _ depth: Int) -> Int32 {
    let place = Int(order[index]) + depth
    return place < lines.count ? lines[place] : -1
  }

  /// The first index for which `isBehind` holds, which then holds for all that follow.
  private func firstIndex(
    in range: Range<Int>, _ work: inout Int, _ isBehind: (Int) -> Bool
  ) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      work += 1
      let middle = (low + high) / 2
      if isBehind(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
