import Git
import PatchEngine
import Patches

extension Workspace {
  /// Tries stacks on another upstream tree, in memory, and moves nothing. What does not fit in place
  /// is merged with the stack's locked tree.
  ///
  /// - Parameters:
  ///   - resolvers: what may end conflicts; nothing by default.
  ///   - progress: called from any thread.
  /// - Returns: a verdict for each stack, in the order given.
  /// - Throws: `GitError` where a repository cannot be read, `UsageError` for an unknown revision.
  public func check(
    _ stacks: [StackName], onto choice: TargetChoice, resolvers: Resolvers = Resolvers(),
    progress: @escaping @Sendable (RunProgress) -> Void = { _ in }
  ) throws -> [StackVerdict] {
    var run = CounterRun(self)
    return try stacks.map { stack in
      switch load(stack, &run.files) {
      case .verdict(let verdict): return verdict
      case .stack(let loaded):
        let target = try target(for: loaded.upstream, choice)
        let session = ReplaySession(repository: target.repository, lenders: target.lenders)
        let result = try session.replay(
          loaded.patches, onto: target.tree, base: loaded.upstream.tree, resolvers: resolvers,
          recording: .nothing
        ) { progress(RunProgress(stack: stack, done: $0, total: $1)) }
        var verdict = try verdict(
          loaded, steps: result.steps, on: target.tree, in: try target.open())
        verdict.target = target.named
        try addClaims(to: &verdict, of: loaded, on: target, &run)
        return verdict
      }
    }
  }
}
