/// What upstream has given out of one counter, in one tree.
public struct UpstreamCounter: Hashable, Sendable {
  public let counter: Counter
  /// Everything that was read, in the order of paths and lines.
  public let entries: [CounterEntry]

  public init(_ counter: Counter, entries: [CounterEntry]) {
    self.counter = counter
    self.entries = entries
  }

  /// False where the tree has none of the counter's files.
  public var isThere: Bool { !entries.isEmpty }

  /// The greatest value of an identity; nil where it has none, or values have no order.
  public func maximum(of identity: [UInt8]) -> CounterValue? {
    let own = entries.filter { $0.identity == identity && $0.value.numbers != nil }
    let newest = own.filter { counter.readings[$0.reading].role == .maximum }
    return (newest.isEmpty ? own : newest).map(\.value).max()
  }

  /// What an identity has under a value.
  public func entries(of identity: [UInt8], _ value: CounterValue) -> [CounterEntry] {
    entries.filter { $0.identity == identity && $0.value == value }
  }

  /// The last revisions of a chain: those that no other names as the one before.
  public var heads: [CounterValue] {
    let parents = Set(entries.compactMap(\.fingerprint))
    return entries.map(\.value).filter { !parents.contains($0.bytes) }
  }

  /// What does not agree in the tree: a value that stands twice among those that were ever given, and
  /// places that name different newest ones.
  public var inconsistencies: [String] {
    var result: [String] = []
    for (number, reading) in counter.readings.enumerated() where reading.role == .entry {
      let own = entries.filter { $0.reading == number }
      for (key, same) in Dictionary(grouping: own, by: { [$0.identity, $0.value.bytes] })
      where same.count > 1 {
        let value = CounterValue(key[1])
        result.append("\(same[0].path): \(counter.title) \(value) stands there \(same.count) times")
      }
    }
    var newest: [(name: String, value: CounterValue)] = []
    for (number, reading) in counter.readings.enumerated() where reading.isRequired {
      if let most = entries.filter({ $0.reading == number }).map(\.value).max() {
        newest.append((reading.name, most))
      }
    }
    if Set(newest.map(\.value)).count > 1 {
      let places = newest.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
      result.append("the newest \(counter.title) is not the same everywhere: \(places)")
    }
    return result.sorted()
  }
}
