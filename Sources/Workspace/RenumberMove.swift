import Claims
import Git
import PatchEngine
import Patches

extension Workspace {
  /// A move whose patches claim other numbers.
  ///
  /// The files in which the counter stands are put together on the new tree, entry by entry; in all
  /// others the patches' own lines change, and the replay merges them as it does without.
  ///
  /// - Returns: the move, its renumbering empty where no patch changed; and what a person should see.
  func renumbered(
    _ move: StackMove, _ renumbering: Renumbering
  ) throws -> (StackMove, [Diagnostic]) {
    guard !renumbering.isEmpty else { return (move, []) }
    let path = store.repositoryPath(project: move.stack.project)
    let repository = try Repository(opening: path)
    let counters = renumberedCounters(of: move.stack.project)
    var work = MoveRenumbering(
      stack: StackRenumbering(renumbering, of: counters, isClient: isClient(move.stack)),
      move: move, counters: counters)
    var patches: [Patch] = []
    for index in move.source.patches.indices {
      patches.append(try work.next(index, repository))
    }
    let changed = patches.indices.filter { patches[$0].bytes != move.source.patches[$0].bytes }
    guard !changed.isEmpty else { return (move, work.stack.findings) }
    let source = LoadedStack(move.source, move.source.entries, patches)
    let bases = try ReplaySession(repository: path).trees(
      of: patches, on: source.upstream.tree, below: source.upstream.commit)
    // Another release's text of a patch has that release's number.
    let siblings = move.siblings.filter { !changed.contains($0.key) }
    var made = StackMove(
      stack: move.stack, source: source, onto: move.onto, bases: bases,
      resolvers: move.resolvers, siblings: siblings, own: move.own, landed: move.landed)
    made.renumbering = renumbering
    return (made, work.stack.findings)
  }
}

/// The patches of a move on their way to other numbers.
private struct MoveRenumbering {
  var stack: StackRenumbering
  let move: StackMove
  let counters: [Counter]
  /// Files of the counter on the new tree, as the patches so far leave them.
  private var files: [RepoPath: [UInt8]] = [:]

  init(stack: StackRenumbering, move: StackMove, counters: [Counter]) {
    (self.stack, self.move, self.counters) = (stack, move, counters)
  }

  mutating func next(_ index: Int, _ repository: borrowing Repository) throws -> Patch {
    let patch = move.source.patches[index]
    // A text that the resulting stack has already keeps its numbers.
    guard move.own[index] == nil else { return patch }
    let rewritten = try stack.next(patch)
    var sections: [FileChange] = []
    var isChanged = false
    for file in rewritten.files {
      guard let placed = try placed(file, index, repository) else {
        sections.append(file)
        continue
      }
      isChanged = true
      if let section = placed.section { sections.append(section) }
    }
    guard isChanged else { return rewritten }
    return try Patch(parsing: rewritten.canonical(with: sections), name: patch.name)
  }

  /// The section of a counter's file as it is on the new tree, nil inside where nothing is left to
  /// change; nil for any other file, and where the two do not go together.
  private mutating func placed(
    _ file: FileChange, _ index: Int, _ repository: borrowing Repository
  ) throws -> (section: FileChange?, Void)? {
    guard file.kind == .modify, file.oldMode == file.newMode else { return nil }
    for counter in counters {
      guard let place = CounterFile(file.path, of: counter, stack.renumbering),
        let base = try text(file.path, move.bases[index], repository),
        let theirs = try text(file.path, move.bases[index + 1], repository),
        let ours = try files[file.path] ?? text(file.path, move.onto.tree, repository),
        let merged = place.merged(
          base: base, theirs: theirs, ours: ours, rewrite: stack.rewrittenEntry)
      else { continue }
      files[file.path] = merged
      let made = hunks(from: Text(ours), to: Text(merged))
      guard !made.isEmpty else { return (nil, ()) }
      return (
        FileChange(
          file.path, .modify, oldMode: file.oldMode, newMode: file.newMode, content: .hunks(made)),
        ()
      )
    }
    return nil
  }

  private func text(
    _ path: RepoPath, _ tree: ObjectID, _ repository: borrowing Repository
  ) throws -> [UInt8]? {
    guard let entry = try repository.entry(at: path, inTree: tree), entry.mode.isFile else {
      return nil
    }
    return try repository.blob(entry.id)
  }
}
