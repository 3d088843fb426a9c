import PatchEngine
import Patches

/// What the counters say of one stack: the value that reports are made from.
public struct StackCounters: Sendable {
  public let stack: StackName
  public let state: StackVerdict.State
  /// The tree that the stack is made on.
  public let upstream: UpstreamLock.Entry?
  /// The tree that it is held against; nil where it was not examined.
  public let target: StackVerdict.Target?
  /// The counters that the project has, or that the stack takes from.
  public let counters: [CounterVerdict]
  /// The patch files in order, as paths in the workspace.
  public let files: [String]
  /// When upstream gave out the values, where history is at hand.
  public let history: [Consumption]
  /// Mistakes in the stack's files.
  public let diagnostics: [Diagnostic]

  public init(
    stack: StackName, state: StackVerdict.State, upstream: UpstreamLock.Entry?,
    target: StackVerdict.Target?, counters: [CounterVerdict] = [], files: [String] = [],
    history: [Consumption] = [], diagnostics: [Diagnostic] = []
  ) {
    self.stack = stack
    self.state = state
    self.upstream = upstream
    self.target = target
    self.counters = counters
    self.files = files
    self.history = history
    self.diagnostics = diagnostics
  }

  /// False where a value is claimed that upstream has for something else, that it does not give next,
  /// or that the stack's own patches do not agree on; and where the stack could not be examined.
  public var isGood: Bool {
    (state == .tried || state == .empty) && !diagnostics.contains { $0.severity == .error }
      && counters.allSatisfy(\.isGood)
  }

  /// What the stack claims, a phrase each: `claims API microversion 2.96: free`.
  public var claimed: [String] {
    counters.flatMap { verdict in
      verdict.claims.map { judged in
        let what = verdict.counter.phrase(judged.claim.identity, judged.claim.value)
        return "claims \(verdict.counter.title) \(what): \(judged.standing.name)"
      }
    }
  }

  /// The commit that gave a value out.
  public func consumption(_ counter: Counter, _ entry: CounterEntry) -> Consumption? {
    history.first {
      $0.counter == counter.name && $0.identity == entry.identity && $0.value == entry.value
    }
  }

  /// A finding for each claim that does not stand, or has landed, and for each place that does not
  /// agree with the others.
  public var findings: [Diagnostic] {
    counters.flatMap { verdict in
      missing(verdict) + verdict.claims.compactMap { finding($0, verdict) }
        + verdict.disagreements.map { problem in
          Diagnostic(
            Location(files[problem.patch], line: problem.line), "\(stack): \(problem.message)",
            rule: "claim-evidence")
        }
    }
  }

  private func missing(_ verdict: CounterVerdict) -> [Diagnostic] {
    guard verdict.isMissing else { return [] }
    let place = verdict.counter.readings.first.map(\.files.source) ?? ""
    return [
      Diagnostic(
        Location("series/\(stack.release)"),
        "\(stack): \(tree) has no \(place), so nobody can tell which \(verdict.counter.title) is free",
        rule: "claim-no-counter")
    ]
  }

  private var tree: String { target?.name ?? "upstream" }

  private func finding(_ judged: JudgedClaim, _ verdict: CounterVerdict) -> Diagnostic? {
    let counter = verdict.counter
    let claim = judged.claim
    let what = "\(counter.title) \(counter.phrase(claim.identity, claim.value))"
    func diagnostic(_ message: String, _ severity: Diagnostic.Severity = .error) -> Diagnostic {
      let place = claim.evidence[0]
      return Diagnostic(
        Location(files[place.patch], line: place.entry.line), "\(stack): \(what): \(message)",
        severity: severity, rule: "claim-\(judged.standing.name)")
    }
    switch judged.standing {
    case .free: return nil
    case .landed(let entry):
      let under =
        entry.value == claim.value && entry.identity == claim.identity
        ? "it" : "it as \(counter.phrase(entry.identity, entry.value))"
      return diagnostic(
        "\(tree) has \(under)\(origin(counter, entry)); drop what claims it", .warning)
    case .collision(let entry):
      return diagnostic(
        "\(tree) has it for something else\(meaning(counter, entry))\(origin(counter, entry))"
          + advice(verdict, claim))
    case .gap(let next):
      return diagnostic(gap(counter, next) + advice(verdict, claim))
    case .behind(let value):
      return diagnostic(behind(counter, value) + advice(verdict, claim))
    }
  }

  private func gap(_ counter: Counter, _ next: CounterValue?) -> String {
    switch counter.order {
    case .ascending:
      "what comes next on \(tree) is \(next.map { "\($0)" } ?? "unknown"); the values between would mean "
        + "what the one before them means"
    case .chain:
      "it follows a revision that \(tree) does not have"
        + (next.map { "; the last one there is \($0)" } ?? "")
    case .floor: "the release is tested with \(next.map { "\($0)" } ?? "an older one")"
    case .unique: "it cannot be given out"
    }
  }

  private func behind(_ counter: Counter, _ value: CounterValue) -> String {
    counter.order == .chain
      ? "\(value) follows the same revision, so the chain would have two ends"
      : "\(tree) is at \(value) already"
  }

  private func meaning(_ counter: Counter, _ entry: CounterEntry) -> String {
    switch counter.order {
    case .ascending:
      guard let text = entry.fingerprint, counter.readings[entry.reading].isFingerprintText else {
        return ""
      }
      return ": \"\(shortened(text))\""
    case .unique: return ": \(entry.identity.isEmpty ? "\(entry.path)" : name(entry.identity))"
    case .chain: return ": after \(entry.fingerprint.map(name) ?? "nothing")"
    case .floor: return ""
    }
  }

  private func origin(_ counter: Counter, _ entry: CounterEntry) -> String {
    guard let taken = consumption(counter, entry) else { return "" }
    let release = taken.release.map { "first in \($0)" } ?? "in no release"
    return ", by \(taken.commit.short) \"\(name(taken.subject))\", merged \(taken.mergedAt.day), "
      + release
  }

  private func advice(_ verdict: CounterVerdict, _ claim: Claim) -> String {
    guard verdict.counter.isMicroversion,
      let free = Renumbering(automaticFor: verdict)[claim.value]
    else { return "" }
    return "; renumbered it would be \(free)"
  }

  private func name(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func shortened(_ text: [UInt8]) -> String {
    let words = name(text).split(separator: " ").joined(separator: " ")
    return words.count <= 72 ? words : words.prefix(70).trimmingSpaces + " …"
  }
}

extension Substring {
  fileprivate var trimmingSpaces: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
