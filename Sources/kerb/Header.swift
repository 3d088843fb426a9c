import ArgumentParser
import Foundation
import Patches
import Processes
import Reports
import Workspace

/// `kerb header`: who wrote a patch and why.
struct HeaderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "header",
    abstract: "Show or change a patch's author, message and trailers.",
    discussion: """
      Without options, shows them, and what a reader misses: a reason, or where the patch stands \
      upstream. The trailer Upstream is an address, 'never, because REASON' or 'not submitted yet: \
      REASON'.

      kerb header 2024.1/nova NAME --trailer 'Upstream: never, because it is ours'

      What the patch does stays to the byte, so every release that shares the text has the new header \
      too. --edit opens the message in $VISUAL or $EDITOR.
      """)

  @Flag(help: "Open the message in an editor.")
  var edit = false

  @OptionGroup var message: MessageOptions
  @OptionGroup var author: AuthorOptions

  @Option(
    help: ArgumentHelp("Set a trailer in the place of those of its name.", valueName: "name: value")
  )
  var trailer: [String] = []

  @Option(help: ArgumentHelp("Take the trailers of this name away.", valueName: "name"))
  var removeTrailer: [String] = []

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The stack, RELEASE/PROJECT.", valueName: "stack"))
  var stack: String

  @Argument(help: ArgumentHelp("A patch of the stack, by name or number.", valueName: "patch"))
  var patch: String

  func validate() throws {
    guard !edit || message.isEmpty else {
      throw ValidationError("give one of --edit, --file and --message")
    }
  }

  func run() async throws {
    let workspace = try workspace.openToWrite()
    let name = try workspace.stack(named: stack)
    let before = try workspace.patches(of: name, named: [patch])[0]
    var change = HeaderEdit(
      message: try message.bytes(for: workspace), author: try author.named(),
      date: try author.moment(),
      trailers: try removeTrailer.map { (try named($0), nil) } + trailer.map(parsed))
    if edit {
      change.message = try await Editor.edited(
        before.patch.header.message, name: "COMMIT_EDITMSG", hint: "give --message or --file",
        limit: 1 << 20)
    }
    guard !change.isEmpty else { return show(before) }
    let (after, followed) = try workspace.edit(
      headerOf: before.entry.name, in: name, change, from: edit ? before.patch.bytes : nil)
    for note in followed.notes { Terminal.error(terminalSafe("note: \(note)")) }
    if output.isJSON {
      show(after)
      return try followed.fail()
    }
    guard after.patch.bytes != before.patch.bytes else {
      return Terminal.print("\(terminalSafe(after.file)) is as it was")
    }
    show(after)
    let others = after.releases.filter { $0 != name.release }.map(\.name)
    if !others.isEmpty {
      Terminal.error(
        "the text is shared: \(others.joined(separator: ", ")) \(others.count == 1 ? "has" : "have") "
          + "the new header too")
    }
    try followed.fail()
  }

  private func show(_ found: StackPatch) {
    let findings = found.patch.messageFindings
    if output.isJSON { return Terminal.print(json(HeaderForm(stack, found, findings))) }
    for line in PatchText(output.painter).header(found.patch) { Terminal.print(line) }
    for finding in findings { Terminal.error(terminalSafe("\(finding)")) }
  }

  private func named(_ name: String) throws(UsageError) -> String {
    guard isTrailerName(name.utf8) else { throw UsageError("'\(name)' is no name of a trailer") }
    return name
  }

  private func parsed(_ text: String) throws(UsageError) -> (name: String, value: String?) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !text.utf8.contains(10), isTrailerName(parts[0].utf8) else {
      throw UsageError("'\(text)' is not of the form 'NAME: VALUE'")
    }
    let value = String(parts[1].drop { $0 == " " })
    guard !value.isEmpty else {
      throw UsageError("'\(text)' has no value; --remove-trailer takes a trailer away")
    }
    if parts[0].lowercased() == "upstream", UpstreamStanding(value) == nil {
      throw UsageError("'Upstream' is \(UpstreamStanding.forms), not '\(value)'")
    }
    return (String(parts[0]), value)
  }
}

/// A patch's header, as JSON.
private struct HeaderForm: Encodable {
  let schemaVersion = currentSchema
  let stack: String
  let patch: String
  let author: String?
  let email: String?
  let date: String?
  let message: String
  let upstream: String?
  let releases: [String]
  let findings: [DiagnosticForm]

  init(_ stack: String, _ found: StackPatch, _ findings: [Diagnostic]) {
    let header = found.patch.header
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    (self.stack, patch) = (stack, found.file)
    author = header.author.map { text($0.name) }
    email = header.author.map { text($0.email) }
    date = header.author?.date.map { isoDate(seconds: $0.seconds, offset: $0.offset) }
    message = text(header.message)
    upstream = header.trailer("Upstream")
    releases = found.releases.map(\.name)
    self.findings = findings.map(DiagnosticForm.init)
  }
}
