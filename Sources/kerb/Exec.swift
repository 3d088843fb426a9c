import ArgumentParser
import Patches
import Processes
import Reports
import Workspace

/// `kerb exec`: commands on patched trees.
struct Exec: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a command on the patched tree, once or after every patch.",
    usage: "kerb exec [--each] STACK… -- CMD…\nkerb exec --verify [STACK…]",
    discussion: """
      kerb exec 2024.1/nova --each -- python3 -m compileall -q nova
      kerb exec --verify nova

      The tree is a work tree of kerb's own below .kerb/exec/, with the stack's commits; the command \
      starts in it, without a shell, with KERB_WORKSPACE, KERB_STACK, KERB_RELEASE, KERB_PROJECT, \
      KERB_PATCH and KERB_PROGRAM, this program, in its environment. With --verify, the commands are those of 'verify' in kerb.yaml. \
      Exit code 1 if a command fails; all of them are run.
      """)

  @Flag(help: "Run the command after every patch, first to last.")
  var each = false

  @Flag(help: "Run the commands that kerb.yaml lists under 'verify' for the project.")
  var verify = false

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("Stacks, releases or projects.", valueName: "stack"))
  var stacks: [String] = []

  /// The program and its arguments, after `--`.
  private var command: [String] { Operands.rest }

  func validate() throws {
    guard verify != !command.isEmpty else {
      throw ValidationError("give a command after --, or --verify")
    }
    guard verify || !stacks.isEmpty else { throw ValidationError("name a stack") }
    guard !(verify && each) else { throw ValidationError("kerb.yaml says what --verify repeats") }
  }

  func run() async throws {
    let workspace = try workspace.open()
    let chosen = try workspace.withPatches(try workspace.stacks(named: stacks))
    StandardOutput.flush()
    // The commands may take hours, and may call kerb themselves.
    Reading.end()
    guard !chosen.isEmpty else { throw UsageError("no stack that was named has patches") }
    var verdicts: [StackVerdictLine] = []
    for stack in chosen {
      let proofs = try proofs(of: stack, workspace)
      guard !proofs.isEmpty else { continue }
      let (verdict, executions) = try await workspace.execute(
        proofs, on: stack, output: output.isJSON ? .standardError : .standardOutput
      ) { patch, command in
        Terminal.error("== \(terminalSafe("\(patch): \(command.joined(separator: " "))"))")
      }
      verdicts.append(StackVerdictLine(applies: verdict.isGood, executions: executions))
      if !verdict.isGood {
        for line in VerdictText(output.painter).lines([verdict]) { Terminal.error(line) }
      }
    }
    let executions = verdicts.flatMap(\.executions)
    guard !executions.isEmpty || verdicts.contains(where: { !$0.applies }) else {
      throw UsageError("kerb.yaml lists nothing under 'verify' for these stacks: nothing was run")
    }
    show(executions)
    if verdicts.contains(where: { !$0.applies }) || executions.contains(where: { !$0.succeeded }) {
      throw ExitCode.findings
    }
  }

  private struct StackVerdictLine {
    let applies: Bool
    let executions: [Execution]
  }

  private func proofs(
    of stack: StackName, _ workspace: Workspace
  ) throws -> [Configuration.Proof] {
    guard verify else { return [Configuration.Proof(command: command, isForEach: each)] }
    return workspace.configuration.project(stack.project)?.verify ?? []
  }

  private func show(_ executions: [Execution]) {
    if output.isJSON { return Terminal.print(json(ExecutionsForm(executions))) }
    for execution in executions {
      let mark =
        execution.succeeded
        ? output.painter.good("ok") : output.painter.bad("status \(execution.status)")
      let command = execution.command.joined(separator: " ")
      Terminal.print(
        "\(execution.stack)  \(terminalSafe("\(execution.patch)  \(command)")): \(mark)")
    }
  }
}

/// What was run, as JSON.
private struct ExecutionsForm: Encodable {
  struct Run: Encodable {
    let stack: String
    let patch: String
    let command: [String]
    let status: Int32
  }

  let schemaVersion = currentSchema
  let runs: [Run]

  init(_ executions: [Execution]) {
    runs = executions.map {
      Run(stack: "\($0.stack)", patch: $0.patch, command: $0.command, status: $0.status)
    }
  }
}
