import ArgumentParser
import Foundation
import Git
import PatchEngine
import Patches
import Reports
import Workspace

/// `kerb replay`: the plumbing under apply and check.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Replay patches or commits on a revision of any repository.",
    discussion: """
      Needs no workspace. With --ref, one commit a patch is made and the ref is moved once, at the \
      end, from the value it had before; without, nothing is written. A patch that does not apply \
      blocks only later changes of the same files; with --ref nothing is moved then.

      With --batch, each line of standard input is a job, {"onto": REV, "base": REV?, "patches": \
      [FILE…]} or {"onto": REV, "commits": [SHA…]}, and each line of output its result.
      """)

  @Option(help: ArgumentHelp("The repository, bare or not.", valueName: "dir"))
  var repo: String

  @Option(help: ArgumentHelp("The revision to replay on.", valueName: "rev"))
  var onto: String?

  @Option(
    help: ArgumentHelp(
      "The tree that the patches were made on; what does not fit in place is merged with it.",
      valueName: "rev"))
  var base: String?

  @Option(help: ArgumentHelp("Replay these commits instead of patches.", valueName: "a..b"))
  var commits: String?

  @Option(help: ArgumentHelp("Make one commit a patch and move this ref.", valueName: "ref"))
  var ref: String?

  @Flag(help: "Say how the patches fare and compute nothing else.")
  var dryRun = false

  @Flag(help: "Read jobs from standard input, a JSON object a line.")
  var batch = false

  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The patch files, in order.", valueName: "patch"))
  var patches: [String] = []

  func validate() throws {
    if batch {
      guard onto == nil, commits == nil, ref == nil, patches.isEmpty, base == nil else {
        throw ValidationError("--batch takes its jobs from standard input")
      }
      return
    }
    guard onto != nil else { throw ValidationError("--onto is missing") }
    guard (commits == nil) != patches.isEmpty else {
      throw ValidationError("give patch files, or --commits A..B")
    }
    guard ref == nil || !dryRun else { throw ValidationError("--dry-run moves no ref") }
  }

  func run() throws {
    GitLibrary.trustObjects()
    let replayer = try Replayer(repository: repo)
    if batch { return try Batch(replayer: replayer).run() }
    let source: ReplayJob.Source =
      if let commits {
        .commits(try replayer.commits(inRange: commits))
      } else {
        .patches(patches + Operands.rest)
      }
    let effect: ReplayEffect = ref.map { .ref($0) } ?? (dryRun ? .verdicts : .treeName)
    let job = ReplayJob(onto: onto ?? "", base: base, source: source)
    let report = try replayer.run(job, effect: effect) { done, total in
      Progress.show("replay", done: done, total: total)
    }
    Progress.clear()
    try show(report)
  }

  private func show(_ report: ReplayReport) throws {
    guard !report.patches.isEmpty else { throw UsageError("there is nothing to replay") }
    if output.isJSON {
      var form = ReplayForm(report)
      form.schemaVersion = currentSchema
      Terminal.print(json(form))
    } else {
      for diagnostic in report.diagnostics + report.warnings {
        Terminal.error(terminalSafe("\(diagnostic)"))
      }
      if report.diagnostics.isEmpty {
        for line in ReplayText(report).lines { Terminal.print(line) }
      }
    }
    if !report.diagnostics.isEmpty { throw ExitCode.badInput }
    if !report.isApplied { throw ExitCode.findings }
  }
}

extension ReplayForm {
  init(_ report: ReplayReport) {
    let steps =
      if report.diagnostics.isEmpty {
        report.steps.map { StepForm($0, patch: report.names[$0.patch]) }
      } else {
        zip(report.names, report.patches).compactMap { name, patch -> StepForm? in
          guard case .failure(let diagnostics) = patch else { return nil }
          return StepForm(unreadable: name, diagnostics)
        }
      }
    self.init(
      tree: report.tree, commit: report.commit, steps: steps,
      warnings: report.warnings.map(\.description))
  }
}

/// A replay as text: a line for each patch that is not plainly clean, then the sum.
struct ReplayText {
  let lines: [String]

  init(_ report: ReplayReport) {
    var lines: [String] = []
    for step in report.steps { lines += Self.findings(step, names: report.names) }
    let counts = Dictionary(grouping: report.steps, by: \.outcome).mapValues(\.count)
    let parts = Outcome.allCases.compactMap { outcome in
      counts[outcome].map { "\($0) \(outcome.rawValue.replacing("_", with: " "))" }
    }
    lines.append(
      "\(counted(report.steps.count, "patch", "patches")): \(parts.joined(separator: ", "))")
    if let tree = report.tree { lines.append("tree \(tree)") }
    if let commit = report.commit { lines.append("commit \(commit)") }
    self.lines = lines.map { terminalSafe($0) }
  }

  /// A line for each file of a patch that does not apply; not escaped for any medium.
  static func findings(_ step: Step, names: [String]) -> [String] {
    let name = names[step.patch]
    return step.paths.compactMap { path in
      if let conflict = path.conflict {
        let place = Location(name, line: conflict.line)
        return "\(place): error: \(path.path): \(conflict) [\(conflict.rule)]"
      }
      return path.blockedBy.map { blocker in
        "\(name): error: \(path.path): not tried, \(names[blocker]) left the file in conflict "
          + "[blocked]"
      }
    }
  }
}
