import Git
import Journal
import PatchEngine
import Patches

/// A stack that is open to be edited.
struct OpenStack {
  let loaded: LoadedStack
  /// One commit a patch, as the stack is before it is edited.
  let commits: [ObjectID]
  /// The stack as it was opened.
  let before: EditedStack
  var stack: EditedStack
  var base: BaseTree

  var name: StackName { loaded.name }
  /// The last commit of the stack as it was opened.
  var tip: ObjectID { commits.last ?? loaded.upstream.commit }

  /// The place of a patch that a person names, as `PatchNames` reads it. A number is its place when the
  /// stack was opened.
  ///
  /// - Throws: `UsageError` where the stack has no such patch.
  func index(of word: String) throws -> Int {
    let names = before.patches.map(\.name)
    let name =
      place(ofPatch: word, in: names, project: self.name.project).map { names[$0] }
      ?? patchName(word, project: self.name.project)
    if let index = stack.index(of: name) { return index }
    let all = stack.patches.map(\.name).joined(separator: ", ")
    throw UsageError(
      "\(self.name) has no patch '\(word)'"
        + (all.isEmpty ? "; it has none" : "; its patches are \(all)"))
  }
}

extension Workspace {
  /// Opens a stack to be edited.
  ///
  /// - Throws: `Diagnostics` for files that cannot be read, `UsageError` for a stack without an
  ///   upstream tree, `Refusal` for one that does not apply.
  func open(_ stack: StackName, _ files: inout PatchCache) throws -> OpenStack {
    try refuseStopped(stack)
    let loaded = try editable(stack, &files)
    let path = store.repositoryPath(project: stack.project)
    let repository = try Repository(opening: path)
    let pack = try PackWriter(objectsDirectory: repository.objectsDirectory)
    let result = try ReplaySession(repository: path).replay(
      loaded.patches, onto: loaded.upstream.tree, recording: .objects(pack))
    if let place = result.steps.firstIndex(where: { !$0.outcome.isApplied }) {
      throw Refusal(
        "\(stack): \(loaded.files[place]) does not apply, so the stack cannot be edited; 'kerb "
          + "check \(stack)' says why")
    }
    let made = try commits(loaded, result, path, pack)
    let base = try BaseTree(repository: path, tree: loaded.upstream.tree)
    let effects = try recordedEffects(of: result, patches: loaded.patches.count, over: base)
    let edited = EditedStack(
      zip(zip(loaded.entries, loaded.patches), effects).map { pair, effect in
        EditedPatch(
          name: pair.0.name, text: pair.1, effect: effect, written: effect, origin: pair.0.path)
      })
    return OpenStack(
      loaded: loaded, commits: made.commits, before: edited, stack: edited, base: base)
  }

  private func refuseStopped(_ stack: StackName) throws {
    guard let state = try stoppedMoves().first(where: { $0.stack == "\(stack)" }) else { return }
    throw Refusal("\(state.standing): 'kerb continue', 'kerb skip' or 'kerb abort'")
  }

  /// A stack with its upstream tree; one without patches too.
  private func editable(_ stack: StackName, _ files: inout PatchCache) throws -> LoadedStack {
    switch load(stack, &files) {
    case .stack(let loaded): return loaded
    case .verdict(let verdict):
      guard verdict.diagnostics.isEmpty else { throw Diagnostics(verdict.diagnostics) }
      guard let upstream = lock[stack] else {
        throw UsageError("\(stack) is not locked; run 'kerb fetch --update \(stack)'")
      }
      guard try store.has(upstream) else {
        throw UsageError("\(stack) is not fetched; run 'kerb fetch \(stack)'")
      }
      return LoadedStack(name: stack, upstream: upstream, entries: [], patches: [])
    }
  }
}

/// What each patch of a replayed stack did.
func recordedEffects(
  of result: ReplaySession.Result, patches: Int, over base: BaseTree
) throws -> [PatchEffect] {
  var now: [RepoPath: SourceEntry?] = [:]
  var found: [PatchEffect] = []
  var next = result.edits.startIndex
  for patch in 0..<patches {
    var changes: [RepoPath: PatchEffect.Change] = [:]
    while next < result.edits.endIndex, result.edits[next].patch == patch {
      let edit = result.edits[next]
      let before = try changes[edit.path]?.before ?? now[edit.path] ?? base.entry(at: edit.path)
      changes[edit.path] = .init(
        before: before,
        after: edit.entry.map { SourceEntry(rawMode: $0.rawMode, id: $0.id ?? .zero) })
      next += 1
    }
    for (path, change) in changes { now.updateValue(change.after, forKey: path) }
    found.append(PatchEffect(changes))
  }
  return found
}
