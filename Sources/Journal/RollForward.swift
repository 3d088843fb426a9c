import Git
import Patches

/// Brings a set that is past its commit point into place. Each step may have been done before, by a
/// process that was killed; doing it again changes nothing.
struct RollForward: ~Copyable {
  private let manifest: Manifest
  private let log: OperationLog
  private var folders: Folders

  init(_ manifest: Manifest, log: consuming OperationLog, folders: consuming Folders) {
    self.manifest = manifest
    self.log = log
    self.folders = folders
  }

  /// Removes, renames into place, waits for the disk; then the log moves on.
  ///
  /// The log moves last, so where it has moved every file was in place and on the disk once: what
  /// is there now is the user's.
  mutating func run(_ notice: (Notice) -> Void) throws(GitError) {
    guard try log.newest() != manifest.commit else { return }
    for change in manifest.changes.reversed() where change.new == nil { try remove(change, notice) }
    for change in manifest.changes where change.new != nil { try place(change, notice) }
    try folders.synchronize(above: manifest.changes.map(\.target))
    try log.move(to: manifest.commit, from: manifest.parent)
  }

  private mutating func remove(_ change: Change, _ notice: (Notice) -> Void) throws(GitError) {
    try folders.with(change.target.place) { (disk: inout DiskTree) throws(GitError) in
      let path = change.target.path
      switch try disk.look(at: path) {
      // A folder: what is in it came after the file had been removed.
      case .absent, .blocked, .directory: return
      case .file, .symlink, .other: break
      }
      if try !disk.holds(change.old, at: path) { return try disk.save(path, notice) }
      try disk.remove(path)
    }
  }

  private mutating func place(_ change: Change, _ notice: (Notice) -> Void) throws(GitError) {
    guard let new = change.new, let temporary = change.temporary else { return }
    let path = change.target.path
    let isThere = try folders.with(change.target.place) { (disk) throws(GitError) in
      if try disk.holds(new, at: path) {
        if case .file = try disk.look(at: temporary) { try disk.remove(temporary) }
        return true
      }
      if try !disk.holds(change.old, at: path) { try disk.save(path, notice) }
      return false
    }
    guard !isThere else { return }
    let waits = try folders.with(change.target.place) { (disk) throws(GitError) in
      try disk.holds(new, at: temporary)
    }
    let bytes = waits ? nil : try log.blob(new)
    try folders.with(change.target.place) { (disk: inout DiskTree) throws(GitError) in
      if let bytes {
        try disk.createSynchronized(
          temporary, bytes, permissions: change.permissions, isExecutable: change.isExecutable)
      }
      // A folder that lost its last file to this set, and the run was broken off right there.
      if case .directory = try disk.look(at: path) { try disk.removeEmptyDirectories(path) }
      try disk.move(temporary, to: path)
    }
  }
}

extension DiskTree {
  /// True if a path holds a file with this content, or, for nil, no file or link.
  fileprivate mutating func holds(_ id: ObjectID?, at path: RepoPath) throws(GitError) -> Bool {
    switch try look(at: path) {
    case .file: return try id == objectID(.blob, readFile(path))
    case .absent, .blocked, .directory: return id == nil
    case .symlink, .other: return false
    }
  }

  /// Gives a file that somebody changed meanwhile another name, beside its own.
  fileprivate mutating func save(_ path: RepoPath, _ notice: (Notice) -> Void) throws(GitError) {
    for number in 1...1000 {
      let suffix = Array((number == 1 ? ".kerb-saved" : ".kerb-saved-\(number)").utf8)
      guard let other = try? RepoPath(path.bytes + suffix) else { break }
      guard case .absent = try look(at: other) else { continue }
      try move(path, to: other)
      return notice(.saved(path, as: other))
    }
    throw GitError("keep \(path)", because: "there is no free name for it")
  }
}
