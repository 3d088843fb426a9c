import Git
import PatchEngine
import Patches

extension Workspace {
  /// Refuses while a conflict is open: a marker is still there, or git's index has stages for a file.
  func refuseOpen(
    _ taken: [MoveFiles.Content], _ state: StoppedMove, _ step: Step, _ files: MoveFiles
  ) throws {
    // Those of the state, and those that the patch has: the state is a file that anybody can write.
    let conflicts = step.paths.filter { $0.conflict != nil }.map { "\($0.followedTo ?? $0.path)" }
    let open = Set(state.open.map(\.path) + conflicts)
    var found = taken.compactMap { content -> Diagnostic? in
      guard open.contains("\(content.path)"), let bytes = content.bytes,
        let line = firstConflictMarker(in: bytes)
      else { return nil }
      return Diagnostic(
        Location(shown(content.path, files), line: line), "a conflict marker is still here",
        rule: "conflict-marker")
    }
    let unmerged = try files.tree.attempt { (tree) throws(WorkTreeError) in
      try tree.unmergedPaths()
    }
    let there = Set(taken.filter { $0.bytes != nil }.map(\.path.bytes))
    for path in unmerged {
      let file = state.open.first { Array($0.path.utf8) == path }
      // A text without markers is taken as it is.
      if file?.isMarked == true, there.contains(path) { continue }
      found.append(
        Diagnostic(
          Location(shown(String(decoding: path, as: UTF8.self), files)),
          (file.map { "\($0.reason); " } ?? "")
            + "it is still in conflict: 'git add' it as it is to be, "
            + "'git rm' it, or 'kerb resolve --take ours' or 'theirs'", rule: "open-conflict"))
    }
    guard found.isEmpty else { throw OpenConflicts(found) }
  }

  /// Refuses where nothing is left of a hunk, or of another change of the patch.
  ///
  /// - Parameter allowed: what may be lost: `PATCH:FILE:PART`.
  func refuseLoss(
    _ taken: [MoveFiles.Content], _ step: Step, _ move: StackMove, _ index: Int, _ root: ObjectID,
    allowing allowed: Set<String>, _ files: MoveFiles
  ) throws {
    let patch = move.source.patches[index]
    var found: [Diagnostic] = []
    let sides = try LossSides(taken, patch, step, root, in: files.repositoryPath)
    for (section, result) in zip(patch.files, step.paths) {
      for part in try sides.lost(section, result) {
        let name = "\(move.source.entries[index].name):\(section.path):\(part.word)"
        guard !allowed.contains(name) else { continue }
        found.append(
          Diagnostic(
            Location(patch.name, line: section.line(of: part)),
            "\(section.path): nothing of \(part.phrase) is left; put it in, or give --allow-lost "
              + "\(name)", rule: "lost-hunk"))
      }
    }
    guard found.isEmpty else { throw OpenConflicts(found) }
  }

  private func shown(_ path: some CustomStringConvertible, _ files: MoveFiles) -> String {
    "\(files.directory.dropFirst(root.count + 1))/\(path)"
  }
}

/// The tree before a patch, and the files that a person has made of it.
private struct LossSides {
  private let patch: Patch
  private var old: [RepoPath: (entry: SourceEntry, text: Text)] = [:]
  private var new: [RepoPath: (entry: SourceEntry, text: Text)] = [:]
  private var lines = LinesBeside()
  private let changed: [RepoPath]

  init(
    _ taken: [MoveFiles.Content], _ patch: Patch, _ step: Step, _ root: ObjectID, in path: String
  ) throws {
    self.patch = patch
    changed = taken.map(\.path)
    let repository = try Repository(opening: path)
    let places = step.paths.compactMap { $0.conflict?.renamedTo ?? $0.followedTo }
    for path in Set(changed + places + patch.files.map(\.sourcePath)) {
      guard let entry = try repository.entry(at: path, inTree: root), entry.mode != .tree,
        entry.mode != .gitlink
      else { continue }
      old[path] = (SourceEntry(entry), Text(try repository.blob(entry.id)))
    }
    new = old
    for content in taken {
      new[content.path] = try content.bytes.map {
        (SourceEntry(rawMode: content.mode, id: try objectID(.blob, $0)), Text($0))
      }
      let sections = zip(patch.files, step.paths).filter {
        ($0.1.followedTo ?? $0.1.path) == content.path
      }
      lines.add(
        before: old[content.path]?.text ?? Text([]), after: new[content.path]?.text ?? Text([]),
        sections.map(\.0))
    }
  }

  /// What is lost of one section.
  func lost(_ section: FileChange, _ result: PathResult) throws -> [LostPart] {
    // What upstream has, and what a resolver was told to leave out, nobody has lost.
    guard result.outcome != .landed, result.resolvers != [.staysDeleted] else { return [] }
    let place = result.conflict?.renamedTo ?? result.followedTo ?? section.sourcePath
    let target = section.kind == .delete ? place : result.followedTo ?? section.path
    let (old, new) = (old, new)
    let parts = try section.lostParts(
      of: patch, place: place, target: target,
      in: FilesBeside(
        before: { old[$0]?.entry }, after: { new[$0]?.entry }, changed: changed))
    let (before, after) = (old[place]?.text, new[target]?.text)
    if section.kind == .delete, after == nil { return [] }
    let hunks = section.lostHunks(
      before: before ?? Text([]), after: after ?? Text([]), merge: result.conflict?.merge?.merge,
      others: lines)
    if section.kind == .delete { return hunks.isEmpty ? parts : [.deletion] }
    return parts + hunks.map { .hunk($0) }
  }
}

extension Conflict {
  /// Where upstream has put the file, where that is the conflict.
  fileprivate var renamedTo: RepoPath? {
    if case .renamed(let path) = reason { path } else { nil }
  }
}

extension FileChange {
  fileprivate func line(of part: LostPart) -> Int? {
    if case .hunk(let number) = part, case .hunks(let hunks) = content {
      return hunks[number - 1].line
    }
    return line > 0 ? line : nil
  }
}
