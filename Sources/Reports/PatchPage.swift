import Claims
import Patches

/// The page of a workspace's patches, in Markdown: which release has which, in which text, why each
/// exists, and where it stands upstream.
public struct PatchPage {
  /// One use of a patch by a release.
  public struct Use: Sendable {
    public let release: Release
    public let entry: Series.Entry
    public let patch: Patch

    public init(release: Release, entry: Series.Entry, patch: Patch) {
      self.release = release
      self.entry = entry
      self.patch = patch
    }
  }

  /// One project's uses and notes.
  public struct Project: Sendable {
    public let name: String
    /// In the order of the releases and, in each, of its series.
    public let uses: [Use]
    public let notes: [(release: Release, text: String)]

    public init(name: String, uses: [Use], notes: [(release: Release, text: String)]) {
      self.name = name
      self.uses = uses
      self.notes = notes
    }
  }

  private let releases: [Release]
  private let projects: [Project]

  public init(releases: [Release], projects: [Project]) {
    self.releases = releases
    self.projects = projects
  }

  /// The page.
  public var markdown: String {
    var text = """
      # Patches

      Made by `kerb report` from `patches/` and `series/`; not to be edited.

      In the tables, `living` is the newest text, shared by every release that has it; `@RELEASE` is an
      older text, and RELEASE the newest that uses it.

      """
    text += claims
    for project in projects where !project.uses.isEmpty || !project.notes.isEmpty {
      text += section(project)
    }
    return text
  }

  /// The microversions that the stacks take.
  private var claims: String {
    var rows: [String] = []
    for project in projects {
      for use in project.uses {
        guard let claim = MicroversionClaim(in: use.patch) else { continue }
        rows.append(
          "| \(use.release) | \(claim.upstream) | \(claim.claimed) | \(link(use.entry)) |")
      }
    }
    guard !rows.isEmpty else { return "" }
    return """

      ## Microversions

      | release | upstream's maximum | claimed | by |
      | --- | --- | --- | --- |
      \(rows.joined(separator: "\n"))

      A claimed number is one that upstream gives to something else in a later release: clients that
      negotiate it get another feature there. Not for a deployment that has to be upgraded safely.

      """
  }

  private func section(_ project: Project) -> String {
    let used = releases.filter { release in project.uses.contains { $0.release == release } }
    let noted = Set(project.notes.map(\.release))
    let columns = releases.filter { used.contains($0) || noted.contains($0) }
    var text = "\n## \(project.name)\n"
    if !project.uses.isEmpty {
      let heads = columns.map(\.name).joined(separator: " | ")
      text += "\n| patch | \(heads) |\n|\(String(repeating: " --- |", count: columns.count + 1))\n"
      let uses = Dictionary(grouping: project.uses, by: \.entry.name)
      for name in names(project) {
        let cells = columns.map { release in
          let use = uses[name]?.first { $0.release == release }
          return use.map { "[\(textName(of: $0.entry))](../patches/\($0.entry.path))" } ?? ""
        }
        text += "| [\(name)](#\(anchor(name))) | \(cells.joined(separator: " | ")) |\n"
      }
    }
    if !project.notes.isEmpty { text += "\n" }
    for note in project.notes { text += "- \(note.release): \(markdownSafe(note.text))\n" }
    let newest = Dictionary(project.uses.map { ($0.entry.name, $0) }) { $1 }
    for name in names(project) {
      if let use = newest[name] { text += details(use) }
    }
    return text
  }

  /// The names of a project's patches in the order of the newest release that has each.
  private func names(_ project: Project) -> [String] {
    var names: [String] = []
    var seen: Set<String> = []
    let uses = Dictionary(grouping: project.uses, by: \.release)
    for release in releases.reversed() {
      for use in uses[release] ?? [] where seen.insert(use.entry.name).inserted {
        names.append(use.entry.name)
      }
    }
    return names
  }

  private func details(_ use: Use) -> String {
    let header = use.patch.header
    let paragraphs = String(decoding: header.body, as: UTF8.self).split(separator: "\n\n").map(
      String.init)
    let purpose = paragraphs.first.map { markdownSafe($0.replacing("\n", with: " ")) } ?? ""
    var text =
      "\n### \(use.entry.name)\n\n**\(markdownSafe(String(decoding: header.subject, as: UTF8.self)))**\n"
    if !purpose.isEmpty { text += "\n\(purpose)\n" }
    if let upstream = header.trailer("Upstream") {
      text += "\nUpstream: \(markdownSafe(upstream))\n"
    }
    return text
  }

  private func textName(of entry: Series.Entry) -> String {
    entry.variant.map { "@\($0)" } ?? "living"
  }

  private func link(_ entry: Series.Entry) -> String {
    "[\(entry.project)/\(entry.name)](../patches/\(entry.path))"
  }

  private func anchor(_ name: String) -> String { name.lowercased().replacing(".", with: "") }
}

/// Text that Markdown shows as it is: nothing in it is markup or HTML. Addresses stay readable.
public func markdownSafe(_ text: String) -> String {
  var result = ""
  for character in terminalSafe(text) {
    if "\\`*_[]<>|#".contains(character) { result.append("\\") }
    result.append(character)
  }
  return result
}
