import Patches

/// What one counter says of a stack on one upstream tree.
public struct CounterVerdict: Hashable, Sendable {
  public let counter: Counter
  /// The counter in the tree that the stack is held against.
  public let upstream: UpstreamCounter
  public let claims: [JudgedClaim]
  /// Uses of values above those of the tree that the stack is made on.
  public let mentions: [Claim.Evidence]
  /// Where the stack's evidence does not agree with itself.
  public let disagreements: [Disagreement]
  /// True where this tree has none of the counter's files, and the stack was made on one that has, or
  /// claims what stands in a file that has to be there.
  public let isMissing: Bool

  /// Judges what a stack claims.
  ///
  /// - Parameters:
  ///   - base: the counter in the tree that the stack is made on.
  ///   - target: the counter in the tree that it is held against.
  ///   - limits: for floors, the versions that the release is tested with, by library.
  ///   - isKnown: true where an entry of upstream's is a claim for a reason that texts do not show.
  public init(
    _ claims: StackClaims, base: UpstreamCounter, target: UpstreamCounter,
    limits: [[UInt8]: CounterValue] = [:],
    isKnown: @escaping (Claim, CounterEntry) -> Bool = { _, _ in false }
  ) {
    counter = claims.counter
    upstream = target
    mentions = claims.mentions
    let isRequired = counter.readings.contains(where: \.isRequired)
    isMissing = !target.isThere && (base.isThere || isRequired && !claims.claims.isEmpty)
    self.claims =
      isMissing
      ? []
      : Judge(claims: claims, base: base, target: target, limits: limits, isKnown: isKnown)
        .standings()
    disagreements = claims.disagreements
  }

  /// True where nothing has to be done about it.
  public var isGood: Bool {
    !isMissing && disagreements.isEmpty && !claims.contains(where: \.standing.isBad)
  }
}

/// A place that does not say of a claim what the others say.
public struct Disagreement: Hashable, Sendable {
  /// The patch, counted from 0, and the line in its file.
  public let patch: Int
  public let line: Int?
  public let message: String
}

extension StackClaims {
  /// Where places differ: a claim that a required place does not show, a greatest value that is not
  /// the greatest claim, a use of a value that nobody claims.
  var disagreements: [Disagreement] {
    var result: [Disagreement] = []
    let byIdentity = Dictionary(grouping: claims, by: \.identity)
    for (_, own) in byIdentity.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      for (index, reading) in counter.readings.enumerated() where reading.role != .mention {
        result += disagreements(own, reading, index)
      }
    }
    let claimed = Set(claims.map(\.value))
    for mention in mentions where !claimed.contains(mention.entry.value) {
      let name = counter.readings[mention.entry.reading].name
      let of = claimed.isEmpty ? "claims none" : "claims \(list(claimed.sorted()))"
      result.append(
        Disagreement(
          patch: mention.patch, line: mention.entry.line,
          message: "the \(name) is for \(counter.title) \(mention.entry.value), and the stack \(of)"
        ))
    }
    return result
  }

  private func disagreements(
    _ own: [Claim], _ reading: Counter.Reading, _ index: Int
  ) -> [Disagreement] {
    let shown = own.filter { claim in claim.evidence.contains { $0.entry.reading == index } }
    if reading.role == .maximum {
      guard reading.isRequired, let last = own.last, shown.last != last else {
        return []
      }
      guard let wrong = shown.last, let place = wrong.place(index) else {
        return [missing(last, reading)]
      }
      return [
        Disagreement(
          patch: place.patch, line: place.entry.line,
          message: "the \(reading.name) says \(wrong.value), and the stack claims "
            + "\(counter.title) \(last.value) elsewhere")
      ]
    }
    guard reading.isRequired else { return [] }
    return own.filter { !shown.contains($0) }.map { missing($0, reading) }
  }

  private func missing(_ claim: Claim, _ reading: Counter.Reading) -> Disagreement {
    let place = claim.evidence[0]
    let name = counter.readings[place.entry.reading].name
    return Disagreement(
      patch: place.patch, line: place.entry.line,
      message: "the \(name) claims \(counter.title) "
        + "\(counter.phrase(claim.identity, claim.value)), and no \(reading.name) does")
  }
}

extension Claim {
  fileprivate func place(_ reading: Int) -> Evidence? {
    evidence.last { $0.entry.reading == reading }
  }
}

/// `2.96`, `2.96 and 2.97`, `2.96, 2.97 and 2.98`.
func list(_ values: [CounterValue]) -> String {
  let names = values.map(\.description)
  guard let last = names.last, names.count > 1 else { return names.first ?? "none" }
  return names.dropLast().joined(separator: ", ") + " and \(last)"
}
