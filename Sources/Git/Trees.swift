import CLibgit2
import Patches

/// The trees that were read last, as raw bytes by name.
///
/// A class, so that a repository that is only borrowed can remember what it read; it never leaves
/// the repository's thread.
final class TreeCache {
  private var trees: [ObjectID: [UInt8]] = [:]
  private var size = 0
  private static let maximumSize = 64 << 20

  func tree(_ id: ObjectID, read: () throws(GitError) -> [UInt8]) throws(GitError) -> [UInt8] {
    if let known = trees[id] { return known }
    let bytes = try read()
    if size > Self.maximumSize {
      trees.removeAll()
      size = 0
    }
    trees[id] = bytes
    size += bytes.count
    return bytes
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
  /// - Complexity: a directory's entries are scanned, not copied; its bytes are kept.
  public func entry(at path: RepoPath, inTree root: ObjectID) throws(GitError) -> TreeEntry? {
    let components = path.components
    var tree = root
    for component in components.dropLast() {
      guard let entry = try entry(named: component, inTree: tree), entry.mode == .tree else {
        return nil
      }
      tree = entry.id
    }
    return try entry(named: components[components.count - 1], inTree: tree)
  }

  /// Every entry below a tree that is no directory itself, with its path, in git's order.
  ///
  /// - Throws: if a tree is missing or malformed.
  public func files(
    inTree id: ObjectID
  ) throws(GitError) -> [(path: [UInt8], entry: TreeEntry)] {
    var files: [(path: [UInt8], entry: TreeEntry)] = []
    try addFiles(below: id, prefix: [], to: &files)
    return files
  }

  private func addFiles(
    below id: ObjectID, prefix: [UInt8], to files: inout [(path: [UInt8], entry: TreeEntry)]
  ) throws(GitError) {
    for entry in try entries(ofTree: id) {
      let path = prefix + entry.name
      if entry.mode == .tree {
        try addFiles(below: entry.id, prefix: path + [UInt8(ascii: "/")], to: &files)
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
    return bytes.withUnsafeBytes { bytes in
      let tree = RawTree(bytes: bytes)
      return name.withUnsafeBytes { tree.find($0) }.map { tree.treeEntry($0) }
    }
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
