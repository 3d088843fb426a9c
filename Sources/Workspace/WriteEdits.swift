import Git
import Journal
import PatchEngine
import Patches

extension Workspace {
  /// Writes edited stacks as one set, and lets applied branches follow.
  ///
  /// - Parameters:
  ///   - dryRun: true to write nothing and to say what would be.
  ///   - isApart: true to let no other release have the new texts.
  ///   - settle: given the last commit of each of the stacks, once the set is written; by default the
  ///     branches follow.
  /// - Throws: as `AuthoringWrites.plan`.
  func write(
    _ stacks: [OpenStack], _ held: borrowing HeldJournal, dryRun: Bool, apart isApart: Bool = false,
    settle: (([ObjectID]) throws -> Void)? = nil
  ) throws -> AuthoringResult {
    var (set, result) = try AuthoringWrites.plan(for: stacks, in: self, apart: isApart)
    guard !dryRun else { return result }
    let others = try followers(of: set, besides: stacks)
    try write(set, held)
    let now = try Workspace(containing: root, for: caller)
    let tips = try stacks.map { try now.tip(of: $0.name) }
    if let settle {
      try settle(tips)
    } else {
      for (open, tip) in zip(stacks, tips) {
        let branch = AppliedBranch(self, open.name)
        if let note = try branch.follow(from: open.tip, to: tip) { result.notes.append(note) }
      }
    }
    for (stack, tip) in others {
      let branch = AppliedBranch(self, stack)
      if let note = try branch.follow(from: tip, to: now.tip(of: stack)) {
        result.notes.append(note)
      }
    }
    return result
  }

  /// Other stacks that a set changes and that are applied, each with its last commit.
  private func followers(
    of set: FileSet, besides stacks: [OpenStack]
  ) throws -> [(StackName, ObjectID)] {
    let changed = Set(set.paths.map(\.description))
    var found: [(StackName, ObjectID)] = []
    for release in configuration.releases {
      for project in Set(stacks.map(\.name.project)).sorted() {
        let stack = StackName(release, project)
        guard !stacks.contains(where: { $0.name == stack }) else { continue }
        let files = try series(release).entries(of: project).map(Self.path)
        guard files.contains(where: changed.contains), lock[stack] != nil else { continue }
        let repository = try Repository(opening: store.repositoryPath(project: project))
        guard try repository.reference("refs/kerb/applied/kerb/\(release)") != nil else { continue }
        // One that did not apply before has nothing to follow.
        if let tip = try? tip(of: stack) { found.append((stack, tip)) }
      }
    }
    return found
  }

  /// The last commit of a stack, which is stored.
  private func tip(of stack: StackName) throws -> ObjectID {
    var files = PatchCache(root: root)
    return try open(stack, &files).tip
  }
}
