import ArgumentParser
import PatchEngine
import Patches
import Reports
import Workspace

/// `kerb status`: the grid of patches and releases.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show patches down, releases across, a verdict in each cell.",
    discussion: """
      = clean, ~ moved, x does not apply, - blocked, ? not fetched or not readable, . not in that \
      release. Beside each project stand the versions of its upstream trees. Where a patch has several \
      texts, releases with the same letter share one; a is the living one. Names are shortened, and \
      releases put below each other, where the terminal is narrow. Exits with 0 whatever the verdicts \
      are; 'kerb check' judges.
      """)

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("Stacks, releases or projects.", valueName: "stack"))
  var stacks: [String] = []

  func run() throws {
    let workspace = try workspace.open()
    let names = try workspace.stacks(named: stacks)
    let verdicts = try workspace.check(names)
    let (stopped, standing) = workspace.stops(of: names)
    if output.isJSON {
      Terminal.print(json(VerdictsForm(verdicts, stopped: stopped.map(StoppedForm.init))))
    } else {
      for line in standing { Terminal.print(output.painter.bad(terminalSafe(line))) }
      let empty = Set(verdicts.filter { $0.state == .empty }.map(\.stack))
      let ported = stopped.filter { empty.contains($0.name) }.map {
        StackVerdict($0.name, .notFetched, upstream: workspace.lock[$0.name], patches: $0.files)
      }
      let grid = StatusGrid(verdicts, output.painter, ported: ported)
      for line in grid.lines(width: Terminal.outputWidth) { Terminal.print(line) }
    }
  }
}

extension StoppedForm {
  init(_ state: StoppedMove) {
    self.init(
      stack: state.stack, source: state.source, patch: state.patch + 1,
      patches: state.files.count, file: state.file, open: state.open.map(\.path))
  }
}
