import Patches

/// The series of a workspace and the patches that they list, each read once: for verbs that ask for one
/// patch after the other. It is for as long as nobody writes them.
struct SeriesCatalog {
  private struct Listed {
    let series: Series
    /// Entries by project and name; the first of two wins.
    let entries: [EntryName: Series.Entry]
  }

  private struct EntryName: Hashable {
    let project: String
    let name: String
  }

  private let workspace: Workspace
  private var listed: [Release: Listed] = [:]
  private var files: PatchCache
  /// The number of series files that were read.
  private(set) var reads = 0

  init(_ workspace: Workspace) {
    self.workspace = workspace
    files = PatchCache(workspace.files)
  }

  /// The series of a release; one without patches where there is no file.
  mutating func series(_ release: Release) throws(Diagnostics) -> Series {
    try listed(release).series
  }

  /// The entry of a patch, if the release has it.
  mutating func entry(
    _ name: String, of project: String, in release: Release
  ) throws(Diagnostics) -> Series.Entry? {
    try listed(release).entries[EntryName(project: project, name: name)]
  }

  /// Which releases share which text of a patch now.
  mutating func sharing(of name: String, project: String) throws -> TextSharing {
    var groups: [String: TextSharing.Group] = [:]
    for release in workspace.configuration.releases {
      guard let entry = try entry(name, of: project, in: release) else { continue }
      let patch = try files.patches([entry], in: "series/\(release)")[0]
      groups[
        entry.path,
        default: TextSharing.Group(
          path: entry.path, patch: patch, bytes: patch.bytes, releases: [])
      ].releases.insert(release)
    }
    return TextSharing(
      project: project, name: name, groups: groups.values.sorted { $0.path! < $1.path! })
  }

  private mutating func listed(_ release: Release) throws(Diagnostics) -> Listed {
    if let known = listed[release] { return known }
    let series = try workspace.series(release)
    reads += 1
    let entries = Dictionary(
      series.entries.map { (EntryName(project: $0.project, name: $0.name), $0) }
    ) { first, _ in first }
    let found = Listed(series: series, entries: entries)
    listed[release] = found
    return found
  }
}
