import Claims
import PatchEngine
import Patches

/// What counters say of stacks as lines for a terminal: findings first, then a table of microversions,
/// then what else is claimed.
public struct CounterText {
  private let painter: Painter

  public init(_ painter: Painter) {
    self.painter = painter
  }

  /// The lines, safe to print.
  ///
  /// - Parameter showsHistory: true to list when upstream gave out each value.
  public func lines(_ all: [StackCounters], showsHistory: Bool = false) -> [String] {
    var lines = all.flatMap { $0.diagnostics + $0.findings }.map { terminalSafe("\($0)") }
    lines += all.compactMap(problem)
    lines += table(all)
    for stack in all { lines += others(stack) }
    if showsHistory { lines += history(all) }
    return lines
  }

  private func problem(_ stack: StackCounters) -> String? {
    switch stack.state {
    case .tried, .empty: return nil
    case .notLocked:
      return painter.bad("x \(stack.stack)  not locked; run 'kerb fetch --update \(stack.stack)'")
    case .notFetched:
      return painter.bad("x \(stack.stack)  not fetched; run 'kerb fetch \(stack.stack)'")
    case .malformed: return painter.bad("x \(stack.stack)  cannot be read, see above")
    }
  }

  private func table(_ all: [StackCounters]) -> [String] {
    var rows: [(cells: [String], verdict: String, details: [String])] = []
    for stack in all {
      for verdict in stack.counters where verdict.counter.isMicroversion && !verdict.isMissing {
        let claimed = verdict.claims.map { "\($0.claim.value)" }.joined(separator: ", ")
        rows.append(
          (
            [
              "\(stack.stack)", stack.target?.name ?? "",
              verdict.upstream.maximum(of: []).map { "\($0)" } ?? "none",
              verdict.claims.isEmpty ? "none" : claimed,
              verdict.upstream.maximum(of: [])?.next.map { "\($0)" } ?? "",
            ].map(terminalSafe), word(verdict), verdict.claims.map { evidence($0, verdict, stack) }
          ))
      }
    }
    guard !rows.isEmpty else { return [] }
    let heads = ["stack", "upstream", "maximum", "claimed", "next"]
    let widths = heads.indices.map { column in
      (rows.map { $0.cells[column].count } + [heads[column].count]).max() ?? 0
    }
    func line(_ cells: [String], _ last: String) -> String {
      zip(cells, widths).map { $0.padding(to: $1) }.joined(separator: "  ") + "  \(last)"
    }
    return [painter.faint(line(heads, "verdict"))]
      + rows.flatMap { row in
        [line(row.cells, row.verdict)] + row.details.map { painter.faint("    \($0)") }
      }
  }

  private func word(_ verdict: CounterVerdict) -> String {
    guard verdict.disagreements.isEmpty else { return painter.bad("evidence disagrees") }
    guard !verdict.claims.isEmpty else { return painter.good("nothing claimed") }
    return verdict.claims.map { mark($0.standing) }.joined(separator: ", ")
  }

  private func mark(_ standing: Standing) -> String {
    switch standing {
    case .free: return painter.good("free")
    case .landed(let entry): return painter.notable("landed as \(terminalSafe("\(entry.value)"))")
    case .collision, .gap, .behind: return painter.bad(standing.name)
    }
  }

  private func evidence(
    _ judged: JudgedClaim, _ verdict: CounterVerdict, _ stack: StackCounters
  ) -> String {
    let claim = judged.claim
    let uses = verdict.mentions.filter { $0.entry.value == claim.value }
    var counts: [(name: String, count: Int)] = []
    for entry in (claim.evidence + uses).map(\.entry) {
      let name = verdict.counter.readings[entry.reading].name
      if let place = counts.firstIndex(where: { $0.name == name }) {
        counts[place].count += 1
      } else {
        counts.append((name, 1))
      }
    }
    let places = counts.map { $0.count == 1 ? $0.name : "\($0.name) (\($0.count))" }
    let patches = claim.patches.map { stack.files[$0] }.joined(separator: ", ")
    return terminalSafe("\(claim.value) by \(patches): \(places.joined(separator: ", "))")
  }

  private func others(_ stack: StackCounters) -> [String] {
    stack.counters.filter { !$0.counter.isMicroversion }.flatMap { verdict in
      verdict.claims.map { judged in
        let counter = verdict.counter
        let what = counter.phrase(judged.claim.identity, judged.claim.value)
        let patch = stack.files[judged.claim.evidence[0].patch]
        return "\(stack.stack)  \(terminalSafe("\(counter.title) \(what)")): "
          + "\(mark(judged.standing))" + painter.faint("  \(terminalSafe(patch))")
      }
    }
  }

  private func history(_ all: [StackCounters]) -> [String] {
    var lines: [String] = []
    var seen: Set<[Consumption]> = []
    for stack in all where !stack.history.isEmpty && seen.insert(stack.history).inserted {
      lines.append("")
      lines.append(
        "given out by \(stack.stack.project) up to \(terminalSafe(stack.target?.name ?? "")):")
      let rows = stack.history.map { taken in
        [name(taken, stack), taken.mergedAt.day, taken.release ?? "no release", taken.commit.short]
      }
      let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
      for (taken, cells) in zip(stack.history, rows) {
        let text = zip(cells, widths).map { $0.padding(to: $1) }.joined(separator: "  ")
        lines.append(terminalSafe("  \(text)  \(String(decoding: taken.subject, as: UTF8.self))"))
      }
    }
    return lines
  }

  private func name(_ taken: Consumption, _ stack: StackCounters) -> String {
    let counter = stack.counters.map(\.counter).first { $0.name == taken.counter }
    let phrase = counter?.phrase(taken.identity, taken.value) ?? "\(taken.value)"
    return counter?.isMicroversion == true ? phrase : "\(counter?.title ?? taken.counter) \(phrase)"
  }
}
