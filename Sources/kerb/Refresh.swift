import ArgumentParser
import Foundation
import Patches
import Reports
import Workspace

/// Where the applied stack is that a command takes its changes from.
struct AppliedOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The branch that the stack is applied on; by default kerb/RELEASE.", valueName: "name"))
  var branch: String?

  @Option(
    help: ArgumentHelp(
      "The work tree's folder; by default src/RELEASE/PROJECT in the workspace.", valueName: "dir"))
  var tree: String?

  var options: RefreshOptions {
    var options = RefreshOptions()
    (options.branch, options.directory) = (branch, tree)
    return options
  }
}

/// `kerb refresh`: the patches of what was done to the applied stack.
struct Refresh: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take up into the patches what was done to an applied stack.",
    discussion: """
      Edits in the work tree go into PATCH, by default the top one; with --absorb each goes into the \
      patch whose lines it touches. Commits on the branch are patches: one that kerb made, or that has \
      a patch's message or difference, is that patch, in the order of the branch; 'fixup!', 'squash!' \
      and 'amend!' go into the commit that they name; any other is a new patch. So 'git rebase -i' may reorder, \
      split, reword and squash. A patch that has lost its commit is refused unless --drop names it.

      Only patches whose content has changed are written. Conflict markers are refused, and hunks of \
      which nothing is left. A text that other releases share is tried there too: where it fits it is \
      shared still; where it does not, that release keeps the old text as NAME@RELEASE.
      """)

  @Flag(help: "Give each edit to the patch whose lines it touches; PATCH takes what touches none.")
  var absorb = false

  @Option(
    help: ArgumentHelp("A patch that may be without a commit; may be repeated.", valueName: "patch")
  )
  var drop: [String] = []

  @Flag(help: "Go on where nothing of a hunk is left.")
  var allowLost = false

  @Flag(help: "Make patches of upstream's own commits too, where the branch stands on newer ones.")
  var takeUpstream = false

  @OptionGroup var options: AuthoringOptions
  @OptionGroup var applied: AppliedOptions

  @Argument(help: ArgumentHelp("The stack, RELEASE/PROJECT.", valueName: "stack"))
  var stack: String

  @Argument(help: "The patch that takes the edits.")
  var patch: String?

  func run() throws {
    let workspace = try options.open()
    let name = try workspace.stack(named: stack)
    var refresh = applied.options
    (refresh.patch, refresh.absorbs, refresh.drops) = (patch, absorb, drop)
    (refresh.allowsLoss, refresh.dryRun) = (allowLost, options.dryRun)
    refresh.takesUpstream = takeUpstream
    try options.show { try workspace.refresh(name, refresh) }
  }
}
