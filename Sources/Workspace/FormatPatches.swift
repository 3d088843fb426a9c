import Patches

/// What `fmt` did, or would do, with one patch.
public struct FormatReport: Sendable {
  /// The patch file as a path in the workspace.
  public let file: String
  /// True where its bytes are not those of the canonical form.
  public let isChanged: Bool
}

extension Workspace {
  /// Writes patches in canonical form.
  ///
  /// - Parameters:
  ///   - files: paths in the workspace; every patch file where there are none.
  ///   - write: false to only say which would change.
  /// - Throws: `Diagnostics` for patches that cannot be read; nothing is written then.
  public func format(_ files: [String], write: Bool) throws -> [FormatReport] {
    let names = files.isEmpty ? patchFiles() : files
    guard !names.isEmpty else { throw UsageError("there are no patches to format") }
    var problems: [Diagnostic] = []
    var patches: [Patch] = []
    for result in readPatches(names.map { (path: "\(root)/\($0)", name: $0) }) {
      switch result {
      case .success(let patch): patches.append(patch)
      case .failure(let diagnostics): problems += diagnostics.all
      }
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
    return try patches.map { patch in
      let canonical = patch.canonical
      let isChanged = canonical != patch.bytes
      if isChanged, write { try replaceFile("\(root)/\(patch.name)", with: canonical) }
      return FormatReport(file: patch.name, isChanged: isChanged)
    }
  }
}
