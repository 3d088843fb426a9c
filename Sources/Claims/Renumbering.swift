import Patches

/// Which values a stack takes instead of which others.
public struct Renumbering: Hashable, Sendable {
  /// The new value of each old one. All change at once, so 2.96 may become 2.97 and 2.97 2.98.
  public let values: [CounterValue: CounterValue]

  public init(_ values: [CounterValue: CounterValue]) {
    self.values = values.filter { $0 != $1 }
  }

  public var isEmpty: Bool { values.isEmpty }

  /// The old values with the new ones, in order.
  public var pairs: [(old: CounterValue, new: CounterValue)] {
    values.sorted { $0.key < $1.key }.map { (old: $0.key, new: $0.value) }
  }

  public subscript(value: CounterValue) -> CounterValue? { values[value] }

  /// The value that is to stand before a new one where the old one's stood, unless that is claimed
  /// itself: 2.96 for 2.95 where 2.96 becomes 2.97.
  func before(_ value: CounterValue) -> CounterValue? {
    if let claimed = values[value] { return claimed }
    return pairs.first { $0.old.previous == value }.flatMap(\.new.previous)
  }

  /// Gives the claims of a verdict that do not stand the next free values, and those after them with
  /// them. What has landed keeps its value: it has to be dropped.
  ///
  /// - Returns: an empty renumbering where all claims stand.
  public init(automaticFor verdict: CounterVerdict) {
    var values: [CounterValue: CounterValue] = [:]
    let identities = Set(verdict.claims.map(\.claim.identity))
    for identity in identities.sorted(by: { $0.lexicographicallyPrecedes($1) })
    where verdict.counter.order == .ascending {
      let claims = verdict.claims.filter { $0.claim.identity == identity }
      guard claims.contains(where: \.standing.isBad),
        var last = verdict.upstream.maximum(of: identity)
      else { continue }
      for judged in claims {
        if case .landed = judged.standing { continue }
        guard let next = last.next else { break }
        values[judged.claim.value] = next
        last = next
      }
    }
    self.init(values)
  }
}

extension Renumbering: CustomStringConvertible {
  /// `2.96 to 2.97, 2.97 to 2.98`.
  public var description: String { pairs.map { "\($0.old) to \($0.new)" }.joined(separator: ", ") }
}
