import Foundation
import Git
public import Patches

/// The upstream trees of a workspace: a bare repository for each project, and the archives that
/// some of them were made from. Everything here can be deleted and fetched again.
///
/// Each fetched tree is the tree of a commit without history that `refs/kerb/upstream/RELEASE`
/// keeps.
public struct UpstreamStore: Sendable {
  let root: String
  let limits: ArchiveLimits
  let turns = Turns()

  /// - Parameter root: The directory of the store, `.kerb/upstream`; it is made when it is needed.
  public init(root: String) {
    self.init(root: root, limits: ArchiveLimits())
  }

  init(root: String, limits: ArchiveLimits) {
    self.root = URL(fileURLWithPath: root).standardizedFileURL.path
    self.limits = limits
  }

  /// The path of a project's bare repository, whether it exists or not.
  ///
  /// - Precondition: it is a project's name (`isProjectName`).
  public func repositoryPath(project: String) -> String {
    precondition(isProjectName(project), "a project's name must not leave the store")
    return "\(root)/\(project).git"
  }

  /// True if the commit of a lock's entry is here and its tree is the locked one.
  ///
  /// - Throws: ``UpstreamError`` if the repository is damaged.
  public func has(_ entry: UpstreamLock.Entry) throws -> Bool {
    let path = repositoryPath(project: entry.stack.project)
    guard FileManager.default.fileExists(atPath: path + "/HEAD") else { return false }
    return try tree(of: entry.commit, project: entry.stack.project) == entry.tree
  }

  /// Brings the tree of one stack into its project's repository. Fetches of several stacks may run
  /// at once; those of one project take turns to write.
  ///
  /// - Parameters:
  ///   - locked: The stack's line of the lock, if there is one.
  ///   - update: True to take what upstream has now, whatever the lock says.
  ///   - choice: Where from. A locked tree comes from where it was locked; a clone may stand in for
  ///     its git repository.
  ///   - progress: May be called from any thread.
  /// - Returns: the tree that is now there. Of a locked one it is the locked tree, bit for bit.
  /// - Throws: ``UpstreamError``, or `CancellationError`. What does not match the lock is not kept.
  public func fetch(
    _ project: Configuration.Project, release: Release, locked: UpstreamLock.Entry?, update: Bool,
    from choice: Choice, progress: @Sendable (FetchProgress) -> Void
  ) async throws -> Fetched {
    let source = UpstreamSource(project: project, release: release)
    let fetched =
      if let locked, !update {
        try await fetchLocked(locked, source, from: choice, progress: progress)
      } else {
        try await fetchNewest(source, from: choice, progress: progress)
      }
    progress(.done)
    return fetched
  }

  private func fetchLocked(
    _ entry: UpstreamLock.Entry, _ source: UpstreamSource, from choice: Choice,
    progress: @Sendable (FetchProgress) -> Void
  ) async throws -> Fetched {
    if try has(entry) {
      try await turns.inTurn(entry.stack.project) { try keep(entry.commit, for: entry.stack) }
      return Fetched(entry: entry, tookFrom: "what is here already")
    }
    switch (entry.source, choice) {
    case (.sdist, .git), (.sdist, .clone), (.git, .sdist):
      throw source.locked(to: entry.source)
    case (.sdist(let version), .automatic), (.sdist(let version), .sdist):
      return try await fetchArchive(source, version: version, locked: entry, progress: progress)
    case (.git(let ref), .automatic), (.git(let ref), .git), (.git(let ref), .clone):
      return try await fetchCommit(
        entry, named: ref, from: try source.remote(choice), progress: progress)
    }
  }

  private func fetchNewest(
    _ source: UpstreamSource, from choice: Choice, progress: @Sendable (FetchProgress) -> Void
  ) async throws -> Fetched {
    progress(.resolving)
    if let version = try source.archiveVersion(choice) {
      return try await fetchArchive(
        source, version: version == "latest" ? nil : version, locked: nil, progress: progress)
    }
    let remote = try source.remote(choice)
    let fetched = try await fetchRef(source, from: remote, progress: progress)
    return Fetched(
      entry: fetched.entry, tookFrom: fetched.tookFrom, warnings: source.warnings(choice))
  }
}
