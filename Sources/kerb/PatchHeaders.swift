import ArgumentParser
import Foundation
import PatchEngine
import Patches
import Processes
import Workspace

/// The message of a patch, as options give it.
struct MessageOptions: ParsableArguments {
  @Option(
    name: [.customShort("m"), .customLong("message")],
    help: ArgumentHelp(
      "The message; given again, another paragraph. A trailer 'Upstream:' says why the patch lives.",
      valueName: "text"))
  var messages: [String] = []

  @Option(
    name: [.customShort("F"), .customLong("file")],
    help: ArgumentHelp("Take the message from a file; - is standard input.", valueName: "file"))
  var file: String?

  var isEmpty: Bool { messages.isEmpty && file == nil }

  func validate() throws {
    guard messages.isEmpty || file == nil else {
      throw ValidationError("give --message or --file, not both")
    }
  }

  /// The message; nil where none is given.
  func bytes(for workspace: Workspace) throws -> [UInt8]? {
    if let file { return try contents(of: file, for: workspace) }
    return messages.isEmpty ? nil : Array((messages.joined(separator: "\n\n") + "\n").utf8)
  }
}

/// Who wrote a patch, as options give it.
struct AuthorOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The author.", valueName: "name <address>"))
  var author: String?

  @Option(
    help: ArgumentHelp(
      "The author's date, as mails have it: 'Mon, 1 Jan 2024 12:30:00 +0100'.", valueName: "date"))
  var date: String?

  /// The author, with the date where that is given too; nil where none is given.
  func named() throws -> Author? {
    guard let author else { return nil }
    return try parsed(author, try moment())
  }

  /// The author's date; nil where none is given.
  func moment() throws -> AuthorDate? {
    try date.map { text in
      guard let date = AuthorDate(mail: text) else {
        throw UsageError("'\(text)' is no date of the form 'Mon, 1 Jan 2024 12:30:00 +0100'")
      }
      return date
    }
  }

  /// The author that is given, or the one that git has for this user, now.
  func present(_ workspace: Workspace) async throws -> Author {
    let now = AuthorDate(seconds: workspace.caller.clock(), offset: 0)
    if let named = try named() {
      return Author(name: named.name, email: named.email, date: named.date ?? now)
    }
    let environment = ProcessInfo.processInfo.environment
    let name = try await configured("GIT_AUTHOR_NAME", "user.name", environment, workspace)
    let email = try await configured("GIT_AUTHOR_EMAIL", "user.email", environment, workspace)
    guard let name, let email else {
      throw UsageError("who writes the patch? give --author 'NAME <ADDRESS>', or tell git")
    }
    return Author(
      name: try plain(name), email: try plain(email), date: try moment() ?? now)
  }

  private func configured(
    _ variable: String, _ key: String, _ environment: [String: String], _ workspace: Workspace
  ) async throws -> String? {
    if let value = environment[variable], !value.isEmpty { return value }
    // The clone's own settings count, but not what they include: they may have come with it.
    for scope in [["--local", "--no-includes"], ["--global", "--includes"], ["--no-includes"]] {
      let output = try? await Program(
        "git", ["-c", "safe.bareRepository=explicit", "config"] + scope + ["--get", key],
        directory: workspace.root
      ).run()
      guard let output, output.succeeded else { continue }
      let text = String(decoding: output.standardOutput, as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      if !text.isEmpty { return text }
    }
    return nil
  }

  /// The author in `NAME <ADDRESS>`.
  private func parsed(_ text: String, _ date: AuthorDate?) throws -> Author {
    guard let open = text.firstIndex(of: "<"), text.last == ">",
      !text[..<open].contains(where: { "<>\n".contains($0) }),
      !text[text.index(after: open)...].dropLast().contains(where: { "<> \n".contains($0) })
    else { throw UsageError("'\(text)' is not of the form 'NAME <ADDRESS>'") }
    let name = text[..<open].trimmingCharacters(in: .whitespaces)
    let email = text[text.index(after: open)...].dropLast()
    guard !name.isEmpty, !email.isEmpty else {
      throw UsageError("'\(text)' is not of the form 'NAME <ADDRESS>'")
    }
    return Author(name: try plain(name), email: try plain(email), date: date)
  }

  /// The bytes of a text that does not end its line in a mail's header, nor acts on a terminal.
  private func plain(_ text: some StringProtocol) throws(UsageError) -> [UInt8] {
    guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { throw UsageError("the author '\(text)' has a control character") }
    return Array(text.utf8)
  }
}

/// The bytes of a file that is named from the current folder; `-` is standard input.
func contents(of file: String, for workspace: Workspace) throws -> [UInt8] {
  if file == "-" { return try StandardInput.read() }
  guard let bytes = try workspace.contents(of: file, limit: Patch.maximumSize) else {
    throw UsageError("\(file): no such file")
  }
  return bytes
}

