import Git
import PatchEngine
import Patches

/// One patch of a stack.
public struct StackPatch: Sendable {
  /// Its place in the stack, counted from 0.
  public let index: Int
  public let entry: Series.Entry
  public let patch: Patch
  /// The releases whose stacks use the same text, the stack's own among them, oldest first.
  public let releases: [Release]

  /// The file as a path in the workspace.
  public var file: String { Workspace.path(of: entry) }
}

extension Workspace {
  /// The patches of a stack in order.
  ///
  /// - Throws: `Diagnostics` for series and patches that cannot be read, `UsageError` for a stack
  ///   without patches.
  public func patches(of stack: StackName) throws -> [StackPatch] {
    let series = try series(stack.release)
    let entries = series.entries(of: stack.project)
    guard !entries.isEmpty else { throw UsageError("\(stack) has no patches") }
    var files = PatchCache(self.files)
    let patches = try files.patches(entries, in: series.file)
    let all = configuration.releases.compactMap { release in
      (try? self.series(release)).map { (release, Set($0.entries.map(\.path))) }
    }
    return entries.indices.map { index in
      StackPatch(
        index: index, entry: entries[index], patch: patches[index],
        releases: all.filter { $0.1.contains(entries[index].path) }.map(\.0)
      )
    }
  }

  /// The patches of a stack that words name: a name, with or without folder, release and ending, or
  /// a place in the stack, counted from 1.
  ///
  /// - Throws: `UsageError` for a word that names none; as `patches(of:)`.
  public func patches(of stack: StackName, named words: [String]) throws -> [StackPatch] {
    let all = try patches(of: stack)
    return try places(ofPatches: words, in: stack).map { all[$0] }
  }

  /// Which patch of a stack brought each line of a file, on the stack's locked tree.
  ///
  /// - Returns: the stack's verdict, and nil where it does not apply.
  /// - Throws: `UsageError` where the patched tree has no such file, `GitError`.
  public func annotation(
    of path: RepoPath, in stack: StackName
  ) throws -> (verdict: StackVerdict, annotation: Annotation?) {
    var files = PatchCache(self.files)
    guard case .stack(let loaded) = load(stack, &files) else { return (try check([stack])[0], nil) }
    let repository = store.repositoryPath(project: stack.project)
    let result = try ReplaySession(repository: repository).replay(
      loaded.patches, onto: loaded.upstream.tree, recording: .nothing)
    let verdict = try verdict(loaded, steps: result.steps)
    guard verdict.isGood else { return (verdict, nil) }
    let tree = GitTree(
      repository: try Repository(opening: repository), root: loaded.upstream.tree, base: nil)
    let found = try PatchEngine.annotation(
      of: path, after: loaded.patches, on: tree, using: ReplayMeans(primitives: .git))
    guard let found else { throw UsageError("\(stack): the patched tree has no file '\(path)'") }
    return (verdict, found)
  }
}
