import ArgumentParser
import Foundation
import Patches
import Reports
import Workspace

/// `kerb series`: a stack's patch files.
struct SeriesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "series", abstract: "List a stack's patch files in order.",
    discussion: """
      Paths are relative to the workspace. For git: kerb series --absolute 2024.1/nova | xargs git \
      -C TREE am. For quilt: kerb series --quilt 2024.1/nova gives a series file whose folder is \
      patches/.
      """)

  @Flag(help: "Print absolute paths.")
  var absolute = false

  @Flag(help: "Print paths below patches/, as a series file of quilt has them.")
  var quilt = false

  @OptionGroup var workspace: WorkspaceOptions
  @Flag(name: .customLong("json"), help: "Print one JSON object instead of text.")
  var isJSON = false

  @Argument(help: ArgumentHelp("The stack, RELEASE/PROJECT.", valueName: "stack"))
  var stack: String

  func validate() throws {
    guard !(absolute && quilt) else { throw ValidationError("--absolute or --quilt, not both") }
  }

  func run() throws {
    let workspace = try workspace.open()
    let name = try workspace.stack(named: stack)
    let entries = try workspace.series(name.release).entries(of: name.project)
    let paths = entries.map { entry in
      if quilt { return entry.path }
      let path = Workspace.path(of: entry)
      return absolute ? "\(workspace.root)/\(path)" : path
    }
    if isJSON {
      Terminal.print(json(SeriesForm(stack: stack, patches: paths)))
    } else {
      for path in paths { Terminal.print(terminalSafe(path)) }
    }
  }
}

private struct SeriesForm: Encodable {
  let schemaVersion = currentSchema
  let stack: String
  let patches: [String]
}

/// `kerb lint`: findings in the workspace's files.
struct Lint: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find mistakes in series files and patches, without upstream's trees.",
    discussion: """
      Findings are lines of the form PATH:LINE: SEVERITY: MESSAGE [RULE]; docs/findings.md explains \
      each rule. 'kerb fmt' mends what it can without changing what a stack does. How the proofs of \
      kerb.yaml ended when 'kerb exec --verify' ran them last is among the findings, as long as the \
      stack is the same up to that patch.
      """)

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: FindingOptions

  func run() throws {
    let workspace = try workspace.open()
    let report = try workspace.lint()
    let findings = report.findings
    try output.show(
      FindingReport(linted: report.files, findings), of: workspace,
      text: {
        findings.map { terminalSafe("\($0)") } + [counted(findings.count, "finding", "findings")]
      },
      json: { json(FindingsForm(findings: findings.map(DiagnosticForm.init))) })
    if !findings.isEmpty { throw ExitCode.findings }
  }
}

private struct FindingsForm: Encodable {
  let schemaVersion = currentSchema
  let findings: [DiagnosticForm]
}

/// `kerb fmt`: patches in canonical form.
struct Fmt: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write patches and series files in canonical form.",
    discussion: """
      The form of patches is that of 'git format-patch --zero-commit --full-index --no-signature \
      --no-stat --binary', so that git am, git apply and quilt all take it. A patch in that form stays \
      as it is. Series files lose white space at the ends of their lines. What a stack does never \
      changes.
      """)

  @Flag(help: "Write nothing; exit with 1 if a file would change.")
  var check = false

  @Flag(help: "Read one patch from standard input and print its canonical form.")
  var stdin = false

  @OptionGroup var workspace: WorkspaceOptions

  @Argument(
    help: ArgumentHelp(
      "Patches and series files; by default all of them.", valueName: "file"))
  var files: [String] = []

  func validate() throws {
    guard !stdin || files.isEmpty else { throw ValidationError("give files or --stdin, not both") }
  }

  func run() throws {
    if stdin {
      let bytes = try StandardInput.read()
      let patch = try Patch(parsing: bytes, name: "standard input")
      guard check else { return StandardOutput.write(patch.canonical) }
      guard patch.canonical == bytes else {
        Terminal.print("would change standard input")
        throw ExitCode.findings
      }
      return
    }
    let reports = try check ? formatting() : format()
    let changed = reports.filter(\.isChanged)
    for report in changed {
      Terminal.print(terminalSafe("\(check ? "would change" : "changed") \(report.file)"))
    }
    Terminal.print(
      "\(counted(reports.count, "file", "files")), \(changed.count) not in canonical form")
    if check, !changed.isEmpty { throw ExitCode.findings }
  }

  private func formatting() throws -> [FormatReport] {
    let workspace = try workspace.open()
    return try workspace.formatting(try files.map { try inWorkspace($0, workspace) })
  }

  private func format() throws -> [FormatReport] {
    let workspace = try workspace.openToWrite()
    return try workspace.format(try files.map { try inWorkspace($0, workspace) })
  }

  /// The path in the workspace of a file that is named from the current folder.
  private func inWorkspace(_ file: String, _ workspace: Workspace) throws -> String {
    guard let path = try workspace.path(ofFile: file) else {
      throw UsageError("\(file) is not in the workspace \(workspace.root)")
    }
    return path
  }
}

/// `kerb init`: a new workspace.
struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a workspace in a folder.",
    discussion: "Writes kerb.yaml, series/, patches/ and lines in .gitignore.")

  @Option(help: ArgumentHelp("The upstream project's name.", valueName: "name"))
  var project: String

  @Option(help: ArgumentHelp("The address of upstream's git repository.", valueName: "url"))
  var git: String?

  @Option(
    help: ArgumentHelp("The name of upstream's released archives for pip.", valueName: "name"))
  var sdist: String?

  @Option(
    help: ArgumentHelp("A release, like 2024.1 or master; may be repeated.", valueName: "release"))
  var release: [String] = ["master"]

  @Argument(help: ArgumentHelp("The folder.", valueName: "dir"))
  var directory = "."

  func run() throws {
    guard git != nil || sdist != nil else {
      throw UsageError("give --git or --sdist: where upstream's trees come from")
    }
    let releases = try release.map { name in
      guard let release = Release(name) else {
        throw UsageError("'\(name)' is no release; one is named like 2024.1, or master")
      }
      return release
    }
    let written = try Workspace.initialise(
      at: directory, project: project, git: git, sdist: sdist, releases: releases,
      for: Journalling.caller)
    for file in written { Terminal.print("wrote \(file)") }
    Terminal.print(
      "next: add patches to patches/\(project)/ and series/, then 'kerb fetch', 'kerb check'")
  }
}

/// `kerb completion`: a script for the shell.
struct Completion: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the completion script for a shell.",
    discussion: "bash: source <(kerb completion bash)")

  @Argument(help: "bash, zsh or fish.")
  var shell: String

  func run() throws {
    let known: [String: CompletionShell] = ["bash": .bash, "zsh": .zsh, "fish": .fish]
    guard let shell = known[shell] else {
      throw UsageError("'\(shell)' is none of bash, zsh and fish")
    }
    Terminal.print(Kerb.completionScript(for: shell))
  }
}
