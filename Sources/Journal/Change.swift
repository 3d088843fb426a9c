import Git
import Patches

/// One file of a set that is being written: what was there, what will be, and where that waits.
struct Change: Sendable, Equatable {
  let target: Target
  /// The blob that was there; nil for no file.
  let old: ObjectID?
  /// The blob that will be there; nil for no file.
  let new: ObjectID?
  /// The bits of the new file; nil where the process's mask decides.
  let permissions: UInt32?
  let isExecutable: Bool
  /// The new content beside its place, under a name of the journal's; nil where there is none.
  let temporary: RepoPath?
}

/// A set compared with the disk.
struct ChangePlan {
  /// What will change, in the order of the paths.
  private(set) var changes: [Change] = []
  /// Old and new contents by name.
  private(set) var blobs: [ObjectID: [UInt8]] = [:]
  /// The modes of old and new files, for the log.
  private(set) var modes: [Target: (old: FileMode, new: FileMode)] = [:]
  /// What was found at every path of the set, also where nothing will change.
  private(set) var found: [Target: ObjectID] = [:]
  /// How many temporary names have been tried.
  private var temporaries = 0
  private var problems: [Diagnostic] = []
  private let wanted: [Target: Content?]
  private let isToBeWritten: Bool

  /// Looks at every path.
  ///
  /// - Parameter isToBeWritten: false where nobody needs the permission to write.
  /// - Throws: `Diagnostics` with every path that cannot be written: a link, a directory, something
  ///   below a link or a file, a folder without permission; `GitError` where it cannot be read.
  init(
    _ wanted: [Target: Content?], in folders: inout Folders, toWrite isToBeWritten: Bool = true
  ) throws {
    self.wanted = wanted
    self.isToBeWritten = isToBeWritten
    for target in wanted.keys.sorted() {
      try folders.with(target.place) { (disk: inout DiskTree) throws in
        try add(target, wanted[target]!, &disk)
      }
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
  }

  private mutating func add(
    _ target: Target, _ new: Content?, _ disk: inout DiskTree
  ) throws {
    let path = target.path
    if target.place == .workspace, Self.isMadeByOthers(path) {
      return refuse(
        path, "what is in src/ and, but for .kerb/stopped/, in .kerb/ is no file of the workspace")
    }
    let found = try disk.look(at: path)
    var old: ObjectID?
    switch found {
    case .file:
      let bytes = try disk.readFile(path)
      old = try objectID(.blob, bytes)
      blobs[old!] = bytes
      self.found[target] = old
    case .absent: break
    case .symlink: return refuse(path, "a symbolic link; kerb writes to files only")
    case .other: return refuse(path, "a device, pipe or socket; kerb writes to files only")
    case .directory:
      guard new != nil else { return refuse(path, "a folder; kerb writes to files only") }
      for file in try disk.filesBelow(path.bytes) where !isRemoved(file, target.place) {
        return refuse(path, "a folder with files in it; kerb writes to files only")
      }
    case .blocked:
      guard new == nil || hasRemovedAncestor(target) else {
        return refuse(path, "what is above it is a link or a file, not a folder")
      }
    }
    try add(target, old: old, new, found, &disk)
  }

  private mutating func add(
    _ target: Target, old: ObjectID?, _ new: Content?, _ found: DiskTree.Found,
    _ disk: inout DiskTree
  ) throws {
    let id = try new.map { try objectID(.blob, $0.bytes) }
    guard id != old else { return }
    if let id, let new { blobs[id] = new.bytes }
    let folder = disk.nearestDirectory(above: target.path)
    guard !isToBeWritten || disk.isWritable(folder) else {
      return refuse(target.path, "its folder cannot be written to")
    }
    let temporary = try id.map { _ in try temporaryPath(in: folder, &disk) }
    let mode = found.mode ?? .regular
    modes[target] = (mode, old != nil ? mode : new?.isExecutable == true ? .executable : .regular)
    changes.append(
      Change(
        target: target, old: old, new: id, permissions: found.permissions,
        isExecutable: new?.isExecutable ?? false, temporary: temporary))
  }

  /// Where a new content waits, in a place that is free. The name is the journal's, short, and no name
  /// of a patch or series.
  private mutating func temporaryPath(
    in folder: RepoPath?, _ disk: inout DiskTree
  ) throws -> RepoPath {
    let above = folder.map { $0.bytes + [UInt8(ascii: "/")] } ?? []
    while true {
      let path = try RepoPath(above + Array(".kerb-new-\(temporaries)".utf8))
      temporaries += 1
      if case .absent = try disk.look(at: path) { return path }
    }
  }

  private func isRemoved(_ path: [UInt8], _ place: Place) -> Bool {
    guard let path = try? RepoPath(path), let content = wanted[Target(place, path)] else {
      return false
    }
    return content == nil
  }

  private func hasRemovedAncestor(_ target: Target) -> Bool {
    var above = target.path.parent
    while let next = above {
      if isRemoved(next.bytes, target.place), found[Target(target.place, next)] != nil {
        return true
      }
      above = next.parent
    }
    return false
  }

  /// True for what is made again and never written as a file of the workspace: an operation log that was
  /// copied here may name it.
  private static func isMadeByOthers(_ path: RepoPath) -> Bool {
    namesOwnFolder(path.components[0])
      && !path.bytes.starts(with: ".kerb/stopped/".utf8)
  }

  private mutating func refuse(_ path: RepoPath, _ message: String) {
    problems.append(Diagnostic(Location("\(path)"), message, rule: "write-refused"))
  }
}
