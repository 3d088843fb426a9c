import Claims
import Foundation
import Git
import Journal
import PatchEngine
import Patches

extension Workspace {
  /// Goes on with a stack that stands still, with the files as the user has left them.
  ///
  /// - Parameter allowsLoss: true to go on where nothing of a hunk is left.
  /// - Throws: `Diagnostics` for markers that are still there and hunks that got lost, each with its
  ///   place; `Refusal` where patches have changed meanwhile, or nothing of the patch is left.
  public func continueMove(
    _ state: StoppedMove, allowsLoss: Bool,
    progress: @escaping @Sendable (RunProgress) -> Void = { _ in }
  ) throws -> MoveResult {
    try hold { held in
      try refuseOutdated(state)
      let (move, files, session, tip) = try standing(state)
      try putBack(state, files)
      let (patch, file) = (move.source.patches[state.patch], move.source.files[state.patch])
      let taken = try files.taken(state, patch)
      let root = try Repository(opening: files.repositoryPath).commit(tip).tree
      let step = try session.replay(
        [patch], onto: root, base: move.bases[state.patch],
        resolvers: move.resolvers, recording: .nothing
      ).steps[0]
      try refuseMarkers(taken, state, step, files)
      if !allowsLoss { try refuseLoss(taken, step, patch, root, files) }
      let commit = try files.commit(taken, onto: tip, header: patch)
      guard try Repository(opening: files.repositoryPath).commit(commit).tree != root else {
        throw Refusal(
          "\(file): nothing of the patch is left in the files; 'kerb skip' leaves it out")
      }
      let done = state.done + [MovedPatch(file, step, byHand: commit)]
      let learned = try resolutions(step, taken, project: move.stack.project)
      return try go(
        on: move, done, learned, state.isRewritten, held, session, files, taken: commit, progress)
    }
  }

  /// Leaves out the patch that stands still, and goes on.
  public func skipMove(
    _ state: StoppedMove, progress: @escaping @Sendable (RunProgress) -> Void = { _ in }
  ) throws -> MoveResult {
    try hold { held in
      try refuseOutdated(state)
      let (move, files, session, tip) = try standing(state)
      try keep(state, files)
      try files.checkOut(tip)
      let file = move.source.files[state.patch]
      let done = state.done + [MovedPatch(skipped: file, commit: tip)]
      return try go(
        on: move, done, FileSet(), state.isRewritten, held, session, files, progress)
    }
  }

  /// Gives a move up: patches, series and lock are as they were, because nothing of them was
  /// changed. What the user did to the files is kept as a commit.
  ///
  /// - Returns: that commit; nil where the files were not touched.
  public func abortMove(_ state: StoppedMove) throws -> ObjectID? {
    try hold { held in
      try refuseOutdated(state)
      let files = MoveFiles(self, state.name)
      let kept = try keep(state, files)
      // The run is given up when its files are gone: until then it can go on.
      try files.leave(to: lock[state.name]?.commit)
      var set = FileSet()
      set.remove(StoppedMove.path(of: state.name))
      try write(set, held)
      return kept
    }
  }

  private func go(
    on move: StackMove, _ moved: [MovedPatch], _ learned: FileSet, _ isRewritten: Bool?,
    _ held: borrowing HeldJournal, _ session: ReplaySession, _ files: MoveFiles,
    taken: ObjectID? = nil,
    _ progress: @escaping @Sendable (RunProgress) -> Void
  ) throws -> MoveResult {
    var done = moved
    let stack = move.stack
    let stop = try session.advance(move, &done) {
      progress(RunProgress(stack: stack, done: $0, total: $1))
    }
    if let stop {
      var next = try standStill(move, stop, done, session, checksFolder: false)
      next.isRewritten = isRewritten
      var set = learned
      set.put(StoppedMove.path(of: stack), next.encoded)
      try write(set, held)
      // The user's files stay as they are until what was made of them counts.
      if let taken { try files.checkOut(taken) }
      try show(next)
      return MoveResult(
        stacks: [MoveReport(move, done, stop, next)], files: learned.written)
    }
    let finished = FinishedMove(move: move, done: done)
    var claims = MoveClaims()
    claims.findings = try claimFindings(of: finished)
    let changes = try MoveWrites.set(for: [finished], in: self)
    var set = FileSet(changes.contents.merging(learned.contents) { $1 })
    let written = set.written
    set.remove(StoppedMove.path(of: stack))
    let follow = Self.following(set, in: journal, for: caller)
    try write(set, held)
    if let taken { try files.checkOut(taken) }
    // The commits so far have the messages that the texts had then.
    let tip =
      try isRewritten == true
      ? Workspace(in: journal, for: caller).tip(of: stack) : session.tip(move, done)
    try files.leave(to: tip, recorded: true)
    var result = MoveResult(stacks: [MoveReport(move, done, claims: claims)], files: written)
    result.followed = follow()
    return result
  }

