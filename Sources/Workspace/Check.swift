import Foundation
import Git
import PatchEngine
import Patches
import Upstream

/// A stack that is read and can be replayed.
struct LoadedStack {
  let name: StackName
  let upstream: UpstreamLock.Entry
  let entries: [Series.Entry]
  let patches: [Patch]

  var files: [String] { entries.map(Workspace.path) }
  /// The names of the patches' contents as blobs.
  var digests: [String] { get throws { try patches.map { "\(try objectID(.blob, $0.bytes))" } } }
}

/// How far a run over several stacks is.
public struct RunProgress: Sendable {
  public let stack: StackName
  /// File changes that are through, and all of them.
  public let done: Int
  public let total: Int
}

extension Workspace {
  /// Applies stacks in memory and tries every patch; writes nothing.
  ///
  /// - Parameter progress: called from any thread.
  /// - Returns: a verdict for each stack, in the order given.
  /// - Throws: `GitError` where a repository cannot be read.
  public func check(
    _ stacks: [StackName], progress: @escaping @Sendable (RunProgress) -> Void = { _ in }
  ) throws -> [StackVerdict] {
    var sessions: [String: ReplaySession] = [:]
    var run = CounterRun(self)
    return try stacks.map { stack in
      switch load(stack, &run.files) {
      case .verdict(let verdict): return verdict
      case .stack(let loaded):
        let session =
          sessions[stack.project]
          ?? ReplaySession(repository: store.repositoryPath(project: stack.project))
        sessions[stack.project] = session
        return try verdict(loaded, session, &run, progress)
      }
    }
  }

  private func verdict(
    _ loaded: LoadedStack, _ session: ReplaySession, _ run: inout CounterRun,
    _ progress: @escaping @Sendable (RunProgress) -> Void
  ) throws -> StackVerdict {
    let name = loaded.name
    let result = try session.replay(
      loaded.patches, onto: loaded.upstream.tree, recording: .nothing
    ) { progress(RunProgress(stack: name, done: $0, total: $1)) }
    var verdict = try verdict(loaded, steps: result.steps)
    try addClaims(
      to: &verdict, of: loaded, on: try target(for: loaded.upstream, TargetChoice()), &run)
    return verdict
  }

  /// Adds what the API microversions say of a stack on a tree.
  func addClaims(
    to verdict: inout StackVerdict, of loaded: LoadedStack, on target: UpstreamTarget,
    _ run: inout CounterRun
  ) throws {
    let counters = try counters(of: loaded, on: target, [microversion], &run)
    verdict.claims = counters.findings
    verdict.claimed = counters.claimed
  }

  /// The verdict of a stack that was replayed on its locked tree.
  ///
  /// - Throws: `GitError` where the repository cannot be read.
  func verdict(_ loaded: LoadedStack, steps: [Step]) throws -> StackVerdict {
    let path = store.repositoryPath(project: loaded.name.project)
    return try verdict(
      loaded, steps: steps, on: loaded.upstream.tree, in: try Repository(opening: path))
  }

  /// The verdict of a stack that was replayed on a tree of the repository.
  ///
  /// - Throws: `GitError` where the repository cannot be read.
  func verdict(
    _ loaded: LoadedStack, steps: [Step], on tree: ObjectID, in repository: borrowing Repository
  ) throws -> StackVerdict {
    let collisions = try caseCollisions(loaded.patches, on: tree, in: repository)
    return StackVerdict(
      loaded.name, .tried, upstream: loaded.upstream, patches: loaded.files,
      subjects: loaded.patches.map(\.header.subject), steps: steps,
      diagnostics: loaded.patches.flatMap(\.warnings) + collisions,
      notes: (try? series(loaded.name.release))?.notes(on: loaded.name.project) ?? [])
  }

  /// A stack that can be replayed, or the verdict that says why not.
  enum Loading {
    case stack(LoadedStack)
    case verdict(StackVerdict)
  }

  /// Reads a stack's series and patches, and finds its locked tree.
  func load(_ stack: StackName, _ files: inout PatchCache) -> Loading {
    let upstream = lock[stack]
    do throws(Diagnostics) {
      let series = try series(stack.release)
      let entries = series.entries(of: stack.project)
      let notes = series.notes(on: stack.project)
      guard !entries.isEmpty else {
        return .verdict(StackVerdict(stack, .empty, upstream: upstream, notes: notes))
      }
      let patches = try files.patches(entries, in: series.file)
      guard let upstream else {
        return .verdict(
          StackVerdict(
            stack, .notLocked, upstream: nil, patches: entries.map(Workspace.path),
            subjects: patches.map(\.header.subject), notes: notes))
      }
      guard (try? store.has(upstream)) == true else {
        return .verdict(
          StackVerdict(
            stack, .notFetched, upstream: upstream, patches: entries.map(Workspace.path),
            subjects: patches.map(\.header.subject), notes: notes))
      }
      return .stack(
        LoadedStack(name: stack, upstream: upstream, entries: entries, patches: patches))
    } catch {
      return .verdict(
        StackVerdict(stack, .malformed, upstream: upstream, diagnostics: error.all))
    }
  }
}

/// The patch files of a run, each read and parsed once however many releases share it.
struct PatchCache {
  private let files: WorkspaceFiles
  private var read: [String: Swift.Result<Patch, Diagnostics>] = [:]

  init(_ files: WorkspaceFiles) {
    self.files = files
  }

  /// The patches of a stack.
  ///
  /// - Parameter series: the series file's name; a missing patch is reported on its line there.
  /// - Throws: the mistakes in all of them.
  mutating func patches(
    _ entries: [Series.Entry], in series: String
  ) throws(Diagnostics) -> [Patch] {
    let missing = entries.filter { read[$0.path] == nil }
    let results = files.patches(missing.map(Workspace.path))
    for (entry, result) in zip(missing, results) { read[entry.path] = result }
    var problems: [Diagnostic] = []
    var patches: [Patch] = []
    for entry in entries {
      switch read[entry.path]! {
      case .success(let patch): patches.append(patch)
      case .failure(let diagnostics):
        problems += diagnostics.all.map { diagnostic in
          guard diagnostic.rule == "file-read" || diagnostic.rule == "file-type" else {
            return diagnostic
          }
          return Diagnostic(
            Location(series, line: entry.line),
            "\(diagnostic.location.file): \(diagnostic.message)", rule: diagnostic.rule)
        }
      }
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
    return patches
  }
}
