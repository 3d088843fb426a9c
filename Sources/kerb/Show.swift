import ArgumentParser
import Foundation
import Patches
import Reports
import Workspace

/// `kerb show`: one patch of a stack.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show patches of a stack.",
    discussion: """
      A patch is named as in the series, with or without folder and ending, or by its number. Nothing \
      in it can act on the terminal; --raw prints its bytes as they are, for 'git apply' or a file.
      """)

  @Flag(help: "Print the patch's bytes as they are.")
  var raw = false

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The stack, RELEASE/PROJECT.", valueName: "stack"))
  var stack: String

  @Argument(help: ArgumentHelp("Patches of the stack, by name or number.", valueName: "patch"))
  var patches: [String]

  func validate() throws {
    guard !(raw && output.isJSON) else { throw ValidationError("--raw or --json, not both") }
  }

  func run() throws {
    let workspace = try workspace.open()
    let name = try workspace.stack(named: stack)
    let found = try workspace.patches(of: name, named: patches)
    if output.isJSON {
      Terminal.print(json(PatchesForm(stack, found)))
    } else if raw {
      for patch in found { StandardOutput.write(patch.patch.bytes) }
    } else {
      let text = PatchText(output.painter)
      for patch in found {
        for line in text.lines(patch.patch) { Terminal.print(line) }
      }
    }
  }
}

/// `kerb files`: what patches touch.
struct Files: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the files that a stack or some of its patches change.",
    discussion: """
      With patches, what each does to its files: A adds, M modifies, D deletes, R renames, C copies. \
      Without, every file that the stack touches, with the numbers of the patches that do.
      """)

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The stack, RELEASE/PROJECT.", valueName: "stack"))
  var stack: String

  @Argument(help: ArgumentHelp("Patches of the stack, by name or number.", valueName: "patch"))
  var patches: [String] = []

  func run() throws {
    let workspace = try workspace.open()
    let name = try workspace.stack(named: stack)
    let all = try workspace.patches(of: name)
    let found = patches.isEmpty ? all : try workspace.patches(of: name, named: patches)
    if output.isJSON { return Terminal.print(json(PatchesForm(stack, found))) }
    guard patches.isEmpty else {
      let text = PatchText(output.painter)
      for patch in found {
        if found.count > 1 { Terminal.print("\(patch.index + 1)  \(terminalSafe(patch.file))") }
        for line in text.files(patch.patch) {
          Terminal.print((found.count > 1 ? "   " : "") + line)
        }
      }
      return
    }
    var touched: [RepoPath: [Int]] = [:]
    for patch in all {
      for path in Set(patch.patch.files.flatMap { [$0.path, $0.sourcePath] }) {
        touched[path, default: []].append(patch.index + 1)
      }
    }
    let width = touched.keys.map { terminalSafe("\($0)").count }.max() ?? 0
    for (path, numbers) in touched.sorted(by: { $0.key < $1.key }) {
      let shown = terminalSafe("\(path)")
      let gap = String(repeating: " ", count: width - shown.count)
      Terminal.print("\(shown)\(gap)  \(numbers.map(String.init).joined(separator: " "))")
    }
  }
}

/// Patches of a stack with what they do, as JSON.
private struct PatchesForm: Encodable {
  struct FileForm: Encodable {
    let path: String
    let from: String?
    /// `modify`, `create`, `delete`, `rename` or `copy`.
    let kind: String
    let line: Int
  }

  struct PatchForm: Encodable {
    let patch: String
    /// Counted from 1.
    let number: Int
    let subject: String
    let message: String
    let author: String?
    let email: String?
    let date: String?
    let upstream: String?
    /// The releases that use the same text.
    let releases: [String]
    let files: [FileForm]
  }

  let schemaVersion = currentSchema
  let stack: String
  let patches: [PatchForm]

  init(_ stack: String, _ patches: [StackPatch]) {
    self.stack = stack
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    self.patches = patches.map { found in
      let header = found.patch.header
      return PatchForm(
        patch: found.file, number: found.index + 1, subject: text(header.subject),
        message: text(header.message), author: header.author.map { text($0.name) },
        email: header.author.map { text($0.email) },
        date: header.author?.date.map { isoDate(seconds: $0.seconds, offset: $0.offset) },
        upstream: header.trailer("Upstream"), releases: found.releases.map(\.name),
        files: found.patch.files.map { file in
          FileForm(
            path: "\(file.path)", from: file.path == file.sourcePath ? nil : "\(file.sourcePath)",
            kind: file.kind.word, line: file.line)
        })
    }
  }
}

extension FileChange.Kind {
  fileprivate var word: String {
    switch self {
    case .modify: "modify"
    case .create: "create"
    case .delete: "delete"
    case .rename: "rename"
    case .copy: "copy"
    }
  }
}