  /// Refuses a state that is no longer the one on disk: another kerb has gone on with it.
  private func refuseOutdated(_ state: StoppedMove) throws {
    let now = try stoppedMoves().first { $0.stack == state.stack }
    guard now?.encoded == state.encoded else {
      throw Refusal(
        "\(state.stack) was continued or aborted by another kerb meanwhile; 'kerb status' shows "
          + "where it is")
    }
  }

  /// What going on with a state needs, and the last commit of those that are through.
  private func standing(
    _ state: StoppedMove
  ) throws -> (move: StackMove, files: MoveFiles, session: ReplaySession, tip: ObjectID) {
    let move = try move(of: state)
    let files = MoveFiles(self, move.stack)
    let session = ReplaySession(repository: files.repositoryPath)
    return (move, files, session, try session.tip(move, state.done))
  }

  /// The move that a state is of, made from the workspace's files again. Texts that are called
  /// otherwise by now are the same texts.
  ///
  /// - Throws: `Refusal` where they are others.
  func move(of state: StoppedMove) throws -> StackMove {
    let move = try unchecked(state)
    guard move.source.entries.map(\.name) == state.names, try move.source.digests == state.digests
    else { throw changed(state) }
    return move
  }

  private func changed(_ state: StoppedMove) -> Refusal {
    Refusal(
      "\(state.stack): its series or patches have changed since it stopped; put them back, or "
        + "'kerb abort' and begin again")
  }

  /// The same, whatever the texts are.
  func unchecked(_ state: StoppedMove) throws -> StackMove {
    let lines = try UpstreamLock(
      parsing: Array(state.onto.utf8), file: "\(StoppedMove.path(of: state.name))")
    guard let onto = lines[state.name] else {
      throw Refusal("\(state.stack): the state does not say which tree it is moved to")
    }
    let enabled = Set(state.resolvers.compactMap(Resolver.init(rawValue:)))
    let pairs = (state.renumbered ?? []).map { pair in
      (CounterValue(pair.first ?? ""), CounterValue(pair.last ?? ""))
    }
    guard
      case .move(let plain, _) = try prepare(
        state.sourceName, state.name, onto, enabled, landed: state.landed),
      let (move, _) = try? renumbered(plain, Renumbering(Dictionary(pairs) { first, _ in first })),
      move.source.patches.count > state.patch
    else { throw changed(state) }
    return move
  }

  /// Puts the marked files where the user should find them, if a run was killed before it had.
  private func putBack(_ state: StoppedMove, _ files: MoveFiles) throws {
    switch try files.tree.state() {
    case .clean(let head), .dirty(let head, _):
      guard head.map({ "\($0)" }) != state.marked else { return }
    case .absent, .interrupted, .occupied: break
    }
    try files.keepChanges()
    try show(state)
    throw Refusal(
      "\(files.directory) did not hold the files of this run and has them now; resolve the "
        + "conflicts in it, then 'kerb continue'")
  }

