import ArgumentParser
import Foundation
import Patches
import Reports
import Upstream
import Workspace

/// `kerb fetch`: upstream's trees into `.kerb/`.
struct Fetch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Get the locked upstream trees into .kerb/.",
    discussion: """
      A stack's tree is the one that series/upstream.lock names, byte for byte; a stack that is not \
      locked yet is locked to the newest of its release. Without arguments: every stack that has \
      patches. A release is looked for as stable/X, unmaintained/X, then the tags X-eol and X-eom; \
      released archives come from the indexes of pip's configuration, and nothing of them runs.
      """)

  @Flag(help: "Move the lock to the newest tree of each release.")
  var update = false

  @Option(
    help: ArgumentHelp(
      "Where from: git, sdist, or the path of a local clone.", valueName: "git|sdist|path"))
  var from: String?

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("Stacks, releases or projects.", valueName: "stack"))
  var stacks: [String] = []

  func run() async throws {
    let workspace = try workspace.open()
    let named = try workspace.stacks(named: stacks)
    let chosen = stacks.isEmpty ? try workspace.withPatches(named) : named
    guard !chosen.isEmpty else {
      let example = named.first.map { ", as in 'kerb fetch\(update ? " --update" : "") \($0)'" }
      throw UsageError("no stack has patches; name one to fetch it\(example ?? "")")
    }
    // The network may take its time; the lock file is read again when it is written.
    Reading.end()
    let reports = try await workspace.fetch(chosen, update: update, from: choice) { stack, step in
      Progress.begin("\(stack): \(step.text)")
    }
    Progress.clear()
    if output.isJSON {
      Terminal.print(json(FetchForm(reports)))
    } else {
      show(reports)
    }
    for skew in try self.workspace.open().skews(chosen) { Terminal.error("warning: \(skew)") }
    if reports.contains(where: { (try? $0.result.get()) == nil }) { throw ExitCode.environment }
  }

  private var choice: Choice { Choice(word: from) }

  private func show(_ reports: [FetchReport]) {
    for report in reports {
      switch report.result {
      case .success(let fetched):
        let entry = fetched.entry
        Terminal.print(
          terminalSafe(
            "\(report.stack)  \(entry.source)  \(String("\(entry.tree)".prefix(12)))  "
              + fetched.tookFrom))
        for warning in fetched.warnings {
          Terminal.error("\(report.stack): warning: \(terminalSafe(warning))")
        }
      case .failure(let error):
        Terminal.error("\(report.stack): error: \(terminalSafe("\(error)"))")
      }
    }
  }
}

extension FetchProgress {
  fileprivate var text: String {
    switch self {
    case .resolving: "asking upstream"
    case .downloading(let name, let percent):
      // A line that is not rewritten, as in the log of CI, tells the stage once.
      "receiving \(terminalSafe(name))"
        + (Terminal.errorTakesProgress ? percent.map { " \($0) %" } ?? "" : "")
    case .importing(let files): "writing \(files) files"
    case .done: "done"
    }
  }
}

/// What was fetched, as JSON.
private struct FetchForm: Encodable {
  struct Tree: Encodable {
    let stack: String
    let source: String?
    let commit: String?
    let tree: String?
    let tookFrom: String?
    let warnings: [String]
    let error: String?
  }

  let schemaVersion = currentSchema
  let trees: [Tree]

  init(_ reports: [FetchReport]) {
    trees = reports.map { report in
      switch report.result {
      case .success(let fetched):
        Tree(
          stack: "\(report.stack)", source: "\(fetched.entry.source)",
          commit: "\(fetched.entry.commit)", tree: "\(fetched.entry.tree)",
          tookFrom: fetched.tookFrom, warnings: fetched.warnings, error: nil)
      case .failure(let error):
        Tree(
          stack: "\(report.stack)", source: nil, commit: nil, tree: nil, tookFrom: nil,
          warnings: [], error: "\(error)")
      }
    }
  }
}

extension Choice {
  /// Where a tree comes from, as `--from` names it.
  init(word: String?) {
    switch word {
    case nil: self = .automatic
    case "git": self = .git
    case "sdist": self = .sdist
    case let path?: self = .clone(path: path)
    }
  }
}
