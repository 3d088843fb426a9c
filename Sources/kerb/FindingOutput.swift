import ArgumentParser
import Foundation
import Reports
import Workspace

/// How findings are printed.
enum FindingFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, github, gitlab, junit, sarif

  /// The format for CI, if it is one.
  var ci: CIFormat? { CIFormat(rawValue: rawValue) }
}

/// The options of commands whose findings CI reads.
struct FindingOptions: ParsableArguments {
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "Print findings as text, json, github (annotations), gitlab (code quality), junit or sarif.",
      valueName: "format"))
  var format: FindingFormat?

  @Option(
    help: ArgumentHelp(
      "Add a summary in Markdown to this file; with --format github by default to the job's.",
      valueName: "file"))
  var summary: String?

  func validate() throws {
    guard format == nil || format == .json || !output.isJSON else {
      throw ValidationError("--json or --format, not both")
    }
  }

  /// Prints a result in the format that was asked for, and adds its summary where one is wanted.
  func show(
    _ report: FindingReport, of workspace: Workspace, text: () -> [String], json: () -> String
  ) throws {
    switch format ?? (output.isJSON ? .json : .text) {
    case .text: for line in text() { Terminal.print(line) }
    case .json: Terminal.print(json())
    case let other:
      guard let format = other.ci else { return }
      Terminal.print(report.formatted(format, version: Kerb.version), terminator: "")
    }
    try addSummary(report, workspace)
  }

  private func addSummary(_ report: FindingReport, _ workspace: Workspace) throws {
    let job = ProcessInfo.processInfo.environment["GITHUB_STEP_SUMMARY", default: ""]
    guard let file = summary ?? (format == .github && !job.isEmpty ? job : nil) else { return }
    // The summary may go to the same place.
    StandardOutput.flush()
    try workspace.append(Array((report.summary + "\n").utf8), to: file)
  }
}
