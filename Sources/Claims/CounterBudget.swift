import Patches

/// What the counters of one stack may cost: how often a part of a pattern with a choice is held against a
/// byte of a path or a line. `kerb.yaml` and patches both come from outside, and the cost is their product.
public struct CounterBudget: Sendable {
  /// The most looks for one stack, as many as take some seconds. A stack of Nova needs two millions.
  public static let most = 1 << 28

  /// The looks so far.
  public private(set) var looks = 0
  private let most: Int

  public init(most: Int = Self.most) { self.most = most }

  /// Counts what reading a file of a counter, or a part of one, costs at the most.
  ///
  /// - Parameter bytes: how many bytes are read of it.
  public mutating func spend(
    on counter: Counter, at path: RepoPath, bytes: Int
  ) throws(Diagnostics) {
    try spend(counter.openParts(at: path), bytes, counter)
  }

  /// Counts what it costs to hold paths against the counter's files.
  ///
  /// - Parameter bytes: how many bytes the paths have in all.
  public mutating func spend(on counter: Counter, paths bytes: Int) throws(Diagnostics) {
    try spend(counter.readings.reduce(0) { $0 + $1.files.openParts }, bytes, counter)
  }

  /// Counts what it costs to read what patches take.
  public mutating func spend(on counter: Counter, patches: [Patch]) throws(Diagnostics) {
    for patch in patches {
      for file in patch.files {
        try spend(on: counter, paths: file.path.bytes.count)
        guard case .hunks(let hunks) = file.content else { continue }
        // Context is looked at on both sides.
        var bytes = 0
        for hunk in hunks { hunk.forEachLine { bytes += $0 == .context ? 2 * $1.count : $1.count } }
        try spend(on: counter, at: file.path, bytes: bytes)
      }
    }
  }

  private mutating func spend(_ parts: Int, _ bytes: Int, _ counter: Counter) throws(Diagnostics) {
    let (product, isOver) = parts.multipliedReportingOverflow(by: bytes)
    guard !isOver, product <= most - looks else {
      throw Diagnostics([
        Diagnostic(
          Location("kerb.yaml"),
          "the patterns of counters, up to those of '\(counter.name)', would be held against too much of "
            + "one stack: over \(most) looks; let 'files' and 'lines' begin with text instead of {}",
          rule: "counter-cost")
      ])
    }
    looks += product
  }
}

extension Counter {
  /// The parts with a choice of the patterns that lines of a file are held against.
  fileprivate func openParts(at path: RepoPath) -> Int {
    readings.reduce(0) { sum, reading in
      guard !reading.lines.isEmpty, reading.files.match(path.bytes, isWhole: true) != nil else {
        return sum
      }
      return sum + reading.lines.reduce(0) { $0 + $1.openParts }
    }
  }
}
