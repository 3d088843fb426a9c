import Git
import Journal
import PatchEngine
import Patches

/// A stack that is through, with every patch's commit.
struct FinishedMove {
  let move: StackMove
  let done: [MovedPatch]
}

/// What finished moves change in the workspace: patch files, series files, the lock, as one set.
struct MoveWrites {
  private let workspace: Workspace
  private var catalog: SeriesCatalog
  private var sharings: [String: TextSharing] = [:]
  private var keys: [(project: String, name: String)] = []
  private var dropped: [StackName: [(entry: Series.Entry, note: String)]] = [:]

  init(_ workspace: Workspace, _ catalog: SeriesCatalog) {
    (self.workspace, self.catalog) = (workspace, catalog)
  }

  /// How a text that says the same as another release's is written.
  private enum Form: CaseIterable {
    /// As the newest release that shares it has it.
    case newest
    /// As it was, where the newest release's fits the others by chance only: at line 1, say.
    case kept
    /// Apart from the others'.
    case apart
  }

  /// The set for some moves. Texts that say the same are shared where that gives every stack its
  /// tree; else each of these stacks has its own.
  ///
  /// - Throws: `Refusal` where the patches that would be written do not give the tree of the run.
  static func set(for moves: [FinishedMove], in workspace: Workspace) throws -> FileSet {
    var problem: String?
    var catalog = SeriesCatalog(workspace)
    for form in Form.allCases {
      var writes = MoveWrites(workspace, catalog)
      for move in moves { try writes.take(move, form) }
      problem = try writes.disproof(moves)
      if problem == nil { return try writes.set(moves) }
      catalog = writes.catalog
    }
    throw Refusal("\(problem ?? ""); nothing was written")
  }

  private mutating func sharing(_ project: String, _ name: String) throws -> TextSharing {
    let key = "\(project)/\(name)"
    if let known = sharings[key] { return known }
    keys.append((project, name))
    return try catalog.sharing(of: name, project: project)
  }

  private mutating func take(_ finished: FinishedMove, _ form: Form) throws {
    let move = finished.move
    let project = move.stack.project
    let repository = try Repository(
      opening: workspace.store.repositoryPath(project: project))
    var tip = try repository.commit(move.onto.commit).tree
    for (index, moved) in finished.done.enumerated() {
      let entry = move.source.entries[index]
      var sharing = try sharing(project, entry.name)
      guard let commit = ObjectID(moved.commit) else { continue }
      let tree = try repository.commit(commit).tree
      if tree == tip || moved.isLanded {
        sharing.drop(move.stack.release)
        dropped[move.stack, default: []].append(
          (entry, note(on: entry, moved, move)))
      } else {
        let bytes = try repository.refreshed(
          move.headers[index] ?? move.source.patches[index], from: tip, to: tree)
        let patch = try Patch(parsing: bytes, name: moved.file)
        sharing.put(
          bytes, patch, for: move.stack.release, apart: form == .apart, keepsForm: form == .kept)
      }
      sharings["\(project)/\(entry.name)"] = sharing
      tip = tree
    }
  }

  private func note(on entry: Series.Entry, _ moved: MovedPatch, _ move: StackMove) -> String {
    let name = "\(entry.project)/\(entry.name)"
    let version =
      switch move.onto.source {
      case .sdist(let version): version
      case .git(let ref) where moved.landedAs != nil: ref
      case .git(let ref): "\(ref), commit \(String("\(move.onto.commit)".prefix(10)))"
      }
    return moved.isSkipped
      ? "\(name) was skipped on the way to \(entry.project) \(version)"
      : "\(name) landed: \(entry.project) \(version) has it"
        + (moved.landedAs.map { " as commit \($0.short)" } ?? "")
  }

  /// Why the texts do not give each stack its tree; nil where they do.
  private func disproof(_ moves: [FinishedMove]) throws -> String? {
    for finished in moves {
      let move = finished.move
      let patches = move.source.entries.compactMap {
        sharings["\(move.stack.project)/\($0.name)"]?.patch(for: move.stack.release)
      }
      let path = workspace.store.repositoryPath(project: move.stack.project)
      let last = finished.done.last.flatMap { ObjectID($0.commit) } ?? move.onto.commit
      let wanted = try Repository(opening: path).commit(last).tree
      guard try tree(of: patches, on: move.onto.tree, at: path, alone: true) == wanted else {
        return "\(move.stack): the patches that would be written do not give the tree of this run"
      }
    }
    let moving = Set(moves.map(\.move.stack))
    for stack in affected().subtracting(moving).sorted() {
      if let problem = try disproof(ofSharer: stack) { return problem }
    }
    return nil
  }

  /// Stacks that share a text which is written anew.
  private func affected() -> Set<StackName> {
    var result: Set<StackName> = []
    for (project, name) in keys {
      for group in sharings["\(project)/\(name)"]?.groups ?? [] where group.bytes != group.before {
        result.formUnion(group.releases.map { StackName($0, project) })
      }
    }
    return result
  }

