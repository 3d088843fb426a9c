import CLibgit2
import Patches

extension WorkTree {
  /// Brings the files to a commit, and `HEAD` to a branch.
  ///
  /// Only paths that differ between the commit that is checked out and the new one are touched, and
  /// first all of them are compared with what was checked out there. A check-out that was broken
  /// off at any point is ended before another begins.
  ///
  /// - Parameters:
  ///   - branch: the branch's name without `refs/heads/`; it should point at the commit already.
  ///   - progress: told the number of paths done and of paths in all.
  /// - Throws: `changed` with every path that is in the way, before anything is written.
  public func checkOut(
    branch: String, commit: ObjectID, progress: (Int, Int) -> Void = { _, _ in }
  ) throws(WorkTreeError) {
    let outcome: Outcome
    do throws(GitError) {
      outcome = try bring(to: commit, branch, progress)
    } catch {
      throw .git(error)
    }
    switch outcome {
    case .done: return
    case .occupied(let reason): throw .occupied(reason)
    case .obstructed(let paths): throw .changed(paths)
    }
  }

  /// Takes the files as they are for those of a commit: index and `HEAD` follow, no file is touched.
  /// What is different on disk is a change against the commit from then on.
  ///
  /// - Parameter keepsStaged: true to leave what was staged as it is.
  public func adopt(
    branch: String, commit: ObjectID, keepsStaged: Bool = false
  ) throws(WorkTreeError) {
    do throws(GitError) {
      let repository = try Repository(opening: gitDirectory)
      let files = WorkTreeFiles(self)
      var index = try IndexFile(reading: files.index)
      var old: ObjectID?
      if let head = try files.checkedOut() { old = try repository.commit(head).tree }
      let tree = try repository.commit(commit).tree
      var disk = try disk(index)
      if keepsStaged {
        for change in try repository.changes(from: old, to: tree) {
          let staged = index.entries[change.path]
          guard staged?.id == change.old?.id, staged?.rawMode == change.old?.mode.raw else {
            continue
          }
          index.entries[change.path] = try change.new.map { (entry) throws(GitError) in
            try adopted(entry, at: change.path, &disk)
          }
        }
      } else {
        var entries: [[UInt8]: IndexEntry] = [:]
        for (path, entry) in try repository.files(inTree: tree) {
          let known = index.entries[path]
          entries[path] =
            if let known, known.id == entry.id, known.rawMode == entry.mode.raw { known } else {
              try adopted(entry, at: path, &disk)
            }
        }
        index.forgetConflicts()
        index.entries = entries
      }
      try files.set(target: commit)
      try index.write(to: files.index)
      try files.set(branch: branch, checkedOut: commit)
    } catch {
      throw .git(error)
    }
  }

  /// The line of the index for a file: where the disk has something else, with the stamp of no file.
  private func adopted(
    _ entry: TreeEntry, at path: [UInt8], _ disk: inout DiskTree
  ) throws(GitError) -> IndexEntry {
    let place = try safePath(path)
    let found = try disk.look(at: place)
    let isSame = try disk.holds(entry, at: place, found)
    let stamp = isSame ? found.status.map { FileStamp($0) } : nil
    return IndexEntry(rawMode: entry.mode.raw, id: entry.id, stamp: stamp ?? FileStamp())
  }

  private enum Outcome {
    case done
    case occupied(String)
    case obstructed([[UInt8]])
  }

  private func bring(
    to commit: ObjectID, _ branch: String, _ progress: (Int, Int) -> Void
  ) throws(GitError) -> Outcome {
    var isValid: Int32 = 0
    GitLibrary.setUp()
    guard git_branch_name_is_valid(&isValid, branch) == 0, isValid == 1 else {
      throw GitError("check out \(branch)", because: "this is no valid name for a branch")
    }
    let repository = try Repository(opening: gitDirectory)
    let tree = try repository.commit(commit).tree
    let files = WorkTreeFiles(self)
    switch try files.place() {
    case .occupied: return .occupied("\(directory) holds files that are not this work tree's")
    case .fresh:
      if try files.isTaken() {
        return .occupied("the work tree \(name) of \(gitDirectory) is in another directory")
      }
      try files.create(target: commit)
    case .ours: break
    }
    let broken = try files.target()
    if let broken, broken != commit {
      let outcome = try bring(to: broken, branch, progress)
      guard case .done = outcome else { return outcome }
      return try bring(to: commit, branch, progress)
    }
    var old: ObjectID?
    if let head = try files.checkedOut() { old = try repository.commit(head).tree }
    let changes = try repository.changes(from: old, to: tree)
    let index = try IndexFile(reading: files.index)
    var checkOut = CheckOut(
      repository, disk: try disk(index), index: index, changes: changes,
      isResumed: broken != nil)
    let obstructions = try checkOut.obstructions()
    guard obstructions.isEmpty else { return .obstructed(obstructions) }
    try files.set(target: commit)
    try checkOut.perform(progress)
    try checkOut.index.write(to: files.index)
    try files.set(branch: branch, checkedOut: commit)
    return .done
  }
}

/// The changes of one check-out: first compared with the disk, then made.
private struct CheckOut: ~Copyable {
  private let repository: Repository
  private var disk: DiskTree
  private(set) var index: IndexFile
  private let changes: [TreeChange]
  /// True if files may be there that an earlier run began to write.
  private let isResumed: Bool
  private var steps: [Step] = []

  private struct Step {
    let path: RepoPath
    let change: TreeChange
    let found: DiskTree.Found
    let action: Action
  }

