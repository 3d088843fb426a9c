import ArgumentParser
import PatchEngine
import Patches
import Reports
import Workspace

/// `kerb landed`: what upstream has of the patches already.
struct Landed: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what upstream already has, whole or in part, and which commit brought it.",
    discussion: """
      Each patch is looked for in the locked tree, or with --onto in another one: a release or \
      version of the lock, a revision of the clone that --repo names, or latest, upstream's tip as \
      it was fetched last or as the clone knows it. A patch has landed where all its hunks are there, \
      or where upstream's history has its Change-Id or patch id; in part where some hunks are \
      there; it was reworked where much of its text is there, or a commit that is known to be about \
      it.

      With history at hand, which is what --repo is for, the commit is named, how it was found, and \
      the first release that has it. All messages are read; changes are compared from the stack's \
      locked version on, where the clone has its tag, else over the last 5,000 commits.

      Exit code 1 if a patch has landed whole and should be dropped, 0 if none has.
      """)

  @Option(
    help: ArgumentHelp("Look in this tree instead of the locked one.", valueName: "rev|latest"))
  var onto: String?

  @Option(help: ArgumentHelp("A clone of the project, for its history.", valueName: "clone"))
  var repo: String?

  @Option(
    help: ArgumentHelp("Compare the changes of commits after this one.", valueName: "rev"))
  var since: String?

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: FindingOptions

  @Argument(help: ArgumentHelp("Stacks, releases or projects.", valueName: "stack"))
  var stacks: [String] = []

  func run() throws {
    let workspace = try workspace.open()
    let names = try workspace.stacks(named: stacks)
    try requireOneProject(names, for: repo)
    let options = LandingOptions(
      target: TargetChoice(onto: onto, clone: repo), since: since)
    let landings = try workspace.landings(names, options) { stack in
      Progress.begin("\(stack): looking for its patches")
    }
    Progress.clear()
    try output.show(
      FindingReport(landings), of: workspace,
      text: { LandingText(output.output.painter).lines(landings) },
      json: { json(LandingsForm(landings)) })
    try leave(landings)
  }

  /// A run that examined nothing fails: exit code 2.
  private func leave(_ landings: [StackLandings]) throws {
    guard landings.contains(where: { $0.state != .empty }) else {
      throw UsageError("no stack that was named has patches: nothing was examined")
    }
    if landings.contains(where: { $0.state == .malformed }) { throw ExitCode.badInput }
    if landings.contains(where: { $0.state == .notFetched || $0.state == .notLocked }) {
      throw ExitCode.environment
    }
    if landings.contains(where: { !$0.whole.isEmpty }) { throw ExitCode.findings }
  }
}
