import Patches

/// A tree that is changed in memory, one path after the other, and written when it is wanted.
///
/// Directories are read when a path first leads into them. A change costs one look into the directory
/// that it is in; writing costs one hash for each directory above a change.
public struct TreeEditor: ~Copyable {
  /// The name of the tree as it was last written; nil for one without entries, never written.
  private var root: ObjectID?
  private var directories: [Directory] = []
  private var places: [Step: Int] = [:]
  /// The directory that was entered last, as neighbours in a tree follow each other.
  private var entered: (path: [UInt8], place: Int)?
  /// Directories to be hashed again. With a directory, all those above it are here.
  private var changed: [Int] = []
  private var steps = 0

  private struct Directory {
    let name: [UInt8]
    let parent: Int?
    let depth: Int
    var content: TreeDirectory
    var isChanged = false
    var isDropped = false
    var stored: Stored?
  }

  /// From a directory into one that is in it.
  private struct Step: Hashable {
    let parent: Int
    let name: [UInt8]
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
    let parent = try directory(above: path, creating: true, reader)!
    let name = path.name
    if let found = directories[parent].content.find(name) {
      guard !found.isTree else {
        throw GitError("add \(path)", because: "there is a directory at this path")
      }
      if found.rawMode == rawMode {
        directories[parent].content.setID(of: found, name, to: id)
        return markChanged(parent)
      }
      directories[parent].content.remove(found, name)
    }
    directories[parent].content.insert(name, rawMode: rawMode, id: id)
    markChanged(parent)
  }

  /// Takes a file away, and the directories that it leaves empty.
  ///
  /// - Throws: if there is no file at the path.
  public mutating func remove(
    _ path: RepoPath, reader: borrowing Repository
  ) throws(GitError) {
    guard let parent = try directory(above: path, creating: false, reader),
      let found = directories[parent].content.find(path.name), !found.isTree
    else { throw GitError("remove \(path)", because: "there is no file at this path") }
    directories[parent].content.remove(found, path.name)
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
    if root == nil { markChanged(try top(reader)) }
    for index in changed.sorted(by: { directories[$0].depth > directories[$1].depth })
    where !directories[index].isDropped {
      let bytes = directories[index].content.bytes()
      let id = try objectID(.tree, bytes.span)
      if let pack, !pack.contains(id), !reader.contains(id) {
        try store(index, bytes, id, &encoder, pack)
      }
      directories[index].isChanged = false
      if let parent = directories[index].parent {
        let name = directories[index].name[...]
        let found = directories[parent].content.find(name)!
        directories[parent].content.setID(of: found, name, to: id)
      } else {
        root = id
      }
    }
    changed.removeAll(keepingCapacity: true)
    return root!
  }

  /// What the edits have cost so far: entries that were read, compared or copied, and directories that
  /// were entered.
  package var work: Int { directories.reduce(steps) { $0 + $1.content.work } }

  private static let maximumLinks = 50

  private mutating func store(
    _ index: Int, _ bytes: [UInt8], _ id: ObjectID, _ encoder: inout ObjectEncoder,
    _ pack: PackWriter
  ) throws(GitError) {
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

  private mutating func top(_ reader: borrowing Repository) throws(GitError) -> Int {
    if !directories.isEmpty { return 0 }
    let content = if let root { try reader.rawTree(root) } else { [] as [UInt8] }
    return add(TreeDirectory(content), named: [], below: nil)
  }

  /// The directory that holds a path, read or made if need be; nil if it is absent and not to be made.
  private mutating func directory(
    above path: RepoPath, creating: Bool, _ reader: borrowing Repository
  ) throws(GitError) -> Int? {
    let end = path.bytes.count - path.name.count - 1
    guard end > 0 else { return try top(reader) }
    if let entered, entered.path[...] == path.bytes[..<end] { return entered.place }
    var place = try top(reader)
    var start = 0
    for index in 0...end where index == end || path.bytes[index] == UInt8(ascii: "/") {
      guard
        let next = try directory(path.bytes[..<index], from: start, in: place, creating, reader)
      else { return nil }
      (place, start) = (next, index + 1)
    }
    entered = (Array(path.bytes[..<end]), place)
    return place
  }

  /// The directory at a path whose last component begins at an offset.
  private mutating func directory(
    _ path: ArraySlice<UInt8>, from start: Int, in parent: Int, _ creating: Bool,
    _ reader: borrowing Repository
  ) throws(GitError) -> Int? {
    let name = Array(path[start...])
    steps += 1
    if let known = places[Step(parent: parent, name: name)] { return known }
    if let found = directories[parent].content.find(name[...]) {
      guard found.isTree else {
        guard creating else { return nil }
        let shown = String(decoding: path, as: UTF8.self)
        throw GitError("enter \(shown)", because: "this is a file, not a directory")
      }
      return add(TreeDirectory(try reader.rawTree(found.id)), named: name, below: parent)
    }
    guard creating else { return nil }
    directories[parent].content.insert(name[...], rawMode: FileMode.tree.raw, id: .zero)
    let made = add(TreeDirectory(), named: name, below: parent)
    markChanged(made)
    return made
  }

  private mutating func add(
    _ content: TreeDirectory, named name: [UInt8], below parent: Int?
  ) -> Int {
    let depth = parent.map { directories[$0].depth + 1 } ?? 0
    directories.append(Directory(name: name, parent: parent, depth: depth, content: content))
    if let parent { places[Step(parent: parent, name: name)] = directories.count - 1 }
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
    var index = index
    while directories[index].content.isEmpty, let parent = directories[index].parent {
      let name = directories[index].name
      let found = directories[parent].content.find(name[...])!
      directories[parent].content.remove(found, name[...])
      directories[index].isDropped = true
      places[Step(parent: parent, name: name)] = nil
      entered = nil
      index = parent
    }
  }
}
