import Git
import Patches
import Upstream

extension Workspace {
  /// The tree that a stack is to be moved to: a revision of the project's repository under `.kerb/`
  /// or, where a clone is named, of that one, which is brought over.
  ///
  /// - Throws: `UsageError` for an unknown revision; `UpstreamError` where it cannot be brought over.
  public func target(
    of stack: StackName, onto revision: String, clone: String?
  ) async throws -> UpstreamLock.Entry {
    let path = clone ?? store.repositoryPath(project: stack.project)
    let entry = try entry(of: stack, at: revision, in: path)
    guard let clone, let project = configuration.project(stack.project) else { return entry }
    return try await store.fetch(
      project, release: stack.release, locked: entry, update: false, from: .clone(path: clone),
      progress: { _ in }
    ).entry
  }

  private func entry(
    of stack: StackName, at revision: String, in path: String
  ) throws -> UpstreamLock.Entry {
    guard let source = UpstreamLock.Source("git:\(revision)") else {
      throw UsageError(
        "'\(revision)' is no name that a lock can hold; name a branch, tag or commit")
    }
    let repository: Repository
    do {
      repository = try Repository(opening: path)
    } catch {
      throw UsageError("\(error); --repo names a bare clone, or the .git folder of another")
    }
    guard let commit = try? repository.resolve(revision) else {
      throw UsageError("\(path) has no commit '\(revision)'; --repo names a clone that has it")
    }
    return UpstreamLock.Entry(
      stack, source: source, commit: commit, tree: try repository.commit(commit).tree,
      archiveDigest: nil)
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
