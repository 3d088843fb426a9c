import Patches

/// A tree that is changed in memory, one path after the other, and written when it is wanted.
///
/// Directories are read when a path first leads into them. A change costs one scan of the directory
/// that it is in; writing costs one hash for each directory above a change.
public struct TreeEditor: ~Copyable {
  /// The name of the tree as it was last written; nil for one without entries, never written.
  private var root: ObjectID?
  private var directories: [Directory] = []
  private var places: [[UInt8]: Int] = [:]
  /// Directories to be hashed again. With a directory, all those above it are here.
  private var changed: [Int] = []

  private struct Directory {
    let path: [UInt8]
    let parent: Int?
    let depth: Int
    var content: TreeDirectory
    var isChanged = false
    var isDropped = false
    var stored: Stored?

    var name: ArraySlice<UInt8> {
      path[((path.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)...]
    }
  }

  /// The version of a directory that was appended to the pack last.
  private struct Stored {
    let bytes: [UInt8]
    let id: ObjectID
    /// The number of deltas between this version and one that is stored whole.
    let links: Int
  }

  /// Starts with a tree, or with none.
  public init(base: ObjectID?) {
    root = base
  }

  /// Adds an entry, or replaces the file at its path. Directories above it are made where they are
  /// missing.
  ///
  /// - Throws: if a directory is at the path or a file is above it: remove those first.
  /// - Precondition: the mode is not a directory's.
  public mutating func set(
    _ path: RepoPath, rawMode: UInt32, id: ObjectID, reader: borrowing Repository
  ) throws(GitError) {
    precondition(FileMode(raw: rawMode) != .tree, "an editor sets files, not directories")
    let parent = try directory(path.parent?.bytes ?? [], creating: true, reader)!
    if let place = directories[parent].content.find(path.name) {
      guard !place.isTree else {
        throw GitError("add \(path)", because: "there is a directory at this path")
      }
      if place.rawMode == rawMode {
        directories[parent].content.setID(of: place, to: id)
        return markChanged(parent)
      }
      directories[parent].content.remove(place)
    }
    directories[parent].content.insert(path.name, rawMode: rawMode, id: id)
    markChanged(parent)
  }

  /// Takes a file away, and the directories that it leaves empty.
  ///
  /// - Throws: if there is no file at the path.
  public mutating func remove(
    _ path: RepoPath, reader: borrowing Repository
  ) throws(GitError) {
    guard let parent = try directory(path.parent?.bytes ?? [], creating: false, reader),
      let place = directories[parent].content.find(path.name), !place.isTree
    else { throw GitError("remove \(path)", because: "there is no file at this path") }
    directories[parent].content.remove(place)
    markChanged(parent)
    dropIfEmpty(parent)
  }

  /// Hashes what has changed, and stores what is new.
  ///
  /// A directory is stored as a delta against its last version in the pack; the first is whole, and
  /// each that follows 50 deltas. An object that the repository or the pack has is not stored again.
  ///
  /// - Parameter pack: where to store; nil only computes names.
  /// - Returns: the whole tree's name.
  public mutating func write(
    reader: borrowing Repository, encoder: inout ObjectEncoder, into pack: PackWriter?
  ) throws(GitError) -> ObjectID {
    if root == nil { markChanged(try directory([], creating: true, reader)!) }
    for index in changed.sorted(by: { directories[$0].depth > directories[$1].depth })
    where !directories[index].isDropped {
      let bytes = directories[index].content.bytes
      let id = try objectID(.tree, bytes.span)
      if let pack, !pack.contains(id), !reader.contains(id) {
        try store(index, id, &encoder, pack)
      }
      directories[index].isChanged = false
      if let parent = directories[index].parent {
        let place = directories[parent].content.find(directories[index].name)!
        directories[parent].content.setID(of: place, to: id)
      } else {
        root = id
      }
    }
    changed.removeAll(keepingCapacity: true)
    return root!
  }

  private static let maximumLinks = 50

  private mutating func store(
    _ index: Int, _ id: ObjectID, _ encoder: inout ObjectEncoder, _ pack: PackWriter
  ) throws(GitError) {
    let bytes = directories[index].content.bytes
    var links = 0
    if let last = directories[index].stored, last.links < Self.maximumLinks,
      pack.contains(last.id)
    {
      links = last.links + 1
      let delta = directories[index].content.delta(from: last.bytes)
      try pack.append(encoder.delta(delta, base: last.id, id: id, kind: .tree))
    } else {
      try pack.append(encoder.whole(.tree, bytes.span, id: id))
    }
    directories[index].content.deltaBegins()
    directories[index].stored = Stored(bytes: bytes, id: id, links: links)
  }

  /// The directory at a path, read or made if need be; nil if it is absent and not to be made.
  private mutating func directory(
    _ path: [UInt8], creating: Bool, _ reader: borrowing Repository
  ) throws(GitError) -> Int? {
    if let known = places[path] { return known }
    guard !path.isEmpty else {
      guard let root else { return add(TreeDirectory(), at: [], below: nil) }
      return add(TreeDirectory(try reader.rawTree(root)), at: [], below: nil)
    }
    let slash = path.lastIndex(of: UInt8(ascii: "/"))
    let above = slash.map { Array(path[..<$0]) } ?? []
    guard let parent = try directory(above, creating: creating, reader) else { return nil }
    let name = path[(slash.map { $0 + 1 } ?? 0)...]
    if let place = directories[parent].content.find(name) {
      guard place.isTree else {
        guard creating else { return nil }
        let shown = String(decoding: path, as: UTF8.self)
        throw GitError("enter \(shown)", because: "this is a file, not a directory")
      }
      let id = directories[parent].content.id(of: place)
      return add(TreeDirectory(try reader.rawTree(id)), at: path, below: parent)
    }
    guard creating else { return nil }
    directories[parent].content.insert(name, rawMode: FileMode.tree.raw, id: .zero)
    let made = add(TreeDirectory(), at: path, below: parent)
    markChanged(made)
    return made
  }

  private mutating func add(_ content: TreeDirectory, at path: [UInt8], below parent: Int?) -> Int {
    let depth = parent.map { directories[$0].depth + 1 } ?? 0
    directories.append(Directory(path: path, parent: parent, depth: depth, content: content))
    places[path] = directories.count - 1
    return directories.count - 1
  }

  private mutating func markChanged(_ index: Int) {
    var next: Int? = index
    while let index = next, !directories[index].isChanged {
      directories[index].isChanged = true
      changed.append(index)
      next = directories[index].parent
    }
  }

  private mutating func dropIfEmpty(_ index: Int) {
    guard directories[index].content.bytes.isEmpty, let parent = directories[index].parent else {
      return
    }
    let place = directories[parent].content.find(directories[index].name)!
    directories[parent].content.remove(place)
    directories[index].isDropped = true
    places[directories[index].path] = nil
    dropIfEmpty(parent)
  }
}
