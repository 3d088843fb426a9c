import ArgumentParser
import Git
import PatchEngine
import Patches
import Reports
import Upstream
import Workspace

/// `kerb bisect`: the first upstream commit on which a stack stops applying.
struct Bisect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the first upstream commit on which a stack stops applying.",
    discussion: """
      Everything happens in memory: each probe replays the stack on a commit's tree and reads only the \
      files that the patches name. The search goes by halves through the first-parent history of BAD \
      down to GOOD, or to where the two part: where patches break and apply again in between, one of \
      the places is found. A stack breaks where a patch of it is in conflict or blocked; with --exact \
      also where one applies only by a merge.

      --repo names a clone with the history; without it the project's repository under .kerb/ is used, \
      which most often holds single trees. With --repo and --patches no workspace is needed.

      Exit code 0 if the commit was found, 2 if GOOD is not good or BAD is not bad, 5 if the history \
      is not at hand.
      """)

  @Option(help: ArgumentHelp("A revision on which the stack applies.", valueName: "rev"))
  var good: String

  @Option(help: ArgumentHelp("A later revision on which it does not.", valueName: "rev"))
  var bad: String

  @Option(help: ArgumentHelp("A clone with upstream's history, bare or not.", valueName: "dir"))
  var repo: String?

  @Option(
    help: ArgumentHelp(
      "Only this patch of the stack counts, on what the ones before it leave.", valueName: "name"))
  var patch: String?

  @Flag(help: "Every hunk must be in place or at its one other place; a merge is no good.")
  var exact = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Patch files in order, instead of a stack.", valueName: "patch"))
  var patches: [String] = []

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The stack, RELEASE/PROJECT.", valueName: "stack"))
  var stack: String?

  func validate() throws {
    guard (stack == nil) != patches.isEmpty else {
      throw ValidationError("give a stack, or --repo DIR --patches PATCH…")
    }
    guard patches.isEmpty || repo != nil else { throw ValidationError("--patches needs --repo") }
    guard patches.isEmpty || patch == nil else {
      throw ValidationError("--patch names a patch of a stack; give --patches up to that one")
    }
  }

  func run() throws {
    let report: BisectReport
    let label: String
    if let stack {
      let workspace = try workspace.open()
      let name = try workspace.stack(named: stack)
      label = "\(name)"
      report = try answer(name, workspace)
    } else {
      GitLibrary.trustObjects()
      label = "\(counted(patches.count, "patch", "patches"))"
      let bisector = try Bisector(repository: repo ?? "", files: patches)
      report = try naming { try ask(bisector, label) }
    }
    if output.isJSON {
      Terminal.print(json(BisectForm(report, stack: stack, patch: patch, exact: exact)))
    } else {
      for line in BisectText(report, label, output.painter).lines { Terminal.print(line) }
    }
    if report.state != .found { throw ExitCode.badInput }
  }

  private func answer(_ name: StackName, _ workspace: Workspace) throws -> BisectReport {
    if let repo {
      let bisector = try workspace.bisector(of: name, repository: repo, patch: patch)
      return try naming { try ask(bisector, "\(name)") }
    }
    let address = workspace.configuration.projects.first { $0.name == name.project }?.git
    let hint =
      "give --repo a clone with the history" + (address.map { " of \($0)" } ?? " of upstream's")
    guard let fetched = workspace.fetchedRepository(of: name.project) else {
      throw UpstreamError(.environment, "nothing of \(name.project) was fetched", hint: hint)
    }
    do {
      let bisector = try workspace.bisector(of: name, repository: fetched, patch: patch)
      return try ask(bisector, "\(name)")
    } catch let missing as MissingHistory {
      throw UpstreamError(.environment, missing.description, hint: hint)
    }
  }

  /// In a clone that the user named, an unknown revision is the user's mistake.
  private func naming(_ body: () throws -> BisectReport) throws -> BisectReport {
    do {
      return try body()
    } catch let missing as MissingHistory where missing.revision != nil {
      throw UsageError(missing.description)
    } catch let missing as MissingHistory {
      throw UpstreamError(
        .environment, missing.description,
        hint: "give --repo a complete clone; 'git fetch --unshallow' makes one of a shallow one")
    }
  }

  private func ask(_ bisector: Bisector, _ label: String) throws -> BisectReport {
    // The patches are read; the search may take long.
    Reading.end()
    var question = BisectQuestion(good: good, bad: bad)
    question.isExact = exact
    let report = try bisector.run(question) { commits, probes in
      Progress.begin(
        "\(label): \(counted(commits, "commit", "commits")) left, at most "
          + counted(probes, "probe", "probes"))
    }
    Progress.clear()
    return report
  }
}

extension Workspace {
  /// The one stack of that name.
  ///
  /// - Throws: `UsageError` where the word names none or several.
  func stack(named word: String) throws -> StackName {
    let found = try stacks(named: [word])
    guard found.count == 1, let name = found.first, "\(name)" == word else {
      throw UsageError(
        found.count == 1
          ? "'\(word)' names a stack as RELEASE/PROJECT does, which is asked for here: \(found[0])"
          : "'\(word)' names \(found.count) stacks; give one as RELEASE/PROJECT")
    }
    return name
  }

  /// The release that a word names.
  ///
  /// - Throws: `UsageError` for one that the configuration lacks.
  func release(named word: String) throws -> Release {
    guard let release = Release(word), configuration.releases.contains(release) else {
      throw UsageError(
        "'\(word)' is no release of kerb.yaml: "
          + configuration.releases.map(\.name).joined(separator: ", "))
    }
    return release
  }
}