  private func refuseMarkers(
    _ taken: [MoveFiles.Content], _ state: StoppedMove, _ step: Step, _ files: MoveFiles
  ) throws {
    // Those of the state, and those that the patch has: the state is a file that anybody can write.
    let conflicts = step.paths.filter { $0.conflict != nil }.map { "\($0.followedTo ?? $0.path)" }
    let open = Set(state.open.map(\.path) + conflicts)
    let found = taken.compactMap { content -> Diagnostic? in
      guard open.contains("\(content.path)"), let bytes = content.bytes,
        let line = firstConflictMarker(in: bytes)
      else { return nil }
      return Diagnostic(
        Location(shown(content.path, files), line: line), "a conflict marker is still here",
        rule: "conflict-marker")
    }
    guard found.isEmpty else { throw OpenConflicts(found) }
  }

  private func refuseLoss(
    _ taken: [MoveFiles.Content], _ step: Step, _ patch: Patch, _ root: ObjectID,
    _ files: MoveFiles
  ) throws {
    let repository = try Repository(opening: files.repositoryPath)
    var found: [Diagnostic] = []
    for (file, result) in zip(patch.files, step.paths) where result.conflict != nil {
      let path = result.followedTo ?? result.path
      let after = taken.first { $0.path == path }?.bytes
      let entry = try repository.entry(at: path, inTree: root)
      let before = try entry.map { try repository.blob($0.id) } ?? []
      guard after != nil || !before.isEmpty || file.kind != .delete else { continue }
      let lost = file.lostHunks(
        before: Text(before), after: Text(after ?? []), merge: result.conflict?.merge?.merge)
      for number in lost {
        guard case .hunks(let hunks) = file.content else { continue }
        found.append(
          Diagnostic(
            Location(patch.name, line: hunks[number - 1].line),
            "\(path): nothing of this hunk is left; put it in, or give --allow-lost",
            rule: "lost-hunk"))
      }
    }
    guard found.isEmpty else { throw OpenConflicts(found) }
  }

  private func shown(_ path: RepoPath, _ files: MoveFiles) -> String {
    "\(files.directory.dropFirst(root.count + 1))/\(path)"
  }

  /// What the conflicts were resolved to, as files of the memory.
  private func resolutions(
    _ step: Step, _ taken: [MoveFiles.Content], project: String
  ) throws -> FileSet {
    var set = FileSet()
    for result in step.paths {
      let path = result.followedTo ?? result.path
      guard let open = result.conflict?.merge,
        let bytes = taken.first(where: { $0.path == path })?.bytes
      else { continue }
      let texts = open.resolutions(in: Text(bytes)).texts
      for (chunk, text) in zip(open.merge.conflicts, texts) {
        guard let text else { continue }
        let key = open.merge.key(of: chunk)
        guard Resolution.isUsable(text, for: key) else { continue }
        let name = "\(Resolution.folder)/\(project)/\(Resolution.name(of: key))"
        set.put(
          try RepoPath(Array(name.utf8)),
          Resolution(path: path.bytes, key: key, text: text).formatted)
      }
    }
    return set
  }

  /// Keeps what the user did to the files as a commit.
  @discardableResult
  private func keep(_ state: StoppedMove, _ files: MoveFiles) throws -> ObjectID? {
    guard case .dirty(let head?, _) = try files.tree.state(), "\(head)" == state.marked else {
      return nil
    }
    return try files.keepChanges()
  }
}

/// Conflicts that a person has not ended yet, each with its place.
public struct OpenConflicts: Error {
  public let findings: [Diagnostic]

  init(_ findings: [Diagnostic]) { self.findings = findings }
}

extension MovedPatch {
  init(_ file: String, _ step: Step, byHand commit: ObjectID) {
    let plain = MovedPatch(file, step, commit: commit)
    self.init(
      file: file, outcome: Outcome.resolved.rawValue, commit: "\(commit)",
      resolvers: plain.resolvers + ["by hand"], renamed: plain.renamed,
      stale: plain.stale)
  }

  init(skipped file: String, commit: ObjectID) {
    self.init(
      file: file, outcome: Self.skipped, commit: "\(commit)", resolvers: [], renamed: [],
      stale: [])
  }
}
