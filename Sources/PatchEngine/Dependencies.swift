import Patches

/// Which patches of a stack need which: the order that has to stay. Every order of the stack in which
/// each patch comes after those that it needs gives the same tree; a stack on files whose lines repeat
/// so much that a hunk fits in many places may still have one in which a patch does not apply.
public struct Dependencies: Sendable {
  /// One patch that needs an earlier one, both counted from 0.
  public struct Edge: Hashable, Sendable {
    public let patch: Int
    public let needs: Int
    /// The files in which it does.
    public let paths: [RepoPath]
  }

  /// The number of patches.
  public let count: Int
  /// The edges that no others imply, in the order of the stack.
  public let edges: [Edge]
  /// Where each patch's edges begin, and where the last one's end.
  private let starts: [Int]

  /// - Parameter found: edges from a patch to earlier ones; those that others imply are left out.
  init(count: Int, _ found: [[Int: [RepoPath]]]) {
    var edges: [Edge] = []
    var starts = [0]
    for (patch, needs) in found.enumerated() {
      let kept = Self.withoutImplied(needs.keys.sorted(by: >), edges, starts)
      edges += kept.reversed().map { Edge(patch: patch, needs: $0, paths: needs[$0]!.sorted()) }
      starts.append(edges.count)
    }
    (self.count, self.edges, self.starts) = (count, edges, starts)
  }

  /// The needs, the last patch first, without those that the others need already.
  private static func withoutImplied(_ needs: [Int], _ edges: [Edge], _ starts: [Int]) -> [Int] {
    var kept: [Int] = []
    var implied: Set<Int> = []
    for need in needs where !implied.contains(need) {
      kept.append(need)
      // What comes before the first need is not asked for.
      var waiting = need == needs.last ? [] : [need]
      while let next = waiting.popLast() {
        for edge in edges[starts[next]..<starts[next + 1]] where edge.needs >= needs.last! {
          if implied.insert(edge.needs).inserted { waiting.append(edge.needs) }
        }
      }
    }
    return kept
  }

  /// The edges from a patch to those that it needs.
  public func edges(of patch: Int) -> ArraySlice<Edge> { edges[starts[patch]..<starts[patch + 1]] }

  /// The patches that a patch needs, but not those that it needs only because others do.
  public func needs(of patch: Int) -> [Int] { edges(of: patch).map(\.needs) }

  /// All patches that have to come before a patch, in the order of the stack.
  public func allNeeds(of patch: Int) -> [Int] {
    var found: Set<Int> = []
    var waiting = needs(of: patch)
    while let next = waiting.popLast() {
      if found.insert(next).inserted { waiting += needs(of: next) }
    }
    return found.sorted()
  }
}

/// Works out which patches of a stack need which, by trying whether each can be moved before earlier
/// ones that change the same files: what does not apply then, or gives another text, has to stay.
///
/// - Parameters:
///   - stack: patches that all apply to `tree` in this order.
///   - means: without resolvers and relocations.
/// - Throws: what `tree` throws.
/// - Complexity: for each pair of patches that share a file a comparison of where their hunks are; and a few
///   replays of the file, of the pair and of what it needs, where these are near each other or could be in
///   several places.
public func dependencies(
  of stack: [Patch], on tree: borrowing some TreeSource & ~Copyable, using means: ReplayMeans
) throws -> Dependencies {
  var work = MoveWork()
  return try dependencies(of: stack, on: tree, using: means, comparing: true, &work)
}

/// What it costs to find dependencies.
struct MoveWork {
  /// Changes that were replayed.
  var replays = 0
  /// Pairs of patches that were looked at.
  var pairs = 0
}

/// - Parameter comparing: false to replay where a comparison of places would do.
func dependencies(
  of stack: [Patch], on tree: borrowing some TreeSource & ~Copyable, using means: ReplayMeans,
  comparing: Bool, _ work: inout MoveWork
) throws -> Dependencies {
  var found = [[Int: [RepoPath]]](repeating: [:], count: stack.count)
  for group in Plan(stack).groups {
    var trial = MoveTrial(group, stack, means)
    try trial.prepare(tree, comparing: comparing)
    for member in trial.members.indices.dropFirst() { try trial.findNeeds(of: member, tree) }
    for member in trial.members.indices.dropFirst() { try trial.confirmNeeds(of: member, tree) }
    for (member, needs) in zip(trial.members, trial.needs) {
      for (earlier, paths) in needs {
        found[member.patch][trial.members[earlier].patch, default: []] += paths
      }
    }
    work.replays += trial.work.replays
    work.pairs += trial.work.pairs
  }
  return Dependencies(count: stack.count, found)
}
