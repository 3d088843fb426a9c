import Git
import Journal
import PatchEngine
import Patches

/// What two releases' texts of one patch were like before.
struct TextPast {
  /// The newest text that both have had; nil where none is known.
  private(set) var common: Patch?
  /// Texts of both after only the other one's was written, newest first; none is older than the common one.
  private(set) var moments: [(source: Patch, other: Patch)] = []

  /// One release's text at one time.
  private struct Version {
    let path: String
    let bytes: [UInt8]
  }

  /// Looks back through kerb's log of operations, then through the history of the git repository that the
  /// workspace is in.
  init(
    of name: String, _ source: StackName, _ other: StackName, in workspace: Workspace
  ) throws {
    try readLog(name, source, other, workspace)
    if common == nil {
      moments = []
      common = try workspace.firstParents { past in
        guard let mine = try Self.version(of: name, source, workspace, past.file),
          let theirs = try Self.version(of: name, other, workspace, past.file),
          mine.bytes == theirs.bytes
        else { return nil }
        return try Patch(parsing: mine.bytes, name: mine.path)
      }
    }
  }

  private mutating func readLog(
    _ name: String, _ source: StackName, _ other: StackName, _ workspace: Workspace
  ) throws {
    var earlier: [String: [UInt8]?] = [:]
    func file(_ path: String) throws -> [UInt8]? {
      if let known = earlier[path] { return known }
      guard workspace.files.has(path) else { return nil }
      return try workspace.files.read(path, limit: Patch.maximumSize)
    }
    var mine = try Self.version(of: name, source, workspace, file)
    var theirs = try Self.version(of: name, other, workspace, file)
    let prefix = "patches/\(source.project)/\(name)"
    let series = ["series/\(source.release)", "series/\(other.release)"]
    for operation in try workspace.journal.operations() {
      let touched = operation.paths.map(\.description)
      guard touched.contains(where: { $0.hasPrefix(prefix) || series.contains($0) }) else {
        continue
      }
      for (path, bytes) in try workspace.journal.filesBefore(operation).contents {
        earlier.updateValue(bytes, forKey: "\(path)")
      }
      guard let before = try Self.version(of: name, source, workspace, file),
        let theirsBefore = try Self.version(of: name, other, workspace, file)
      else { return }
      if let mine, let theirs, before.bytes == mine.bytes, theirsBefore.bytes != theirs.bytes {
        moments.append(
          (
            source: try Patch(parsing: mine.bytes, name: mine.path),
            other: try Patch(parsing: theirs.bytes, name: theirs.path)
          ))
      }
      if before.bytes == theirsBefore.bytes {
        common = try Patch(parsing: before.bytes, name: before.path)
        return
      }
      (mine, theirs) = (before, theirsBefore)
    }
  }

  /// The text of a release; nil where it does not have the patch, or its files cannot be read.
  private static func version(
    of name: String, _ stack: StackName, _ workspace: Workspace,
    _ file: (String) throws -> [UInt8]?
  ) throws -> Version? {
    let path = "series/\(stack.release)"
    let series: Series
    do {
      series = try Series(
        parsing: file(path) ?? [], release: stack.release, file: path,
        soleProject: workspace.soleProject)
    } catch is Diagnostics {
      return nil
    }
    guard let entry = series.entries(of: stack.project).first(where: { $0.name == name }),
      let bytes = try file(Workspace.path(of: entry))
    else { return nil }
    return Version(path: Workspace.path(of: entry), bytes: bytes)
  }
}
