import ArgumentParser
import Claims
import PatchEngine
import Patches
import Reports
import Upstream
import Workspace

/// Prints what moving stacks came to, and leaves with the exit code that it deserves.
struct MoveOutput {
  private let output: OutputOptions
  private let isDry: Bool
  private var painter: Painter { output.painter }

  init(_ output: OutputOptions, isDry: Bool = false) {
    self.output = output
    self.isDry = isDry
  }

  /// - Parameter open: conflicts that a person has not ended yet.
  func show(_ result: MoveResult, open: [Diagnostic] = []) throws {
    Progress.clear()
    if output.isJSON {
      Terminal.print(json(MoveForm(result, open, isDry: isDry)))
    } else {
      for finding in open + result.stacks.flatMap(\.claims.findings) {
        Terminal.print(terminalSafe("\(finding)"))
      }
      for report in result.stacks { show(report) }
      let verb = isDry ? "would be written" : "written"
      if !result.files.isEmpty {
        Terminal.print("\(counted(result.files.count, "file", "files")) \(verb):")
        for file in result.files {
          Terminal.print("    \(terminalSafe(file.path))\(file.isRemoved ? " (removed)" : "")")
        }
      } else if result.stacks.allSatisfy(\.isThrough), open.isEmpty {
        Terminal.print("every patch is as it was")
      }
      for note in result.followed.notes { Terminal.print("note: \(terminalSafe(note))") }
    }
    if result.stacks.contains(where: { $0.verdict?.state == .malformed }) {
      throw ExitCode.badInput
    }
    if result.stacks.contains(where: { $0.verdict != nil }) { throw ExitCode.environment }
    if !open.isEmpty || result.stacks.contains(where: { $0.stopped != nil }) {
      throw isDry ? ExitCode.findings : ExitCode.stopped
    }
    if result.stacks.contains(where: \.claims.hasError) { throw ExitCode.findings }
    try result.followed.fail()
  }

  private func show(_ report: MoveReport) {
    if let verdict = report.verdict {
      for line in VerdictText(painter).lines([verdict]).dropLast() { Terminal.print(line) }
      return
    }
    let source = report.source == report.stack ? "" : "\(report.source) "
    let from = report.from.map { "\($0)" } ?? ""
    let onto = report.onto.map { "\($0)" } ?? ""
    let mark = report.isThrough ? painter.good("=") : painter.bad("x")
    Terminal.print("\(mark) \(report.stack)  from \(source)\(from) to \(onto): \(counts(report))")
    for line in lines(report.claims) { Terminal.print("    \(terminalSafe(line))") }
    for patch in report.patches {
      for line in lines(patch) { Terminal.print("    \(terminalSafe(line))") }
    }
    for note in report.leftOut {
      Terminal.print(painter.faint("    left out: \(terminalSafe(note))"))
    }
    if let state = report.stopped { show(state, report) }
  }

  private func counts(_ report: MoveReport) -> String {
    var words: [(String, Int)] = []
    let all = report.patches.map(\.outcome) + report.steps.map(\.outcome.rawValue)
    for word in Outcome.allCases.map(\.rawValue) + ["skipped"] {
      let count = all.filter { $0 == word }.count
      if count > 0 { words.append((word.replacing("_", with: " "), count)) }
    }
    let untried = report.stopped.map { $0.files.count - all.count } ?? 0
    if untried > 0 { words.append(("not tried", untried)) }
    if report.claims.isRefused { return "claims what it cannot have" }
    return words.map { "\($1) \($0)" }.joined(separator: ", ")
  }

  private func lines(_ claims: MoveClaims) -> [String] {
    var lines: [String] = []
    if !claims.renumbering.isEmpty { lines.append("renumbered: \(claims.renumbering)") }
    if claims.isRefused {
      lines.append("not moved: see above")
      if !claims.offer.isEmpty {
        lines.append("'--renumber auto' makes \(claims.offer); '--renumber none' moves it as it is")
      }
    }
    return lines
  }

