import ArgumentParser
import Journal
import Patches
import Reports
import Workspace

/// `kerb undo`: the files as they were before an operation.
struct Undo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take back what kerb wrote: the newest operation, or the one that is named.",
    discussion: """
      'kerb log' lists the operations. The files become what they were before, byte for byte. If one \
      of them is not as the operation left it, or another release's series lists a patch that would \
      go, nothing is written and the file is named: exit code 1. Undo is an operation itself; to undo an undo is to redo. An applied stack whose branch and \
      work tree nobody has touched follows.
      """)

  @Flag(help: "Write nothing; say what would change.")
  var dryRun = false

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The operation's number in 'kerb log'.", valueName: "operation"))
  var operation: Int?

  func run() throws {
    try reverse(
      workspace, output, dryRun: dryRun, plan: { try $0.undoing(operation).keepingWorkspace() },
      perform: {
        try $0.undo(
          operation: operation, as: Journalling.caller.words, notice: Journalling.caller.notice)
      })
  }
}

/// `kerb redo`: what was undone last, again.
struct Redo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Do again what was undone last.",
    discussion: """
      Several undos can be taken back one after the other, until another command has written to the \
      workspace; 'kerb undo NUMBER' of an undo still works then.
      """)

  @Flag(help: "Write nothing; say what would change.")
  var dryRun = false

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try reverse(
      workspace, output, dryRun: dryRun, plan: { try $0.redoing() },
      perform: { try $0.redo(as: Journalling.caller.words, notice: Journalling.caller.notice) })
  }
}

extension Reversal {
  /// Refuses to take back what made the workspace: it could not be done again.
  fileprivate func keepingWorkspace() throws(JournalError) -> Reversal {
    let files = Dictionary(uniqueKeysWithValues: effects.map { ("\($0.path)", $0.effect) })
    guard files[Workspace.configurationName] != .removed else {
      throw .nothing(
        "operation \(operation.number) made the workspace; to be without one, remove its files")
    }
    return self
  }
}

/// Plans and performs under one lock, then prints. A dry run only plans.
private func reverse(
  _ options: WorkspaceOptions, _ output: OutputOptions, dryRun: Bool,
  plan: (Journal) throws -> Reversal,
  perform: (borrowing HeldJournal) throws -> Journal.Operation
) throws {
  func planned(_ journal: Journal) throws -> Reversal {
    let reversal = try plan(journal)
    try Workspace.refuseMissing(after: reversal.files, in: journal.workspace)
    try Workspace.refuseStranding(reversal.files, in: journal, for: Journalling.caller)
    return reversal
  }
  if dryRun { return ReversalForm(try planned(options.openJournal()), nil).show(output) }
  let journal = try Workspace.journal(containing: options.directory, for: Journalling.caller)
  let (form, followed) = try journal.hold(
    for: Journalling.caller.words, notice: Journalling.caller.notice
  ) { held in
    let reversal = try planned(journal)
    let follow = Workspace.following(
      reversal.files, in: journal, for: Journalling.caller)
    let form = ReversalForm(reversal, try perform(held))
    return (form, follow())
  }
  form.show(output)
  for note in followed.notes where !output.isJSON { Terminal.print("note: \(terminalSafe(note))") }
  try followed.fail()
}

/// What an undo or redo did, or would do.
private struct ReversalForm: Encodable {
  struct File: Encodable {
    let path: String
    /// `added`, `changed` or `removed`.
    let effect: String
  }

  let schemaVersion = currentSchema
  /// The operation that was taken back or done again.
  let reversed: OperationForm
  /// The operation that did so; absent where nothing was written.
  let operation: OperationForm?
  let files: [File]
  private let verb: String

  private enum CodingKeys: String, CodingKey {
    case schemaVersion, reversed, operation, files
  }

  init(_ reversal: Reversal, _ written: Journal.Operation?) {
    let isUndo = reversal.kind == .undo(of: reversal.operation.number)
    let isUndone = (written != nil) == isUndo
    verb = (written == nil ? "would " : "") + (isUndo ? "undo" : "redo")
    reversed = OperationForm(
      reversal.operation, undone: isUndone ? [reversal.operation.number] : [])
    operation = written.map { OperationForm($0, undone: []) }
    files = reversal.effects.map { File(path: "\($0.path)", effect: $0.effect.rawValue) }
  }

  func show(_ output: OutputOptions) {
    if output.isJSON { return Terminal.print(json(self)) }
    let done = operation == nil ? verb : verb == "undo" ? "undid" : "redid"
    Terminal.print("\(done) operation \(reversed.number): \(terminalSafe(reversed.command))")
    for file in files { Terminal.print("  \(file.effect) \(terminalSafe(file.path))") }
  }
}
