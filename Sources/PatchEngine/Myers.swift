/// The shortest edits between two texts of numbers (Myers, "An O(ND) Difference Algorithm and Its
/// Variations", in linear space), with the shortcuts of git's xdiff: lines that the other text does
/// not have are set aside first, and a search that takes too long settles for a good path.
struct MyersDiff {
  private(set) var removed: [Bool]
  private(set) var added: [Bool]
  /// The lines that are compared, and their places in the text.
  private var old: [Int32] = []
  private var new: [Int32] = []
  private var oldPlaces: [Int] = []
  private var newPlaces: [Int] = []
  /// The furthest point on each diagonal from either end; diagonal `d` stands at `d + origin`.
  private var forward: [Int] = []
  private var backward: [Int] = []
  private var origin = 0
  private var costLimit = 256

  /// A search longer than this looks for a good path instead of the best.
  private static let patience = 256
  /// A run of so many common lines makes a path good.
  private static let goodRun = 20

  init(old: [Int32], new: [Int32], distinct: Int) {
    removed = Array(repeating: false, count: old.count)
    added = Array(repeating: false, count: new.count)
    if distinct > old.count + new.count {
      // A part of two texts: what is counted here is not more than it has.
      let (olds, news, distinct) = Self.renumbered(old, new)
      reduce(olds, news, distinct: distinct)
    } else {
      reduce(old, new, distinct: distinct)
    }
    let diagonals = self.old.count + self.new.count + 3
    forward = Array(repeating: 0, count: diagonals + 1)
    backward = Array(repeating: 0, count: diagonals + 1)
    origin = self.new.count + 1
    costLimit = max(Self.patience, roughRoot(diagonals))
  }

  private static func renumbered(
    _ old: [Int32], _ new: [Int32]
  ) -> (old: [Int32], new: [Int32], distinct: Int) {
    var numbers: [Int32: Int32] = [:]
    func number(_ line: Int32) -> Int32 {
      if let known = numbers[line] { return known }
      let next = Int32(numbers.count)
      numbers[line] = next
      return next
    }
    let (olds, news) = (old.map(number), new.map(number))
    return (olds, news, numbers.count)
  }

  mutating func run() {
    compare(0..<old.count, 0..<new.count, exact: false)
  }

  private mutating func compare(_ olds: Range<Int>, _ news: Range<Int>, exact: Bool) {
    var (a, b) = (olds.lowerBound, news.lowerBound)
    var (c, d) = (olds.upperBound, news.upperBound)
    while a < c, b < d, old[a] == new[b] { (a, b) = (a + 1, b + 1) }
    while a < c, b < d, old[c - 1] == new[d - 1] { (c, d) = (c - 1, d - 1) }
    if a == c {
      for index in b..<d { added[newPlaces[index]] = true }
    } else if b == d {
      for index in a..<c { removed[oldPlaces[index]] = true }
    } else {
      let split = split(a, c, b, d, exact: exact)
      compare(a..<split.old, b..<split.new, exact: split.isExactBefore)
      compare(split.old..<c, split.new..<d, exact: split.isExactAfter)
    }
  }

  /// A point to divide at, and whether the path on each side of it is known to be shortest.
  private struct Split {
    var old: Int
    var new: Int
    var isExactBefore = true
    var isExactAfter = true
  }