  private func lines(_ patch: MovedPatch) -> [String] {
    var lines: [String] = []
    if patch.isLanded {
      let commit = patch.landedAs.map(phrase) ?? ""
      lines.append("\(patch.file): landed\(commit), left out of the series")
    }
    if patch.isSkipped { lines.append("\(patch.file): skipped, left out of the series") }
    if !patch.resolvers.isEmpty {
      lines.append("\(patch.file): conflicts ended \(phrase(patch.resolvers))")
    }
    for pair in patch.renamed {
      lines.append("\(patch.file): upstream has renamed \(pair[0]) to \(pair[1])")
    }
    for words in patch.stale {
      lines.append(
        "\(patch.file): warning: \(words[0]): the patch adds what upstream no longer has there: "
          + words.dropFirst().joined(separator: ", ") + " [stale-word]")
    }
    return lines
  }

  private func phrase(_ landed: LandedCommit) -> String {
    let release = landed.release.map { ", first in \($0)" } ?? ""
    let evidence = landed.evidence.map { $0 == "patch-id" ? "patch id" : "Change-Id" }
    return " as \(landed.short) \"\(landed.subject)\"\(release) (same "
      + evidence.joined(separator: " and ") + (landed.isSame ? ")" : ", other text)")
  }

  private func phrase(_ resolvers: [String]) -> String {
    let named = resolvers.filter { $0 != "by hand" }
    let parts = named.isEmpty ? [] : ["by " + named.joined(separator: ", ")]
    return (parts + resolvers.filter { $0 == "by hand" }).joined(separator: " and ")
  }

  private func show(_ state: StoppedMove, _ report: MoveReport) {
    Terminal.print(
      painter.bad(
        terminalSafe(
          "    stands still on patch \(state.patch + 1) of \(state.files.count), \(state.file):")))
    for file in state.open {
      Terminal.print(terminalSafe("    src/\(state.stack)/\(file.path): \(file.reason)"))
    }
    for (step, file) in zip(report.steps, report.files).dropFirst() where !step.outcome.isApplied {
      Terminal.print(terminalSafe("    further on, \(file): \(step.outcome.rawValue)"))
    }
    guard !isDry else { return }
    Terminal.print(
      "    'kerb resolve' shows the conflicts; then 'kerb continue', 'kerb skip' or 'kerb abort'")
  }
}

/// What moving stacks came to, as JSON.
private struct MoveForm: Encodable {
  struct Stack: Encodable {
    let stack: String
    let source: String
    let from: String?
    let onto: String?
    let through: Bool
    let patches: [Moved]
    let stoppedOn: String?
    let open: [Open]
    let steps: [StepForm]
    let leftOut: [String]
    /// What the patches claim instead of what they claimed, in pairs.
    let renumbered: [[String]]
    /// What `--renumber auto` would make of a stack that was not moved.
    let offer: [[String]]
    let refused: Bool
    let findings: [DiagnosticForm]
    let verdict: StackForm?
  }

  struct Moved: Encodable {
    let patch: String
    let outcome: String
    let resolvers: [String]
    let renamed: [[String]]
    let stale: [[String]]
    let landedAs: LandedCommit?
  }

  struct Open: Encodable {
    let path: String
    let reason: String
  }

  let schemaVersion = currentSchema
  let dryRun: Bool
  let stacks: [Stack]
  struct File: Encodable {
    let path: String
    let removed: Bool
  }

  let files: [File]
  let findings: [DiagnosticForm]

  init(_ result: MoveResult, _ open: [Diagnostic], isDry: Bool) {
    dryRun = isDry
    files = result.files.map { File(path: $0.path, removed: $0.isRemoved) }
    findings = open.map(DiagnosticForm.init)
    stacks = result.stacks.map { report in
      Stack(
        stack: "\(report.stack)", source: "\(report.source)", from: report.from.map { "\($0)" },
        onto: report.onto.map { "\($0)" }, through: report.isThrough,
        patches: report.patches.map {
          Moved(
            patch: $0.file, outcome: $0.outcome, resolvers: $0.resolvers, renamed: $0.renamed,
            stale: $0.stale, landedAs: $0.landedAs)
        },
        stoppedOn: report.stopped?.file,
        open: report.stopped?.open.map { Open(path: $0.path, reason: $0.reason) } ?? [],
        steps: zip(report.steps, report.files).map { StepForm($0, patch: $1) },
        leftOut: report.leftOut,
        renumbered: report.claims.renumbering.pairs.map { ["\($0.old)", "\($0.new)"] },
        offer: report.claims.offer.pairs.map { ["\($0.old)", "\($0.new)"] },
        refused: report.claims.isRefused,
        findings: report.claims.findings.map(DiagnosticForm.init),
        verdict: report.verdict.map(StackForm.init))
    }
  }
}
