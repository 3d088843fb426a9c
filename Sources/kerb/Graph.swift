import ArgumentParser
import PatchEngine
import Patches
import Reports
import Workspace

/// `kerb graph`: which patches of a stack need which.
struct Graph: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show which patches of a stack need which.",
    discussion: """
      A patch needs an earlier one if it cannot be moved before it: it does not apply there, or the \
      files come out otherwise. This is tried, in memory, for patches that share a file. Every order \
      in which each patch comes after those that it needs gives the same tree, save in files whose lines \
      repeat so much that hunks fit in many places. What code uses across files is not seen. What others \
      imply is left out. In the drawing each column is one patch (*) and those that need it (o).
      """)

  @Flag(help: "Print the graph for Graphviz: kerb graph --dot STACK | dot -Tsvg > graph.svg")
  var dot = false

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The stack, RELEASE/PROJECT.", valueName: "stack"))
  var stack: String

  func validate() throws {
    guard !(dot && output.isJSON) else { throw ValidationError("--dot or --json, not both") }
  }

  func run() throws {
    let workspace = try workspace.open()
    let name = try workspace.stack(named: stack)
    let (verdict, names, dependencies) = try workspace.graph(of: name)
    guard let dependencies else { return try Verdicts([verdict]).show(output) }
    if output.isJSON {
      Terminal.print(json(GraphForm("\(name)", verdict, dependencies)))
      return
    }
    let text = DependencyText("\(name)", names, dependencies, output.painter)
    for line in dot ? text.dot : text.lines { Terminal.print(line) }
  }
}

/// Which patches need which, as JSON.
private struct GraphForm: Encodable {
  struct Need: Encodable {
    let index: Int
    let patch: String
    let paths: [String]
  }

  struct PatchForm: Encodable {
    let patch: String
    /// What it needs itself.
    let needs: [Need]
    /// All that has to come before it, as places in the list, counted from 0.
    let allNeeds: [Int]
  }

  let schemaVersion = currentSchema
  let stack: String
  let patches: [PatchForm]

  init(_ stack: String, _ verdict: StackVerdict, _ dependencies: Dependencies) {
    self.stack = stack
    patches = verdict.patches.enumerated().map { index, patch in
      PatchForm(
        patch: patch,
        needs: dependencies.edges(of: index).map { edge in
          Need(
            index: edge.needs, patch: verdict.patches[edge.needs],
            paths: edge.paths.map(\.description))
        }, allNeeds: dependencies.allNeeds(of: index))
    }
  }
}
