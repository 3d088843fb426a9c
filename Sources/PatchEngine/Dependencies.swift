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

  /// - Parameter found: edges from a patch to earlier ones; those that others imply are left out.
  init(count: Int, _ found: [[Int: [RepoPath]]]) {
    var edges: [Edge] = []
    var closures: [Set<Int>] = []
    for (patch, needs) in found.enumerated() {
      var closure: Set<Int> = []
      for need in needs.keys.sorted(by: >) where closure.insert(need).inserted {
        closure.formUnion(closures[need])
        edges.append(Edge(patch: patch, needs: need, paths: needs[need]!.sorted()))
      }
      closures.append(closure)
    }
    self.count = count
    self.edges = edges.sorted { ($0.patch, $0.needs) < ($1.patch, $1.needs) }
  }

  /// The patches that a patch needs, but not those that it needs only because others do.
  public func needs(of patch: Int) -> [Int] { edges.filter { $0.patch == patch }.map(\.needs) }

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
/// - Complexity: a few replays of one file for each pair of patches that share it, and of those that
///   they need.
public func dependencies(
  of stack: [Patch], on tree: borrowing some TreeSource & ~Copyable, using means: ReplayMeans
) throws -> Dependencies {
  var found = [[Int: [RepoPath]]](repeating: [:], count: stack.count)
  for group in Plan(stack).groups {
    var trial = MoveTrial(group, stack, means)
    try trial.prepare(tree)
    for member in trial.members.indices.dropFirst() { try trial.findNeeds(of: member, tree) }
    for member in trial.members.indices.dropFirst() { try trial.confirmNeeds(of: member, tree) }
    for (member, needs) in zip(trial.members, trial.needs) {
      for (earlier, paths) in needs {
        found[member.patch][trial.members[earlier].patch, default: []] += paths
      }
    }
  }
  return Dependencies(count: stack.count, found)
}

/// Tries whether patches can be moved before earlier ones, in the files of one group.
private struct MoveTrial {
  /// One patch's changes in the group, and the paths that they name.
  struct Member {
    let patch: Int
    var files: [FileChange]
    var paths: Set<RepoPath>
  }

  /// The files after some patches, or a sign that one of these did not apply.
  private struct Attempt {
    var state = VirtualTree()
    var bases = BaseTexts()
    var isApplied = true
  }

  private(set) var members: [Member] = []
  private let means: ReplayMeans
  private let paths: [RepoPath]
  /// The files before each member, and after the last, in the order of the stack.
  private var prefixes: [Attempt] = []
  private var outcomes: [[Outcome]] = []
  /// The members that each member has to stay behind, with the files that tie them.
  private(set) var needs: [[Int: [RepoPath]]]

  init(_ group: Plan.Group, _ stack: [Patch], _ means: ReplayMeans) {
    self.means = means
    for change in group {
      let file = stack[change.patch].files[change.section]
      if members.last?.patch != change.patch {
        members.append(Member(patch: change.patch, files: [], paths: []))
      }
      members[members.count - 1].files.append(file)
      members[members.count - 1].paths.formUnion([file.path, file.sourcePath])
    }
    paths = Set(members.flatMap(\.paths)).sorted()
    needs = Array(repeating: [:], count: members.count)
  }

  /// All members that one has to stay behind, in the order of the stack.
  private func allNeeds(of member: Int) -> [Int] {
    var found: Set<Int> = []
    var waiting = Array(needs[member].keys)
    while let next = waiting.popLast() {
      if found.insert(next).inserted { waiting += needs[next].keys }
    }
    return found.sorted()
  }

  /// Replays the group in the order of the stack.
  mutating func prepare(_ tree: borrowing some TreeSource & ~Copyable) throws {
    guard members.count > 1 else { return }
    prefixes = [Attempt()]
    for member in members.indices {
      var attempt = prefixes[member]
      outcomes.append(try put(member, on: &attempt, tree))
      attempt.isApplied = true
      prefixes.append(attempt)
    }
  }

