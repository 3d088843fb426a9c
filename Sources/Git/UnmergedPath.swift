import CLibgit2
import Patches

/// A path that a merge has left in conflict: what the index holds of it instead of one entry.
public struct UnmergedPath: Hashable, Sendable {
  /// A file as one side has it.
  public struct Side: Hashable, Sendable {
    public let mode: FileMode
    public let id: ObjectID

    public init(mode: FileMode, id: ObjectID) {
      (self.mode, self.id) = (mode, id)
    }
  }

  public let path: RepoPath
  /// Stages 1, 2 and 3; nil for a side that has no file there.
  public let base: Side?
  public let ours: Side?
  public let theirs: Side?

  public init(_ path: RepoPath, base: Side? = nil, ours: Side? = nil, theirs: Side? = nil) {
    (self.path, self.base, self.ours, self.theirs) = (path, base, ours, theirs)
  }

  /// The lines of the index; as git writes them, none says what is on disk.
  var entries: [IndexEntry] {
    zip([base, ours, theirs], UInt16(1)...).compactMap { side, stage in
      side.map {
        IndexEntry(rawMode: $0.mode.raw, id: $0.id, stamp: FileStamp(), flags: stage << 12)
      }
    }
  }
}

extension WorkTree {
  /// The paths that the index has in conflict, in order.
  public func unmergedPaths() throws(WorkTreeError) -> [[UInt8]] {
    do throws(GitError) {
      let index = try IndexFile(reading: WorkTreeFiles(self).index)
      return index.conflicts.keys.sorted { $0.lexicographicallyPrecedes($1) }
    } catch {
      throw .git(error)
    }
  }

  /// Puts one side of a conflict on disk, and into the index in the place of its stages: what `git checkout
  /// --ours` and `git add` do, or `git rm` where the side has no file.
  ///
  /// - Parameters:
  ///   - shown: what may stand on disk besides the sides; anything else is the user's.
  /// - Throws: `changed` for paths that hold something else. Nothing is written then.
  public func take(
    _ sides: [(conflict: UnmergedPath, side: UnmergedPath.Side?, shown: UnmergedPath.Side?)]
  ) throws(WorkTreeError) {
    var changed: [[UInt8]] = []
    do throws(GitError) {
      let files = WorkTreeFiles(self)
      var index = try IndexFile(reading: files.index)
      var disk = try disk(index)
      for (conflict, _, shown) in sides {
        let known = [conflict.base, conflict.ours, conflict.theirs, shown].compactMap(\.self)
        if try !disk.holdsOne(of: known, at: conflict.path) { changed.append(conflict.path.bytes) }
      }
      if changed.isEmpty {
        let repository = try Repository(opening: gitDirectory)
        for (conflict, side, _) in sides {
          let path = conflict.path.bytes
          index.conflicts[path] = nil
          index.entries[path] = try disk.put(side, at: conflict.path, from: repository)
        }
        try index.write(to: files.index)
      }
    } catch {
      throw .git(error)
    }
    guard changed.isEmpty else { throw .changed(changed) }
  }

  /// The paths that a check-out of a commit would refuse to write over, in order.
  public func obstructions(to commit: ObjectID) throws(WorkTreeError) -> [[UInt8]] {
    do throws(GitError) {
      let files = WorkTreeFiles(self)
      guard try files.place() == .ours, try files.target() == nil else { return [] }
      let repository = try Repository(opening: gitDirectory)
      let tree = try repository.commit(commit).tree
      var old: ObjectID?
      if let head = try files.checkedOut() { old = try repository.commit(head).tree }
      let changes = try repository.changes(from: old, to: tree)
      let index = try IndexFile(reading: files.index)
      var checkOut = CheckOut(
        repository, disk: try disk(index), index: index, changes: changes, isResumed: false,
        ownsConflicts: ownsConflicts)
      return try checkOut.obstructions()
    } catch {
      throw .git(error)
    }
  }
}

extension DiskTree {
  /// True where a path holds nothing, or a file as one of some sides has it.
  fileprivate mutating func holdsOne(
    of sides: [UnmergedPath.Side], at path: RepoPath
  ) throws(GitError) -> Bool {
    let found = try look(at: path)
    if case .absent = found { return true }
    for side in sides {
      let entry = TreeEntry(name: [], rawMode: side.mode.raw, id: side.id)
      if try holds(entry, at: path, found) { return true }
    }
    return false
  }

  /// Puts a side's file in the place of what is there, or removes that.
  ///
  /// - Returns: the line of the index.
  fileprivate mutating func put(
    _ side: UnmergedPath.Side?, at path: RepoPath, from repository: borrowing Repository
  ) throws(GitError) -> IndexEntry? {
    switch try look(at: path) {
    case .file, .symlink: try remove(path)
    case .absent, .directory, .other, .blocked: break
    }
    guard let side else { return nil }
    let bytes = try repository.blob(side.id)
    let stamp =
      side.mode == .symlink
      ? try createLink(path, to: bytes)
      : try createFile(path, bytes, isExecutable: side.mode == .executable)
    return IndexEntry(rawMode: side.mode.raw, id: side.id, stamp: stamp)
  }
}
