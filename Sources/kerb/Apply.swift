import ArgumentParser
import PatchEngine
import Patches
import Reports
import Workspace

/// `kerb apply`: a branch and a work tree for each stack.
struct Apply: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put stacks on their upstream trees: one commit a patch, and a work tree.",
    discussion: """
      Author, date and message come from the patch, the committer is the author, so the same stack \
      gives the same commits on every machine. A stack that does not apply is not written at all. \
      A work tree with changes in it, and a branch with commits of your own, are never overwritten.
      """)

  @Option(
    help: ArgumentHelp(
      "The branch in the project's repository; by default kerb/RELEASE.", valueName: "name"))
  var branch: String?

  @Option(
    help: ArgumentHelp(
      "The work tree's folder; by default src/RELEASE/PROJECT in the workspace.", valueName: "dir"))
  var tree: String?

  @Flag(help: "Make one commit of the whole stack.")
  var squash = false

  @Flag(help: "Write nothing; say what would apply.")
  var dryRun = false

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("Stacks, releases or projects.", valueName: "stack"))
  var stacks: [String]

  func run() throws {
    let workspace = try dryRun ? workspace.open() : workspace.openToWrite()
    let chosen = try workspace.withPatches(try workspace.stacks(named: stacks))
    guard !chosen.isEmpty else { throw UsageError("no stack that was named has patches") }
    guard chosen.count == 1 || tree == nil else {
      throw UsageError("--tree needs one stack, and \(chosen.count) were named")
    }
    if dryRun { return try Verdicts(try workspace.check(chosen)).show(output) }
    var options = ApplyOptions()
    (options.branch, options.directory, options.squash) = (branch, tree, squash)
    let applied = try workspace.apply(chosen, options) { progress in
      Progress.show("\(progress.stack)", done: progress.done, total: progress.total)
    }
    Progress.clear()
    let verdicts = Verdicts(applied.map(\.verdict))
    if output.isJSON {
      Terminal.print(json(ApplyForm(applied)))
      return try verdicts.leave()
    }
    for line in VerdictText(output.painter).lines(applied.map(\.verdict)) { Terminal.print(line) }
    for case (let verdict, let written?) in applied.map({ ($0.verdict, $0.written) }) {
      Terminal.print(
        terminalSafe(
          "\(verdict.stack): \(short(written.directory, workspace)) on branch \(written.branch), commit "
            + "\(written.commit)"))
    }
    try verdicts.leave()
  }
}

/// A folder as a path in the workspace where it is inside.
private func short(_ folder: String, _ workspace: Workspace) -> String {
  folder.hasPrefix(workspace.root + "/")
    ? String(folder.dropFirst(workspace.root.count + 1)) : folder
}

/// What was applied, as JSON.
private struct ApplyForm: Encodable {
  struct Stack: Encodable {
    let verdict: StackForm
    let branch: String?
    let commit: String?
    let tree: String?
    let directory: String?
  }

  let schemaVersion = currentSchema
  let stacks: [Stack]

  init(_ applied: [Application]) {
    stacks = applied.map { application in
      Stack(
        verdict: StackForm(application.verdict), branch: application.written?.branch,
        commit: application.written.map { "\($0.commit)" },
        tree: application.written.map { "\($0.tree)" }, directory: application.written?.directory)
    }
  }
}