/// `kerb new`.
struct New: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a patch of the edits in an applied stack's work tree.",
    discussion: """
      Edit the files in src/RELEASE/PROJECT, 'git add' those that are new, then name the patch. It \
      goes on top, or behind --after.
      """)

  @Option(help: ArgumentHelp("The patch that it goes behind.", valueName: "patch"))
  var after: String?

  @OptionGroup var message: MessageOptions
  @OptionGroup var author: AuthorOptions
  @OptionGroup var options: AuthoringOptions
  @OptionGroup var applied: AppliedOptions

  @Argument(help: ArgumentHelp("The stack, RELEASE/PROJECT.", valueName: "stack"))
  var stack: String

  @Argument(help: "The patch's name, without folder and ending.")
  var name: String

  func run() async throws {
    let workspace = try options.open()
    guard let message = try message.bytes(for: workspace) else {
      throw UsageError("say what the patch is for: --message TEXT or --file FILE")
    }
    let stack = try workspace.stack(named: stack)
    let patch = NewPatch(
      name: name, author: try await author.present(workspace), message: message, after: after)
    var refresh = applied.options
    refresh.dryRun = options.dryRun
    try options.show {
      try workspace.begin(patch, in: stack, refresh)
    }
  }
}

/// `kerb split`.
struct Split: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Divide a patch in two.",
    discussion: """
      What is selected goes into the patch NEW, behind PATCH: whole files, or hunks of a file by their \
      numbers in the patch: nova/conf/spice.py:1,3
      """)

  @Flag(help: "Put the new patch before the old one.")
  var before = false

  @OptionGroup var message: MessageOptions
  @OptionGroup var author: AuthorOptions
  @OptionGroup var options: AuthoringOptions

  @Argument(help: ArgumentHelp("The stack, RELEASE/PROJECT.", valueName: "stack"))
  var stack: String

  @Argument(help: "The patch to divide.")
  var patch: String

  @Argument(help: "The name of the new patch.")
  var new: String

  @Argument(help: ArgumentHelp("FILE, or FILE:HUNKS.", valueName: "file"))
  var files: [String]

  func run() async throws {
    let workspace = try options.open()
    guard let message = try message.bytes(for: workspace) else {
      throw UsageError("say what the new patch is for: --message TEXT or --file FILE")
    }
    let name = try workspace.stack(named: stack)
    let new = NewPatch(
      name: new, author: try await author.present(workspace), message: message)
    let selection = try files.map(selected)
    try options.show {
      try workspace.split(
        patch, in: name, selection, new: new, before: before, dryRun: options.dryRun)
    }
  }

  private func selected(_ word: String) throws -> PatchSelection {
    func path(_ text: Substring) throws -> RepoPath {
      do {
        return try RepoPath(String(text))
      } catch {
        throw UsageError("'\(text)': \(error)")
      }
    }
    guard let colon = word.lastIndex(of: ":") else { return .file(try path(word[...])) }
    let numbers = word[word.index(after: colon)...].split(separator: ",").map { Int($0) }
    guard !numbers.isEmpty, numbers.allSatisfy({ $0 != nil }) else {
      return .file(try path(word[...]))
    }
    return .hunks(try path(word[..<colon]), Set(numbers.compactMap { $0 }))
  }
}

/// `kerb edit`.
struct EditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit", abstract: "Change a patch: its message, its author, or its whole text.",
    discussion: """
      With --message, --file, --author or --date the header changes and every hunk stays to the byte. \
      With --text the patch gets another text, header and hunks; without any of them your editor \
      ($VISUAL, $EDITOR) opens on it. The text has to apply in the patch's place, and later patches \
      follow. To change files, edit them in the work tree and 'kerb refresh'.
      """)

  @Option(
    help: ArgumentHelp("Take the whole patch from a file; - is standard input.", valueName: "file"))
  var text: String?

  @OptionGroup var message: MessageOptions
  @OptionGroup var author: AuthorOptions
  @OptionGroup var options: AuthoringOptions

  @Argument(help: ArgumentHelp("The stack, RELEASE/PROJECT.", valueName: "stack"))
  var stack: String

  @Argument(help: "The patch.")
  var patch: String

  func run() async throws {
    let workspace = try options.open()
    let name = try workspace.stack(named: stack)
    let old = try workspace.text(of: patch, in: name)
    let header = HeaderEdit(
      message: try message.bytes(for: workspace), author: try author.named(),
      date: try author.moment())
    guard header.isEmpty || text == nil else {
      throw UsageError(
        "--text gives the header too; leave --message, --file, --author and --date out")
    }
    if !header.isEmpty {
      return try options.show {
        try workspace.edit(patch, in: [name], header, dryRun: options.dryRun)
      }
    }
    let new = try await newText(old, workspace)
    try options.show {
      try workspace.edit(
        patch, in: name, text: new.bytes, from: old.bytes, name: new.name, dryRun: options.dryRun)
    }
  }

  private func newText(
    _ old: (file: String, bytes: [UInt8]), _ workspace: Workspace
  ) async throws -> (bytes: [UInt8], name: String) {
    if let text {
      return (try contents(of: text, for: workspace), text == "-" ? "standard input" : text)
    }
    let edited = try await Editor.edited(
      old.bytes, name: URL(filePath: old.file).lastPathComponent,
      hint: "give --text, --message or --author", limit: Patch.maximumSize)
    return (edited, old.file)
  }
}
