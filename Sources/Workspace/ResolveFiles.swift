import Git
import Journal
import Patches

/// A file of a stopped run that is in conflict as a whole: no markers stand in it.
public struct OpenFileConflict: Sendable {
  public let stack: StackName
  /// The file in the workspace: `src/RELEASE/PROJECT/PATH`.
  public let file: String
  public let reason: String
  /// True where the side has a file there.
  public var hasOurs: Bool { conflict.ours != nil }
  public var hasTheirs: Bool { conflict.theirs != nil }
  let conflict: UnmergedPath
}

/// One side of a conflict, as git names them.
public enum ConflictSide: String, Sendable, CaseIterable {
  case ours, theirs
}

extension Workspace {
  /// The files of a run that are in conflict without markers, as git's index has them now.
  public func openFiles(_ state: StoppedMove) throws -> [OpenFileConflict] {
    let files = MoveFiles(self, state.name)
    let unmerged = Set(
      try files.tree.attempt { (tree) throws(WorkTreeError) in try tree.unmergedPaths() })
    return state.open.compactMap { open in
      guard open.isMarked != true, let conflict = open.unmerged,
        unmerged.contains(conflict.path.bytes)
      else { return nil }
      return OpenFileConflict(
        stack: state.name, file: "src/\(state.stack)/\(open.path)", reason: open.reason,
        conflict: conflict)
    }
  }

  /// Puts one side of each conflict into its file, and settles it in git's index.
  ///
  /// - Throws: `Refusal` where a file holds what neither side has; nothing is written then.
  public func take(_ side: ConflictSide, of conflicts: [OpenFileConflict]) throws {
    try hold { held in
      let states = try stoppedMoves()
      for stack in Set(conflicts.map(\.stack)).sorted() {
        guard let state = states.first(where: { $0.name == stack }) else { continue }
        let files = MoveFiles(self, stack)
        _ = try NamedPlace(files.directory, in: root)
        let sides = try conflicts.filter { $0.stack == stack }.map { open in
          let chosen = side == .ours ? open.conflict.ours : open.conflict.theirs
          try refuse(chosen, at: open.conflict.path, files)
          return (open.conflict, chosen, try shown(open.conflict.path, state, files))
        }
        try files.tree.attempt(hint: "'git add' or 'git rm' settles what you have made of them") {
          (tree) throws(WorkTreeError) in
          try tree.take(sides)
        }
      }
    }
  }

  /// Refuses a link that no patch may make.
  private func refuse(
    _ side: UnmergedPath.Side?, at path: RepoPath, _ files: MoveFiles
  ) throws {
    guard let side, side.mode == .symlink else { return }
    try refuseLink(at: path, to: try Repository(opening: files.repositoryPath).blob(side.id))
  }

  /// What the run has put at a path.
  private func shown(
    _ path: RepoPath, _ state: StoppedMove, _ files: MoveFiles
  ) throws -> UnmergedPath.Side? {
    guard let marked = ObjectID(state.marked) else { return nil }
    let repository = try Repository(opening: files.repositoryPath)
    let entry = try repository.entry(at: path, inTree: try repository.commit(marked).tree)
    return entry.flatMap { $0.mode == .tree ? nil : .init(mode: $0.mode, id: $0.id) }
  }
}