  /// Searches from both ends of the rectangle at once until the paths meet.
  private mutating func split(_ a: Int, _ c: Int, _ b: Int, _ d: Int, exact: Bool) -> Split {
    let (least, most) = (a - d, c - b)
    let (ahead, behind) = (a - b, c - d)
    let isOdd = (ahead - behind) & 1 != 0
    var (low, high) = (ahead, ahead)
    var (bottom, top) = (behind, behind)
    forward[origin + ahead] = a
    backward[origin + behind] = c
    var cost = 1
    while true {
      var hasGoodRun = false
      if low > least {
        low -= 1
        forward[origin + low - 1] = -1
      } else {
        low += 1
      }
      if high < most {
        high += 1
        forward[origin + high + 1] = -1
      } else {
        high -= 1
      }
      for diagonal in stride(from: high, through: low, by: -2) {
        let (left, right) = (forward[origin + diagonal - 1], forward[origin + diagonal + 1])
        var x = left >= right ? left + 1 : right
        let start = x
        while x < c, x - diagonal < d, old[x] == new[x - diagonal] { x += 1 }
        if x - start > Self.goodRun { hasGoodRun = true }
        forward[origin + diagonal] = x
        if isOdd, bottom <= diagonal, diagonal <= top, backward[origin + diagonal] <= x {
          return Split(old: x, new: x - diagonal)
        }
      }
      if bottom > least {
        bottom -= 1
        backward[origin + bottom - 1] = .max
      } else {
        bottom += 1
      }
      if top < most {
        top += 1
        backward[origin + top + 1] = .max
      } else {
        top -= 1
      }
      for diagonal in stride(from: top, through: bottom, by: -2) {
        let (left, right) = (backward[origin + diagonal - 1], backward[origin + diagonal + 1])
        var x = left < right ? left : right - 1
        let start = x
        while x > a, x - diagonal > b, old[x - 1] == new[x - 1 - diagonal] { x -= 1 }
        if start - x > Self.goodRun { hasGoodRun = true }
        backward[origin + diagonal] = x
        if !isOdd, low <= diagonal, diagonal <= high, x <= forward[origin + diagonal] {
          return Split(old: x, new: x - diagonal)
        }
      }
      if !exact {
        if hasGoodRun, cost > Self.patience,
          let split = goodSplit(a, c, b, d, cost, low...high, bottom...top)
        {
          return split
        }
        if cost >= costLimit { return furthest(a, c, b, d, low...high, bottom...top) }
      }
      cost += 1
    }
  }

  /// A point far from its corner, close to the middle diagonal, and at the end of a good run.
  private func goodSplit(
    _ a: Int, _ c: Int, _ b: Int, _ d: Int, _ cost: Int, _ aheads: ClosedRange<Int>,
    _ behinds: ClosedRange<Int>
  ) -> Split? {
    let run = Self.goodRun
    var best = 0
    var split = Split(old: 0, new: 0)
    for diagonal in stride(from: aheads.upperBound, through: aheads.lowerBound, by: -2) {
      let x = forward[origin + diagonal]
      let y = x - diagonal
      let value = (x - a) + (y - b) - abs(diagonal - (a - b))
      guard value > 4 * cost, value > best, a + run <= x, x < c, b + run <= y, y < d,
        (1...run).allSatisfy({ old[x - $0] == new[y - $0] })
      else { continue }
      best = value
      split = Split(old: x, new: y, isExactBefore: true, isExactAfter: false)
    }
    if best > 0 { return split }
    for diagonal in stride(from: behinds.upperBound, through: behinds.lowerBound, by: -2) {
      let x = backward[origin + diagonal]
      let y = x - diagonal
      let value = (c - x) + (d - y) - abs(diagonal - (c - d))
      guard value > 4 * cost, value > best, a < x, x <= c - run, b < y, y <= d - run,
        (0..<run).allSatisfy({ old[x + $0] == new[y + $0] })
      else { continue }
      best = value
      split = Split(old: x, new: y, isExactBefore: false, isExactAfter: true)
    }
    return best > 0 ? split : nil
  }

  /// The point that came furthest when the search is given up.
  private func furthest(
    _ a: Int, _ c: Int, _ b: Int, _ d: Int, _ aheads: ClosedRange<Int>,
    _ behinds: ClosedRange<Int>
  ) -> Split {
    var ahead = (sum: -1, x: -1)
    for diagonal in stride(from: aheads.upperBound, through: aheads.lowerBound, by: -2) {
      var x = min(forward[origin + diagonal], c)
      if x - diagonal > d { x = d + diagonal }
      if x + x - diagonal > ahead.sum { ahead = (x + x - diagonal, x) }
    }
    var behind = (sum: Int.max, x: Int.max)
    for diagonal in stride(from: behinds.upperBound, through: behinds.lowerBound, by: -2) {
      var x = max(backward[origin + diagonal], a)
      if x - diagonal < b { x = b + diagonal }
      if x + x - diagonal < behind.sum { behind = (x + x - diagonal, x) }
    }
    if c + d - behind.sum < ahead.sum - (a + b) {
      return Split(
        old: ahead.x, new: ahead.sum - ahead.x, isExactBefore: true, isExactAfter: false)
    }
    return Split(
      old: behind.x, new: behind.sum - behind.x, isExactBefore: false, isExactAfter: true)
  }
}

