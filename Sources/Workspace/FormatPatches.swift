import Foundation
import Journal
import Patches

/// What `fmt` did, or would do, with one patch or series file.
public struct FormatReport: Sendable {
  /// The file as a path in the workspace.
  public let file: String
  /// True where its bytes are not those of the canonical form.
  public var isChanged: Bool { canonical != nil }
  /// The canonical form, where its bytes are not.
  let canonical: [UInt8]?
}

extension Workspace {
  /// Writes patches and series files in canonical form, all or none. What the stacks do stays.
  ///
  /// - Parameter files: paths in the workspace; every patch and series file where there are none.
  /// - Throws: `Diagnostics` for files that cannot be read or written; nothing is written then.
  public func format(_ files: [String]) throws -> [FormatReport] {
    try hold { held in
      let reports = try formatting(files)
      var set = FileSet()
      for report in reports {
        if let canonical = report.canonical {
          set.put(try RepoPath(report.file), canonical)
        }
      }
      try write(set, held)
      return reports
    }
  }

  /// Says which files `format` would change.
  ///
  /// - Throws: `Diagnostics` for files that cannot be read.
  public func formatting(_ files: [String]) throws -> [FormatReport] {
    let allSeries = configuration.releases.map { "series/\($0)" }
    let isAll = files.isEmpty
    let chosen = isAll ? allSeries.filter(self.files.has) : files.filter(allSeries.contains)
    let names = isAll ? try patchFiles() : files.filter { !allSeries.contains($0) }
    guard !names.isEmpty || !chosen.isEmpty else { throw UsageError("there is nothing to format") }
    let patches = try allPatches(self.files.patches(names))
    let series = try configuration.releases.filter { chosen.contains("series/\($0)") }.map(series)
    return patches.map { report($0.name, $0.bytes, $0.canonical) }
      + series.map { report($0.file, $0.formatted, $0.canonical) }
  }

  private func report(_ file: String, _ bytes: [UInt8], _ canonical: [UInt8]) -> FormatReport {
    FormatReport(file: file, canonical: canonical == bytes ? nil : canonical)
  }
}
