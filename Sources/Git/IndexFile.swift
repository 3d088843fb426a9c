import CLibgit2
import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What the file system says about a file, as far as an index keeps it: who reads it again and
/// finds it equal need not read the file.
struct FileStamp: Hashable {
  var changed = Instant()
  var modified = Instant()
  var device: UInt32 = 0
  var inode: UInt32 = 0
  var user: UInt32 = 0
  var group: UInt32 = 0
  var size: UInt32 = 0

  /// Seconds, of which an index keeps 32 bits, and nanoseconds.
  struct Instant: Hashable, Comparable {
    var seconds: Int32 = 0
    var nanoseconds: UInt32 = 0

    static func < (left: Self, right: Self) -> Bool {
      (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
  }
}

extension FileStamp {
  init(_ status: stat) {
    #if canImport(Darwin)
      let (changed, modified) = (status.st_ctimespec, status.st_mtimespec)
    #else
      let (changed, modified) = (status.st_ctim, status.st_mtim)
    #endif
    self.init(
      changed: Instant(changed), modified: Instant(modified),
      device: UInt32(truncatingIfNeeded: status.st_dev),
      inode: UInt32(truncatingIfNeeded: status.st_ino), user: status.st_uid, group: status.st_gid,
      size: UInt32(truncatingIfNeeded: status.st_size))
  }
}

extension FileStamp.Instant {
  init(_ time: timespec) {
    self.init(
      seconds: Int32(truncatingIfNeeded: time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
  }
}

/// A line of an index: what is checked out at a path.
struct IndexEntry {
  let rawMode: UInt32
  let id: ObjectID
  let stamp: FileStamp
  var flags: UInt16 = 0
  var extendedFlags: UInt16 = 0

  /// True for a file that a sparse check-out leaves out (the skip-worktree bit).
  var isLeftOut: Bool { extendedFlags & UInt16(GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue) != 0 }
  /// True for a file that git was told not to look at (the assume-valid bit).
  var isAssumedUnchanged: Bool { flags & UInt16(GIT_INDEX_ENTRY_VALID.rawValue) != 0 }
}

/// A work tree's index, read and written whole.
struct IndexFile {
  var entries: [[UInt8]: IndexEntry] = [:]
  /// The paths with a merge in progress.
  private(set) var conflicts: Set<[UInt8]> = []
  /// When the file was written: a file that is as young may have changed since.
  private(set) var written: FileStamp.Instant?

  init() {}

  /// Reads an index; one that is absent has no entries.
  init(reading path: String) throws(GitError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    written = FileStamp(status).modified
    var opened: OpaquePointer?
    try check(git_index_open(&opened, path), "read \(path)")
    defer { git_index_free(opened) }
    for place in 0..<git_index_entrycount(opened) {
      let entry = git_index_get_byindex(opened, place)!.pointee
      let name = Array(UnsafeRawBufferPointer(start: entry.path, count: strlen(entry.path)))
      if entry.flags & UInt16(GIT_INDEX_ENTRY_STAGEMASK) != 0 {
        conflicts.insert(name)
      } else {
        entries[name] = IndexEntry(entry)
      }
    }
  }

  mutating func forgetConflicts() { conflicts = [] }

  /// Writes the entries in one step.
  func write(to path: String) throws(GitError) {
    guard access(path + ".lock", F_OK) != 0 else {
      throw GitError("write \(path)", because: "a git command is using it (\(path).lock exists)")
    }
    // libgit2 reads what is there before it writes; a name of our own is sure to be free.
    let temporary = path + ".kerb"
    unlink(temporary)
    unlink(temporary + ".lock")
    var opened: OpaquePointer?
    try check(git_index_open(&opened, temporary), "write \(path)")
    defer { git_index_free(opened) }
    for (name, entry) in entries.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      try check(entry.add(to: opened, name + [0]), "write \(path)")
    }
    try check(git_index_write(opened), "write \(path)")
    guard rename(temporary, path) == 0 else { throw GitError("write \(path)", errno: errno) }
  }
}

extension IndexEntry {
  fileprivate init(_ entry: git_index_entry) {
    rawMode = entry.mode
    id = ObjectID(entry.id)
    stamp = FileStamp(
      changed: .init(seconds: entry.ctime.seconds, nanoseconds: entry.ctime.nanoseconds),
      modified: .init(seconds: entry.mtime.seconds, nanoseconds: entry.mtime.nanoseconds),
      device: entry.dev, inode: entry.ino, user: entry.uid, group: entry.gid,
      size: entry.file_size)
    flags = entry.flags
    extendedFlags = entry.flags_extended
  }

  fileprivate func add(to index: OpaquePointer?, _ name: [UInt8]) -> Int32 {
    var entry = git_index_entry()
    entry.mode = rawMode
    entry.id = id.oid
    entry.ctime = git_index_time(
      seconds: stamp.changed.seconds, nanoseconds: stamp.changed.nanoseconds)
    entry.mtime = git_index_time(
      seconds: stamp.modified.seconds, nanoseconds: stamp.modified.nanoseconds)
    entry.dev = stamp.device
    entry.ino = stamp.inode
    entry.uid = stamp.user
    entry.gid = stamp.group
    entry.file_size = stamp.size
    entry.flags = flags
    entry.flags_extended = extendedFlags
    return name.withUnsafeBytes { name in
      entry.path = name.bindMemory(to: CChar.self).baseAddress
      return git_index_add(index, &entry)
    }
  }
}
