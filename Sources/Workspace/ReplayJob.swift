import Foundation
import Git
import PatchEngine
import Patches

/// A replay that needs no workspace: patch files or commits on a revision of any repository.
public struct ReplayJob: Sendable {
  public enum Source: Sendable {
    /// Patch files by path.
    case patches([String])
    /// Commits by revision, each against its first parent.
    case commits([String])
  }

  /// The revision to replay on: a commit, or a tree where no commits are made.
  public var onto: String
  /// The tree that the patches were made on.
  public var base: String?
  public var source: Source
  /// What may end conflicts; nothing by default.
  public var resolvers: Resolvers
  /// Earlier ports of the one commit that is replayed, the nearest first.
  public var siblings: [String] = []
  var staleWords = StaleWordCheck.nowhere

  public init(
    onto: String, base: String? = nil, source: Source, resolvers: Resolvers = Resolvers()
  ) {
    self.onto = onto
    self.base = base
    self.source = source
    self.resolvers = resolvers
  }
}

/// What a job came to.
public struct ReplayReport: Sendable {
  /// The names of the patches, as files or commits.
  public let names: [String]
  /// The patches that could be read, nil for those that could not.
  public let patches: [Result<Patch, Diagnostics>]
  /// A step for each patch where all could be read.
  public let steps: [Step]
  /// The tree with everything that replayed; nil in a dry run.
  public let tree: ObjectID?
  /// The last commit; nil where none were made.
  public let commit: ObjectID?
  /// The tree's edits in the order of the stack.
  public var edits: [TreeEdit] = []
  /// What a reader should know about the patches though it is no mistake.
  public let warnings: [Diagnostic]

  /// True where every patch could be read and applies.
  public var isApplied: Bool {
    steps.count == patches.count && steps.allSatisfy(\.outcome.isApplied)
  }

  /// The mistakes in patches that could not be read.
  public var diagnostics: [Diagnostic] {
    patches.flatMap { result -> [Diagnostic] in
      if case .failure(let diagnostics) = result { diagnostics.all } else { [] }
    }
  }
}

/// What a job leaves behind.
public enum ReplayEffect: Sendable {
  /// Verdicts only.
  case verdicts
  /// Verdicts and the name of the tree; no object is written.
  case treeName
  /// Objects, one commit a patch, and the ref, which must have its present value until the end.
  case ref(String)
}

/// Replays jobs on one repository.
public struct Replayer: Sendable {
  private let session: ReplaySession

  var repositoryPath: String { session.repositoryPath }

  /// - Parameter repository: the path of a repository, bare or not.
  public init(repository: String) throws {
    let opened = try Repository(opening: repository)
    session = ReplaySession(repository: opened.gitDirectory)
  }

