import Patches

/// One patch's changes inside a group. All of them read the tree as it was before the patch, as
/// `git apply` does for renames and copies; they are put into the tree together at the end. Two
/// sections that change one file are refused: the order would decide what comes out.
struct PatchRound {
  let number: Int
  let means: ReplayMeans
  private var outcomes: [Pending] = []
  private var removed: Set<RepoPath> = []
  private var added: [RepoPath: Node] = [:]
  /// The files that a change in place has changed.
  private var modified: Set<RepoPath> = []
  /// What stood before the patch where it adds or takes away, and which change adds it.
  private var originals: [RepoPath: Node?] = [:]
  private var adders: [RepoPath: Int] = [:]
  /// How many changes were looked at to see whether they are in the way of others.
  private(set) var checks = 0

  /// A change with what it would do, until the whole patch is known.
  private struct Pending {
    let file: FileChange
    var removes: RepoPath?
    var adds: RepoPath?
    var placements: [Placement] = []
    var isMerged = false
    var isLanded = false
    var resolvers: [Resolver] = []
    var staleWords: [[UInt8]] = []
    /// Where upstream has the file now.
    var followedTo: RepoPath?
    var conflict: Conflict?
    var blockedBy: Int?
  }

  init(number: Int, means: ReplayMeans) {
    self.number = number
    self.means = means
  }

  /// Works out one change.
  mutating func take(
    _ file: FileChange, _ state: inout VirtualTree, bases: inout BaseTexts,
    _ tree: borrowing some TreeSource & ~Copyable,
    _ recorder: inout some VersionRecorder & ~Copyable
  ) throws {
    var file = file
    if let creation = file.asCreation, means.relocations.place(of: file.path) == nil,
      try state.node(at: file.path, in: tree) == nil
    {
      file = creation
    }
    var pending = Pending(file: file)
    if let blocker = state.blocker(file.sourcePath) ?? state.blocker(file.path) {
      pending.blockedBy = blocker
      outcomes.append(pending)
      return
    }
    do {
      try change(&pending, &state, &bases, tree, &recorder)
    } catch let conflict as ConflictError {
      pending.conflict = Conflict(
        line: conflict.line ?? (file.line > 0 ? file.line : nil), conflict.reason,
        merge: conflict.merge)
      pending.removes = nil
      pending.adds = nil
      settleDeleted(&pending)
    }
    if let path = pending.removes { removed.insert(path) }
    if let path = pending.adds, file.kind == .modify { modified.insert(path) }
    outcomes.append(pending)
  }

  private mutating func change(
    _ pending: inout Pending, _ state: inout VirtualTree, _ bases: inout BaseTexts,
    _ tree: borrowing some TreeSource & ~Copyable,
    _ recorder: inout some VersionRecorder & ~Copyable
  ) throws {
    let file = pending.file
    guard let place = try place(of: file, &state, tree) else {
      pending.isLanded = true
      return
    }
    pending.followedTo = place.followedTo
    var work = ContentWork(file: file, means: means)
    let node = try work.result(on: place.source, &state, &bases, tree, &recorder)
    pending.placements = work.placements
    pending.isMerged = work.isMerged
    pending.staleWords = work.staleWords
    pending.isLanded = work.isLanded
    pending.resolvers = work.resolvers
    let path = place.followedTo ?? file.path
    switch file.kind {
    case .delete:
      pending.removes = file.path
      return
    case .rename(let from, _): if place.followedTo == nil { pending.removes = from }
    case .create, .modify, .copy: break
    }
    if added[path] != nil { throw ConflictError(.changedBefore) }
    guard let node else { return }
    if case .copy = file.kind, case .text(let text) = node.content {
      guard state.admits(copy: text.bytes.count) else { throw ConflictError(.copies) }
    }
    pending.adds = path
    added[path] = node
  }

  /// What a change starts from, and where it goes if that is not the path that the patch names.
  private struct Place {
    /// The file before the change; nil for a new one.
    var source: Node?
    var followedTo: RepoPath?
  }

