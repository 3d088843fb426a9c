import Foundation
import Git
import PatchEngine
import Patches

/// A stack's patches as they stand in the workspace or stood at a revision.
public struct StackText: Sendable {
  public let stack: StackName
  /// The revision of the workspace's git history; nil for the files as they are now.
  public let revision: String?
  public let entries: [Series.Entry]
  public let patches: [Patch]

  /// The names of the patches, without folder and ending.
  public var names: [String] { entries.map { String(fileName($0.path).dropLast(".patch".count)) } }
}

extension Workspace {
  /// A stack's patches.
  ///
  /// - Parameter revision: a revision of the git repository that holds the workspace; nil for the
  ///   files as they are now.
  /// - Throws: `Diagnostics` for series and patches that cannot be read, `UsageError` where there is no
  ///   such revision or no repository, `GitError`.
  public func text(of stack: StackName, at revision: String? = nil) throws -> StackText {
    guard let revision else {
      let series = try series(stack.release)
      let entries = series.entries(of: stack.project)
      var files = PatchCache(self.files)
      let patches = try files.patches(entries, in: series.file)
      return StackText(stack: stack, revision: nil, entries: entries, patches: patches)
    }
    let past = try PastFiles(of: root, at: revision)
    let name = "series/\(stack.release)"
    let series = try Series(
      parsing: try past.file(name) ?? [], release: stack.release, file: "\(revision):\(name)",
      soleProject: soleProject)
    let entries = series.entries(of: stack.project)
    var problems: [Diagnostic] = []
    var patches: [Patch] = []
    for entry in entries {
      do {
        let path = Self.path(of: entry)
        guard let bytes = try past.file(path) else {
          throw Diagnostics(
            Diagnostic(
              Location(series.file, line: entry.line), "\(path): no such file in \(revision)",
              rule: "file-read"))
        }
        patches.append(try Patch(parsing: bytes, name: "\(revision):\(path)"))
      } catch let found as Diagnostics {
        problems += found.all
      }
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
    return StackText(stack: stack, revision: revision, entries: entries, patches: patches)
  }
}
