import Claims
import PatchEngine
import Patches

extension FindingReport {
  /// What `microversion` found: a suite a stack, a case a patch that claims something.
  public init(_ all: [StackCounters]) {
    let claims = all.flatMap(\.counters).reduce(0) { $0 + $1.claims.count }
    let bad = all.count { !$0.isGood }
    self.init(
      "kerb microversion", all.map(Self.suite),
      total: "\(counted(all.count, "stack", "stacks")), \(counted(claims, "claim", "claims")): "
        + (bad == 0 ? "all stand" : "\(counted(bad, "stack is", "stacks are")) not right"))
  }

  private static func suite(_ stack: StackCounters) -> Suite {
    let findings = stack.diagnostics + stack.findings
    var claimed: [String: [String]] = [:]
    for verdict in stack.counters {
      for judged in verdict.claims {
        let what = verdict.counter.phrase(judged.claim.identity, judged.claim.value)
        for patch in judged.claim.patches {
          claimed[stack.files[patch], default: []].append(
            "\(verdict.counter.title) \(what): \(judged.standing.name)")
        }
      }
    }
    let files = stack.files.filter { file in
      claimed[file] != nil || findings.contains { $0.location.file == file }
    }
    let others = Set(findings.map(\.location.file)).subtracting(files).sorted()
    var cases = (files + others).map { file in
      let found = findings.filter { $0.location.file == file }
      return Case(
        file, claimed[file]?.joined(separator: ", ") ?? "read",
        failures: found.filter { $0.severity == .error },
        remarks: found.filter { $0.severity == .warning })
    }
    let verdict = StackVerdict(stack.stack, stack.state, upstream: stack.upstream)
    if let missing = missingTree(verdict) {
      cases.append(Case("series/upstream.lock", "no tree", failures: [missing]))
    }
    return Suite("\(stack.stack)", cases)
  }
}
