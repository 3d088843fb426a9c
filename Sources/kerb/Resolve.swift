import ArgumentParser
import PatchEngine
import Patches
import Reports
import Workspace

/// `kerb resolve`: look at open conflicts, take candidates, open a merge tool.
struct Resolve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at open conflicts, take candidates, or open your merge tool.",
    discussion: """
      Without options, shows each conflict with up to five candidates, the likeliest first. --take \
      puts one in its place: a number, or a name such as ours, theirs or neighbours. Conflicts are \
      named FILE or FILE:NUMBER, as they are shown; the file may be written without src/RELEASE/PROJECT. \
      Nothing is final before 'kerb continue'.
      """)

  @Option(
    help: ArgumentHelp("Put a candidate in the place of the conflicts.", valueName: "candidate"))
  var take: String?

  @Flag(name: .customLong("merge-tool"), help: "Open the merge tool that git is configured with.")
  var usesTool = false

  @Option(help: ArgumentHelp("Open this merge tool, as 'git mergetool --tool'.", valueName: "name"))
  var tool: String?

  @Flag(help: "List the remembered resolutions.")
  var remembered = false

  @Flag(help: "Forget remembered resolutions, by name or by file.")
  var forget = false

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("Conflicts: FILE or FILE:NUMBER.", valueName: "conflict"))
  var conflicts: [String] = []

  func validate() throws {
    let modes = [take != nil, usesTool || tool != nil, remembered, forget].filter { $0 }.count
    guard modes <= 1 else {
      throw ValidationError("give one of --take, --tool, --remembered, --forget")
    }
    guard !forget || !conflicts.isEmpty else {
      throw ValidationError("--forget what? See --remembered")
    }
  }

  func run() async throws {
    let workspace = try workspace.openToWrite()
    if remembered { return list(workspace.resolutions()) }
    if forget {
      for name in try workspace.forget(conflicts) {
        Terminal.print("forgotten: \(terminalSafe(name))")
      }
      return
    }
    let states = try workspace.stoppedMoves()
    guard !states.isEmpty else { throw UsageError("no stack stands still on a conflict") }
    if usesTool || tool != nil { return try await merge(states, workspace) }
    let open = try chosen(states.flatMap { try workspace.openConflicts($0) })
    if let take { return try resolve(open, take, workspace) }
    if output.isJSON {
      Terminal.print(json(OpenForm(conflicts: open.map(OpenForm.Conflict.init))))
    } else {
      for conflict in open { show(conflict) }
      Terminal.print("\(counted(open.count, "conflict is", "conflicts are")) open")
    }
  }

  private func list(_ known: [(name: String, path: String)]) {
    for (name, path) in known { Terminal.print(terminalSafe("\(name)  \(path)")) }
    Terminal.print("\(counted(known.count, "resolution is", "resolutions are")) remembered")
  }

  private func chosen(_ all: [OpenConflict]) throws -> [OpenConflict] {
    guard !conflicts.isEmpty else { return all }
    return try conflicts.flatMap { word in
      let found = all.filter { names($0, word) }
      guard !found.isEmpty else { throw UsageError("'\(word)' names no open conflict") }
      return found
    }
  }

  private func names(_ conflict: OpenConflict, _ word: String) -> Bool {
    let short = String(conflict.file.dropFirst("src/\(conflict.stack)/".count))
    return [conflict.file, short].contains {
      word == $0 || word == "\($0):\(conflict.number)"
    }
  }

  private func resolve(
    _ open: [OpenConflict], _ word: String, _ workspace: Workspace
  ) throws {
    let choices = try open.map { conflict in
      let index = Int(word).map { $0 - 1 }
      let found =
        if let index {
          conflict.candidates.indices.contains(index) ? conflict.candidates[index] : nil
        } else {
          conflict.candidates.first { $0.name == word }
        }
      guard let found else {
        throw UsageError(
          "\(conflict.file):\(conflict.number) has no candidate '\(word)'; it has "
            + conflict.candidates.enumerated().map { "\($0 + 1) \($1.name)" }
            .joined(separator: ", "))
      }
      return (conflict, found)
    }
    guard !choices.isEmpty else { throw UsageError("no conflict is open") }
    try workspace.resolve(choices)
    for (conflict, candidate) in choices {
      Terminal.print(terminalSafe("\(conflict.file):\(conflict.number): \(candidate.name)"))
    }
  }

  private func merge(_ states: [StoppedMove], _ workspace: Workspace) async throws {
    var isOpen = false
    for state in states {
      let files = Set(try chosen(try workspace.openConflicts(state)).map(\.file)).sorted()
      for file in files {
        let path = String(file.dropFirst("src/\(state.stack)/".count))
        StandardOutput.flush()
        let isResolved = try await workspace.mergeWithTool(state, path: path, tool: tool)
        Terminal.print(terminalSafe("\(file): \(isResolved ? "resolved" : "still open")"))
        isOpen = isOpen || !isResolved
      }
    }
    if isOpen { throw ExitCode.stopped }
  }

  private func show(_ conflict: OpenConflict) {
    let painter = output.painter
    Terminal.print(
      terminalSafe("\(conflict.file):\(conflict.number), line \(conflict.conflict.line)"))
    let key = conflict.conflict.key
    for (label, side) in [("upstream", key.ours), ("before", key.base), ("patch", key.theirs)] {
      Terminal.print("  \(label):")
      show(side)
    }
    for (index, candidate) in conflict.candidates.enumerated() {
      Terminal.print(painter.good("  \(index + 1) \(candidate.name):"))
      show(candidate.text)
    }
  }

  private func show(_ lines: [UInt8]) {
    for line in lines.split(separator: 10, omittingEmptySubsequences: false).dropLast(
      lines.last == 10 ? 1 : 0) where !lines.isEmpty
    {
      Terminal.print("    " + terminalSafe(String(decoding: line, as: UTF8.self)))
    }
  }
}

/// The open conflicts as JSON.
private struct OpenForm: Encodable {
  struct Conflict: Encodable {
    struct Choice: Encodable {
      let name: String
      let text: String
    }

    let stack: String
    let file: String
    let number: Int
    let line: Int
    let ours: String
    let base: String
    let theirs: String
    let candidates: [Choice]

    init(_ open: OpenConflict) {
      func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
      let key = open.conflict.key
      (stack, file, number, line) = ("\(open.stack)", open.file, open.number, open.conflict.line)
      (ours, base, theirs) = (text(key.ours), text(key.base), text(key.theirs))
      candidates = open.candidates.map { Choice(name: $0.name, text: text($0.text)) }
    }
  }

  let schemaVersion = currentSchema
  let conflicts: [Conflict]
}
