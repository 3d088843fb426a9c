import ArgumentParser
import PatchEngine
import Patches
import Reports
import Upstream
import Workspace

/// The options of commands that move stacks.
struct MoveFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What may end conflicts: none, sure (another release's text of the patch, the memory of "
        + "resolutions, changes of neighbouring lines and of other words), eager, or names with commas.",
      valueName: "name"))
  var resolve = "sure"

  @Option(
    help: ArgumentHelp(
      "Where upstream has given a microversion that a stack claims to something else: auto takes the "
        + "next free one, N=M that one, none moves the stack as it is. By default it is not moved.",
      valueName: "auto|N=M|none"))
  var renumber: String?

  @Flag(help: "Write nothing; say how the stacks would fare.")
  var dryRun = false

  func options() throws -> MoveOptions {
    var options = MoveOptions()
    if let renumber { options.renumber = try RenumberChoice(word: renumber) }
    (options.resolvers, options.dryRun) = (try Resolvers.named(resolve), dryRun)
    return options
  }
}

/// `kerb rebase`: stacks on other trees of their releases.
struct Rebase: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Move stacks to a newer upstream and write the refreshed patches.",
    discussion: """
      Computed in memory; a hunk that fits nowhere is merged with the tree that the patch was made \
      on. Stacks that get through are written as one set: patches, series and lock. What upstream \
      has already is left out of the series, with a note there. A stack that meets a conflict stands \
      still: its files are in src/RELEASE/PROJECT with the conflicts marked, and no patch is \
      changed before 'kerb continue' has brought it through. Exit code 3 then. A stack that claims an \
      API microversion which the new tree has for something else is not moved: see --renumber.
      """)

  @Option(
    help: ArgumentHelp(
      "The tree to move to: a revision, a release or version of the lock, or latest.",
      valueName: "rev|latest"))
  var onto: String?

  @Option(
    help: ArgumentHelp(
      "A clone that has the revision; by default the project's repository in .kerb.",
      valueName: "dir"))
  var repo: String?

  @Flag(help: "Move to the newest tree that upstream has for each release.")
  var update = false

  @Option(
    help: ArgumentHelp(
      "With --update, where from: git, sdist, or the path of a clone.", valueName: "source"))
  var from: String?

  @Flag(
    help: ArgumentHelp(
      "Keep patches that upstream's history has under the same Change-Id or patch id, unless all of "
        + "their content is there."))
  var keepLanded = false

  @OptionGroup var flags: MoveFlags
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("Stacks, releases or projects.", valueName: "stack"))
  var stacks: [String]

  func validate() throws {
    guard (onto == nil) != !update else {
      throw ValidationError("give --onto REV, or --update for upstream's newest")
    }
    guard from == nil || update else { throw ValidationError("--from goes with --update") }
    guard repo == nil || onto != nil else { throw ValidationError("--repo goes with --onto") }
  }

  /// The clone that --from names, whose history tells what has landed.
  private var clone: String? {
    guard case .clone(let path) = Choice(word: from) else { return nil }
    return path
  }

  func run() async throws {
    var options = try flags.options()
    let workspace = try workspace.openToWrite()
    let chosen = try workspace.withPatches(try workspace.stacks(named: stacks))
    guard !chosen.isEmpty else { throw UsageError("no stack that was named has patches") }
    try requireOneProject(chosen, for: repo)
    var targets: [(stack: StackName, onto: UpstreamLock.Entry)] = []
    var unfetched: [StackName] = []
    for stack in chosen {
      guard update else {
        let choice = TargetChoice(onto: onto, clone: repo)
        targets.append((stack, try await workspace.target(of: stack, choice)))
        continue
      }
      do {
        let entry = try await workspace.newest(of: stack, from: Choice(word: from)) { _ in }
        targets.append((stack, entry))
      } catch let error as UpstreamError where chosen.count > 1 {
        // One that cannot be asked for is no reason to leave the others where they are.
        unfetched.append(stack)
        Terminal.error(terminalSafe("kerb: error: \(stack): \(error)"))
      }
    }
    if !keepLanded { options.landings = .name(clone: repo ?? clone) }
    let result = try workspace.rebase(targets, options) { Progress.show($0) }
    try MoveOutput(output, isDry: flags.dryRun).show(result.adding(unfetched: unfetched))
  }
}

