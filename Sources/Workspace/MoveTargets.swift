import Patches
import Upstream

extension Workspace {
  /// The tree that a stack is to be moved to, named as for `check --onto`; what a clone has of it is
  /// brought over.
  ///
  /// - Throws: `UsageError` for an unknown revision; `UpstreamError` where it cannot be brought over.
  public func target(
    of stack: StackName, _ choice: TargetChoice
  ) async throws -> UpstreamLock.Entry {
    guard let locked = lock[stack], let project = configuration.project(stack.project) else {
      throw UsageError("\(stack) is not locked; run 'kerb fetch --update \(stack)'")
    }
    let target = try target(for: locked, choice)
    guard let commit = target.commit else {
      throw UsageError("'\(choice.onto ?? "")' names a tree; name a commit")
    }
    // A tree that another release is locked to comes from where that one's does.
    let known = lock.entries.values.first {
      $0.stack.project == stack.project && $0.commit == commit
    }
    let name = target.name.hasPrefix("origin/") ? String(target.name.dropFirst(7)) : target.name
    guard let source = known?.source ?? UpstreamLock.Source("git:\(name)") else {
      throw UsageError("'\(name)' is no name that a lock can hold; name a branch, tag or commit")
    }
    let entry = UpstreamLock.Entry(
      stack, source: source, commit: commit, tree: target.tree,
      archiveDigest: known?.archiveDigest)
    guard known == nil, let clone = choice.clone else { return entry }
    return try await store.fetch(
      project, release: stack.release, locked: entry, update: false, from: .clone(path: clone),
      progress: { _ in }
    ).entry
  }

  /// The newest tree that upstream has for a stack, fetched now.
  ///
  /// - Throws: `UpstreamError`.
  public func newest(
    of stack: StackName, from choice: Choice,
    progress: @escaping @Sendable (FetchProgress) -> Void
  ) async throws -> UpstreamLock.Entry {
    guard let project = configuration.project(stack.project) else {
      preconditionFailure("a stack's project is in the configuration")
    }
    return try await store.fetch(
      project, release: stack.release, locked: lock[stack], update: true, from: choice,
      progress: progress
    ).entry
  }
}
