import Foundation
import Git
import PatchEngine
import Patches

/// What `bisect` is asked.
public struct BisectQuestion: Sendable {
  /// A revision on which the stack applies, and a later one on which it does not.
  public let good: String
  public let bad: String
  /// True where a merge does not count as applying.
  public var isExact = false

  public init(good: String, bad: String) {
    self.good = good
    self.bad = bad
  }
}

/// What `bisect` found.
public struct BisectReport: Sendable {
  public enum State: String, Sendable {
    case found
    /// The answers that the search starts from are wrong: there is nothing to look for.
    case goodIsBad = "good_is_bad"
    case badIsGood = "bad_is_good"
    /// The stack is broken already where the histories of the two revisions part.
    case forkIsBad = "fork_is_bad"
  }

  /// A commit that was tried, with a step for each patch that counts.
  public struct Probe: Sendable {
    public let revision: String
    public let commit: ObjectID
    public let steps: [Step]
  }

  public fileprivate(set) var state: State
  /// The patches' names.
  public let names: [String]
  public let good: Probe
  public let bad: Probe
  /// Where the histories part, if `good` is not on the first-parent history of `bad`.
  public let fork: Probe?
  /// The first commit on which the stack breaks.
  public fileprivate(set) var firstBad: Probe?
  /// That commit, and those that it merged.
  public fileprivate(set) var commit: Commit?
  public fileprivate(set) var merged: [Commit] = []
  /// How many commits were tried by halves, the ends not counted, and how many were to choose from.
  public fileprivate(set) var probes = 0
  public let candidates: Int
  let isExact: Bool

  /// The patches that break at a probe.
  public func broken(_ probe: Probe) -> [Step] {
    probe.steps.filter { $0.breaks(exact: isExact) }
  }
}

/// What a question is about is not in the repository.
public struct MissingHistory: Error, CustomStringConvertible {
  /// The revision that is unknown; nil where both are there and what lies between is not.
  public let revision: String?
  public let description: String
}

/// Looks for the first commit on which patches stop applying, in memory.
public struct Bisector {
  private let session: ReplaySession
  private let names: [String]
  private let patches: [Patch]
  private let base: ObjectID?
  private let counted: Range<Int>

  /// - Parameters:
  ///   - repository: the path of a repository with the history, bare or not.
  ///   - files: patch files of the user's in the order of the stack.
  ///   - base: the tree that the stack was made on, used where the repository has it.
  ///   - onlyLast: true where the last patch alone counts, on what the others leave.
  /// - Throws: `Diagnostics` for the mistakes in patches, `GitError` where there is no repository.
  public init(
    repository: String, files: [String], base: ObjectID? = nil, onlyLast: Bool = false
  ) throws {
    try self.init(
      repository: repository, patches: allPatches(readPatches(files)), base: base,
      onlyLast: onlyLast)
  }

  init(
    repository: String, patches: [Patch], base: ObjectID? = nil, onlyLast: Bool = false
  ) throws {
    self.names = patches.map(\.name)
    self.patches = patches
    let opened = try Repository(opening: repository)
    let isThere = base.map { opened.contains($0) } ?? false
    self.session = ReplaySession(repository: opened.gitDirectory)
    self.base = isThere ? base : nil
    self.counted = onlyLast ? patches.count - 1..<patches.count : 0..<patches.count
  }

