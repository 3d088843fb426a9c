import Dispatch
import Git
import Patches

extension UpstreamStore {
  /// Fetches a released archive and imports it.
  ///
  /// - Parameters:
  ///   - version: nil for the newest.
  ///   - locked: The line that the result must be equal to.
  func fetchArchive(
    _ source: UpstreamSource, version: String?, locked: UpstreamLock.Entry?,
    progress: @Sendable (FetchProgress) -> Void
  ) async throws -> Fetched {
    let name = try source.archiveName()
    let cache = ArchiveCache(store: root)
    try cache.check()
    if let locked, locked.archiveDigest == nil {
      throw changedArchive(name, digest: "none", locked)
    }
    let kept = locked?.archiveDigest.flatMap { cache.archive(digest: $0) }
    let (archive, found) =
      if let kept { (kept, version) } else {
        try await PackageIndex().download(
          name, version: version, locked: locked, progress: progress)
      }
    if let locked { try check(archive, against: locked) }
    guard let version = version ?? found, let lockSource = UpstreamLock.Source("sdist:\(version)")
    else { throw refusal(archive, "its name has no version") }
    let imported = try await take(
      archive, title: "\(name) \(version)", source.stack, locked, progress)
    cache.keep(archive)
    let entry = UpstreamLock.Entry(
      source.stack, source: lockSource, commit: imported.commit, tree: imported.tree,
      archiveDigest: archive.digest)
    let origin = kept == nil ? "the released archive" : "the kept archive"
    return Fetched(entry: entry, tookFrom: "\(origin) \(archive.fileName)")
  }

  /// Imports an archive and keeps its commit under the release's ref, if it is the locked one.
  private func take(
    _ archive: ReceivedArchive, title: String, _ stack: StackName, _ locked: UpstreamLock.Entry?,
    _ progress: @Sendable (FetchProgress) -> Void
  ) async throws -> ImportedTree {
    let tree = try await onOwnThread { [limits] in
      do {
        return try ArchiveTree(surveyArchive(archive.content, limits: limits))
      } catch let error as ArchiveProblem {
        throw refusal(archive, error.description)
      }
    }
    progress(.importing(files: tree.files.count))
    return try await turns.inTurn(stack.project) {
      let path = try makeRepository(project: stack.project)
      let imported = try await onOwnThread {
        try namingRepository(path) {
          try importArchive(
            tree, from: archive.content, title: title, digest: archive.digest, into: path)
        }
      }
      if let locked, locked.commit != imported.commit || locked.tree != imported.tree {
        throw UpstreamError(
          .mismatch,
          "\(archive.fileName) gives commit \(imported.commit), and \(stack) is locked "
            + "to \(locked.commit)",
          hint: "see what changed the lock or the archive's name in kerb.yaml, or run "
            + "fetch --update")
      }
      try keep(imported.commit, for: stack)
      return imported
    }
  }
}

private func check(
  _ archive: ReceivedArchive, against locked: UpstreamLock.Entry
) throws(UpstreamError) {
  guard archive.digest != locked.archiveDigest?.lowercased() else { return }
  throw changedArchive(archive.fileName, digest: archive.digest, locked)
}

private func refusal(_ archive: ReceivedArchive, _ reason: String) -> UpstreamError {
  UpstreamError(
    .mismatch, "the released archive \(archive.fileName) is not taken: \(reason)",
    hint: "take the project from git: --from git")
}

/// Runs work that keeps a core busy beside Swift's own threads, which others need meanwhile.
private func onOwnThread<Result: Sendable>(
  _ work: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async {
      continuation.resume(with: Swift.Result { try work() })
    }
  }
}
