import Git
import PatchEngine
import Patches
import Reports
import Workspace

/// What a bisection found, as text.
struct BisectText {
  let lines: [String]

  init(_ report: BisectReport, _ label: String, _ painter: Painter) {
    var lines: [String] = []
    switch report.state {
    case .found:
      if let commit = report.commit, let firstBad = report.firstBad {
        lines += Self.findings(firstBad, report)
        lines.append(painter.bad("\(label) breaks with \(Self.line(commit))"))
        lines.append(
          "  author \(Self.date(commit.author)), committer \(Self.date(commit.committer))")
        for merged in report.merged { lines.append("  it merges \(Self.line(merged))") }
      }
    case .goodIsBad:
      lines += Self.findings(report.good, report)
      lines.append(
        painter.bad("\(label) does not apply to the good revision, '\(report.good.revision)'"))
    case .badIsGood:
      lines.append(painter.bad("\(label) applies to the bad revision, '\(report.bad.revision)'"))
    case .forkIsBad:
      if let fork = report.fork { lines += Self.findings(fork, report) }
      lines.append(
        painter.bad(
          "\(label) breaks already where '\(report.good.revision)' and '\(report.bad.revision)' part"
        ))
    }
    lines += Self.verdicts(report)
    let between = counted(report.candidates, "commit", "commits")
    let tries = counted(report.probes, "probe", "probes")
    lines.append("\(between) on first-parent history, \(tries) between the ends")
    self.lines = lines
  }

  private static func findings(_ probe: BisectReport.Probe, _ report: BisectReport) -> [String] {
    report.broken(probe).flatMap { step in
      ReplayText.findings(step, names: report.names) + merges(step, report)
    }.map { terminalSafe($0) }
  }

  /// With --exact, the files that apply by a merge only.
  private static func merges(_ step: Step, _ report: BisectReport) -> [String] {
    step.paths.filter { [.merged, .resolved, .landed].contains($0.outcome) }.map {
      "\(report.names[step.patch]): note: \($0.path): \($0.outcome.rawValue)"
    }
  }

  private static func verdicts(_ report: BisectReport) -> [String] {
    let probes = [report.good, report.fork, report.state == .found ? nil : report.bad]
    let found = zip(["good", "fork", "bad"], probes).compactMap { name, probe in
      probe.map { (name, $0) }
    }
    guard report.state != .found || report.fork != nil else { return [] }
    return found.map { name, probe in
      let broken = report.broken(probe).count
      let verdict =
        broken == 0 ? "applies" : "\(counted(broken, "patch breaks", "patches break"))"
      let revision = probe.revision == "\(probe.commit)" ? "" : " (\(probe.revision))"
      return terminalSafe("  \(name) \(short(probe.commit))\(revision): \(verdict)")
    }
  }

  private static func line(_ commit: Commit) -> String {
    terminalSafe("\(short(commit.id)) \(String(decoding: commit.subject, as: UTF8.self))")
  }

  private static func short(_ id: ObjectID) -> String { String(id.description.prefix(12)) }

  private static func date(_ signature: Signature) -> String {
    isoDate(seconds: signature.seconds, offset: signature.offset)
  }
}

/// What a bisection found, as JSON.
struct BisectForm: Encodable {
  struct CommitForm: Encodable {
    let id: String
    let subject: String
    let authorDate: String
    let committerDate: String

    init(_ commit: Commit) {
      id = "\(commit.id)"
      subject = String(decoding: commit.subject, as: UTF8.self)
      authorDate = isoDate(seconds: commit.author.seconds, offset: commit.author.offset)
      committerDate = isoDate(seconds: commit.committer.seconds, offset: commit.committer.offset)
    }
  }

  struct ProbeForm: Encodable {
    let revision: String
    let commit: String
    let applies: Bool
    /// The patches that break.
    let broken: [StepForm]

    init(_ probe: BisectReport.Probe, _ report: BisectReport) {
      revision = probe.revision
      commit = "\(probe.commit)"
      let steps = report.broken(probe)
      applies = steps.isEmpty
      broken = steps.map { StepForm($0, patch: report.names[$0.patch]) }
    }
  }

  let schemaVersion = currentSchema
  let state: String
  let stack: String?
  let patch: String?
  let exact: Bool
  let good: ProbeForm
  let bad: ProbeForm
  let fork: ProbeForm?
  let firstBad: CommitForm?
  let merged: [CommitForm]
  let broken: [StepForm]
  let commits: Int
  let probes: Int

  init(_ report: BisectReport, stack: String?, patch: String?, exact: Bool) {
    self.state = report.state.rawValue
    self.stack = stack
    self.patch = patch
    self.exact = exact
    self.good = ProbeForm(report.good, report)
    self.bad = ProbeForm(report.bad, report)
    self.fork = report.fork.map { ProbeForm($0, report) }
    self.firstBad = report.commit.map(CommitForm.init)
    self.merged = report.merged.map(CommitForm.init)
    self.broken = report.firstBad.map { ProbeForm($0, report).broken } ?? []
    self.commits = report.candidates
    self.probes = report.probes
  }
}

extension Commit {
  /// The first line of the message.
  var subject: [UInt8] { Array(message.prefix { $0 != UInt8(ascii: "\n") }) }
}
