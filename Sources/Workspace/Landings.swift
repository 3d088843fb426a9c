import Git
import PatchEngine
import Patches

/// How landings are looked for.
public struct LandingOptions: Sendable {
  public var target: TargetChoice
  /// The commit after which changes are compared; by default the stack's locked version.
  public var since: String?

  public init(target: TargetChoice = TargetChoice(), since: String? = nil) {
    self.target = target
    self.since = since
  }
}

extension Workspace {
  /// What upstream has of the patches of stacks already.
  ///
  /// - Parameter progress: called with each stack before it is examined.
  /// - Returns: a value for each stack, in the order given.
  /// - Throws: `GitError` where a repository cannot be read, `UsageError` for an unknown revision.
  public func landings(
    _ stacks: [StackName], _ options: LandingOptions = LandingOptions(),
    progress: (StackName) -> Void = { _ in }
  ) throws -> [StackLandings] {
    var files = PatchCache(self.files)
    return try stacks.map { stack in
      switch load(stack, &files) {
      case .verdict(let verdict):
        return StackLandings(
          stack: stack, state: verdict.state, upstream: verdict.upstream, target: nil, patches: [],
          searched: nil, diagnostics: verdict.diagnostics)
      case .stack(let loaded):
        progress(stack)
        return try landings(of: loaded, options)
      }
    }
  }

  private func landings(of loaded: LoadedStack, _ options: LandingOptions) throws -> StackLandings {
    let target = try target(for: loaded.upstream, options.target)
    let found = try landings(of: loaded.patches, base: loaded.upstream.tree, on: target)
    var (landings, searched) = (found, SearchedHistory?.none)
    var commits = [UpstreamCommit?](repeating: nil, count: found.count)
    if target.hasHistory, let tip = target.commit {
      var search = UpstreamSearch(loaded.patches, found, on: target, tip: tip)
      let result = try search.run(since: options.since)
      (landings, commits, searched) = (result.landings, result.commits, result.searched)
    }
    let patches = loaded.patches.indices.map { index in
      PatchLanding(
        file: loaded.files[index], subject: loaded.patches[index].header.subject,
        landing: landings[index], commit: commits[index],
        named: loaded.patches[index].header.upstreamCommit)
    }
    return StackLandings(
      stack: loaded.name, state: .tried, upstream: loaded.upstream, target: target.named,
      patches: patches, searched: searched, diagnostics: loaded.patches.flatMap(\.warnings))
  }

  /// How much of each patch of a stack a tree has, by content alone.
  ///
  /// - Parameter base: the tree that the stack is made on.
  /// - Throws: `GitError` where a tree cannot be read.
  func landings(
    of patches: [Patch], base: ObjectID, on target: UpstreamTarget
  ) throws -> [Landing] {
    let moved = try relocations(
      of: patches, onto: target.tree, bases: Array(repeating: base, count: patches.count),
      in: try target.open())
    let tree = GitTree(repository: try target.open(), root: target.tree, base: base)
    var search = LandingSearch(relocations: moved)
    var result: [Landing] = []
    for patch in patches { result.append(try search.landing(of: patch, in: tree)) }
    return result
  }
}
