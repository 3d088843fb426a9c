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
    var files = PatchCache(root: root)
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

  /// Writes a file of the workspace in one step.
  ///
  /// - Throws: `UsageError` where it cannot be written.
  public func write(_ text: String, to path: String) throws {
    try replaceFile(path, with: Array(text.utf8))
  }
}
