import ArgumentParser
import PatchEngine
import Patches
import Reports
import Workspace

/// `kerb check`: every patch of every stack, in memory.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Apply everything in memory, write nothing, try every patch.",
    discussion: """
      Each stack is put on its locked tree. A patch is clean if every hunk is where it says, moved \
      if its lines are at one other place; anything else is a conflict, and blocks only later \
      changes of the same files. There is no fuzz. Exit code 1 if a patch does not apply, 2 if one \
      cannot be read, 5 if a tree is missing.
      """)

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("Stacks, releases or projects.", valueName: "stack"))
  var stacks: [String] = []

  func run() throws {
    let workspace = try workspace.open()
    let verdicts = try workspace.check(try workspace.stacks(named: stacks)) { progress in
      Progress.show("\(progress.stack)", done: progress.done, total: progress.total)
    }
    Progress.clear()
    try Verdicts(verdicts).show(output)
  }
}

/// Prints verdicts and leaves with the exit code that they deserve.
struct Verdicts {
  let verdicts: [StackVerdict]

  init(_ verdicts: [StackVerdict]) {
    self.verdicts = verdicts
  }

  func show(_ output: OutputOptions) throws {
    if output.isJSON {
      print(json(VerdictsForm(verdicts)))
    } else {
      for line in VerdictText(output.painter).lines(verdicts) { print(line) }
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
