import Patches

extension LineComparison {
  /// Lets each run of changed lines slide to where `placement` wants it; runs that meet become one.
  ///
  /// - Parameter indents: of both texts where runs are placed by indentation.
  mutating func compact(_ algorithm: DiffAlgorithm, indents: Indents?) {
    var olds = Runs(numbers: old, changed: removed)
    var news = Runs(numbers: new, changed: added)
    olds.compact(beside: &news, indents: indents?.old) { runs, others in
      rediff(&runs, &others, algorithm)
    }
    news.compact(beside: &olds, indents: indents?.new) { runs, others in
      rediff(&runs, &others, algorithm)
    }
    removed = olds.changed
    added = news.changed
  }

  /// Runs that were joined may have lines in common that the separate ones had not.
  private func rediff(_ runs: inout Runs, _ others: inout Runs, _ algorithm: DiffAlgorithm) {
    guard algorithm == .histogram else { return }
    let mine = runs.start..<runs.end
    let theirs = others.start..<others.end
    var work = MyersDiff(
      old: Array(runs.numbers[mine]), new: Array(others.numbers[theirs]), distinct: distinct)
    work.run()
    for (index, flag) in work.removed.enumerated() { runs.changed[mine.lowerBound + index] = flag }
    for (index, flag) in work.added.enumerated() {
      others.changed[theirs.lowerBound + index] = flag
    }
  }
}

/// The runs of changed lines of one text, empty ones between two unchanged lines included, and the
/// one that is being looked at. Those of two texts are walked in step.
private struct Runs {
  let numbers: [Int32]
  var changed: [Bool]
  private(set) var start = 0
  private(set) var end = 0

  init(numbers: [Int32], changed: [Bool]) {
    self.numbers = numbers
    self.changed = changed
  }

  private var isEmpty: Bool { start == end }

  private mutating func first() {
    start = 0
    end = 0
    growDown()
  }

  private mutating func growDown() {
    while end < changed.count, changed[end] { end += 1 }
  }

  private mutating func growUp() {
    while start > 0, changed[start - 1] { start -= 1 }
  }

  /// Goes to the next run; false at the end of the text.
  private mutating func next() -> Bool {
    guard end < changed.count else { return false }
    start = end + 1
    end = start
    growDown()
    return true
  }

  private mutating func previous() {
    precondition(start > 0, "runs of two texts are walked in step")
    end = start - 1
    start = end
    growUp()
  }

  private mutating func slideDown() -> Bool {
    guard end < numbers.count, numbers[start] == numbers[end] else { return false }
    changed[start] = false
    changed[end] = true
    start += 1
    end += 1
    growDown()
    return true
  }

  private mutating func slideUp() -> Bool {
    guard start > 0, numbers[start - 1] == numbers[end - 1] else { return false }
    start -= 1
    end -= 1
    changed[start] = true
    changed[end] = false
    growUp()
    return true
  }

  /// Slides every run.
  ///
  /// - Parameter joined: called with both texts' present runs where sliding has changed one that
  ///   stands beside a run of the other text.
  mutating func compact(
    beside others: inout Runs, indents: [Int]?, joined: (inout Runs, inout Runs) -> Void
  ) {
    first()
    others.first()
    repeat {
      if !isEmpty {
        let original = start..<end
        settle(beside: &others, indents: indents)
        if !others.isEmpty, start..<end != original { joined(&self, &others) }
      }
      guard next() else { break }
      _ = others.next()
    } while true
  }

  private mutating func settle(beside others: inout Runs, indents: [Int]?) {
    var (earliest, length) = (0, 0)
    var matching: Int?
    repeat {
      length = end - start
      matching = nil
      while slideUp() { others.previous() }
      earliest = end
      if !others.isEmpty { matching = end }
      while slideDown() {
        _ = others.next()
        if !others.isEmpty { matching = end }
      }
    } while length != end - start
    if end == earliest { return }
    if matching != nil {
      while others.isEmpty {
        _ = slideUp()
        others.previous()
      }
    } else if let indents {
      let best = bestEnd(from: earliest, length: length, indents)
      while end > best {
        _ = slideUp()
        others.previous()
      }
    }
  }

  /// The end of the run at which the splits before and behind it look best.
  private func bestEnd(from earliest: Int, length: Int, _ indents: [Int]) -> Int {
    var best: (end: Int, score: SplitScore)?
    for shift in max(earliest, end - length - 1, end - SplitScore.furthest)...end {
      var score = SplitScore()
      score.add(split: shift, indents)
      score.add(split: shift - length, indents)
      if let present = best, !score.isAsGood(as: present.score) { continue }
      best = (shift, score)
    }
    return best?.end ?? end
  }
}
