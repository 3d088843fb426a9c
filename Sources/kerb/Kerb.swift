import ArgumentParser
import Foundation
import Git
import Journal
import Patches
import Reports
import Upstream
import Workspace

/// The command line: arguments in, exit code out.
@main
struct Kerb: AsyncParsableCommand {
  /// The version of this kerb.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "kerb",
    abstract: "Keep stacks of patches level with moving upstreams.",
    discussion: """
      A workspace holds patches/, series/RELEASE files that list them in order, and kerb.yaml, which \
      names projects, releases and where upstream's trees come from. A stack is one project's \
      patches for one release and is named RELEASE/PROJECT: 2024.1/nova. '2024.1' means all its \
      projects, 'nova' all its releases, nothing means everything.

      Exit codes: 0 clean; 1 findings (a patch does not apply); 2 usage or bad input; 3 stopped on \
      a conflict; 5 environment or network.
      """,
    version: "kerb \(version) (libgit2 \(GitLibrary.version))",
    subcommands: [
      Init.self, Fetch.self, Check.self, Apply.self, Status.self, Landed.self, Microversion.self,
      SeriesCommand.self, Show.self, Files.self, HeaderCommand.self, Annotate.self, Lint.self,
      Fmt.self, Rebase.self, Port.self, Continue.self, Skip.self, Abort.self,
      Refresh.self, New.self, EditCommand.self, Rename.self, Delete.self, Reorder.self, Fold.self,
      Split.self, ImportCommand.self, Fork.self, Sync.self,
      Resolve.self, Bisect.self, Diff.self, Graph.self, Log.self, Undo.self, Redo.self, Exec.self,
      ExportCommand.self, ImagesCommand.self,
      Report.self, Replay.self,
      Completion.self, RoundTrip.self,
    ])

  static func main() async {
    completeStandardDescriptors()
    var command: any ParsableCommand
    do {
      command = try parseAsRoot(Operands.setAside(Array(CommandLine.arguments.dropFirst())))
    } catch {
      leave(parsing: error)
    }
    do {
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let code as ExitCode {
      StandardOutput.leave(code.rawValue)
    } catch {
      report(error)
    }
    StandardOutput.leave(0)
  }

  /// Help and version go to standard output; a mistake in the arguments is exit code 2.
  private static func leave(parsing error: any Error) -> Never {
    let text = fullMessage(for: error)
    guard exitCode(for: error) != .success else {
      Terminal.print(text)
      StandardOutput.leave(0)
    }
    Terminal.error(safeLines(text))
    StandardOutput.leave(2)
  }

  private static func safeLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { safe(String($0)) }
      .joined(separator: "\n")
  }

  /// A message for the terminal; what the command line names may be an address with a password.
  private static func safe(_ text: String) -> String { terminalSafe(withoutCredentials(text)) }

  /// Says what went wrong, and leaves with the exit code of its kind.
  private static func report(_ error: any Error) -> Never {
    switch error {
    case let diagnostics as Diagnostics:
      for diagnostic in diagnostics.all { Terminal.error(safe("\(diagnostic)")) }
      StandardOutput.leave(2)
    case let usage as UsageError:
      Terminal.error("kerb: error: \(safe("\(usage)"))")
      StandardOutput.leave(2)
    case let refusal as Refusal:
      Terminal.error("kerb: error: \(safe("\(refusal)"))")
      StandardOutput.leave(1)
    case let journal as JournalError:
      Terminal.error("kerb: error: \(safe("\(journal)"))")
      StandardOutput.leave(journal.exitCode.rawValue)
    case let state as StateProblem:
      Terminal.error("kerb: error: \(safe("\(state)"))")
      StandardOutput.leave(5)
    case let upstream as UpstreamError:
      Terminal.error("kerb: error: \(safe("\(upstream)"))")
      StandardOutput.leave(5)
    default:
      if let exit = error as? ExitCode { StandardOutput.leave(exit.rawValue) }
      if exitCode(for: error) != .failure { leave(parsing: error) }
      Terminal.error("kerb: error: \(safe("\(error)"))")
      StandardOutput.leave(5)
    }
  }
}

/// The options that every command on a workspace has.
struct WorkspaceOptions: ParsableArguments {
  @Option(
    name: [.customLong("workspace"), .customShort("C")],
    help: ArgumentHelp(
      "The workspace, or a folder in it; by default the current one.", valueName: "dir"))
  var directory = "."

  /// Opens the workspace to read its files: nobody writes to them until the process ends or lets go
  /// with `Reading.end()`.
  func open() throws -> Workspace {
    let workspace = try Workspace(in: openJournal(), for: Journalling.caller)
    workspace.endBrokenWrites()
    return workspace
  }

  /// The journal, to read it as `open` does the workspace; none of the workspace's own files has to
  /// be in order.
  func openJournal() throws -> Journal {
    let journal = try Workspace.journal(containing: directory, for: Journalling.caller)
    Reading.begin(try journal.lease(notice: Journalling.caller.notice))
    return journal
  }

  /// Opens the workspace for a verb that takes its lock to write.
  func openToWrite() throws -> Workspace {
    let workspace = try open()
    Reading.end()
    return workspace
  }
}

/// The options of commands that print a result.
struct OutputOptions: ParsableArguments {
  @Flag(name: .customLong("json"), help: "Print one JSON object instead of text.")
  var isJSON = false

  @Option(help: "Use colours: auto, always or never; NO_COLOR is obeyed.")
  var color: ColorChoice = .auto

  var painter: Painter { Painter(color.isOn) }
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never

  var isOn: Bool {
    switch self {
    case .always: true
    case .never: false
    case .auto: Terminal.outputTakesColor
    }
  }
}

/// Exit codes with a name.
extension ExitCode {
  static let findings = ExitCode(1)
  static let badInput = ExitCode(2)
  static let stopped = ExitCode(3)
  static let environment = ExitCode(5)
}
