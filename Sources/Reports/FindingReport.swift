import PatchEngine
import Patches

/// What a command examined and found: the value that every format for CI is made from.
public struct FindingReport: Sendable {
  /// What belongs together: a stack, or the files of one kind.
  public struct Suite: Sendable {
    public let name: String
    public let cases: [Case]

    public init(_ name: String, _ cases: [Case]) {
      (self.name, self.cases) = (name, cases)
    }
  }

  /// One thing that was examined.
  public struct Case: Sendable {
    /// The file as a path in the workspace.
    public let file: String
    /// How it fared, in a few words.
    public let summary: String
    /// What makes it bad.
    public let failures: [Diagnostic]
    /// What a reader should know though it is not bad.
    public let remarks: [Diagnostic]
    /// True where it was not examined.
    public let isSkipped: Bool

    public init(
      _ file: String, _ summary: String, failures: [Diagnostic] = [], remarks: [Diagnostic] = [],
      isSkipped: Bool = false
    ) {
      (self.file, self.summary, self.isSkipped) = (file, summary, isSkipped)
      (self.failures, self.remarks) = (failures, remarks)
    }
  }

  /// The command, as `kerb check`.
  public let command: String
  public let suites: [Suite]
  /// The whole in one line; not escaped for any medium.
  public let total: String

  public init(_ command: String, _ suites: [Suite], total: String) {
    (self.command, self.suites, self.total) = (command, suites, total)
  }

  /// Everything that was found, in order, each once: a text that several stacks share is read once.
  public var findings: [Diagnostic] {
    var seen: Set<Diagnostic> = []
    return suites.flatMap(\.cases).flatMap { $0.failures + $0.remarks }.filter {
      seen.insert($0).inserted
    }
  }

  /// True where nothing is bad.
  public var isGood: Bool { suites.flatMap(\.cases).allSatisfy(\.failures.isEmpty) }
}

extension FindingReport {
  /// What `check` found: a suite a stack, a case a patch.
  public init(_ verdicts: [StackVerdict]) {
    let shown = verdicts.filter { $0.state != .empty }
    let text = VerdictText(Painter(false))
    self.init("kerb check", shown.map(Self.suite), total: text.lines(verdicts).last ?? "")
  }

  private static func suite(_ verdict: StackVerdict) -> Suite {
    let name = "\(verdict.stack)"
    let claimed = verdict.claims.filter { $0.severity == .error }
    let noted = verdict.claims.filter { $0.severity == .warning }
    var cases = verdict.patches.enumerated().map { index, file in
      guard verdict.state == .tried, index < verdict.steps.count else {
        return Case(file, "not tried", isSkipped: true)
      }
      let step = verdict.steps[index]
      let own = { (finding: Diagnostic) in finding.location.file == file }
      return Case(
        file, summary(step), failures: (verdict.findings + claimed).filter(own),
        remarks: (verdict.diagnostics + verdict.landed + noted).filter(own))
    }
    let placed = Set(verdict.patches)
    let others = (verdict.diagnostics + verdict.claims).filter {
      !placed.contains($0.location.file)
    }
    for (file, found) in Dictionary(grouping: others, by: \.location.file).sorted(by: {
      $0.key < $1.key
    }) {
      let errors = found.filter { $0.severity == .error }
      cases.append(
        Case(
          file, errors.isEmpty ? "read" : "cannot be read", failures: errors,
          remarks: found.filter { $0.severity == .warning }))
    }
    if let missing = missingTree(verdict) {
      cases.append(Case("series/upstream.lock", "no tree", failures: [missing]))
    }
    return Suite(name, cases)
  }

  static func missingTree(_ verdict: StackVerdict) -> Diagnostic? {
    let place = Location("series/upstream.lock")
    switch verdict.state {
    case .tried, .empty, .malformed: return nil
    case .notLocked:
      return Diagnostic(
        place, "\(verdict.stack): not locked; run 'kerb fetch --update \(verdict.stack)'",
        rule: "not-locked")
    case .notFetched:
      return Diagnostic(
        place, "\(verdict.stack): not fetched; run 'kerb fetch \(verdict.stack)'",
        rule: "not-fetched")
    }
  }

  private static func summary(_ step: Step) -> String {
    let word = step.outcome.rawValue.replacing("_", with: " ")
    return step.outcome == .moved ? "moved (\(distance(step.greatestOffset)))" : word
  }
}

extension FindingReport {
  /// What `lint` found: a suite for series files and one for patches, a case a file.
  ///
  /// - Parameter files: what was examined.
  public init(linted files: [String], _ findings: [Diagnostic]) {
    let byFile = Dictionary(grouping: findings, by: \.location.file)
    let all = files + byFile.keys.filter { !files.contains($0) }.sorted()
    func suite(_ name: String, _ files: [String]) -> Suite {
      Suite(
        name,
        files.map { file in
          let found = byFile[file] ?? []
          return Case(
            file, found.isEmpty ? "clean" : counted(found.count, "finding", "findings"),
            failures: found)
        })
    }
    let patches = all.filter { $0.hasPrefix("patches/") }
    let others = all.filter { !$0.hasPrefix("patches/") }
    self.init(
      "kerb lint", [suite("series", others), suite("patches", patches)],
      total: "\(counted(all.count, "file", "files")), "
        + counted(findings.count, "finding", "findings"))
  }
}

extension FindingReport {
  /// What `landed` found: a suite a stack, a case a patch; one that has landed whole is bad.
  public init(_ landings: [StackLandings]) {
    let shown = landings.filter { $0.state != .empty }
    let whole = shown.reduce(0) { $0 + $1.whole.count }
    let patches = shown.reduce(0) { $0 + $1.patches.count }
    self.init(
      "kerb landed", shown.map(Self.suite),
      total: "\(counted(shown.count, "stack", "stacks")), "
        + "\(counted(patches, "patch", "patches")): \(whole) landed")
  }

  private static func suite(_ stack: StackLandings) -> Suite {
    let findings = stack.findings
    var cases = stack.patches.map { patch in
      let found = findings.filter { $0.location.file == patch.file }
      let extent = patch.extent.rawValue.replacing("_", with: " ")
      return Case(
        patch.file, patch.extent == .not ? "not landed" : extent,
        failures: found.filter { $0.rule == "landed" },
        remarks: found.filter { $0.rule != "landed" })
    }
    let verdict = StackVerdict(
      stack.stack, stack.state, upstream: stack.upstream, diagnostics: stack.diagnostics)
    if stack.state != .tried || !stack.diagnostics.isEmpty { cases += suite(verdict).cases }
    return Suite("\(stack.stack)", cases)
  }
}
