import ArgumentParser
import Patches
import Reports
import Workspace

/// The options of commands that edit stacks, and what such a command does.
struct AuthoringOptions: ParsableArguments {
  @Flag(
    name: [.customShort("n"), .customLong("dry-run")], help: "Write nothing; say what would be.")
  var dryRun = false

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  func open() throws -> Workspace { try workspace.openToWrite() }

  /// Runs an edit, prints what it came to, and leaves with 1 where something has to be settled first.
  func show(_ edit: () throws -> AuthoringResult) throws {
    do {
      let result = try edit()
      if output.isJSON {
        Terminal.print(json(AuthoringForm(result, findings: [], isDry: dryRun)))
      } else {
        for line in lines(result) { Terminal.print(terminalSafe(line)) }
      }
      try result.followed.fail()
    } catch let conflicts as OpenConflicts {
      if output.isJSON {
        let none = AuthoringResult(stacks: [], sharing: [], files: [], notes: [])
        Terminal.print(json(AuthoringForm(none, findings: conflicts.findings, isDry: dryRun)))
      } else {
        for finding in conflicts.findings { Terminal.print(terminalSafe("\(finding)")) }
        Terminal.print("nothing was written")
      }
      throw ExitCode.findings
    }
  }

  private func lines(_ result: AuthoringResult) -> [String] {
    var lines: [String] = []
    for report in result.stacks where !report.patches.isEmpty {
      lines.append("\(report.stack):")
      lines += report.patches.map { "    \($0.change.rawValue) \($0.file)" }
    }
    lines += result.sharing.map(line)
    if result.files.isEmpty {
      lines.append("every patch is as it was")
    } else {
      let verb = dryRun ? "would be written" : "written"
      lines.append("\(counted(result.files.count, "file", "files")) \(verb):")
      lines += result.files.map { "    \($0.path)\($0.isRemoved ? " (removed)" : "")" }
    }
    return lines + (result.notes + result.followed.notes).map { "note: \($0)" }
  }

  private func line(_ event: SharingEvent) -> String {
    let name = "\(event.release)/\(event.project): \(event.name)"
    switch event.kind {
    case .shared: return "\(name) fits there too and is shared"
    case .kept: return "\(name) does not fit there; it keeps the old text, \(event.file)"
    }
  }
}

extension Followed {
  /// Says what the world refused, and leaves with the exit code for that.
  func fail() throws(ExitCode) {
    guard !failures.isEmpty else { return }
    for failure in failures {
      Terminal.error("kerb: error: the patches are written; \(terminalSafe(failure))")
    }
    throw .environment
  }
}

/// What editing stacks came to, as JSON.
private struct AuthoringForm: Encodable {
  struct Stack: Encodable {
    let stack: String
    let patches: [Changed]
  }

  struct Changed: Encodable {
    let patch: String
    let change: String
  }

  struct Sharing: Encodable {
    let stack: String
    let name: String
    let patch: String
    let kind: String
  }

  struct File: Encodable {
    let path: String
    let removed: Bool
  }

  let schemaVersion = currentSchema
  let dryRun: Bool
  let stacks: [Stack]
  let sharing: [Sharing]
  let files: [File]
  let notes: [String]
  let findings: [DiagnosticForm]

  init(_ result: AuthoringResult, findings: [Diagnostic], isDry: Bool) {
    dryRun = isDry
    stacks = result.stacks.map { report in
      Stack(
        stack: "\(report.stack)",
        patches: report.patches.map { Changed(patch: $0.file, change: $0.change.rawValue) })
    }
    sharing = result.sharing.map {
      Sharing(
        stack: "\($0.release)/\($0.project)", name: $0.name, patch: $0.file, kind: $0.kind.rawValue)
    }
    files = result.files.map { File(path: $0.path, removed: $0.isRemoved) }
    notes = result.notes + result.followed.notes
    self.findings = findings.map(DiagnosticForm.init)
  }
}
