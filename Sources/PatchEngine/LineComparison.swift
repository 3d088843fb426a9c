/// Two texts as numbers of lines, and which lines differ: what the algorithms work on.
///
/// The rules are those of git's xdiff, so that merges and patches come out as git's do.
struct LineComparison {
  let old: [Int32]
  let new: [Int32]
  /// How many numbers there are.
  let distinct: Int
  /// True for a line that the other text does not have at that place.
  var removed: [Bool]
  var added: [Bool]

  init(_ old: [Int32], _ new: [Int32], distinct: Int) {
    self.old = old
    self.new = new
    self.distinct = distinct
    removed = Array(repeating: false, count: old.count)
    added = Array(repeating: false, count: new.count)
  }

  /// Marks the lines that differ.
  mutating func mark(_ algorithm: DiffAlgorithm) {
    switch algorithm {
    case .myers: markShortest(old.indices, new.indices)
    case .histogram: markByRarity()
    }
  }

  /// Marks the shortest edits between a part of each text, as if it were the whole.
  mutating func markShortest(_ olds: Range<Int>, _ news: Range<Int>) {
    var work = MyersDiff(old: Array(old[olds]), new: Array(new[news]), distinct: distinct)
    work.run()
    for (index, flag) in work.removed.enumerated() { removed[olds.lowerBound + index] = flag }
    for (index, flag) in work.added.enumerated() { added[news.lowerBound + index] = flag }
  }

  /// The marked runs, in order.
  var edits: [Edit] {
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
}
