extension LineComparison {
  /// A line that repeats more often is no anchor.
  private static let mostRepeats = 64
  /// After so many looks at lines the method goes on with Myers' for what is left: it takes as many as
  /// the product of the lines and the edits.
  static let patience = 1 << 30

  /// A pair of parts of the two texts that is still to be compared.
  private struct Part {
    let old: Range<Int>
    let new: Range<Int>
  }

  /// What stands next to a line in the index of a part of the old text.
  private struct Index {
    /// The first line with each number in the part, and how many there are.
    var first: [Int32]
    var count: [Int32]
    /// The next line with the same number, -1 behind the last.
    var next: [Int32]

    init(lines: Int, distinct: Int) {
      first = Array(repeating: -1, count: distinct)
      count = Array(repeating: 0, count: distinct)
      next = Array(repeating: -1, count: lines)
    }

    mutating func fill(_ lines: [Int32], _ part: Range<Int>) {
      for line in part.reversed() {
        let number = Int(lines[line])
        next[line] = first[number]
        first[number] = Int32(line)
        count[number] += 1
      }
    }

    mutating func clear(_ lines: [Int32], _ part: Range<Int>) {
      for line in part {
        first[Int(lines[line])] = -1
        count[Int(lines[line])] = 0
      }
    }
  }

  /// The best common run of a part.
  private struct Anchor {
    var old = 0..<0
    var new = 0..<0
    var repeats: Int32 = Int32(LineComparison.mostRepeats) + 1
    var hasCommonLine = false
    var isFound = false
    /// How many lines were looked at.
    var work = 0
  }

  /// Divides the texts at the common run whose lines repeat least, the longest of several, and goes
  /// on with what is before and behind it (the histogram method of JGit and git).
  ///
  /// - Returns: how many lines were looked at.
  @discardableResult
  mutating func markByRarity(patience: Int = Self.patience) -> Int {
    var work = 0
    var index = Index(lines: old.count, distinct: distinct)
    var parts = [Part(old: old.indices, new: new.indices)]
    while let part = parts.popLast() {
      if part.old.isEmpty || part.new.isEmpty {
        markAll(part)
        continue
      }
      if work > patience {
        markShortest(part.old, part.new)
        continue
      }
      index.fill(old, part.old)
      let anchor = anchor(part, index)
      index.clear(old, part.old)
      work += 2 * part.old.count + anchor.work
      if anchor.hasCommonLine, anchor.repeats > Self.mostRepeats {
        markShortest(part.old, part.new)
      } else if !anchor.isFound {
        markAll(part)
      } else {
        parts.append(
          Part(
            old: anchor.old.upperBound..<part.old.upperBound,
            new: anchor.new.upperBound..<part.new.upperBound))
        parts.append(
          Part(
            old: part.old.lowerBound..<anchor.old.lowerBound,
            new: part.new.lowerBound..<anchor.new.lowerBound))
      }
    }
    return work
  }

  private mutating func markAll(_ part: Part) {
    for line in part.old { removed[line] = true }
    for line in part.new { added[line] = true }
  }

  private func anchor(_ part: Part, _ index: Index) -> Anchor {
    var best = Anchor()
    var line = part.new.lowerBound
    while line < part.new.upperBound { line = consider(line, part, index, &best) }
    return best
  }

  /// Compares the runs through a line of the new text with the best so far.
  ///
  /// - Returns: the next line that no run seen here covers.
  private func consider(_ line: Int, _ part: Part, _ index: Index, _ best: inout Anchor) -> Int {
    var following = line + 1
    best.work += 1
    let number = Int(new[line])
    let repeats = index.count[number]
    guard repeats > 0 else { return following }
    best.hasCommonLine = true
    guard repeats <= best.repeats else { return following }
    var start = Int(index.first[number])
    while start >= 0 {
      var rarest = repeats
      var (first, newFirst, last, newLast) = (start, line, start, line)
      while first > part.old.lowerBound, newFirst > part.new.lowerBound,
        old[first - 1] == new[newFirst - 1]
      {
        (first, newFirst) = (first - 1, newFirst - 1)
        if rarest > 1 { rarest = min(rarest, index.count[Int(old[first])]) }
      }
      while last + 1 < part.old.upperBound, newLast + 1 < part.new.upperBound,
        old[last + 1] == new[newLast + 1]
      {
        (last, newLast) = (last + 1, newLast + 1)
        if rarest > 1 { rarest = min(rarest, index.count[Int(old[last])]) }
      }
      following = max(following, newLast + 1)
      best.work += last + 1 - first
      if !best.isFound && last > first || best.isFound && best.old.count < last + 1 - first
        || rarest < best.repeats
      {
        best.isFound = true
        best.old = first..<last + 1
        best.new = newFirst..<newLast + 1
        best.repeats = rarest
      }
      var next = Int(index.next[start])
      while next >= 0, next <= last { next = Int(index.next[next]) }
      start = next
    }
    return following
  }
}