/// Which lines take part in the search.
extension MyersDiff {
  /// What is known of a line before the search.
  private enum Line {
    /// The other text lacks it.
    case alone
    case shared
    /// The other text has it so often that it proves little.
    case frequent
  }

  /// A line that stands in the other text more often than this, or than the text's rough root, is
  /// frequent.
  private static let mostMatches = 1024
  /// How far a frequent line's neighbours are looked at.
  private static let window = 100

  /// Sets aside what both texts begin and end with, and marks lines that cannot match.
  private mutating func reduce(_ olds: [Int32], _ news: [Int32], distinct: Int) {
    let least = min(olds.count, news.count)
    var start = 0
    while start < least, olds[start] == news[start] { start += 1 }
    var tail = 0
    while tail < least - start, olds[olds.count - 1 - tail] == news[news.count - 1 - tail] {
      tail += 1
    }
    var (oldCounts, newCounts) = ([Int32](repeating: 0, count: distinct), [Int32]())
    newCounts = oldCounts
    for number in olds { oldCounts[Int(number)] += 1 }
    for number in news { newCounts[Int(number)] += 1 }
    let oldLines = Self.lines(olds, start..<olds.count - tail, newCounts)
    let newLines = Self.lines(news, start..<news.count - tail, oldCounts)
    for (index, line) in oldLines.enumerated() {
      if Self.takesPart(line, index, oldLines) {
        old.append(olds[start + index])
        oldPlaces.append(start + index)
      } else {
        removed[start + index] = true
      }
    }
    for (index, line) in newLines.enumerated() {
      if Self.takesPart(line, index, newLines) {
        new.append(news[start + index])
        newPlaces.append(start + index)
      } else {
        added[start + index] = true
      }
    }
  }

  private static func lines(
    _ numbers: [Int32], _ range: Range<Int>, _ others: [Int32]
  ) -> [Line] {
    let limit = min(roughRoot(numbers.count), mostMatches)
    return numbers[range].map { number in
      let matches = Int(others[Int(number)])
      return matches == 0 ? .alone : matches < limit ? .shared : .frequent
    }
  }

  /// A frequent line is left out amid lines that the other text lacks.
  private static func takesPart(_ line: Line, _ index: Int, _ lines: [Line]) -> Bool {
    switch line {
    case .alone: return false
    case .shared: return true
    case .frequent:
      let before = run(in: lines, stride(from: index - 1, through: max(0, index - window), by: -1))
      guard before.alone > 0 else { return true }
      let last = min(lines.count - 1, index + window)
      let after = run(in: lines, stride(from: index + 1, through: last, by: 1))
      guard after.alone > 0 else { return true }
      let (frequent, alone) = (before.frequent + after.frequent + 2, before.alone + after.alone)
      return frequent * 4 >= frequent + alone
    }
  }

  private static func run(
    in lines: [Line], _ places: StrideThrough<Int>
  ) -> (alone: Int, frequent: Int) {
    var result = (alone: 0, frequent: 0)
    for place in places {
      switch lines[place] {
      case .alone: result.alone += 1
      case .frequent: result.frequent += 1
      case .shared: return result
      }
    }
    return result
  }
}

/// A power of two near the square root.
private func roughRoot(_ number: Int) -> Int {
  var (rest, root) = (number, 1)
  while rest > 0 {
    rest >>= 2
    root <<= 1
  }
  return root
}
