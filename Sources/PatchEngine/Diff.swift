import Patches

/// A run of lines that differs between two texts: these old lines became those new ones.
public struct Edit: Hashable, Sendable {
  public let old: Range<Int>
  public let new: Range<Int>
}

/// The shortest edits that make one text of another (Myers, "An O(ND) Difference Algorithm and Its
/// Variations", with the linear-space refinement).
///
/// - Returns: the edits in order; adjacent ones are joined.
/// - Complexity: O((lines + edits) · edits).
public func difference(from old: Text, to new: Text) -> [Edit] {
  var numbers: [ArraySlice<UInt8>: Int] = [:]
  func intern(_ text: Text) -> [Int] {
    text.lines.indices.map { index in
      let line = text[line: index]
      if let number = numbers[line] { return number }
      numbers[line] = numbers.count
      return numbers.count - 1
    }
  }
  var work = MyersDiff(old: intern(old), new: intern(new))
  return work.edits()
}

private struct MyersDiff {
  let old: [Int]
  let new: [Int]
  private var removed: [Bool]
  private var added: [Bool]
  private var forward: [Int]
  private var backward: [Int]
  private let middle: Int

  init(old: [Int], new: [Int]) {
    self.old = old
    self.new = new
    self.removed = Array(repeating: false, count: old.count)
    self.added = Array(repeating: false, count: new.count)
    self.middle = old.count + new.count + 1
    self.forward = Array(repeating: 0, count: 2 * middle + 1)
    self.backward = Array(repeating: 0, count: 2 * middle + 1)
  }

  mutating func edits() -> [Edit] {
    compare(0..<old.count, 0..<new.count)
    var result: [Edit] = []
    var (i, j) = (0, 0)
    while i < old.count || j < new.count {
      let (startOld, startNew) = (i, j)
      while i < old.count, removed[i] { i += 1 }
      while j < new.count, added[j] { j += 1 }
      if i > startOld || j > startNew {
        result.append(Edit(old: startOld..<i, new: startNew..<j))
      } else {
        i += 1
        j += 1
      }
    }
    return result
  }

  private mutating func compare(_ olds: Range<Int>, _ news: Range<Int>) {
    var (a, b) = (olds.lowerBound, news.lowerBound)
    var (c, d) = (olds.upperBound, news.upperBound)
    while a < c, b < d, old[a] == new[b] { (a, b) = (a + 1, b + 1) }
    while a < c, b < d, old[c - 1] == new[d - 1] { (c, d) = (c - 1, d - 1) }
    if a == c {
      for index in b..<d { added[index] = true }
    } else if b == d {
      for index in a..<c { removed[index] = true }
    } else {
      let (x, y) = split(a, c, b, d)
      compare(a..<x, b..<y)
      compare(x..<c, y..<d)
    }
  }

  /// A point on a shortest path through the rectangle, found from both ends at once.
  private mutating func split(_ a: Int, _ c: Int, _ b: Int, _ d: Int) -> (Int, Int) {
    let delta = (c - a) - (d - b)
    let isOdd = delta & 1 != 0
    forward[middle + 1] = a
    backward[middle + 1] = c
    for distance in 0...((c - a) + (d - b) + 1) / 2 {
      for k in stride(from: -distance, through: distance, by: 2) {
        let down =
          k == -distance || (k != distance && forward[middle + k - 1] < forward[middle + k + 1])
        var x = down ? forward[middle + k + 1] : forward[middle + k - 1] + 1
        var y = b + (x - a) - k
        let start = (x, y)
        while x < c, y >= b, y < d, old[x] == new[y] { (x, y) = (x + 1, y + 1) }
        forward[middle + k] = x
        let mirror = delta - k
        if isOdd, abs(mirror) < distance, x >= backward[middle + mirror], y >= b, y <= d, x <= c {
          return interior(start, (x, y), a, c, b, d)
        }
      }
      for k in stride(from: -distance, through: distance, by: 2) {
        let up =
          k == -distance || (k != distance && backward[middle + k - 1] > backward[middle + k + 1])
        var x = up ? backward[middle + k + 1] : backward[middle + k - 1] - 1
        var y = d - (c - x) + k
        let start = (x, y)
        while x > a, y > b, y <= d, old[x - 1] == new[y - 1] { (x, y) = (x - 1, y - 1) }
        backward[middle + k] = x
        let mirror = delta - k
        if !isOdd, abs(mirror) <= distance, forward[middle + mirror] >= x, y >= b, y <= d, x >= a {
          return interior(start, (x, y), a, c, b, d)
        }
      }
    }
    preconditionFailure("two ends of a shortest path always meet")
  }

  /// One of the snake's ends that divides the rectangle into two smaller ones.
  private func interior(
    _ first: (Int, Int), _ second: (Int, Int), _ a: Int, _ c: Int, _ b: Int, _ d: Int
  ) -> (Int, Int) {
    func divides(_ point: (Int, Int)) -> Bool {
      (a...c).contains(point.0) && (b...d).contains(point.1) && point != (a, b) && point != (c, d)
    }
    return divides(second) ? second : first
  }
}

/// The hunks of the difference with lines of context around it, as `git diff` makes them.
///
/// - Returns: hunks with their text; empty where the texts are equal.
public func hunks(from old: Text, to new: Text, context: Int = 3) -> [Hunk] {
  let edits = difference(from: old, to: new)
  var groups: [[Edit]] = []
  for edit in edits {
    if let last = groups.last?.last, edit.old.lowerBound - last.old.upperBound <= 2 * context {
      groups[groups.count - 1].append(edit)
    } else {
      groups.append([edit])
    }
  }
  return groups.map { hunk($0, old, new, context) }
}

private func hunk(_ edits: [Edit], _ old: Text, _ new: Text, _ context: Int) -> Hunk {
  let first = edits[0]
  let last = edits[edits.count - 1]
  let leading = min(context, first.old.lowerBound)
  let trailing = min(context, old.lines.count - last.old.upperBound)
  let olds = first.old.lowerBound - leading..<last.old.upperBound + trailing
  let news = first.new.lowerBound - leading..<last.new.upperBound + trailing
  var builder = HunkBuilder()
  var position = olds.lowerBound
  for edit in edits {
    for index in position..<edit.old.lowerBound { builder.add(.context, old[line: index]) }
    for index in edit.old { builder.add(.removed, old[line: index]) }
    for index in edit.new { builder.add(.added, new[line: index]) }
    position = edit.old.upperBound
  }
  for index in position..<olds.upperBound { builder.add(.context, old[line: index]) }
  return builder.hunk(
    oldStart: olds.isEmpty ? olds.lowerBound : olds.lowerBound + 1,
    newStart: news.isEmpty ? news.lowerBound : news.lowerBound + 1)
}
