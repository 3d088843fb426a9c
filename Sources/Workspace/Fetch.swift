import Foundation
import Journal
import Patches
import Upstream

/// What fetching one stack's tree came to.
public struct FetchReport: Sendable {
  public let stack: StackName
  public let result: Result<Fetched, UpstreamError>
}

extension Workspace {
  /// The stacks among these that have patches; the lock of the others is left alone.
  ///
  /// - Throws: `Diagnostics` for a broken series file.
  public func withPatches(_ stacks: [StackName]) throws(Diagnostics) -> [StackName] {
    var kept: [StackName] = []
    for stack in stacks {
      let hasPatches = !(try series(stack.release).entries(of: stack.project).isEmpty)
      if hasPatches { kept.append(stack) }
    }
    return kept
  }

  /// Brings the trees of stacks into `.kerb/`, a few at once, and writes the lock where it moved.
  ///
  /// - Parameters:
  ///   - update: true to move the lock to the newest tree of each release.
  ///   - progress: called from any thread.
  /// - Returns: a report for each stack, in the order given. One that fails does not stop the
  ///   others.
  /// - Throws: where the lock cannot be written.
  public func fetch(
    _ stacks: [StackName], update: Bool, from choice: Choice,
    progress: @escaping @Sendable (StackName, FetchProgress) -> Void
  ) async throws -> [FetchReport] {
    let store = store
    let reports = await withTaskGroup(of: FetchReport.self) { group in
      var waiting = stacks[...]
      var reports: [StackName: FetchReport] = [:]
      for stack in waiting.prefix(Self.parallelFetches) { start(stack) }
      waiting = waiting.dropFirst(Self.parallelFetches)
      func start(_ stack: StackName) {
        group.addTask {
          await fetch(stack, in: store, update: update, from: choice, progress: progress)
        }
      }
      for await report in group {
        reports[report.stack] = report
        if let next = waiting.popFirst() { start(next) }
      }
      return stacks.compactMap { reports[$0] }
    }
    try writeLock(reports)
    return reports
  }

  private static let parallelFetches = 4

  private func fetch(
    _ stack: StackName, in store: UpstreamStore, update: Bool, from choice: Choice,
    progress: @escaping @Sendable (StackName, FetchProgress) -> Void
  ) async -> FetchReport {
    guard let project = configuration.project(stack.project) else {
      preconditionFailure("a stack's project is in the configuration")
    }
    do {
      let fetched = try await store.fetch(
        project, release: stack.release, locked: lock[stack], update: update, from: choice
      ) { progress(stack, $0) }
      return FetchReport(stack: stack, result: .success(fetched))
    } catch let error as UpstreamError {
      return FetchReport(stack: stack, result: .failure(error))
    } catch {
      let failure = UpstreamError(.environment, "\(error)", hint: "try again")
      return FetchReport(stack: stack, result: .failure(failure))
    }
  }

  /// Writes what was fetched into the lock as it is now: another process may have moved other stacks
  /// since this one read it.
  private func writeLock(_ reports: [FetchReport]) throws {
    let entries = reports.compactMap { try? $0.result.get().entry }
    guard entries.contains(where: { lock[$0.stack] != $0 }) else { return }
    let name = try RepoPath(Self.lockName)
    try journal.hold(for: caller.words, notice: caller.notice) { held in
      let now = try Workspace(in: journal, for: caller)
      var moved = now.lock
      for entry in entries { moved[entry.stack] = entry }
      try now.write(FileSet([name: moved.formatted]), held)
    }
  }

  /// What a person should know about the locked versions of these releases.
  ///
  /// - Returns: a sentence each, where kolla and kolla-ansible are of different releases.
  public func skews(_ stacks: [StackName]) -> [String] {
    Set(stacks.map(\.release)).sorted().compactMap { release in
      var versions: [String: String] = [:]
      for (stack, entry) in lock.entries where stack.release == release {
        if case .sdist(let version) = entry.source { versions[stack.project] = version }
      }
      return releaseSkew(versions).map { "\(release): \($0)" }
    }
  }
}