  /// Answers the question by probes at the ends and, by halves, on the first-parent history between.
  ///
  /// - Parameter progress: called before each probe with the number of commits that are still to
  ///   choose from, and of the probes that this takes at most.
  /// - Throws: `MissingHistory` where the repository does not have the revisions or what lies
  ///   between, `UsageError` for revisions in the wrong order, `GitError`.
  public func run(
    _ question: BisectQuestion, progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> BisectReport {
    let repository = try Repository(opening: session.repositoryPath)
    let good = try resolve(question.good, repository)
    let bad = try resolve(question.bad, repository)
    let history = try history(question, good, bad, repository)
    var search = Bisection(count: history.commits.count)
    progress(history.commits.count, search.probesLeft)
    let goodTree = try repository.commit(good).tree
    // What does not fit in place is merged with the tree that the stack was made on, or is known to
    // apply to.
    let base = question.isExact ? nil : base ?? goodTree
    func isBad(_ probe: BisectReport.Probe) -> Bool {
      probe.steps.contains { $0.breaks(exact: question.isExact) }
    }
    let goodProbe = try probe(good, question.good, base, repository)
    let badProbe = try probe(bad, question.bad, base, repository)
    var fork: BisectReport.Probe?
    if let start = history.start, start != good {
      fork = try probe(start, "\(start)", base, repository)
    }
    var report = BisectReport(
      state: .found, names: names, good: goodProbe, bad: badProbe, fork: fork,
      candidates: history.commits.count, isExact: question.isExact)
    if isBad(report.good) { report.state = .goodIsBad }
    if !isBad(report.bad) { report.state = .badIsGood }
    if let fork = report.fork, !isBad(report.good), isBad(fork) { report.state = .forkIsBad }
    guard report.state == .found else { return report }
    var found = report.bad
    while let next = search.next {
      progress(search.candidates.count, search.probesLeft)
      let commit = history.commits[next]
      let tried = try probe(commit, "\(commit)", base, repository)
      if isBad(tried) { found = tried }
      search.note(isBad: isBad(tried))
    }
    let commit = try repository.commit(found.commit)
    report.firstBad = found
    report.commit = commit
    for parent in commit.parents.dropFirst() { report.merged.append(try repository.commit(parent)) }
    report.probes += search.probes
    return report
  }

  private func probe(
    _ commit: ObjectID, _ revision: String, _ base: ObjectID?, _ repository: borrowing Repository
  ) throws -> BisectReport.Probe {
    let tree = try repository.commit(commit).tree
    let result = try session.replay(patches, onto: tree, base: base, recording: .nothing)
    return BisectReport.Probe(
      revision: revision, commit: commit, steps: Array(result.steps[counted]))
  }

  private func resolve(
    _ revision: String, _ repository: borrowing Repository
  ) throws -> ObjectID {
    do {
      return try repository.resolve(revision)
    } catch {
      guard error.isNotFound else { throw error }
      throw MissingHistory(
        revision: revision,
        description: "there is no commit '\(revision)' in \(session.repositoryPath)")
    }
  }

  private func history(
    _ question: BisectQuestion, _ good: ObjectID, _ bad: ObjectID,
    _ repository: borrowing Repository
  ) throws -> FirstParents {
    let history: FirstParents
    do {
      history = try repository.firstParents(of: bad, since: good)
    } catch {
      guard error.isNotFound else { throw error }
      throw MissingHistory(
        revision: nil,
        description: "the history between \(question.good) and \(question.bad) is not all in "
          + "\(session.repositoryPath), which is a shallow clone or has lost objects")
    }
    guard !history.commits.isEmpty else {
      throw UsageError(
        good == bad
          ? "\(question.good) and \(question.bad) are the same commit"
          : "\(question.bad) is part of the history of \(question.good); --good is the older one")
    }
    guard history.start != nil else {
      throw UsageError("\(question.good) and \(question.bad) have no history in common")
    }
    return history
  }
}

extension Workspace {
  /// A search over a stack of the workspace.
  ///
  /// - Parameters:
  ///   - repository: a clone with history; by default the project's repository under `.kerb/`.
  ///   - patch: the name of the one patch that counts, on what the patches before it leave.
  /// - Throws: `UsageError` for an empty stack or an unknown patch, `Diagnostics`, `GitError`.
  public func bisector(
    of stack: StackName, repository: String, patch: String?
  ) throws -> Bisector {
    var entries = try series(stack.release).entries(of: stack.project)
    guard !entries.isEmpty else { throw UsageError("\(stack) has no patches") }
    if let patch { entries = Array(entries[...(try places(ofPatches: [patch], in: stack)[0])]) }
    return try Bisector(
      repository: repository,
      patches: allPatches(files.patches(entries.map(Self.path))),
      base: lock[stack]?.tree, onlyLast: patch != nil)
  }

  /// The project's repository under `.kerb/`, which has single commits and no history; nil where
  /// nothing was fetched.
  public func fetchedRepository(of project: String) -> String? {
    let path = store.repositoryPath(project: project)
    return FileManager.default.fileExists(atPath: path + "/HEAD") ? path : nil
  }
}
