import CLibgit2
import Patches

/// The trees that were read last, as raw bytes by name.
///
/// A class, so that a repository that is only borrowed can remember what it read; it never leaves
/// the repository's thread.
final class TreeCache {
  private var trees: [ObjectID: [UInt8]] = [:]
  /// Where names are in the larger ones that were asked for some.
  private var indexes: [ObjectID: EntryIndex] = [:]
  private var size = 0
  /// The number of entries that were read to find others.
  private(set) var work = 0
  private static let maximumSize = 64 << 20
  /// Up to so many bytes reading on is as quick as an index.
  private static let smallTree = 4 << 10

  func tree(_ id: ObjectID, read: () throws(GitError) -> [UInt8]) throws(GitError) -> [UInt8] {
    if let known = trees[id] { return known }
    let bytes = try read()
    if size > Self.maximumSize {
      trees.removeAll()
      indexes.removeAll()
      size = 0
    }
    trees[id] = bytes
    size += bytes.count
    return bytes
  }

  /// The place of a name in a tree.
  func find(_ name: ArraySlice<UInt8>, in id: ObjectID, _ bytes: [UInt8]) -> EntryPlace? {
    let isSmall = bytes.count <= Self.smallTree
    // Taken out while it changes, so that it is not copied.
    var index = (isSmall ? nil : indexes.removeValue(forKey: id)) ?? EntryIndex()
    let place = index.find(name, in: bytes, without: [], work: &work)
    if !isSmall { indexes[id] = index }
    return place
  }
}

extension Repository {
  /// The entries of one tree, in git's order.
  ///
  /// - Throws: if the object is missing, is no tree, or is malformed.
  public func entries(ofTree id: ObjectID) throws(GitError) -> [TreeEntry] {
    try rawTree(id).withUnsafeBytes { bytes in
      let tree = RawTree(bytes: bytes)
      var entries: [TreeEntry] = []
      var offset = 0
      while let place = tree.entry(at: offset) {
        entries.append(tree.treeEntry(place))
        offset = place.end
      }
      return entries
    }
  }

  /// The entry at a path; nil where it, or a directory above it, is absent.
  ///
  /// - Complexity: a directory's entries are scanned, not copied; its bytes are kept. What is below a
  ///   directory that is absent is not looked at.
  public func entry(at path: RepoPath, inTree root: ObjectID) throws(GitError) -> TreeEntry? {
    var tree = root
    var rest = path.bytes[...]
    while let slash = rest.firstIndex(of: UInt8(ascii: "/")) {
      guard let entry = try entry(named: rest[..<slash], inTree: tree), entry.mode == .tree else {
        return nil
      }
      tree = entry.id
      rest = rest[(slash + 1)...]
    }
    return try entry(named: rest, inTree: tree)
  }

  /// Every entry below a tree that is no directory itself, with its path, in git's order.
  ///
  /// - Throws: if a tree is missing or malformed, or the whole is more than `TreeLimits` allow.
  public func files(
    inTree id: ObjectID
  ) throws(GitError) -> [(path: [UInt8], entry: TreeEntry)] {
    var files: [(path: [UInt8], entry: TreeEntry)] = []
    var limits = TreeLimits("list", id)
    try addFiles(below: id, prefix: [], depth: 0, to: &files, &limits)
    return files
  }

  private func addFiles(
    below id: ObjectID, prefix: [UInt8], depth: Int,
    to files: inout [(path: [UInt8], entry: TreeEntry)], _ limits: inout TreeLimits
  ) throws(GitError) {
    for entry in try entries(ofTree: id) {
      let path = prefix + entry.name
      try limits.visit(depth: depth, length: path.count)
      if entry.mode == .tree {
        try addFiles(
          below: entry.id, prefix: path + [UInt8(ascii: "/")], depth: depth + 1, to: &files,
          &limits)
      } else {
        files.append((path, entry))
      }
    }
  }

  /// The entry of one tree by its name; nil where there is none.
  func entry(
    named name: ArraySlice<UInt8>, inTree id: ObjectID
  ) throws(GitError) -> TreeEntry? {
    let bytes = try rawTree(id)
    guard let place = trees.find(name, in: id, bytes) else { return nil }
    return bytes.withUnsafeBytes { RawTree(bytes: $0).treeEntry(place) }
  }

  /// A tree's bytes, well-formed to the end.
  func rawTree(_ id: ObjectID) throws(GitError) -> [UInt8] {
    try trees.tree(id) { () throws(GitError) in
      let read = try bytes(of: id, .tree)
      guard read.withUnsafeBytes({ RawTree(bytes: $0).isWellFormed }) else {
        throw GitError("read tree \(id)", because: "the tree is malformed")
      }
      return read
    }
  }
}
