import Claims
import PatchEngine
import Patches

/// What counters say of stacks, as JSON.
public struct CountersForm: Encodable {
  public let schemaVersion = currentSchema
  public let stacks: [StackCountersForm]

  public init(_ all: [StackCounters]) {
    stacks = all.map(StackCountersForm.init)
  }
}

/// What counters say of one stack, as JSON.
public struct StackCountersForm: Encodable {
  public let stack: String
  public let state: String
  public let good: Bool
  public let source: String?
  public let target: TargetForm?
  public let counters: [CounterForm]
  /// When upstream gave out the values; null where no history is at hand.
  public let history: [ConsumptionForm]?
  public let findings: [DiagnosticForm]

  public init(_ stack: StackCounters) {
    self.stack = stack.stack.description
    state = stack.state.name
    good = stack.isGood
    source = stack.upstream?.source.description
    target = stack.target.map {
      TargetForm(name: $0.name, commit: $0.commit?.description, tree: $0.tree.description)
    }
    counters = stack.counters.map { CounterForm($0, stack) }
    history = stack.history.isEmpty ? nil : stack.history.map(ConsumptionForm.init)
    findings = (stack.diagnostics + stack.findings).map(DiagnosticForm.init)
  }
}

/// One counter as JSON.
public struct CounterForm: Encodable {
  public struct ClaimForm: Encodable {
    public let identity: String
    public let value: String
    /// `free`, `landed`, `collision`, `gap` or `behind`.
    public let verdict: String
    /// What upstream has it as, or what upstream has for it.
    public let upstream: EntryForm?
    public let evidence: [EvidenceForm]
  }

  public struct EntryForm: Encodable {
    public let identity: String
    public let value: String
    public let fingerprint: String?
    public let path: String
    public let line: Int?
    public let takenBy: ConsumptionForm?
  }

  public struct EvidenceForm: Encodable {
    public let kind: String
    public let patch: String
    public let line: Int?
    public let path: String
  }

  public let counter: String
  public let title: String
  /// Upstream's greatest value; null where each identity has its own, or there is none.
  public let maximum: String?
  /// What upstream gives next.
  public let next: String?
  public let claims: [ClaimForm]

  init(_ verdict: CounterVerdict, _ stack: StackCounters) {
    counter = verdict.counter.name
    title = verdict.counter.title
    let most = verdict.counter.order == .ascending ? verdict.upstream.maximum(of: []) : nil
    maximum = most?.description
    next = most?.next?.description
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    func form(_ entry: CounterEntry) -> EntryForm {
      EntryForm(
        identity: text(entry.identity), value: "\(entry.value)",
        fingerprint: entry.fingerprint.map(text), path: "\(entry.path)", line: entry.line,
        takenBy: stack.consumption(verdict.counter, entry).map(ConsumptionForm.init))
    }
    claims = verdict.claims.map { judged in
      let claim = judged.claim
      let upstream: EntryForm? =
        switch judged.standing {
        case .landed(let entry), .collision(let entry): form(entry)
        case .free, .gap, .behind: nil
        }
      let uses = verdict.mentions.filter { $0.entry.value == claim.value }
      return ClaimForm(
        identity: text(claim.identity), value: "\(claim.value)", verdict: judged.standing.name,
        upstream: upstream,
        evidence: (claim.evidence + uses).map {
          EvidenceForm(
            kind: verdict.counter.readings[$0.entry.reading].name, patch: stack.files[$0.patch],
            line: $0.entry.line, path: "\($0.entry.path)")
        })
    }
  }
}

/// When upstream gave out a value, as JSON.
public struct ConsumptionForm: Encodable {
  public let counter: String
  public let identity: String
  public let value: String
  public let commit: String
  public let subject: String
  /// Days where they were noted, `2024-12-06`.
  public let authored: String
  public let mergedBy: String
  public let merged: String
  public let release: String?

  public init(_ taken: Consumption) {
    counter = taken.counter
    identity = String(decoding: taken.identity, as: UTF8.self)
    value = "\(taken.value)"
    commit = "\(taken.commit)"
    subject = String(decoding: taken.subject, as: UTF8.self)
    authored = taken.authored.day
    mergedBy = "\(taken.merged)"
    merged = taken.mergedAt.day
    release = taken.release
  }
}
