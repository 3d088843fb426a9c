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
    try refuseStopped(set)
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

  /// Applied stacks that nobody has touched, to follow what is written by other means: an undo.
  ///
  /// - Returns: what has to be done once the files are written; it says what stays as it is.
  public static func following(
    _ files: FileSet, in root: String, for caller: Caller
  ) -> () -> [String] {
    guard let now = try? Workspace(containing: root, for: caller),
      let stacks = try? now.followers(of: files, besides: [])
    else { return { [] } }
    return {
      guard let then = try? Workspace(containing: root, for: caller) else { return [] }
      return stacks.compactMap { stack, tip in
        // A stack that does not apply, or cannot be read, has nothing to follow.
        guard let new = try? then.tip(of: stack) else { return nil }
        return try? AppliedBranch(then, stack).follow(from: tip, to: new)
      }
    }
  }

  /// Other stacks that a set changes and that are applied, each with its last commit.
  private func followers(
    of set: FileSet, besides stacks: [OpenStack]
  ) throws -> [(StackName, ObjectID)] {
    let changed = Set(set.paths.map(\.description))
    let projects = stacks.isEmpty ? configuration.projects.map(\.name) : stacks.map(\.name.project)
    var found: [(StackName, ObjectID)] = []
    for release in configuration.releases {
      for project in Set(projects).sorted() {
        let stack = StackName(release, project)
        guard !stacks.contains(where: { $0.name == stack }) else { continue }
        let files = try series(release).entries(of: project).map(Self.path)
        let isChanged =
          changed.contains("series/\(release)") || files.contains(where: changed.contains)
        guard isChanged, let upstream = lock[stack], try store.has(upstream) else { continue }
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
