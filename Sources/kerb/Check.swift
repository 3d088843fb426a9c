import ArgumentParser
import PatchEngine
import Patches
import Reports
import Workspace

/// `kerb check`: every patch of every stack, in memory.
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Apply everything in memory, write nothing, try every patch.",
    discussion: """
      Each stack is put on its locked tree. A patch is clean if every hunk is where it says, moved \
      if its lines are at one other place; anything else is a conflict, and blocks only later \
      changes of the same files. There is no fuzz. Exit code 1 if a patch does not apply, 2 if one \
      cannot be read, 5 if a tree is missing.

      With --onto each stack is tried on another tree and nothing is moved: what does not fit in \
      place is merged three ways with the locked tree, and patches that the tree has already are \
      named. REV is a release or version of the lock, a revision of the clone that --repo names, or \
      latest: upstream's tip as it was fetched last, or as the clone knows it.

      With --fix-to the files as they would be after 'kerb fmt' and 'kerb rebase' are written to a \
      folder of their own, with a patch for 'git apply': CI keeps it as an artifact. The workspace is \
      not touched, and the verdict stays what it is.
      """)

  @Option(help: ArgumentHelp("Try the stacks on this tree instead.", valueName: "rev|latest"))
  var onto: String?

  @Option(help: ArgumentHelp("A clone in which --onto is looked up first.", valueName: "clone"))
  var repo: String?

  @Option(
    help: ArgumentHelp(
      "With --onto, what may end conflicts: none, sure, eager or resolvers' names.",
      valueName: "names"))
  var resolve: String?

  @Option(
    help: ArgumentHelp(
      "Write what fmt, rebase and the memory of resolutions can mend into this new folder.",
      valueName: "dir"))
  var fixTo: String?

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: FindingOptions

  @Argument(help: ArgumentHelp("Stacks, releases or projects.", valueName: "stack"))
  var stacks: [String] = []

  func validate() throws {
    guard onto != nil || (repo == nil && resolve == nil) else {
      throw ValidationError("--repo and --resolve need --onto")
    }
  }

  func run() async throws {
    let workspace = try workspace.open()
    let names = try workspace.stacks(named: stacks)
    try requireOneProject(names, for: repo)
    let show: @Sendable (RunProgress) -> Void = { progress in
      Progress.show("\(progress.stack)", done: progress.done, total: progress.total)
    }
    let verdicts =
      if let onto {
        try workspace.check(
          names, onto: TargetChoice(onto: onto, clone: repo), resolvers: try resolvers(),
          progress: show)
      } else {
        try workspace.check(names, progress: show)
      }
    Progress.clear()
    let (stopped, standing) = workspace.stops(of: names)
    try output.show(
      FindingReport(verdicts), of: workspace,
      text: {
        standing.map(terminalSafe) + VerdictText(output.output.painter).lines(verdicts)
      },
      json: { json(VerdictsForm(verdicts, stopped: stopped.map(StoppedForm.init))) })
    if let fixTo {
      Reading.end()
      try await writeFix(to: fixTo, verdicts, workspace)
    }
    try Verdicts(verdicts).leave()
  }

  /// Writes what could be mended, and says so.
  private func writeFix(
    to folder: String, _ verdicts: [StackVerdict], _ workspace: Workspace
  ) async throws {
    let choice = onto.map { TargetChoice(onto: $0, clone: repo) }
    let fix = try await workspace.fix(for: verdicts, onto: choice, resolvers: try fixResolvers())
    for stack in fix.open {
      Terminal.error(terminalSafe("\(stack): needs a person: 'kerb rebase', then 'kerb resolve'"))
    }
    guard !fix.files.isEmpty else {
      Terminal.error("there is nothing that kerb could mend; nothing was written")
      return
    }
    try fix.write(to: folder)
    for stack in fix.mended { Terminal.error(terminalSafe("\(stack): mended")) }
    Terminal.error(
      terminalSafe(
        "\(counted(fix.files.count, "file", "files")) in \(folder); 'git apply' takes "
          + "\(folder)/\(WorkspaceFix.patchName)"))
  }

  private func fixResolvers() throws -> Set<Resolver> {
    resolve == nil ? Resolvers.sure : try resolvers().enabled
  }

  private func resolvers() throws -> Resolvers {
    let words = (resolve ?? "none").split(separator: ",").map(String.init)
    return Resolvers(
      try words.reduce(into: Set<Resolver>()) { $0.formUnion(try Resolvers.named($1)) })
  }
}

/// Refuses a clone that would be taken for the history of several projects.
func requireOneProject(_ stacks: [StackName], for clone: String?) throws(UsageError) {
  guard clone != nil, Set(stacks.map(\.project)).count > 1 else { return }
  throw UsageError("--repo is a clone of one project; name that project's stacks")
}

/// Prints verdicts and leaves with the exit code that they deserve.
struct Verdicts {
  let verdicts: [StackVerdict]

  init(_ verdicts: [StackVerdict]) {
    self.verdicts = verdicts
  }

  func show(_ output: OutputOptions) throws {
    if output.isJSON {
      Terminal.print(json(VerdictsForm(verdicts)))
    } else {
      for line in VerdictText(output.painter).lines(verdicts) { Terminal.print(line) }
    }
    try leave()
  }

  /// A run that examined nothing fails: exit code 2.
  func leave() throws {
    guard verdicts.contains(where: { $0.state != .empty }) else {
      throw UsageError("no stack that was named has patches: nothing was examined")
    }
    if verdicts.contains(where: { $0.state == .malformed }) { throw ExitCode.badInput }
    if verdicts.contains(where: { $0.state == .notFetched || $0.state == .notLocked }) {
      throw ExitCode.environment
    }
    if verdicts.contains(where: { !$0.isGood }) { throw ExitCode.findings }
  }
}