  /// - Returns: nil where nothing is to be done, because upstream has done it.
  private func place(
    of file: FileChange, _ state: inout VirtualTree, _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Place? {
    let path = file.sourcePath
    switch file.kind {
    case .create:
      return Place(source: nil, followedTo: means.relocations.additions[file.path])
    case .modify:
      if removed.contains(path) || added[path] != nil { throw ConflictError(.changedBefore) }
    case .delete, .rename:
      if removed.contains(path) || modified.contains(path) { throw ConflictError(.changedBefore) }
    case .copy: break
    }
    if let node = try state.node(at: path, in: tree) { return Place(source: node) }
    if let moved = means.relocations.place(of: path), let node = try state.node(at: moved, in: tree)
    {
      return try followed(file, to: moved, node)
    }
    if try isGone(file, tree) { return nil }
    if let above = try state.fileAbove(path, in: tree) {
      throw ConflictError(.parentIsFile(above))
    }
    let isDirectory = try tree.entry(at: path)?.mode == .tree
    if isDirectory { throw ConflictError(.isDirectory) }
    throw ConflictError(means.relocations.unsearched.map { .missingUnsearched($0) } ?? .missing)
  }

  private func followed(_ file: FileChange, to path: RepoPath, _ node: Node) throws -> Place {
    switch file.kind {
    case .create, .modify: return Place(source: node, followedTo: path)
    case .copy: return Place(source: node)
    case .delete: throw ConflictError(.renamed(to: path))
    case .rename:
      // Both sides gave it the same new name, or each another one.
      guard path == file.path else { throw ConflictError(.renamed(to: path)) }
      return Place(source: node, followedTo: path)
    }
  }

  /// True where a file that the patch takes away is not in the tree, but was in the one that the
  /// patch was made on.
  private func isGone(
    _ file: FileChange, _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Bool {
    guard file.kind == .delete else { return false }
    if case .blobs = file.content { return true }
    return try tree.baseEntry(at: file.path) != nil
  }

  /// A file that upstream deleted stays so, where that resolver is on.
  private func settleDeleted(_ pending: inout Pending) {
    guard pending.conflict?.reason == .missing, pending.file.kind == .modify,
      means.resolvers.enabled.contains(.staysDeleted)
    else { return }
    pending.conflict = nil
    pending.resolvers = [.staysDeleted]
  }

  /// Checks what the patch puts where against the tree that all of it leaves, and changes the tree.
  ///
  /// - Complexity: O(changes) look-ups, and as many again each time that changes have to be withdrawn
  ///   because of where others stand.
  mutating func settle(
    _ state: inout VirtualTree, _ tree: borrowing some TreeSource & ~Copyable
  ) throws {
    for (index, pending) in outcomes.enumerated() {
      guard let path = pending.adds else { continue }
      adders[path] = index
      originals[path] = try state.node(at: path, in: tree)
    }
    for path in removed { originals[path] = try state.node(at: path, in: tree) }
    var waiting = Array(outcomes.indices)
    try withdrawOccupied(&waiting, &state, tree)
    for path in originals.keys { put(path, into: &state) }
    var isDisturbed = true
    while isDisturbed {
      isDisturbed = false
      for index in outcomes.indices {
        checks += 1
        guard let reason = try misplaced(outcomes[index], &state, tree) else { continue }
        waiting += withdraw(index, reason, &state)
        isDisturbed = true
      }
      // A change that is withdrawn leaves its file where it was: look again for what is on it.
      try withdrawOccupied(&waiting, &state, tree)
    }
    for pending in outcomes where pending.conflict != nil || pending.blockedBy != nil {
      let blocker = pending.blockedBy ?? number
      state.block(pending.file.path, by: blocker)
      state.block(pending.file.sourcePath, by: blocker)
    }
  }

  /// Withdraws changes that put a file where one stays, and those that this leaves in the way.
  private mutating func withdrawOccupied(
    _ waiting: inout [Int], _ state: inout VirtualTree,
    _ tree: borrowing some TreeSource & ~Copyable
  ) throws {
    while let index = waiting.popLast() {
      checks += 1
      guard let present = present(for: outcomes[index]) else { continue }
      if try isSame(outcomes[index], present, &state, tree) {
        land(index, &state)
      } else {
        waiting += withdraw(index, .exists, &state)
      }
    }
  }

  /// The file that stays where a change puts one.
  private func present(for pending: Pending) -> Node? {
    guard let path = pending.adds, pending.file.kind != .modify, !removed.contains(path),
      pending.file.sourcePath == pending.file.path || pending.followedTo == nil
    else { return nil }
    return originals[path] ?? nil
  }

  /// True where a file that is to be added is there already, to the byte, in a commit's replay.
  private func isSame(
    _ pending: Pending, _ present: Node, _ state: inout VirtualTree,
    _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Bool {
    guard pending.file.kind == .create, let path = pending.adds, let new = added[path],
      present.rawMode == new.rawMode
    else { return false }
    if case .blobs = pending.file.content {} else if !tree.hasBase { return false }
    if let id = new.id, present.id == id { return true }
    return try state.text(of: new, at: path, in: tree)
      == state.text(of: present, at: path, in: tree)
  }

  private mutating func land(_ index: Int, _ state: inout VirtualTree) {
    guard let path = outcomes[index].adds else { return }
    added[path] = nil
    outcomes[index].adds = nil
    outcomes[index].isLanded = true
    put(path, into: &state)
  }

  private func misplaced(
    _ pending: Pending, _ state: inout VirtualTree, _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Conflict.Reason? {
    guard let path = pending.adds, pending.file.kind != .modify else { return nil }
    if let above = try state.fileAbove(path, in: tree) { return .parentIsFile(above) }
    return try state.hasFiles(below: path, in: tree) ? .isDirectory : nil
  }

  /// Takes a change back.
  ///
  /// - Returns: the change that puts a file where this one leaves its own.
  private mutating func withdraw(
    _ index: Int, _ reason: Conflict.Reason, _ state: inout VirtualTree
  ) -> [Int] {
    let (adds, removes) = (outcomes[index].adds, outcomes[index].removes)
    let line = outcomes[index].file.line
    outcomes[index].conflict = Conflict(line: line > 0 ? line : nil, reason)
    outcomes[index].adds = nil
    outcomes[index].removes = nil
    if let adds { added[adds] = nil }
    if let removes { removed.remove(removes) }
    for path in [adds, removes] { if let path { put(path, into: &state) } }
    return removes.flatMap { adders[$0] }.map { [$0] } ?? []
  }

  /// Lets the tree have at a path what the patch leaves there.
  private func put(_ path: RepoPath, into state: inout VirtualTree) {
    if let node = added[path] {
      state.set(path, node)
    } else if removed.contains(path) {
      state.set(path, nil)
    } else if let original = originals[path] {
      state.set(path, original)
    }
  }

  /// A result for each change, in order.
  var results: [PathResult] {
    outcomes.map { pending in
      let outcome: Outcome =
        if pending.blockedBy != nil {
          .blocked
        } else if pending.conflict != nil {
          .conflicted
        } else if !pending.resolvers.isEmpty {
          .resolved
        } else if pending.isLanded {
          .landed
        } else if pending.isMerged || pending.followedTo != nil {
          .merged
        } else {
          pending.placements.contains { $0.offset != 0 } ? .moved : .clean
        }
      let file = pending.file
      return PathResult(
        path: file.path, source: file.sourcePath == file.path ? nil : file.sourcePath,
        line: file.line > 0 ? file.line : nil, outcome: outcome, placements: pending.placements,
        conflict: pending.conflict, blockedBy: pending.blockedBy,
        followedTo: pending.followedTo, resolvers: pending.resolvers,
        staleWords: pending.staleWords)
    }
  }

  /// What the patch does to the tree.
  var edits: [TreeEdit] {
    let gone = removed.filter { added[$0] == nil }
    return gone.sorted().map { TreeEdit(patch: number, path: $0, entry: nil) }
      + added.sorted { $0.key < $1.key }.map {
        TreeEdit(patch: number, path: $0.key, entry: ($0.value.rawMode, $0.value.id))
      }
  }
}

/// Carries a conflict out of the places where it is found.
struct ConflictError: Error {
  let line: Int?
  let reason: Conflict.Reason
  let merge: OpenMerge?

  init(_ reason: Conflict.Reason, line: Int? = nil, _ merge: OpenMerge? = nil) {
    self.reason = reason
    self.line = line
    self.merge = merge
  }
}