/// `kerb port`: one release's stacks from another's.
struct Port: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make or renew one release's stacks from another's.",
    discussion: """
      Each patch of FROM is replayed on TO's locked tree, with FROM's as the base of merges. A text \
      that fits both is shared; where TO needs another, one of the two becomes NAME@RELEASE. A text \
      that TO has already stays where it applies. What TO's series notes as landed or not needed is \
      left out. Conflicts are dealt with as in 'kerb rebase'.
      """)

  @OptionGroup var flags: MoveFlags
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The release to take the stacks from.")
  var from: String

  @Argument(help: "The release to make them for.")
  var to: String

  @Argument(help: ArgumentHelp("Projects; all of them by default.", valueName: "project"))
  var projects: [String] = []

  func run() throws {
    let options = try flags.options()
    let workspace = try workspace.openToWrite()
    let (from, to) = (try workspace.release(named: from), try workspace.release(named: to))
    guard from != to else { throw UsageError("the two releases are the same") }
    for project in projects where workspace.configuration.project(project) == nil {
      throw UsageError("kerb.yaml has no project '\(project)'")
    }
    let sources = workspace.configuration.projects.map { StackName(from, $0.name) }
      .filter { projects.isEmpty || projects.contains($0.project) }
    let chosen = try workspace.withPatches(sources).map(\.project)
    guard !chosen.isEmpty else { throw UsageError("\(from) has no patches of what was named") }
    let result = try workspace.port(chosen, from: from, to: to, options) { Progress.show($0) }
    try MoveOutput(output, isDry: flags.dryRun).show(result)
  }
}

/// The stacks that stand still, as commands name them.
struct StoppedOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The stacks; by default all that stand still.", valueName: "stack"))
  var stacks: [String] = []

  /// - Throws: `UsageError` where nothing stands still, or what is named does not.
  func states(_ workspace: Workspace) throws -> [StoppedMove] {
    let all = try workspace.stoppedMoves()
    guard !all.isEmpty else { throw UsageError("no stack stands still on a conflict") }
    guard !stacks.isEmpty else { return all }
    let named = Set(try workspace.stacks(named: stacks))
    let found = all.filter { named.contains($0.name) }
    guard !found.isEmpty else {
      throw UsageError(
        "none of these stands still; there "
          + (all.count == 1 ? "is " : "are ") + all.map(\.stack).joined(separator: ", "))
    }
    return found
  }
}

/// `kerb continue`.
struct Continue: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go on with stacks whose conflicts are resolved.",
    discussion: """
      Takes the files in src/RELEASE/PROJECT as the patch's result, remembers how each conflict was \
      ended, and goes on with the patches after it. Refuses markers that are still there, and hunks \
      of which nothing is left. New files that the patch did not have are taken if 'git add' has \
      been told of them.
      """)

  @Flag(help: "Go on where nothing of a hunk is left: the patch loses it.")
  var allowLost = false

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var stopped: StoppedOptions

  func run() throws {
    let workspace = try workspace.openToWrite()
    var results: [MoveResult] = []
    var open: [Diagnostic] = []
    for state in try stopped.states(workspace) {
      do {
        // What an earlier stack has written is read again.
        let now = try Workspace(in: workspace.journal, for: workspace.caller)
        results.append(
          try now.continueMove(state, allowsLoss: allowLost) { Progress.show($0) })
      } catch let conflicts as OpenConflicts {
        open += conflicts.findings
      }
    }
    try MoveOutput(output).show(MoveResult(joining: results), open: open)
  }
}

/// `kerb skip`.
struct Skip: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Leave out the patch that a stack stands still on, and go on.",
    discussion: """
      The series says that it was skipped. What was done to the files is kept as a commit in the \
      project's repository.
      """)

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var stopped: StoppedOptions

  func run() throws {
    let workspace = try workspace.openToWrite()
    let states = try stopped.states(workspace)
    guard states.count == 1 else {
      throw UsageError(
        "\(states.count) stacks stand still; name one: "
          + states.map(\.stack).joined(separator: ", "))
    }
    let result = try workspace.skipMove(states[0]) { Progress.show($0) }
    try MoveOutput(output).show(result)
  }
}

/// `kerb abort`.
struct Abort: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give up runs that stand still; patches, series and lock are as before.")

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var stopped: StoppedOptions

  func run() throws {
    let workspace = try workspace.openToWrite()
    for state in try stopped.states(workspace) {
      let kept = try workspace.abortMove(state)
      Terminal.print("\(state.stack): given up; patches, series and lock are as they were")
      if let kept { Terminal.print("\(state.stack): what was done to the files is commit \(kept)") }
    }
  }
}

extension MoveResult {
  /// The results of several runs as one.
  init(joining results: [MoveResult]) {
    self.init(
      stacks: results.flatMap(\.stacks),
      files: Set(results.flatMap(\.files)).sorted { $0.path < $1.path })
  }
}

extension Progress {
  static func show(_ progress: RunProgress) {
    show("\(progress.stack)", done: progress.done, total: progress.total)
  }
}
