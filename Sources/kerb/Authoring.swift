import ArgumentParser
import Patches
import Reports
import Workspace

/// The stacks that a command edits.
struct EditedStacks: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The stacks: RELEASE/PROJECT, a release or a project.", valueName: "stacks"))
  var stacks: String

  func names(_ workspace: Workspace) throws -> [StackName] {
    try workspace.stacks(named: [stacks])
  }
}

/// `kerb delete`.
struct Delete: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take patches out of stacks.",
    discussion: """
      A patch that another one needs is refused. The file goes when no release uses it any more; \
      'kerb undo' brings it back.
      """)

  @OptionGroup var options: AuthoringOptions
  @OptionGroup var stacks: EditedStacks

  @Argument(help: ArgumentHelp("The patches; in one stack also by number.", valueName: "patch"))
  var patches: [String]

  func run() throws {
    let workspace = try options.open()
    let names = try stacks.names(workspace)
    try options.show {
      try workspace.delete(patches, from: names, dryRun: options.dryRun)
    }
  }
}

/// `kerb rename`.
struct Rename: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give a patch another name.",
    discussion: "Name the project to rename it in all its releases: they go on sharing the text.")

  @OptionGroup var options: AuthoringOptions
  @OptionGroup var stacks: EditedStacks

  @Argument(help: "The patch.")
  var patch: String

  @Argument(help: "Its new name, without folder and ending.")
  var name: String

  func run() throws {
    let workspace = try options.open()
    let names = try stacks.names(workspace)
    try options.show {
      try workspace.rename(patch, to: name, in: names, dryRun: options.dryRun)
    }
  }
}

/// `kerb reorder`.
struct Reorder: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put patches elsewhere in their stacks.",
    discussion: """
      The tree of the whole stack stays what it is. Patches whose context changes are made anew. \
      What cannot pass another patch is refused, and that patch is named.
      """)

  @Option(help: ArgumentHelp("Directly before this patch.", valueName: "patch"))
  var before: String?

  @Option(help: ArgumentHelp("Directly after this patch.", valueName: "patch"))
  var after: String?

  @Flag(name: .customLong("float"), help: "To the top: applied last.")
  var floats = false

  @Flag(name: .customLong("sink"), help: "To the bottom: applied first.")
  var sinks = false

  @OptionGroup var options: AuthoringOptions
  @OptionGroup var stacks: EditedStacks

  @Argument(
    help: ArgumentHelp(
      "The patches, in the order that they shall have; in one stack also by number.",
      valueName: "patch"))
  var patches: [String]

  func validate() throws {
    guard [before != nil, after != nil, floats, sinks].filter({ $0 }).count == 1 else {
      throw ValidationError("give one of --before, --after, --float and --sink")
    }
  }

  private var place: PatchPlace {
    if let before { return .before(before) }
    if let after { return .after(after) }
    return floats ? .top : .bottom
  }

  func run() throws {
    let workspace = try options.open()
    let names = try stacks.names(workspace)
    try options.show {
      try workspace.reorder(patches, to: place, in: names, dryRun: options.dryRun)
    }
  }
}

/// `kerb fold`.
struct Fold: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make patches parts of another.",
    discussion: """
      INTO keeps its name, author and message; the others go. A patch between them that changes the \
      same lines is named, and nothing is done.
      """)

  @Flag(help: "Put the messages of the others behind that of INTO.")
  var messages = false

  @OptionGroup var options: AuthoringOptions
  @OptionGroup var stacks: EditedStacks

  @Argument(help: "The patch that takes the others.")
  var into: String

  @Argument(help: ArgumentHelp("The patches that become parts of it.", valueName: "patch"))
  var patches: [String]

  func run() throws {
    let workspace = try options.open()
    let names = try stacks.names(workspace)
    try options.show {
      try workspace.fold(
        patches, into: into, in: names, takesMessages: messages, dryRun: options.dryRun)
    }
  }
}

/// `kerb fork`.
struct Fork: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give a release its own copy of a shared patch.",
    discussion: """
      The copy is equal to the byte, so that it can be changed alone. Texts that say the same become \
      one again when kerb next writes one of them.
      """)

  @OptionGroup var options: AuthoringOptions
  @OptionGroup var stacks: EditedStacks

  @Argument(help: ArgumentHelp("The patches; in one stack also by number.", valueName: "patch"))
  var patches: [String]

  func run() throws {
    let workspace = try options.open()
    let names = try stacks.names(workspace)
    try options.show {
      try workspace.fork(patches, in: names, dryRun: options.dryRun)
    }
  }
}

/// `kerb sync`.
struct Sync: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Carry a change of a patch to the other releases' texts of it.",
    discussion: """
      A three-way merge of the files that the texts make. What the change began with is the text at \
      --base, or what was carried last, or the newest text that both releases have had: by kerb's log, \
      or by the history of the git repository that the workspace is in. Where none is known, all of the \
      patch is carried. Changes of the other release's own stay. Texts that say the same then become one \
      file. Where both have changed the same lines, nothing is written and the files are named.
      """)

  @Option(
    help: ArgumentHelp(
      "The release whose text is carried; by default the newest that has the patch.",
      valueName: "release"))
  var from: String?

  @Option(
    help: ArgumentHelp("A release that gets the change; may be repeated.", valueName: "release"))
  var to: [String] = []

  @Option(
    help: ArgumentHelp(
      "A revision of the workspace's git history that has the text as it was.", valueName: "rev"))
  var base: String?

  @OptionGroup var options: AuthoringOptions

  @Argument(help: "The project.")
  var project: String

  @Argument(help: "The patch.")
  var patch: String

  func run() throws {
    let workspace = try options.open()
    guard workspace.configuration.project(project) != nil else {
      throw UsageError("kerb.yaml has no project '\(project)'")
    }
    var sync = Workspace.SyncOptions()
    sync.from = try from.map { try workspace.release(named: $0) }
    sync.to = to.isEmpty ? nil : try to.map { try workspace.release(named: $0) }
    (sync.base, sync.dryRun) = (base, options.dryRun)
    try options.show {
      try workspace.sync(patch, project: project, sync)
    }
  }
}
