import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension DiskTree {
  /// True if an index entry's file is as it was checked out.
  ///
  /// An equal stamp is proof, unless the file is as young as the index that holds the stamp:
  /// then it may have changed in the same tick of the clock, and is read.
  mutating func holds(
    _ entry: IndexEntry, at path: RepoPath, unless indexWritten: FileStamp.Instant?
  ) throws(GitError) -> Bool {
    let found = try look(at: path)
    let mode = FileMode(raw: entry.rawMode)
    if let status = found.status, mode == found.mode, let indexWritten,
      entry.stamp == FileStamp(status), entry.stamp.modified < indexWritten
    {
      return true
    }
    let wanted = TreeEntry(name: [], rawMode: entry.rawMode, id: entry.id)
    return try holds(wanted, at: path, found)
  }

  /// True if git's status would pass over an index entry: it is as it was checked out, or a sparse check-out
  /// leaves it out, or somebody has told git not to look (`git update-index --assume-unchanged`). That is no
  /// leave to write over what is there.
  mutating func isPassedOver(
    _ entry: IndexEntry, at path: RepoPath, unless indexWritten: FileStamp.Instant?
  ) throws(GitError) -> Bool {
    if entry.isAssumedUnchanged { return true }
    if entry.isLeftOut, try look(at: path).isNothing { return true }
    return try holds(entry, at: path, unless: indexWritten)
  }

  /// The filter whose program would have to say whether a file is as it was checked out; nil where none has to.
  mutating func unaskedFilter(
    _ entry: IndexEntry, at path: RepoPath
  ) throws(GitError) -> String? {
    let found = try look(at: path)
    guard let cleanSide, case .file = found, found.mode == FileMode(raw: entry.rawMode),
      let bytes = try content(at: path, found),
      case .program(let name) = try cleanSide.stored(bytes, at: path)
    else { return nil }
    return name
  }

  /// True if what was found at a path has an entry's mode and content, or git would store that content for it.
  mutating func holds(
    _ entry: TreeEntry, at path: RepoPath, _ found: Found
  ) throws(GitError) -> Bool {
    if entry.mode == .gitlink, case .directory = found { return true }
    guard found.mode == entry.mode, let bytes = try content(at: path, found) else { return false }
    if try objectID(.blob, bytes) == entry.id { return true }
    guard case .file = found, let cleanSide,
      case .bytes(let stored) = try cleanSide.stored(bytes, at: path), stored != bytes
    else { return false }
    return try objectID(.blob, stored) == entry.id
  }

  /// The bytes that a blob would have for what was found; nil where it is no file and no link.
  mutating func content(at path: RepoPath, _ found: Found) throws(GitError) -> [UInt8]? {
    switch found {
    case .file: try readFile(path)
    case .symlink: try readLink(path)
    case .absent, .directory, .other, .blocked: nil
    }
  }

  /// The files and links below a directory, and everything else that is no directory.
  package mutating func filesBelow(_ path: [UInt8]) throws(GitError) -> [[UInt8]] {
    guard let directory = try? RepoPath(path), let names = names(in: directory) else {
      return [path]
    }
    var files: [[UInt8]] = []
    for name in names {
      let below = path + [UInt8(ascii: "/")] + name
      guard let child = try? RepoPath(below), case .directory = try look(at: child) else {
        files.append(below)
        continue
      }
      files += try filesBelow(below)
    }
    return files
  }

  /// Removes a directory that holds nothing but directories.
  package mutating func removeEmptyDirectories(_ path: RepoPath) throws(GitError) {
    for name in names(in: path) ?? [] {
      try removeEmptyDirectories(safePath(path.bytes + [UInt8(ascii: "/")] + name))
    }
    guard removeDirectory(path) else { throw GitError("remove directory \(path)", errno: errno) }
  }
}

extension DiskTree.Found {
  /// True where there is no file, nor could one be.
  fileprivate var isNothing: Bool {
    switch self {
    case .absent, .blocked: true
    case .file, .symlink, .directory, .other: false
    }
  }

  /// What the file system says of a file or link.
  var status: stat? {
    switch self {
    case .file(let status), .symlink(let status): status
    case .absent, .directory, .other, .blocked: nil
    }
  }

  /// The mode that git would give to a file or link.
  package var mode: FileMode? {
    switch self {
    case .file(let status): status.st_mode & 0o100 != 0 ? .executable : .regular
    case .symlink: .symlink
    case .absent, .directory, .other, .blocked: nil
    }
  }
}
