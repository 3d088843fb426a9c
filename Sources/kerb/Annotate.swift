import ArgumentParser
import PatchEngine
import Patches
import Reports
import Workspace

/// `kerb annotate`: which patch brought each line of a file.
struct Annotate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say which patch of a stack brought each line of a file.",
    discussion: """
      The file is the one of the patched tree, computed in memory. Lines with a number are of the \
      patch with that number below; lines without one are upstream's.
      """)

  @Option(
    name: [.customShort("L"), .customLong("lines")],
    help: ArgumentHelp("Only these lines: START, or START,END.", valueName: "range"))
  var range: String?

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The stack, RELEASE/PROJECT.", valueName: "stack"))
  var stack: String

  @Argument(help: "The file's path in the patched tree.")
  var file: String

  func run() throws {
    let workspace = try workspace.open()
    let name = try workspace.stack(named: stack)
    let path: RepoPath
    do {
      path = try RepoPath(file)
    } catch {
      throw UsageError("'\(file)': \(error)")
    }
    let (verdict, annotation) = try workspace.annotation(of: path, in: name)
    guard let annotation else { return try Verdicts([verdict]).show(output) }
    let lines = try chosenLines(of: annotation.text.lines.count)
    if output.isJSON {
      Terminal.print(json(AnnotationForm(stack, file, annotation, lines, verdict.patches)))
      return
    }
    let text = AnnotationText(
      patches: verdict.patches, subjects: verdict.subjects, output.painter)
    for line in text.lines(annotation, lines) { Terminal.print(line) }
  }

  /// The lines that were asked for, counted from 0.
  private func chosenLines(of count: Int) throws -> Range<Int> {
    guard let range else { return 0..<count }
    let numbers = range.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let (first, last) = (numbers.first ?? nil, numbers.last ?? nil)
    guard numbers.count <= 2, let first, let last, first >= 1, first <= last else {
      throw UsageError("'\(range)' is no range of lines; give START or START,END")
    }
    guard last <= count else {
      throw UsageError("\(file) has \(counted(count, "line", "lines")), and '\(range)' goes beyond")
    }
    return first - 1..<last
  }
}

/// Lines with the patches that brought them, as JSON.
private struct AnnotationForm: Encodable {
  struct Line: Encodable {
    /// Counted from 1.
    let line: Int
    /// The patch's file; absent for a line of upstream's.
    let patch: String?
    let text: String
  }

  let schemaVersion = currentSchema
  let stack: String
  let path: String
  let lines: [Line]

  init(
    _ stack: String, _ path: String, _ annotation: Annotation, _ range: Range<Int>,
    _ patches: [String]
  ) {
    (self.stack, self.path) = (stack, path)
    lines = range.map { index in
      var bytes = annotation.text[line: index]
      if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
      return Line(
        line: index + 1, patch: annotation.origins[index].map { patches[$0] },
        text: String(decoding: bytes, as: UTF8.self))
    }
  }
}
