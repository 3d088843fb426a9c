import ArgumentParser
import PatchEngine
import Patches
import Reports
import Workspace

/// `kerb diff`: what became of each patch between two stacks, or two revisions of one.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare two stacks, or one stack at two revisions of the workspace, patch by patch.",
    discussion: """
      Patches are paired as 'git range-diff' pairs commits: those that do the same first, the others so \
      that the differences between them are smallest. Line numbers and index lines are no difference. \
      '=' is the same patch, '!' one that changed, with the difference between the two patches below \
      it, '<' one that only the first stack has, '>' only the second.
      """)

  @Option(
    help: ArgumentHelp(
      "Compare with the stack at this revision of the workspace's git history.", valueName: "rev"))
  var from: String?

  @Option(
    help: ArgumentHelp(
      "With --from, the later revision; by default the files as they are.", valueName: "rev"))
  var to: String?

  @Flag(help: "Print a line for each pair and no differences.")
  var stat = false

  @Option(
    help: ArgumentHelp(
      "How many lines of difference, in percent of a patch, make it another one.",
      valueName: "percent"))
  var creationFactor = 60

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(
    help: ArgumentHelp("One stack with --from, or two: RELEASE/PROJECT.", valueName: "stack"))
  var stacks: [String]

  func validate() throws {
    if from == nil {
      guard stacks.count == 2 else {
        throw ValidationError("give two stacks, or one and --from REV")
      }
      guard to == nil else { throw ValidationError("--to needs --from") }
    } else if stacks.count != 1 {
      throw ValidationError(
        "--from compares one stack at two revisions, and \(stacks.count) were named")
    }
    guard (0...1_000).contains(creationFactor) else {
      throw ValidationError("--creation-factor is a percentage, from 0 to 1000")
    }
  }

  func run() throws {
    let workspace = try workspace.open()
    let names = try stacks.map { try workspace.stack(named: $0) }
    let left = try workspace.text(of: names[0], at: from)
    let right = try workspace.text(of: names[names.count - 1], at: to)
    guard !left.patches.isEmpty || !right.patches.isEmpty else {
      throw UsageError("there are no patches on either side: nothing was compared")
    }
    let diff = RangeDiff(left.patches, right.patches, creationFactor: creationFactor)
    if output.isJSON {
      Terminal.print(json(StackDiffForm(diff, left, right, withDifferences: !stat)))
    } else {
      let text = RangeDiffText(
        lefts: PatchLabels(left), rights: PatchLabels(right), output.painter)
      for line in text.lines(diff, withDifferences: !stat) { Terminal.print(line) }
    }
  }
}

extension PatchLabels {
  init(_ text: StackText) {
    self.init(names: text.names, subjects: text.patches.map(\.header.subject))
  }
}

/// Two stacks compared, as JSON.
private struct StackDiffForm: Encodable {
  struct Side: Encodable {
    let stack: String
    let revision: String?
    let patches: [String]

    init(_ text: StackText) {
      stack = "\(text.stack)"
      revision = text.revision
      patches = text.entries.map { Workspace.path(of: $0) }
    }
  }

  struct Pair: Encodable {
    let status: String
    let left: Int?
    let right: Int?
    let leftPatch: String?
    let rightPatch: String?
    let subject: String
    let difference: [String]?
  }

  let schemaVersion = currentSchema
  let left: Side
  let right: Side
  let pairs: [Pair]

  init(_ diff: RangeDiff, _ left: StackText, _ right: StackText, withDifferences: Bool) {
    self.left = Side(left)
    self.right = Side(right)
    pairs = diff.pairs.map { pair in
      let header = pair.left.map { left.patches[$0] } ?? pair.right.map { right.patches[$0] }
      return Pair(
        status: pair.status.rawValue, left: pair.left, right: pair.right,
        leftPatch: pair.left.map { Workspace.path(of: left.entries[$0]) },
        rightPatch: pair.right.map { Workspace.path(of: right.entries[$0]) },
        subject: String(decoding: header?.header.subject ?? [], as: UTF8.self),
        difference: withDifferences && pair.status == .changed
          ? diff.difference(of: pair).map { String(decoding: $0, as: UTF8.self) } : nil)
    }
  }
}
