import Git
import Journal
import PatchEngine
import Patches

/// What became of the applied stacks whose patches were written.
public struct Followed: Sendable {
  /// Why some of them stay as they are.
  public var notes: [String] = []
  /// What the world refused. The patches are written all the same, and the next `refresh` or `apply`
  /// brings the stacks to them.
  public var failures: [String] = []

  public init() {}

  mutating func run(_ body: () throws -> String?) {
    do {
      if let note = try body() { notes.append(note) }
    } catch {
      failures.append("\(error)")
    }
  }
}

extension Workspace {
  /// Writes edited stacks as one set, and lets applied branches follow.
  ///
  /// - Parameters:
  ///   - dryRun: true to write nothing and to say what would be.
  ///   - reach: who may have the new texts besides the stacks.
  ///   - joining: releases whose text is another's to the byte, to be one file with it.
  ///   - settle: given the last commit of each of the stacks, once the set is written; by default the
  ///     branches follow.
  /// - Throws: as `AuthoringWrites.plan`.
  func write(
    _ stacks: [OpenStack], _ held: borrowing HeldJournal, dryRun: Bool,
    reach: AuthoringWrites.Reach = .everyone, joining: [(stack: StackName, name: String)] = [],
    settle: (([ObjectID]) throws -> Void)? = nil
  ) throws -> AuthoringResult {
    var (set, result) = try AuthoringWrites.plan(
      for: stacks, in: self, reach: reach, joining: joining)
    _ = try carryingStops(set)
    guard !dryRun else { return result }
    let others = try followers(of: set, besides: stacks) { throw $1 }
    try write(set, held)
    result.followed = Self.followed { followed in
      let now = try Workspace(in: journal, for: caller)
      let tips = try stacks.map { try now.tip(of: $0.name) }
      if let settle {
        followed.run {
          try settle(tips)
          return nil
        }
      } else {
        for (open, tip) in zip(stacks, tips) {
          followed.run { try AppliedBranch(self, open.name).follow(from: open.tip, to: tip) }
        }
      }
      for (stack, tip) in others {
        followed.run { try AppliedBranch(self, stack).follow(from: tip, to: now.tip(of: stack)) }
      }
    }
    return result
  }

  private static func followed(_ body: (inout Followed) throws -> Void) -> Followed {
    var followed = Followed()
    do { try body(&followed) } catch { followed.failures.append("\(error)") }
    return followed
  }

  /// Applied stacks that nobody has touched, to follow what is written by other means: an undo.
  ///
  /// - Returns: what has to be done once the files are written; it says what stays as it is.
  public static func following(
    _ files: FileSet, in journal: Journal, for caller: Caller
  ) -> () -> Followed {
    var stacks: [(StackName, ObjectID)] = []
    let read = followed { followed in
      // What is broken before has nothing to follow; an undo may be what mends it.
      guard let now = try readable(journal, for: caller) else { return }
      stacks = try now.followers(of: files, besides: []) { release, _ in
        followed.notes.append(
          "series/\(release) cannot be read, so the applied stacks of \(release) stay as they are")
      }
    }
    return {
      var followed = followed { followed in
        guard !stacks.isEmpty, let then = try readable(journal, for: caller) else { return }
        for (stack, tip) in stacks {
          followed.run {
            guard let new = try then.tip(ifApplied: stack) else { return nil }
            return try AppliedBranch(then, stack).follow(from: tip, to: new)
          }
        }
      }
      followed.notes.insert(contentsOf: read.notes, at: 0)
      followed.failures.insert(contentsOf: read.failures, at: 0)
      return followed
    }
  }

  /// Refuses to bring back files from which a run that has stopped could not go on.
  ///
  /// - Throws: `Refusal` by the stack's name.
  public static func refuseStranding(
    _ files: FileSet, in journal: Journal, for caller: Caller
  ) throws {
    // What is broken before has no run that could go on; an undo may be what mends it.
    guard let now = try readable(journal, for: caller) else { return }
    do {
      try now.refuseStranding(files)
    } catch is Diagnostics {}
  }

  private static func readable(_ journal: Journal, for caller: Caller) throws -> Workspace? {
    do {
      return try Workspace(in: journal, for: caller)
    } catch is Diagnostics {
      return nil
    }
  }

  /// Other stacks that a set changes and that are applied, each with its last commit.
  ///
  /// - Parameter broken: given a release whose series has mistakes; unless it throws, the release's
  ///   stacks are left out.
  private func followers(
    of set: FileSet, besides stacks: [OpenStack], broken: (Release, Diagnostics) throws -> Void
  ) throws -> [(StackName, ObjectID)] {
    let changed = Set(set.paths.map(\.description))
    let moved = stacksMoved(by: set)
    let projects = stacks.isEmpty ? configuration.projects.map(\.name) : stacks.map(\.name.project)
    var found: [(StackName, ObjectID)] = []
    for release in configuration.releases {
      let series: Series
      do throws(Diagnostics) {
        series = try self.series(release)
      } catch {
        try broken(release, error)
        continue
      }
      for project in Set(projects).sorted() {
        let stack = StackName(release, project)
        guard !stacks.contains(where: { $0.name == stack }) else { continue }
        let files = series.entries(of: project).map(Self.path)
        let isChanged =
          moved.contains(stack) || changed.contains("series/\(release)")
          || files.contains(where: changed.contains)
        guard isChanged, let upstream = lock[stack], try store.has(upstream) else { continue }
        let repository = try Repository(opening: store.repositoryPath(project: project))
        let record = AppliedRecord(branch: "kerb/\(release)")
        guard try record.commit(in: repository) != nil else { continue }
        if let tip = try tip(ifApplied: stack) { found.append((stack, tip)) }
      }
    }
    return found
  }

  /// The stacks to which a set gives another tree.
  private func stacksMoved(by set: FileSet) -> Set<StackName> {
    guard let name = try? RepoPath(Self.lockName), let bytes = set.contents[name],
      let new = try? UpstreamLock(parsing: bytes ?? [], file: Self.lockName)
    else { return [] }
    let names = Set(lock.entries.keys).union(new.entries.keys)
    return names.filter { lock[$0] != new[$0] }
  }

  /// The same; nil for a stack that does not apply or cannot be read, which has nothing to follow.
  private func tip(ifApplied stack: StackName) throws -> ObjectID? {
    do {
      return try tip(of: stack)
    } catch is Refusal, is UsageError, is Diagnostics {
      return nil
    }
  }

  /// The last commit of a stack, which is stored.
  func tip(of stack: StackName) throws -> ObjectID {
    var files = PatchCache(self.files)
    return try open(stack, &files).tip
  }
}
