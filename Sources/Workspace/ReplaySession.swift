import Dispatch
import Git
import PatchEngine
import Patches
import Synchronization

/// What a replay makes besides its verdicts.
public enum Recording: Sendable {
  /// Nothing: no content is hashed.
  case nothing
  /// The name of the resulting tree; no object is stored.
  case names
  /// Objects in a pack.
  case objects(PackWriter)
}

/// Replays stacks on the trees of one repository, with all cores.
///
/// A class, because it keeps open repositories from one replay to the next: each is lent to one
/// thread at a time.
public final class ReplaySession: Sendable {
  public let repositoryPath: String
  private let lenders: [String]
  private let idle = Mutex<[Worker]>([])
  private let lendsStored: Bool
  private let limit: Int

  /// One thread's handle. A class, because arrays hold only what can be copied; unchecked, because
  /// the list that it is taken from hands it to one thread only.
  private final class Worker: @unchecked Sendable {
    var tree: GitTree

    init(repository: String, lenders: [String], lendsStored: Bool) throws {
      let opened = try Repository(opening: repository)
      for lender in lenders { try opened.borrowObjects(of: lender) }
      self.tree = GitTree(
        repository: opened, root: .zero, base: nil, lendsStored: lendsStored)
    }
  }

  private func worker(on root: ObjectID, base: ObjectID?) throws -> Worker {
    let worker =
      try idle.withLock { $0.popLast() }
      ?? Worker(
        repository: repositoryPath, lenders: lenders, lendsStored: lendsStored)
    worker.tree.root = root
    worker.tree.base = base
    return worker
  }

  /// - Parameters:
  ///   - lenders: other repositories whose objects are read too.
  ///   - lendsStored: false to merge with no content that only other trees have: the verdict is then the
  ///     same whatever was fetched.
  ///   - workers: the most threads; by default one for each core.
  public init(
    repository: String, lenders: [String] = [], lendsStored: Bool = true, workers: Int = coreCount
  ) {
    self.lendsStored = lendsStored
    self.repositoryPath = repository
    self.lenders = lenders
    self.limit = workers
  }

  /// What a replay came to.
  public struct Result: Sendable {
    public let steps: [Step]
    /// The tree's edits in the order of the stack, removals of a patch before what it adds.
    public let edits: [TreeEdit]

    public var outcome: Outcome { .worst(steps.map(\.outcome)) }
    public var isApplied: Bool { steps.allSatisfy(\.outcome.isApplied) }
  }

  /// Replays a stack on a tree.
  ///
  /// - Parameters:
  ///   - base: the tree that the stack was made on: what does not fit in place is merged.
  ///   - bases: the tree that each patch was made on, where that is another for each.
  ///   - resolvers: what may end conflicts.
  ///   - progress: called from any thread with the number of file changes that are through and of
  ///     all.
  /// - Throws: `GitError` where the repository cannot be read or written.
  public func replay(
    _ stack: [Patch], onto root: ObjectID, base: ObjectID? = nil, bases: [ObjectID?]? = nil,
    resolvers: Resolvers = Resolvers(), staleWords: StaleWordCheck = .nowhere, recording: Recording,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws -> Result {
    let means = ReplayMeans(
      primitives: .git,
      relocations: try findRelocations(
        stack, root, bases ?? Array(repeating: base, count: stack.count)),
      resolvers: resolvers, staleWords: staleWords)
    let plan = Plan(stack, means.relocations)
    let total = plan.groups.reduce(0) { $0 + $1.count }
    let work = Mutex(Work(groups: plan.groups.count))
    let threads = total < 64 ? 1 : max(1, min(limit, plan.groups.count))
    let body: @Sendable (Int) -> Void = { _ in
      do {
        let worker = try self.worker(on: root, base: base)
        defer { self.idle.withLock { $0.append(worker) } }
        var recorder = ObjectRecorder(pack: recording.pack)
        while let index = work.withLock({ $0.next() }) {
          let group = plan.groups[index]
          let result =
            switch recording {
            case .nothing: try Self.dryRun(group, stack, worker.tree, means)
            case .names, .objects:
              try PatchEngine.replay(
                group, of: stack, onto: worker.tree, using: means, into: &recorder)
            }
          let done = work.withLock { $0.finish(index, result, size: group.count) }
          progress(done, total)
        }
      } catch {
        work.withLock { $0.failure = $0.failure ?? error }
      }
    }
    if threads == 1 {
      body(0)
    } else {
      DispatchQueue.concurrentPerform(iterations: threads, execute: body)
    }
    return try work.withLock { try $0.result(plan, patches: stack.count) }
  }

  private func findRelocations(
    _ stack: [Patch], _ root: ObjectID, _ bases: [ObjectID?]
  ) throws -> Relocations {
    guard bases.contains(where: { $0 != nil }) else { return Relocations() }
    let worker = try worker(on: root, base: nil)
    defer { idle.withLock { $0.append(worker) } }
    return try relocations(of: stack, onto: root, bases: bases, in: worker.tree.repository)
  }

  private static func dryRun(
    _ group: Plan.Group, _ stack: [Patch], _ tree: borrowing GitTree, _ means: ReplayMeans
  ) throws -> GroupReplay {
    var recorder = NoRecorder()
    return try PatchEngine.replay(group, of: stack, onto: tree, using: means, into: &recorder)
  }

  /// What the threads share.
  private struct Work {
    var results: [GroupReplay?]
    var taken = 0
    var done = 0
    var failure: (any Error)?

    init(groups: Int) {
      results = Array(repeating: nil, count: groups)
    }

    mutating func next() -> Int? {
      guard failure == nil, taken < results.count else { return nil }
      taken += 1
      return taken - 1
    }

    mutating func finish(_ index: Int, _ result: GroupReplay, size: Int) -> Int {
      results[index] = result
      done += size
      return done
    }

    func result(_ plan: Plan, patches: Int) throws -> ReplaySession.Result {
      if let failure { throw failure }
      let groups = zip(plan.groups, results).map { ($0, $1!.results) }
      let edits = results.flatMap { $0!.edits }.enumerated().sorted {
        ($0.element.patch, $0.element.entry == nil ? 0 : 1, $0.offset)
          < ($1.element.patch, $1.element.entry == nil ? 0 : 1, $1.offset)
      }
      return ReplaySession.Result(
        steps: PatchEngine.steps(groups, patches: patches), edits: edits.map(\.element))
    }
  }
}

extension Recording {
  fileprivate var pack: PackWriter? {
    if case .objects(let pack) = self { pack } else { nil }
  }
}
