import PatchEngine
import Patches

/// Verdicts as lines for a terminal: findings first, then a line a stack, then the sum.
public struct VerdictText {
  private let painter: Painter

  public init(_ painter: Painter) {
    self.painter = painter
  }

  /// The lines, safe to print.
  public func lines(_ verdicts: [StackVerdict]) -> [String] {
    var lines: [String] = []
    for verdict in verdicts {
      for finding in verdict.diagnostics + verdict.findings + verdict.landed
        + verdict.claims
      {
        lines.append(terminalSafe("\(finding)"))
      }
    }
    let width = verdicts.map { "\($0.stack)".count }.max() ?? 0
    for verdict in verdicts where verdict.state != .empty || verdict.upstream != nil {
      let name = "\(verdict.stack)".padding(to: width)
      lines.append("\(mark(verdict)) \(name)  \(summary(verdict))")
      for claim in verdict.claimed { lines.append(painter.faint("    \(terminalSafe(claim))")) }
      for note in verdict.notes { lines.append(painter.faint("    \(terminalSafe(note))")) }
    }
    lines.append(total(verdicts))
    return lines
  }

  private func mark(_ verdict: StackVerdict) -> String {
    guard verdict.isGood else { return painter.bad("x") }
    guard let outcome = verdict.outcome else { return painter.faint("-") }
    return painter.outcome(outcome, outcome == .clean ? "=" : "~")
  }

  /// How a stack fares, in a phrase that is safe to print.
  func summary(_ verdict: StackVerdict) -> String {
    switch verdict.state {
    case .empty: return painter.faint("no patches")
    case .notLocked:
      return painter.bad("not locked; run 'kerb fetch --update \(verdict.stack)'")
    case .notFetched: return painter.bad("not fetched; run 'kerb fetch \(verdict.stack)'")
    case .malformed: return painter.bad("cannot be read, see above")
    case .tried: break
    }
    let base = verdict.upstream.map { "\($0.source)" } ?? ""
    let source = verdict.target.map { "from \(base) on \(terminalSafe($0.name))" } ?? "on \(base)"
    return "\(counted(verdict.steps.count, "patch", "patches")) \(source): \(outcomes(verdict))"
  }

  private func outcomes(_ verdict: StackVerdict) -> String {
    let groups = Dictionary(grouping: verdict.steps, by: \.outcome)
    let parts = Outcome.allCases.compactMap { outcome -> String? in
      guard let steps = groups[outcome] else { return nil }
      let word = outcome.rawValue.replacing("_", with: " ")
      let far = outcome == .moved ? " (\(distance(steps.greatestOffset)))" : ""
      let text = "\(steps.count) \(word)\(far)"
      return painter.outcome(outcome, text)
    }
    return parts.joined(separator: ", ")
  }

  /// The whole in one line, safe to print.
  func total(_ verdicts: [StackVerdict]) -> String {
    let tried = verdicts.filter { $0.state == .tried }
    let patches = tried.reduce(0) { $0 + $1.steps.count }
    let bad = verdicts.filter { !$0.isGood }
    let sum = "\(counted(tried.count, "stack", "stacks")), \(counted(patches, "patch", "patches"))"
    guard !bad.isEmpty else { return painter.good("\(sum): all apply") }
    let failed = tried.flatMap(\.steps).filter { !$0.outcome.isApplied }.count
    let untried = bad.filter { $0.state != .tried }.count
    var parts: [String] = []
    if failed > 0 { parts.append("\(counted(failed, "patch does", "patches do")) not apply") }
    let claiming = tried.filter(\.hasBadClaims).count
    if claiming > 0 {
      parts.append("\(counted(claiming, "stack claims", "stacks claim")) what it cannot have")
    }
    if untried > 0 { parts.append("\(counted(untried, "stack", "stacks")) not tried") }
    return painter.bad("\(sum): \(parts.joined(separator: "; "))")
  }
}

/// How far something has moved, `up to +3 lines`.
///
/// - Parameter minus: the sign of an offset upwards.
func distance(_ offset: Int, minus: String = "-") -> String {
  "up to \(offset > 0 ? "+" : offset < 0 ? minus : "")\(abs(offset)) lines"
}

/// `1 patch`, `2 patches`.
public func counted(_ number: Int, _ one: String, _ many: String) -> String {
  "\(number) \(number == 1 ? one : many)"
}

extension String {
  /// The text with spaces after it up to a width in characters.
  func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