  /// Runs a job. A patch that cannot be read makes the job end before anything is replayed.
  ///
  /// - Throws: `GitError` for an unknown revision or where the repository cannot be written.
  public func run(
    _ job: ReplayJob, effect: ReplayEffect,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws -> ReplayReport {
    let repository = try Repository(opening: session.repositoryPath)
    let root = try repository.tree(of: job.onto)
    let (names, read, parents) = try patches(job.source, repository)
    let patches = read.compactMap { try? $0.get() }
    guard patches.count == read.count else {
      return ReplayReport(
        names: names, patches: read, steps: [], tree: nil, commit: nil, warnings: [])
    }
    let base = try job.base.map { try repository.tree(of: $0) }
    let bases = base == nil ? parents : nil
    var report: (steps: [Step], tree: ObjectID?, commit: ObjectID?)
    var edits: [TreeEdit] = []
    switch effect {
    case .verdicts:
      let result = try session.replay(
        patches, onto: root, base: base, bases: bases, resolvers: job.resolvers,
        staleWords: job.staleWords, recording: .nothing, progress: progress)
      report = (result.steps, nil, nil)
    case .treeName:
      let result = try session.replay(
        patches, onto: root, base: base, bases: bases, resolvers: job.resolvers,
        staleWords: job.staleWords, recording: .names, progress: progress)
      var chain = try CommitChain(repository: session.repositoryPath, root: root, pack: nil)
      report = (result.steps, try chain.tree(after: result.edits), nil)
      edits = result.edits
    case .ref(let name):
      report = try commit(patches, job, base, bases, repository, ref: name, progress)
    }
    let collisions = try caseCollisions(patches, on: root, in: repository)
    return ReplayReport(
      names: names, patches: read, steps: report.steps, tree: report.tree, commit: report.commit,
      edits: edits, warnings: patches.flatMap(\.warnings) + collisions)
  }

  /// Runs a job of one commit; where it does not apply, its earlier ports are tried in its place,
  /// first as they are and then with the other resolvers.
  ///
  /// - Throws: as `run`.
  public func runTryingSiblings(_ job: ReplayJob, effect: ReplayEffect) throws -> ReplayReport {
    var plain = job
    plain.resolvers = Resolvers()
    let report = try run(plain, effect: effect)
    guard !report.isApplied, report.diagnostics.isEmpty, !job.resolvers.enabled.isEmpty else {
      return report
    }
    let siblings = job.resolvers.enabled.contains(.sibling) ? job.siblings : []
    if let found = try sibling(of: plain, siblings, effect) { return found }
    let resolved = try run(job, effect: effect)
    if resolved.isApplied { return resolved }
    return try sibling(of: job, siblings, effect) ?? resolved
  }

  private func sibling(
    of job: ReplayJob, _ siblings: [String], _ effect: ReplayEffect
  ) throws -> ReplayReport? {
    for sibling in siblings {
      var other = job
      other.source = .commits([sibling])
      other.staleWords = .everywhere
      let report = try run(other, effect: effect)
      guard report.isApplied, !report.steps.contains(where: \.isStale) else { continue }
      return ReplayReport(
        names: report.names, patches: report.patches,
        steps: report.steps.map { $0.resolved(by: .sibling, as: $0.patch) }, tree: report.tree,
        commit: report.commit, edits: report.edits, warnings: report.warnings)
    }
    return nil
  }

  private func commit(
    _ patches: [Patch], _ job: ReplayJob, _ base: ObjectID?, _ bases: [ObjectID?]?,
    _ repository: borrowing Repository, ref: String,
    _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws -> (steps: [Step], tree: ObjectID?, commit: ObjectID?) {
    let parent = try repository.resolve(job.onto)
    let below = try repository.commit(parent)
    guard !repository.isCheckedOut(ref) else {
      throw UsageError("\(ref) is checked out in a work tree, which would no longer match it")
    }
    let expected = try repository.reference(ref)
    let pack = try PackWriter(objectsDirectory: repository.objectsDirectory)
    let result = try session.replay(
      patches, onto: below.tree, base: base, bases: bases, resolvers: job.resolvers,
      staleWords: job.staleWords, recording: .objects(pack), progress: progress)
    guard result.isApplied else { return (result.steps, nil, nil) }
    var chain = try CommitChain(repository: session.repositoryPath, root: below.tree, pack: pack)
    let (commits, tree) = try chain.commits(
      patches, result.edits, on: parent, identity: Identity(below: below))
    let commit = commits.last ?? parent
    _ = try pack.finish()
    try repository.refresh()
    try repository.updateReference(
      ref, to: commit, expecting: expected, message: "kerb replay: \(patches.count) patches")
    return (result.steps, tree, commit)
  }

  private func patches(
    _ source: ReplayJob.Source, _ repository: borrowing Repository
  ) throws -> ([String], [Result<Patch, Diagnostics>], bases: [ObjectID?]?) {
    switch source {
    case .patches(let files):
      return (files, readPatches(files), nil)
    case .commits(let revisions):
      var read: [Result<Patch, Diagnostics>] = []
      var bases: [ObjectID?] = []
      for revision in revisions {
        let id = try repository.resolve(revision)
        let parent = try repository.commit(id).parents.first
        bases.append(try parent.map { try repository.commit($0).tree })
        do {
          read.append(.success(try repository.patch(of: id)))
        } catch let diagnostics as Diagnostics {
          read.append(.failure(diagnostics))
        }
      }
      return (revisions, read, bases)
    }
  }

  /// The commits of `A..B`, oldest first, merges left out.
  ///
  /// - Throws: `GitError` for an unknown revision.
  public func commits(inRange range: String) throws -> [String] {
    let repository = try Repository(opening: session.repositoryPath)
    return try repository.commits(inRange: range).map(\.description)
  }
}