  private enum Action {
    /// The path is as it will be.
    case keep
    case remove
    case write
  }

  init(
    _ repository: consuming Repository, disk: consuming DiskTree, index: IndexFile,
    changes: [TreeChange], isResumed: Bool
  ) {
    self.repository = repository
    self.disk = disk
    self.index = index
    self.changes = changes
    self.isResumed = isResumed
  }

  /// Compares every path with the disk, and plans what to do there.
  ///
  /// - Returns: the paths that hold something else than what was checked out, in order.
  mutating func obstructions() throws(GitError) -> [[UInt8]] {
    let removed = Set(changes.filter { $0.new == nil }.map(\.path))
    var all = index.conflicts.intersection(changes.map(\.path))
    for change in changes {
      let path = try safePath(change.path)
      let found = try disk.look(at: path)
      let here = try obstructions(at: path, change, found, removed)
      all.formUnion(here)
      if !isKnown(index.entries[change.path], change) { all.insert(change.path) }
      let action = try here.isEmpty ? self.action(at: path, change, found) : .keep
      steps.append(Step(path: path, change: change, found: found, action: action))
    }
    return all.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// True if nothing is staged at a path that is in neither tree.
  private func isKnown(_ staged: IndexEntry?, _ change: TreeChange) -> Bool {
    [change.old, change.new].contains { entry in
      staged?.id == entry?.id && staged?.rawMode == entry?.mode.raw
    }
  }

  private mutating func obstructions(
    at path: RepoPath, _ change: TreeChange, _ found: DiskTree.Found, _ removed: Set<[UInt8]>
  ) throws(GitError) -> [[UInt8]] {
    switch found {
    case .absent: return []
    case .blocked:
      return change.new == nil || hasAncestor(of: path, in: removed) ? [] : [path.bytes]
    case .directory:
      guard let new = change.new, new.mode != .gitlink else { return [] }
      return try disk.filesBelow(path.bytes).filter { !removed.contains($0) }
    case .other: return [path.bytes]
    case .file, .symlink:
      return try isReplaceable(path, change, found) ? [] : [path.bytes]
    }
  }

  private func hasAncestor(of path: RepoPath, in removed: Set<[UInt8]>) -> Bool {
    var ancestor = path.parent
    while let next = ancestor {
      if removed.contains(next.bytes) { return true }
      ancestor = next.parent
    }
    return false
  }

  /// True if a file is the one of the old or of the new tree, or, after a run that was broken off,
  /// the beginning of the new one.
  private mutating func isReplaceable(
    _ path: RepoPath, _ change: TreeChange, _ found: DiskTree.Found
  ) throws(GitError) -> Bool {
    if let staged = index.entries[path.bytes], staged.id == change.old?.id,
      try disk.holds(staged, at: path, unless: index.written)
    {
      return true
    }
    for entry in [change.old, change.new] {
      if let entry, try disk.holds(entry, at: path, found) { return true }
    }
    guard isResumed, let new = change.new, new.mode.isFile, found.mode == new.mode else {
      return false
    }
    let begun = try disk.readFile(path)
    return try repository.blob(new.id).starts(with: begun)
  }

  private mutating func action(
    at path: RepoPath, _ change: TreeChange, _ found: DiskTree.Found
  ) throws(GitError) -> Action {
    guard let new = change.new else {
      switch found {
      case .file, .symlink: return .remove
      case .directory: return change.old?.mode == .gitlink ? .remove : .keep
      case .absent, .other, .blocked: return .keep
      }
    }
    return try disk.holds(new, at: path, found) ? .keep : .write
  }

  /// Removes, then writes: what is removed makes room.
  mutating func perform(_ progress: (Int, Int) -> Void) throws(GitError) {
    var done = 0
    for step in steps.reversed() where step.change.new == nil {
      if step.action == .remove { try remove(step) }
      index.entries[step.change.path] = nil
      done += 1
      progress(done, steps.count)
    }
    for step in steps {
      guard let new = step.change.new else { continue }
      let stamp = step.action == .write ? try write(new, step) : step.found.stamp
      index.entries[step.change.path] = IndexEntry(rawMode: new.mode.raw, id: new.id, stamp: stamp)
      done += 1
      progress(done, steps.count)
    }
  }

  private mutating func remove(_ step: Step) throws(GitError) {
    guard let status = step.found.status else {
      // A directory of another repository; what is in it is the user's.
      disk.removeDirectory(step.path)
      return
    }
    guard let now = try disk.look(at: step.path).status, FileStamp(now) == FileStamp(status) else {
      throw GitError("replace \(step.path)", because: "it changed in the meantime")
    }
    try disk.remove(step.path)
  }

  private mutating func write(_ new: TreeEntry, _ step: Step) throws(GitError) -> FileStamp {
    switch step.found {
    case .file, .symlink: try remove(step)
    case .directory:
      if case .directory = try disk.look(at: step.path) {
        try disk.removeEmptyDirectories(step.path)
      }
    case .absent, .other, .blocked: break
    }
    switch new.mode {
    case .gitlink, .tree:
      try disk.makeDirectory(step.path)
      return FileStamp()
    case .symlink: return try disk.createLink(step.path, to: repository.blob(new.id))
    case .regular, .executable:
      return try disk.createFile(
        step.path, repository.blob(new.id), isExecutable: new.mode == .executable)
    }
  }
}

extension DiskTree.Found {
  fileprivate var stamp: FileStamp { status.map { FileStamp($0) } ?? FileStamp() }
}
