import Patches

/// One patch's changes inside a group. All of them read the tree as it was before the patch, as
/// `git apply` does for renames and copies; they are put into the tree together at the end. Two
/// sections that change one file are refused: the order would decide what comes out.
struct PatchRound {
  let number: Int
  let primitives: Primitives
  private var outcomes: [Pending] = []
  private var removed: Set<RepoPath> = []
  private var added: [RepoPath: Node] = [:]

  /// A change with what it would do, until the whole patch is known.
  private struct Pending {
    let file: FileChange
    var removes: RepoPath?
    var adds: RepoPath?
    var placements: [Placement] = []
    var isMerged = false
    var conflict: Conflict?
    var blockedBy: Int?
  }

  init(number: Int, primitives: Primitives) {
    self.number = number
    self.primitives = primitives
  }

  /// Works out one change.
  mutating func take(
    _ file: FileChange, _ state: inout VirtualTree, bases: inout BaseTexts,
    _ tree: borrowing some TreeSource & ~Copyable,
    _ recorder: inout some VersionRecorder & ~Copyable
  ) throws {
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
        line: conflict.line ?? (file.line > 0 ? file.line : nil), conflict.reason)
      pending.removes = nil
      pending.adds = nil
    }
    if let path = pending.removes { removed.insert(path) }
    outcomes.append(pending)
  }

  private mutating func change(
    _ pending: inout Pending, _ state: inout VirtualTree, _ bases: inout BaseTexts,
    _ tree: borrowing some TreeSource & ~Copyable,
    _ recorder: inout some VersionRecorder & ~Copyable
  ) throws {
    let file = pending.file
    let source = try source(of: file, &state, tree)
    let base = try bases.text(before: file, in: tree)
    var work = ContentWork(file: file, primitives: primitives, base: base)
    let node = try work.result(on: source, &state, tree, &recorder)
    pending.placements = work.placements
    pending.isMerged = work.isMerged
    switch file.kind {
    case .delete:
      pending.removes = file.path
      return
    case .rename(let from, _): pending.removes = from
    case .create, .modify, .copy: break
    }
    if added[file.path] != nil { throw ConflictError(.changedBefore) }
    guard let node else { return }
    pending.adds = file.path
    added[file.path] = node
  }

  /// The file that a change starts from; nil for a new one.
  private func source(
    of file: FileChange, _ state: inout VirtualTree, _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Node? {
    let path = file.sourcePath
    switch file.kind {
    case .create: return nil
    case .modify:
      if removed.contains(path) || added[path] != nil { throw ConflictError(.changedBefore) }
    case .delete, .rename:
      let isModified = outcomes.contains { $0.file.kind == .modify && $0.adds == path }
      if removed.contains(path) || isModified { throw ConflictError(.changedBefore) }
    case .copy: break
    }
    if let node = try state.node(at: path, in: tree) { return node }
    if let above = try state.fileAbove(path, in: tree) {
      throw ConflictError(.parentIsFile(above))
    }
    let isDirectory = try tree.entry(at: path)?.mode == .tree
    throw ConflictError(isDirectory ? .isDirectory : .missing)
  }

  /// Checks what the patch puts where against the tree that all of it leaves, and changes the tree.
  mutating func settle(
    _ state: inout VirtualTree, _ tree: borrowing some TreeSource & ~Copyable
  ) throws {
    var final = state
    var found = true
    while found {
      found = false
      // A change that is withdrawn leaves its file where it was: look again for what is on it.
      while let index = try occupied(&state, tree) { withdraw(index, .exists) }
      final = changed(state)
      for index in outcomes.indices {
        guard let reason = try misplaced(outcomes[index], final, tree) else { continue }
        withdraw(index, reason)
        final = changed(state)
        found = true
      }
    }
    for pending in outcomes where pending.conflict != nil || pending.blockedBy != nil {
      let blocker = pending.blockedBy ?? number
      final.block(pending.file.path, by: blocker)
      final.block(pending.file.sourcePath, by: blocker)
    }
    state = final
  }

  /// A change that puts a file where one stays.
  private func occupied(
    _ state: inout VirtualTree, _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Int? {
    for (index, pending) in outcomes.enumerated() {
      guard let path = pending.adds, pending.file.kind != .modify, !removed.contains(path) else {
        continue
      }
      if try state.node(at: path, in: tree) != nil { return index }
    }
    return nil
  }

  private func misplaced(
    _ pending: Pending, _ final: VirtualTree, _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Conflict.Reason? {
    guard let path = pending.adds, pending.file.kind != .modify else { return nil }
    if let above = try final.fileAbove(path, in: tree) { return .parentIsFile(above) }
    return try final.hasFiles(below: path, in: tree) ? .isDirectory : nil
  }

  private mutating func withdraw(_ index: Int, _ reason: Conflict.Reason) {
    let line = outcomes[index].file.line
    outcomes[index].conflict = Conflict(line: line > 0 ? line : nil, reason)
    if let path = outcomes[index].adds { added[path] = nil }
    if let path = outcomes[index].removes { removed.remove(path) }
    outcomes[index].adds = nil
    outcomes[index].removes = nil
  }

  private func changed(_ state: VirtualTree) -> VirtualTree {
    var result = state
    for path in removed { result.set(path, nil) }
    for (path, node) in added { result.set(path, node) }
    return result
  }

  /// A result for each change, in order.
  var results: [PathResult] {
    outcomes.map { pending in
      let outcome: Outcome =
        if pending.blockedBy != nil {
          .blocked
        } else if pending.conflict != nil {
          .conflicted
        } else if pending.isMerged {
          .merged
        } else {
          pending.placements.contains { $0.offset != 0 } ? .moved : .clean
        }
      let file = pending.file
      return PathResult(
        path: file.path, source: file.sourcePath == file.path ? nil : file.sourcePath,
        line: file.line > 0 ? file.line : nil, outcome: outcome, placements: pending.placements,
        conflict: pending.conflict,
        blockedBy: pending.blockedBy)
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

  init(_ reason: Conflict.Reason, line: Int? = nil) {
    self.reason = reason
    self.line = line
  }
}
