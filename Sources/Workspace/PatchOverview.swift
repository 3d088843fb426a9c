import Foundation
import Journal
import Patches

/// One release's use of a patch.
public struct PatchUse: Sendable {
  public let stack: StackName
  public let entry: Series.Entry
  public let patch: Patch
}

extension Workspace {
  /// Every patch that some series lists, by project and then by release, in the order of the series.
  ///
  /// - Throws: `Diagnostics` for series and patches that cannot be read.
  public func patchUses() throws(Diagnostics) -> [PatchUse] {
    var files = PatchCache(self.files)
    var uses: [PatchUse] = []
    for project in configuration.projects {
      for release in configuration.releases {
        let series = try series(release)
        let entries = series.entries(of: project.name)
        let patches = try files.patches(entries, in: series.file)
        for (entry, patch) in zip(entries, patches) {
          uses.append(
            PatchUse(stack: StackName(release, project.name), entry: entry, patch: patch))
        }
      }
    }
    return uses
  }

  /// What the series files note on each stack.
  ///
  /// - Throws: `Diagnostics` for a broken series file.
  public func notes() throws(Diagnostics) -> [StackName: [String]] {
    var notes: [StackName: [String]] = [:]
    for project in configuration.projects {
      for release in configuration.releases {
        let found = try series(release).notes(on: project.name)
        if !found.isEmpty { notes[StackName(release, project.name)] = found }
      }
    }
    return notes
  }

  /// Writes pages, each with its file as the user named it. Those in the workspace are one set, which can
  /// be undone; others are replaced one by one.
  ///
  /// - Throws: `UsageError` and `Diagnostics` where they cannot be written, `GitError`.
  public func write(_ pages: [(file: String, text: String)]) throws {
    var set = FileSet()
    var others: [(file: String, text: String)] = []
    // Nothing is written where a place is wrong.
    for page in pages {
      if let path = try kept(page.file) {
        set.put(path, Array(page.text.utf8))
      } else {
        others.append(page)
      }
    }
    for (file, text) in others { try replaceFile(file, in: root, with: Array(text.utf8)) }
    guard !set.isEmpty else { return }
    try hold { try write(set, $0) }
  }

  /// A file's path in the workspace; nil for one that is elsewhere, or that kerb may make again.
  private func kept(_ file: String) throws -> RepoPath? {
    guard let path = try NamedPlace(file, in: root).pathInWorkspace else { return nil }
    let isDerived = [".kerb/", "src/", "images/"].contains { path.starts(with: $0.utf8) }
    return isDerived ? nil : try? RepoPath(path)
  }
}
