import Patches

/// An entry of the tree as the stack leaves it: nil for a path that goes.
public struct TreeEdit: Sendable {
  /// The patch, counted from 0.
  public let patch: Int
  public let path: RepoPath
  /// The new entry; its name is nil where nothing was recorded.
  public let entry: (rawMode: UInt32, id: ObjectID?)?

  public init(patch: Int, path: RepoPath, entry: (rawMode: UInt32, id: ObjectID?)?) {
    self.patch = patch
    self.path = path
    self.entry = entry
  }
}

/// What replaying one group came to.
public struct GroupReplay: Sendable {
  /// A result for each change, in the order of the group.
  public let results: [PathResult]
  /// The tree's edits, in the order of the stack.
  public let edits: [TreeEdit]
}

/// Replays one group of a plan: every change in order, each against what the changes before it
/// left. It never stops early: a conflict blocks only the later changes of the same file.
///
/// - Parameters:
///   - tree: the tree that the stack is put on.
///   - means: what the world lends, renames of upstream's, resolvers.
///   - recorder: takes every version of every file.
/// - Throws: what `tree` and `recorder` throw; a patch that does not apply is a result.
public func replay(
  _ group: Plan.Group, of stack: [Patch], onto tree: borrowing some TreeSource & ~Copyable,
  using means: ReplayMeans, into recorder: inout some VersionRecorder & ~Copyable
) throws -> GroupReplay {
  var state = VirtualTree()
  var bases = BaseTexts()
  var results: [PathResult] = []
  var edits: [TreeEdit] = []
  var start = 0
  while start < group.count {
    let number = group[start].patch
    var end = start + 1
    while end < group.count, group[end].patch == number { end += 1 }
    var round = PatchRound(number: number, means: means)
    for change in group[start..<end] {
      try round.take(
        stack[number].files[change.section], &state, bases: &bases, tree, &recorder)
    }
    try round.settle(&state, tree)
    results += round.results
    edits += round.edits
    start = end
  }
  return GroupReplay(results: results, edits: edits)
}

/// The results of all groups in the order of the stack.
///
/// - Parameter groups: each group of the plan with its results.
/// - Returns: one step a patch.
public func steps(_ groups: [(Plan.Group, [PathResult])], patches: Int) -> [Step] {
  var paths = [[(section: Int, result: PathResult)]](repeating: [], count: patches)
  for (group, results) in groups {
    for (change, result) in zip(group, results) {
      paths[change.patch].append((change.section, result))
    }
  }
  return paths.enumerated().map { index, found in
    Step(patch: index, paths: found.sorted { $0.section < $1.section }.map(\.result))
  }
}
