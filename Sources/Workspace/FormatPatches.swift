import Journal
import Patches

/// What `fmt` did, or would do, with one patch.
public struct FormatReport: Sendable {
  /// The patch file as a path in the workspace.
  public let file: String
  /// True where its bytes are not those of the canonical form.
  public var isChanged: Bool { canonical != nil }
  /// The canonical form, where its bytes are not.
  let canonical: [UInt8]?
}

extension Workspace {
  /// Writes patches in canonical form, all or none.
  ///
  /// - Parameter files: paths in the workspace; every patch file where there are none.
  /// - Throws: `Diagnostics` for patches that cannot be read or written; nothing is written then.
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

  /// Says which patches `format` would change.
  ///
  /// - Throws: `Diagnostics` for patches that cannot be read.
  public func formatting(_ files: [String]) throws -> [FormatReport] {
    let names = files.isEmpty ? patchFiles() : files
    guard !names.isEmpty else { throw UsageError("there are no patches to format") }
    let patches = try allPatches(names.map { (path: "\(root)/\($0)", name: $0) })
    return patches.map { patch in
      let canonical = patch.canonical
      return FormatReport(
        file: patch.name, canonical: canonical == patch.bytes ? nil : canonical)
    }
  }
}
