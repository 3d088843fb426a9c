import ArgumentParser
import Patches
import Reports
import Workspace

extension ExportFormat: ExpressibleByArgument {}

/// `kerb export`: patched trees and patches for others.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the patched tree as an archive or a folder, or the patches for git and quilt.",
    discussion: """
      tar    PROJECT-VERSION.tar.gz with one top folder; the same stack gives the same bytes on every \
      machine
      dir    the same files as a folder
      mbox   the patches as one mailbox for 'git am'
      quilt  the patches as a folder with patches/series

      Of a released archive, PKG-INFO gets a version of its own, like 29.4.0+LABEL.13 after the number of \
      patches, and SOURCES.txt the files that the patches add: without them a build of the tree would \
      leave these files out. Patches are written as they fit the stack's tree to the line. A stack \
      without patches gives its upstream tree.
      """)

  @Option(help: ArgumentHelp("tar, dir, mbox or quilt.", valueName: "format"))
  var format = ExportFormat.tar

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "The folder to write into; it is made where it is missing.", valueName: "dir"))
  var output = "."

  @Option(
    help: ArgumentHelp(
      "What stands in versions before the number of patches; by default what kerb.yaml says.",
      valueName: "label"))
  var label: String?

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var options: OutputOptions

  @Argument(help: ArgumentHelp("Stacks, releases or projects.", valueName: "stack"))
  var stacks: [String]

  func run() throws {
    if let label, !isVersionLabel(label) {
      throw UsageError(
        "'\(label)' is no label of a version; it has lower-case letters and digits, with dots between"
      )
    }
    let workspace = try workspace.open()
    let names = try workspace.stacks(named: stacks)
    var settings = ExportOptions()
    (settings.format, settings.directory, settings.label) = (format, output, label)
    let exports = try workspace.export(names, settings)
    if options.isJSON {
      Terminal.print(json(ExportsForm(exports)))
    } else {
      let bad = exports.map(\.verdict).filter { !$0.isGood }
      if !bad.isEmpty {
        for line in VerdictText(options.painter).lines(bad) { Terminal.print(line) }
      }
      for export in exports {
        guard let written = export.written else { continue }
        let digest = written.sha256.map { "  sha256:\($0)" } ?? ""
        Terminal.print(terminalSafe("\(export.verdict.stack)  \(written.path)\(digest)"))
      }
    }
    guard exports.contains(where: { $0.written != nil || !$0.verdict.isGood }) else {
      throw UsageError("no stack that was named is locked: nothing was exported")
    }
    let bad = exports.map(\.verdict).filter { !$0.isGood }
    if !bad.isEmpty { try Verdicts(bad).leave() }
  }
}

/// What was exported, as JSON.
private struct ExportsForm: Encodable {
  struct Item: Encodable {
    let stack: String
    let good: Bool
    let path: String?
    let version: String?
    let tree: String?
    let source: String?
    let patches: Int
    let sha256: String?
    /// Bytes of a file, files of a folder.
    let size: Int?
  }

  let schemaVersion = currentSchema
  let exports: [Item]

  init(_ exports: [Export]) {
    self.exports = exports.map { export in
      Item(
        stack: "\(export.verdict.stack)", good: export.verdict.isGood, path: export.written?.path,
        version: export.written?.version, tree: export.written.map { "\($0.tree)" },
        source: export.verdict.upstream.map { "\($0.source)" },
        patches: export.verdict.patches.count, sha256: export.written?.sha256,
        size: export.written?.size)
    }
  }
}
