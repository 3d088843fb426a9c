import ArgumentParser
import Foundation
import Journal
import Patches
import Reports
import Workspace

/// `kerb log`: what kerb wrote to the workspace.
struct Log: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List what kerb wrote to the workspace, newest first.",
    discussion: """
      Each operation has its number, its time in UTC, the command line, and the files that it \
      changed. The log is a chain of commits in .kerb/journal/operations.git and can be read with \
      git too: every byte that an operation replaced is there.
      """)

  @Option(
    name: [.customShort("n"), .customLong("limit")],
    help: ArgumentHelp("Show the newest N only.", valueName: "n"))
  var limit: Int?

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard limit ?? 1 > 0 else { throw ValidationError("-n takes a number from 1 on") }
  }

  func run() throws {
    let journal = try workspace.openJournal()
    let operations = try journal.operations()
    let (stopped, standing) = Workspace.stops(in: journal, for: Journalling.caller)
    let undone = operations.undone
    let forms = operations.prefix(limit ?? .max).map { OperationForm($0, undone: undone) }
    if output.isJSON {
      Terminal.print(json(LogForm(operations: forms, stopped: stopped.map(StoppedForm.init))))
      return
    }
    for line in standing { Terminal.print(terminalSafe(line)) }
    if operations.isEmpty {
      Terminal.print("no operations: kerb has written nothing to this workspace yet")
    } else {
      for line in forms.flatMap(\.lines) { Terminal.print(line) }
    }
  }
}

private struct LogForm: Encodable {
  let schemaVersion = currentSchema
  let operations: [OperationForm]
  /// The runs that have stopped; absent where there are none.
  let stopped: [StoppedForm]?

  init(operations: [OperationForm], stopped: [StoppedForm]) {
    self.operations = operations
    self.stopped = stopped.isEmpty ? nil : stopped
  }
}

/// An operation as JSON and as text.
struct OperationForm: Encodable {
  let number: Int
  let id: String
  /// In UTC, as in ISO 8601.
  let time: String
  let command: String
  let note: String?
  /// `normal`, `undo` or `redo`.
  let kind: String
  /// The number of the operation that was undone or done again.
  let of: Int?
  let undone: Bool
  let paths: [String]
  let states: [String]

  init(_ operation: Journal.Operation, undone: Set<Int>) {
    (number, id, note) = (operation.number, "\(operation.id)", operation.note)
    command = operation.words
    time = Date(timeIntervalSince1970: TimeInterval(operation.seconds)).formatted(.iso8601)
    switch operation.kind {
    case .normal: (kind, of) = ("normal", nil)
    case .undo(let other): (kind, of) = ("undo", other)
    case .redo(let other): (kind, of) = ("redo", other)
    }
    self.undone = undone.contains(operation.number)
    paths = operation.paths.map(\.description)
    states = operation.states
  }

  /// The most files that the text lists.
  private static let shownFiles = 10

  /// One line, and one a file.
  var lines: [String] {
    let mark = of.map { "  (\(kind) of \($0))" } ?? (undone ? "  (undone)" : "")
    var lines = ["\(number)  \(time)  \(terminalSafe(command))\(mark)"]
    lines += paths.prefix(Self.shownFiles).map { "     \(terminalSafe($0))" }
    if paths.count > Self.shownFiles {
      lines.append("     … and \(counted(paths.count - Self.shownFiles, "file", "files")) more")
    }
    return lines
  }
}
