import Patches

/// Tries whether patches can be moved before earlier ones, in the files of one group.
struct MoveTrial {
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
  /// Where each member's hunks are in the stack's order; nil for one that could be elsewhere, or that does
  /// more than to change lines.
  private var places: [HunkRanges?] = []
  private(set) var work = MoveWork()
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
  mutating func prepare(
    _ tree: borrowing some TreeSource & ~Copyable, comparing: Bool
  ) throws {
    guard members.count > 1 else { return }
    prefixes = [Attempt()]
    var anchored = [Bool](repeating: false, count: members.count)
    if comparing, paths.count == 1, let base = try base(tree) {
      anchored = AnchoredHunks(members.map(\.files), base: base).isAnchored
    }
    var areAllPlaced = true
    for member in members.indices {
      var attempt = prefixes[member]
      let placed = comparing ? try placed(member, &attempt, tree) : nil
      if placed == nil { areAllPlaced = false }
      places.append(anchored[member] ? placed : nil)
      outcomes.append(try put(member, on: &attempt, tree).map(\.outcome))
      attempt.isApplied = true
      prefixes.append(attempt)
    }
    // What a merge brings stands without the context of its hunk, and may be anywhere.
    if !areAllPlaced { places = places.map { _ in nil } }
  }

  /// Where the hunks of one member are found; nil where they are not, and a merge may bring what they do.
  private func placed(
    _ member: Int, _ attempt: inout Attempt, _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> HunkRanges? {
    guard paths.count == 1, members[member].files.allSatisfy(\.isOfLines) else { return nil }
    let hunks = members[member].files.compactMap(\.textHunks).flatMap { $0 }
    let node = try attempt.state.node(at: paths[0], in: tree)
    let text = try node.map { try attempt.state.text(of: $0, at: paths[0], in: tree) }
    guard let placements = try? apply(hunks, to: text ?? Text([])).placements else { return nil }
    return HunkRanges(hunks, placements)
  }

  /// The group's only file before the stack, which is read once; nil where it is no file.
  private mutating func base(_ tree: borrowing some TreeSource & ~Copyable) throws -> Text? {
    guard members.allSatisfy({ $0.files.allSatisfy(\.isOfLines) }) else { return nil }
    guard let node = try prefixes[0].state.node(at: paths[0], in: tree) else { return Text([]) }
    guard node.mode.isFile else { return nil }
    let text = try prefixes[0].state.text(of: node, at: paths[0], in: tree)
    prefixes[0].state.set(paths[0], Node(rawMode: node.rawMode, content: .text(text), id: node.id))
    return text
  }

  /// Replays one member.
  private mutating func put(
    _ member: Int, on attempt: inout Attempt, _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> [PathResult] {
    work.replays += 1
    var round = PatchRound(number: members[member].patch, means: means)
    var recorder = NoRecorder()
    for file in members[member].files {
      try round.take(file, &attempt.state, bases: &attempt.bases, tree, &recorder)
    }
    try round.settle(&attempt.state, tree)
    return round.results
  }

  /// Replays members in a row, unless one does not apply. A merge is good only where the stack's own
  /// order needs it as well.
  private mutating func put(
    _ row: [Int], on attempt: Attempt, _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Attempt {
    var attempt = attempt
    for member in row where attempt.isApplied {
      let results = try put(member, on: &attempt, tree)
      attempt.isApplied = zip(results, outcomes[member]).allSatisfy { result, usual in
        [.clean, .moved, usual].contains(result.outcome)
      }
    }
    return attempt
  }

  /// Finds the members that one needs and that none of the others implies.
  ///
  /// It is moved towards the top of the stack, together with what it needs: the row that moves. Where
  /// the row and the member before it give the same files in both orders, it goes on; else that member
  /// is needed and joins the row. Where all of them can be in one place only and these are apart, they give
  /// the same files; the others are replayed.
  mutating func findNeeds(
    of member: Int, _ tree: borrowing some TreeSource & ~Copyable
  ) throws {
    var row = MovingRow(member, places[member])
    var implied: Set<Int> = []
    // The files with the row directly behind the member that was looked at last.
    var (behind, place) = (prefixes[member + 1], member)
    for earlier in (0..<member).reversed() {
      // Whoever is left is needed by those that are needed.
      if implied.count - row.implied == earlier + 1 { return }
      let isImplied = implied.contains(earlier)
      guard isImplied || row.members.contains(where: { share(earlier, $0) }) else { continue }
      work.pairs += 1
      if !isImplied, row.passes(places[earlier]) {
        place = Self.unknown
        continue
      }
      if !isImplied {
        if place > earlier + 1 {
          behind = try put(row.members, on: prefixes[earlier + 1], tree)
          place = earlier + 1
        }
        let before = try put(row.members, on: prefixes[earlier], tree)
        let after = try put([earlier], on: before, tree)
        if try areSame(after, behind, tree) {
          row.moved(before: places[earlier])
          (behind, place) = (before, earlier)
          continue
        }
        need(earlier, for: member)
        implied.formUnion(allNeeds(of: earlier))
      }
      row.join(earlier, places[earlier], isImplied: isImplied)
      place = place == earlier + 1 ? earlier : Self.unknown
    }
  }

  /// A place behind every member.
  private static let unknown = Int.max

  /// Tries the member with nothing before it but what it needs, and then with one other that it does
  /// not need in either order, unless both can be in one place only. Where lines repeat, a hunk may find another place there, or several:
  /// such a pair keeps its order as well.
  mutating func confirmNeeds(
    of member: Int, _ tree: borrowing some TreeSource & ~Copyable
  ) throws {
    var own = Set(allNeeds(of: member))
    var earlier = member - 1
    while earlier >= 0 {
      defer { earlier -= 1 }
      guard !own.contains(earlier), share(earlier, member) else { continue }
      work.pairs += 1
      // These cannot find another place.
      if places[member] != nil, places[earlier] != nil { continue }
      let needed = own.union(allNeeds(of: earlier)).sorted()
      let base = try put(needed, on: prefixes[0], tree)
      let usual = try put([earlier, member], on: base, tree)
      let swapped = try put([member, earlier], on: base, tree)
      if try !areSame(usual, swapped, tree) {
        need(earlier, for: member)
        own = Set(allNeeds(of: member))
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
    if paths.count == 1 { return paths }
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