  /// Replays one member.
  private func put(
    _ member: Int, on attempt: inout Attempt, _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> [Outcome] {
    var round = PatchRound(number: members[member].patch, means: means)
    var recorder = NoRecorder()
    for file in members[member].files {
      try round.take(file, &attempt.state, bases: &attempt.bases, tree, &recorder)
    }
    try round.settle(&attempt.state, tree)
    return round.results.map(\.outcome)
  }

  /// Replays members in a row, unless one does not apply. A merge is good only where the stack's own
  /// order needs it as well.
  private func put(
    _ row: [Int], on attempt: Attempt, _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Attempt {
    var attempt = attempt
    for member in row where attempt.isApplied {
      let results = try put(member, on: &attempt, tree)
      attempt.isApplied = zip(results, outcomes[member]).allSatisfy { result, usual in
        result == .clean || result == .moved || result == usual
      }
    }
    return attempt
  }

  /// Finds the members that one needs and that none of the others implies.
  ///
  /// It is moved towards the top of the stack, together with what it needs: the row that moves. Where
  /// the row and the member before it give the same files in both orders, it goes on; else that member
  /// is needed and joins the row.
  mutating func findNeeds(
    of member: Int, _ tree: borrowing some TreeSource & ~Copyable
  ) throws {
    var row = [member]
    var implied: Set<Int> = []
    // The files with the row directly behind the member that was looked at last.
    var (behind, place) = (prefixes[member + 1], member)
    for earlier in (0..<member).reversed() {
      let isImplied = implied.contains(earlier)
      guard isImplied || row.contains(where: { share(earlier, $0) }) else { continue }
      if place > earlier + 1 {
        behind = try put(row, on: prefixes[earlier + 1], tree)
        place = earlier + 1
      }
      if !isImplied {
        let before = try put(row, on: prefixes[earlier], tree)
        let after = try put([earlier], on: before, tree)
        if try areSame(after, behind, tree) {
          (behind, place) = (before, earlier)
          continue
        }
        need(earlier, for: member)
        implied.formUnion(allNeeds(of: earlier))
      }
      row.insert(earlier, at: 0)
      place = earlier
    }
  }

  /// Tries the member with nothing before it but what it needs, and then with one other that it does
  /// not need in either order. Where lines repeat, a hunk may find another place there, or several:
  /// such a pair keeps its order as well.
  mutating func confirmNeeds(
    of member: Int, _ tree: borrowing some TreeSource & ~Copyable
  ) throws {
    var own = allNeeds(of: member)
    var earlier = member - 1
    while earlier >= 0 {
      defer { earlier -= 1 }
      guard !own.contains(earlier), share(earlier, member) else { continue }
      let needed = Set(own).union(allNeeds(of: earlier)).sorted()
      let base = try put(needed, on: prefixes[0], tree)
      let usual = try put([earlier, member], on: base, tree)
      if try !areSame(usual, put([member, earlier], on: base, tree), tree) {
        need(earlier, for: member)
        own = allNeeds(of: member)
        // What was tried without it has to be tried again.
        earlier = member
      }
    }
  }

  private mutating func need(_ earlier: Int, for member: Int) {
    let shared = sharedPaths(earlier, member)
    needs[member][earlier] = shared.isEmpty ? members[member].paths.sorted() : shared
  }

  private func share(_ one: Int, _ other: Int) -> Bool { !sharedPaths(one, other).isEmpty }

  /// The paths that both name, or that lie below one that the other names.
  private func sharedPaths(_ one: Int, _ other: Int) -> [RepoPath] {
    let theirs = members[other].paths
    return members[one].paths.filter { path in
      theirs.contains(path) || theirs.contains { $0.contains(path) || path.contains($0) }
    }.sorted()
  }

  /// True where both have gone well, and with the same files.
  private func areSame(
    _ one: Attempt, _ other: Attempt, _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Bool {
    guard one.isApplied, other.isApplied else { return false }
    var (one, other) = (one, other)
    for path in paths {
      let (left, right) = (
        try one.state.node(at: path, in: tree), try other.state.node(at: path, in: tree)
      )
      guard let left, let right else {
        if left == nil, right == nil { continue }
        return false
      }
      guard left.rawMode == right.rawMode else { return false }
      if case .stored(let id) = left.content, case .stored(id) = right.content { continue }
      let texts = (
        try one.state.text(of: left, at: path, in: tree),
        try other.state.text(of: right, at: path, in: tree)
      )
      guard texts.0 == texts.1 else { return false }
    }
    return true
  }
}