  private func disproof(ofSharer stack: StackName) throws -> String? {
    var files = PatchCache(workspace.files)
    guard case .stack(let loaded) = workspace.load(stack, &files) else {
      return "\(stack) shares a text that cannot be tried on its tree, which is not here"
    }
    let path = workspace.store.repositoryPath(project: stack.project)
    let new = loaded.entries.indices.map { index in
      sharings["\(stack.project)/\(loaded.entries[index].name)"]?.patch(for: stack.release)
        ?? loaded.patches[index]
    }
    let root = loaded.upstream.tree
    let before = try tree(of: loaded.patches, on: root, at: path, alone: false)
    guard before != nil, try tree(of: new, on: root, at: path, alone: true) != before else {
      return nil
    }
    return "\(stack) shares a text that would no longer give its tree"
  }

  /// The tree that patches give; nil where one does not apply.
  ///
  /// - Parameter alone: true to use nothing but the texts and the tree: who has not fetched other trees
  ///   has no more.
  private func tree(
    of patches: [Patch], on root: ObjectID, at path: String, alone: Bool
  ) throws -> ObjectID? {
    let result = try ReplaySession(repository: path, lendsStored: !alone).replay(
      patches, onto: root, recording: .names)
    guard result.isApplied else { return nil }
    var chain = try CommitChain(repository: path, root: root, pack: nil)
    return try chain.tree(after: result.edits)
  }

  private mutating func set(_ moves: [FinishedMove]) throws -> FileSet {
    var set = FileSet()
    var revisions: [Release: [String: Series.Revision]] = [:]
    for (project, name) in keys {
      guard let sharing = sharings["\(project)/\(name)"] else { continue }
      try sharing.put(into: &set)
      for (release, path) in sharing.paths {
        guard let now = try catalog.entry(name, of: project, in: release) else { continue }
        if now.path != path {
          revisions[release, default: [:]][project, default: .init()].renamed[now.path] = path
        }
      }
    }
    for (stack, drops) in dropped {
      for drop in drops {
        revisions[stack.release, default: [:]][stack.project, default: .init()]
          .noted[drop.entry.path] = drop.note
      }
    }
    for finished in moves { try addEntries(finished, &revisions) }
    for (release, projects) in revisions {
      var bytes = try catalog.series(release).formatted
      for (project, revision) in projects.sorted(by: { $0.key < $1.key }) {
        let series = try Series(
          parsing: bytes, release: release, file: "series/\(release)",
          soleProject: workspace.soleProject)
        bytes = series.revised(revision, project: project)
        bytes = try arranged(bytes, moves, StackName(release, project))
      }
      set.put(try path("series/\(release)"), bytes)
    }
    var lock = workspace.lock
    for finished in moves { lock[finished.move.stack] = finished.move.onto }
    if lock != workspace.lock { set.put(try path(Workspace.lockName), lock.formatted) }
    return set
  }

  /// A series with the patches of a stack in the order in which they were tried.
  private func arranged(
    _ bytes: [UInt8], _ moves: [FinishedMove], _ stack: StackName
  ) throws -> [UInt8] {
    guard let move = moves.first(where: { $0.move.stack == stack })?.move else { return bytes }
    let series = try Series(
      parsing: bytes, release: stack.release, file: "series/\(stack.release)",
      soleProject: workspace.soleProject)
    let paths = move.source.entries.compactMap {
      sharings["\(stack.project)/\($0.name)"]?.paths[stack.release]
    }
    let now = series.entries(of: stack.project).map(\.path)
    guard now != paths, Set(now) == Set(paths) else { return bytes }
    return series.arranged(paths.map { Series.Placing($0, from: $0) }, project: stack.project)
  }

  /// The entries that a port gives a series: each after the one that it follows in the source.
  private mutating func addEntries(
    _ finished: FinishedMove, _ revisions: inout [Release: [String: Series.Revision]]
  ) throws {
    let stack = finished.move.stack
    let notes = Dictionary((dropped[stack] ?? []).map { ($0.entry.name, $0.note) }) { $1 }
    var before: String?
    for entry in finished.move.source.entries {
      guard let sharing = sharings["\(stack.project)/\(entry.name)"],
        let path = sharing.paths[stack.release]
      else {
        // What never was in the series is noted where it would have come.
        let known = try catalog.entry(entry.name, of: stack.project, in: stack.release)
        if known == nil, let note = notes[entry.name] {
          revisions[stack.release, default: [:]][stack.project, default: .init()].added
            .append(("# \(note)", before))
        }
        continue
      }
      if try catalog.entry(entry.name, of: stack.project, in: stack.release) == nil {
        revisions[stack.release, default: [:]][stack.project, default: .init()].added
          .append((path, before))
      }
      before = path
    }
  }

  private func path(_ text: String) throws -> RepoPath { try RepoPath(Array(text.utf8)) }
}
