import PatchEngine
import Patches

/// How a claim stands in an upstream tree.
public enum Standing: Hashable, Sendable {
  /// Upstream has not given the value, and it is the next one.
  case free
  /// Upstream has the same thing, under this value or another.
  case landed(CounterEntry)
  /// Upstream has given the value to something else.
  case collision(CounterEntry)
  /// Upstream ends before it: what it would give next is another value, or of a library a release is
  /// tested with an older one.
  case gap(next: CounterValue?)
  /// Upstream is past it, and does not say what it gave the value to; or of a chain, something else
  /// follows the revision that the claim follows.
  case behind(CounterValue)

  /// The word for reports.
  public var name: String {
    switch self {
    case .free: "free"
    case .landed: "landed"
    case .collision: "collision"
    case .gap: "gap"
    case .behind: "behind"
    }
  }

  /// True where two things would have one value, or a value would be missing.
  public var isBad: Bool {
    switch self {
    case .free, .landed: false
    case .collision, .gap, .behind: true
    }
  }
}

/// A claim with how it stands.
public struct JudgedClaim: Hashable, Sendable {
  public let claim: Claim
  public let standing: Standing

  public init(claim: Claim, standing: Standing) {
    self.claim = claim
    self.standing = standing
  }
}

/// Compares what a stack claims with what an upstream tree has.
struct Judge {
  let claims: StackClaims
  let base: UpstreamCounter
  let target: UpstreamCounter
  /// Versions of libraries that a release is tested with.
  var limits: [[UInt8]: CounterValue] = [:]
  /// True where it is known by other means that upstream's entry is the claim: its commit is one that
  /// a patch names.
  var isKnown: (Claim, CounterEntry) -> Bool = { _, _ in false }

  private var counter: Counter { claims.counter }

  func standings() -> [JudgedClaim] {
    let libraries =
      counter.order == .floor
      ? Dictionary(grouping: target.entries) { normalized($0.identity) } : [:]
    var given: [[UInt8]: CounterValue] = [:]
    var parents: Set<[UInt8]> = []
    return claims.claims.map { claim in
      let standing: Standing
      switch counter.order {
      case .ascending:
        standing = ascending(claim, &given)
      case .unique: standing = unique(claim)
      case .chain: standing = chain(claim, &parents)
      case .floor: standing = floor(claim, libraries)
      }
      return JudgedClaim(claim: claim, standing: standing)
    }
  }

  /// - Parameter given: by identity the last value that the stack's claims so far have made sure of.
  private func ascending(_ claim: Claim, _ given: inout [[UInt8]: CounterValue]) -> Standing {
    guard let most = target.maximum(of: claim.identity) else { return .free }
    if claim.value > most {
      let last = given[claim.identity] ?? most
      guard claim.value == last.next || isMajorStep(from: last, to: claim.value) else {
        return .gap(next: last.next)
      }
      given[claim.identity] = claim.value
      return .free
    }
    let same = target.entries(of: claim.identity, claim.value)
    if let entry = same.first(where: { isSame(claim, $0) }) { return .landed(entry) }
    let known = base.maximum(of: claim.identity)
    let later = target.entries.filter { entry in
      entry.identity == claim.identity && known.map { entry.value > $0 } ?? true
    }
    if let entry = later.first(where: { isSame(claim, $0) }) { return .landed(entry) }
    if let entry = same.first(where: { $0.fingerprint != nil }) ?? same.first {
      return .collision(entry)
    }
    return .behind(most)
  }

  /// 6.4 may be followed by 7.0.
  private func isMajorStep(from last: CounterValue, to value: CounterValue) -> Bool {
    guard let one = last.numbers, let two = value.numbers, one.count == 2, two.count == 2 else {
      return false
    }
    return two[0] == one[0] + 1 && two[1] == 0
  }

  private func unique(_ claim: Claim) -> Standing {
    if let holder = target.entries.first(where: { $0.value == claim.value }) {
      let isNameOnly = holder.identity.isEmpty || holder.identity == holder.value.bytes
      if holder.identity == claim.identity, !isNameOnly || isSame(claim, holder) {
        return .landed(holder)
      }
      return .collision(holder)
    }
    let isNew = !claim.identity.isEmpty && !base.entries.contains { $0.identity == claim.identity }
    if isNew, let own = target.entries.first(where: { $0.identity == claim.identity }) {
      return .landed(own)
    }
    return .free
  }

  /// - Parameter parents: the revisions that claims so far follow.
  private func chain(_ claim: Claim, _ parents: inout Set<[UInt8]>) -> Standing {
    let parent = claim.evidence.lazy.compactMap(\.entry.fingerprint).first
    if let entry = target.entries.first(where: { $0.value == claim.value }) {
      return entry.fingerprint == parent ? .landed(entry) : .collision(entry)
    }
    guard let parent else { return .gap(next: nil) }
    let others = target.entries.filter { $0.identity == claim.identity }
    let isOwn = claims.claims.contains { $0.value.bytes == parent }
    guard isOwn || others.contains(where: { $0.value.bytes == parent }) else {
      return .gap(next: heads(others).first)
    }
    if let child = others.first(where: { $0.fingerprint == parent }) { return .behind(child.value) }
    let isFirst = parents.insert(parent).inserted
    return isFirst ? .free : .behind(CounterValue(parent))
  }

  private func heads(_ entries: [CounterEntry]) -> [CounterValue] {
    UpstreamCounter(counter, entries: entries).heads
  }

  private func floor(_ claim: Claim, _ libraries: [[UInt8]: [CounterEntry]]) -> Standing {
    let name = normalized(claim.identity)
    if let entry = libraries[name]?.max(by: { $0.value < $1.value }), entry.value >= claim.value {
      return .landed(entry)
    }
    if let limit = limits[name], limit < claim.value {
      return .gap(next: limit)
    }
    return .free
  }

  /// True where a claim and an entry of upstream's are the same thing.
  private func isSame(_ claim: Claim, _ entry: CounterEntry) -> Bool {
    if isKnown(claim, entry) { return true }
    guard let theirs = entry.fingerprint else { return false }
    let isText = counter.readings[entry.reading].isFingerprintText
    return claim.fingerprints(entry.reading).contains { ours in
      isText ? saysTheSame(ours, theirs) : ours == theirs
    }
  }
}

extension Counter.Reading {
  /// True where the fingerprint is prose.
  var isFingerprintText: Bool {
    lines.contains { pattern in
      pattern.tokens.contains(.hole(.fingerprint, .text))
    }
  }
}

/// The name of a library as pip compares it.
func normalized(_ name: [UInt8]) -> [UInt8] {
  name.map { byte in
    let lower = isLetter(byte) ? byte | 0x20 : byte
    return lower == UInt8(ascii: "_") || lower == UInt8(ascii: ".") ? UInt8(ascii: "-") : lower
  }
}

/// True where two short texts have at least three words in common, and one has three of five of its
/// words in the other.
func saysTheSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
  if one == other { return true }
  let (left, right) = (subjectWords(one), subjectWords(other))
  let shared = left.intersection(right).count
  return shared >= 3 && shared * 5 >= min(left.count, right.count) * 3
}
