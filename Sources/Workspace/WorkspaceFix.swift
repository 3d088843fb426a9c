import Foundation
import Git
import Journal
import PatchEngine
import Patches
import Upstream

/// What kerb can mend of a workspace by itself, beside the workspace.
public struct WorkspaceFix: Sendable {
  /// The stacks that would apply.
  public let mended: [StackName]
  /// The stacks that need a person.
  public let open: [StackName]
  /// The files that would change, by path.
  public var files: [RepoPath] { contents.paths }
  let contents: FileSet
  private let diff: [UInt8]
  private let root: String

  /// The name of the patch beside the files.
  public static let patchName = "kerb-fix.diff"

  init(
    mended: [StackName], open: [StackName], contents: FileSet, diff: [UInt8], root: String
  ) {
    (self.mended, self.open, self.contents, self.diff) = (mended, open, contents, diff)
    self.root = root
  }

  /// Writes the files as they would be, and a patch that makes them of those of the workspace.
  ///
  /// - Throws: `Refusal` for a folder with something in it, `UsageError` where it cannot be written.
  public func write(to folder: String) throws {
    try NamedPlace(folder, in: root).makeFolder { folder in
      for (path, bytes) in contents.contents {
        guard let bytes else { continue }
        let place = "\(folder)/\(path)"
        try makeDirectories((place as NSString).deletingLastPathComponent)
        try writeNew(place, bytes)
      }
      try writeNew("\(folder)/\(Self.patchName)", diff)
    }
  }
}

extension Workspace {
  /// What `fmt` would write, and `rebase` for the stacks that are not good.
  ///
  /// - Parameters:
  ///   - choice: the tree that the stacks were tried on; nil for their locked ones.
  ///   - resolvers: what may end conflicts.
  /// - Throws: `Refusal`, `GitError`, `UsageError` as `rebase`; the workspace stays as it is.
  public func fix(
    for verdicts: [StackVerdict], onto choice: TargetChoice?, resolvers: Set<Resolver>
  ) async throws -> WorkspaceFix {
    // On another tree, a stack that applies has line numbers and a lock to be written anew.
    let bad = verdicts.filter { $0.state == .tried && (!$0.isGood || choice != nil) }
    var options = MoveOptions()
    (options.dryRun, options.resolvers) = (true, resolvers)
    var targets: [(stack: StackName, onto: UpstreamLock.Entry)] = []
    for verdict in bad {
      guard var entry = verdict.upstream else { continue }
      if let choice { entry = try await target(of: verdict.stack, choice) }
      targets.append((verdict.stack, entry))
    }
    let moved = targets.isEmpty ? nil : try rebase(targets, options)
    var set = moved?.set ?? FileSet()
    let files = Set(verdicts.filter { $0.state == .tried }.flatMap(\.patches)).sorted()
    for report in files.isEmpty ? [] : try formatting(files) {
      let path = try RepoPath(report.file)
      if let canonical = report.canonical, set.contents[path] == nil { set.put(path, canonical) }
    }
    let reports = moved?.stacks ?? []
    return WorkspaceFix(
      mended: reports.filter(\.isThrough).map(\.stack),
      open: reports.filter { !$0.isThrough }.map(\.stack), contents: set, diff: try diff(to: set),
      root: root)
  }

  /// The difference from the files of the workspace to others, as `git apply` takes it.
  private func diff(to set: FileSet) throws -> [UInt8] {
    let files = try set.contents.sorted { $0.key < $1.key }.compactMap { path, bytes in
      let name = "\(path)"
      let before =
        self.files.has(name) ? try self.files.read(name, limit: Patch.maximumSize) : nil
      return FileChange.between(try version(before), try version(bytes), at: path)
    }
    let header = PatchHeader(author: nil, subject: [], body: [])
    return Patch(name: WorkspaceFix.patchName, header: header, files: files).diff
  }

  private func version(_ bytes: [UInt8]?) throws -> FileVersion? {
    guard let bytes else { return nil }
    return FileVersion(mode: .regular, id: try objectID(.blob, bytes), text: Text(bytes))
  }
}
