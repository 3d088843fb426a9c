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

  /// The identities, each once, in order.
  public var identities: [[UInt8]] {
    var seen: Set<[UInt8]> = []
    return entries.map(\.identity).filter { seen.insert($0).inserted }
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
}
