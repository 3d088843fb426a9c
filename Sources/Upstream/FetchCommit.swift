import Foundation
import Git
import Patches

extension UpstreamStore {
  /// Fetches the commit that stands for a release in a repository now.
  func fetchRef(
    _ source: UpstreamSource, from remote: Remote, progress: @Sendable (FetchProgress) -> Void
  ) async throws -> Fetched {
    let refs = source.refs
    let listed = try await remote.refs(matching: refs.patterns, from: fresh())
    guard let (candidate, commit) = refs.resolve(among: listed) else {
      throw source.noRef(in: remote)
    }
    guard let lockSource = UpstreamLock.Source("git:\(candidate.shortName)") else {
      preconditionFailure("the refs of a release have safe names")
    }
    let name = candidate.shortName
    let tree = try await bring(
      commit, named: name, for: source.stack, expecting: nil, from: remote, progress: progress)
    let entry = UpstreamLock.Entry(
      source.stack, source: lockSource, commit: commit, tree: tree, archiveDigest: nil)
    return Fetched(entry: entry, tookFrom: "\(candidate.phrase) of \(remote.location)")
  }

  /// Fetches the locked commit by its id, wherever its branch is today.
  func fetchCommit(
    _ entry: UpstreamLock.Entry, named name: String, from remote: Remote,
    progress: @Sendable (FetchProgress) -> Void
  ) async throws -> Fetched {
    do {
      _ = try await bring(
        entry.commit, named: name, for: entry.stack, expecting: entry.tree, from: remote,
        progress: progress)
    } catch let error as UpstreamError where error.kind == .notFound {
      throw UpstreamError(
        .notFound, error.message,
        hint: "upstream may have dropped the commit: name a clone that has it with --from PATH, or "
          + "move the lock with --update")
    }
    return Fetched(
      entry: entry, tookFrom: "commit \(entry.commit) (\(name)) of \(remote.location)")
  }

  /// Fetches one commit, unless it is here, and keeps it under the release's ref.
  ///
  /// - Returns: its tree.
  private func bring(
    _ commit: ObjectID, named name: String, for stack: StackName, expecting locked: ObjectID?,
    from remote: Remote, progress: @Sendable (FetchProgress) -> Void
  ) async throws -> ObjectID {
    try await turns.inTurn(stack.project) {
      let path = try makeRepository(project: stack.project)
      if try tree(of: commit, project: stack.project) == nil {
        progress(.downloading(name, percent: nil))
        let fresh = try fresh(lender: path)
        try await remote.fetch(commit, into: fresh, name: name, progress: progress)
        try namingRepository(path) { try fresh.handOver(to: path) }
      }
      guard let tree = try tree(of: commit, project: stack.project) else {
        throw UpstreamError(
          .notFound, "git brought no commit \(commit) from \(remote.location)",
          hint: "name a clone that has it with --from PATH")
      }
      if let locked, locked != tree {
        throw UpstreamError(
          .mismatch, "commit \(commit) has the tree \(tree), and \(stack) is locked to \(locked)",
          hint: "the lock was changed by hand; restore its line or run fetch --update")
      }
      try keep(commit, for: stack)
      return tree
    }
  }
}

extension UpstreamStore {
  /// A repository for one call of git.
  private func fresh(lender: String? = nil) throws -> FreshRepository {
    let folder = root + "/fetching"
    return try namingRepository(folder) { try FreshRepository(in: folder, lender: lender) }
  }

  /// Makes a project's repository where there is none.
  ///
  /// - Returns: its path.
  func makeRepository(project: String) throws -> String {
    let path = repositoryPath(project: project)
    guard !FileManager.default.fileExists(atPath: path + "/HEAD") else { return path }
    try namingRepository(path) { _ = try Repository(creatingBareAt: path) }
    return path
  }

  /// The tree of a commit, or nil where the commit is not here.
  func tree(of commit: ObjectID, project: String) throws -> ObjectID? {
    let path = repositoryPath(project: project)
    return try namingRepository(path) {
      let repository = try Repository(opening: path)
      guard repository.contains(commit) else { return nil }
      return try repository.commit(commit).tree
    }
  }

  /// Points the release's ref at a commit, so that no cleaning removes it.
  func keep(_ commit: ObjectID, for stack: StackName) throws {
    let path = repositoryPath(project: stack.project)
    try namingRepository(path) {
      let repository = try Repository(opening: path)
      let name = "refs/kerb/upstream/\(stack.release)"
      let current = try repository.reference(name)
      guard current != commit else { return }
      try repository.updateReference(name, to: commit, expecting: current, message: "fetch")
    }
  }
}

/// Runs work on a repository of the store. An error of git's names the repository and says what to
/// do.
func namingRepository<Result>(_ path: String, _ work: () throws -> Result) throws -> Result {
  do {
    return try work()
  } catch let error as GitError {
    throw UpstreamError(
      .environment, "the repository \(path) is not usable: \(error)",
      hint:
        "check the disk's space and permissions; the repository can be deleted and fetched again"
    )
  }
}
