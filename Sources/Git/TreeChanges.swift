import Patches

/// A path whose entry differs between two trees.
public struct TreeChange: Hashable, Sendable {
  /// The path's bytes, without a check of their safety: they come out of a tree.
  public let path: [UInt8]
  /// The entry in the first tree; nil where the path is added. Never a directory.
  public let old: TreeEntry?
  /// The entry in the second tree; nil where the path is removed. Never a directory.
  public let new: TreeEntry?

  public init(path: [UInt8], old: TreeEntry?, new: TreeEntry?) {
    (self.path, self.old, self.new) = (path, old, new)
  }
}

extension Repository {
  /// The paths whose entries differ between two trees. Equal directories are not read.
  ///
  /// - Parameters: trees, nil for one without entries.
  /// - Returns: changes in the order of the paths' bytes; a directory that becomes a file, or a file
  ///   that becomes a directory, gives removals and additions.
  public func changes(
    from old: ObjectID?, to new: ObjectID?
  ) throws(GitError) -> [TreeChange] {
    var changes: [TreeChange] = []
    try compare(old, new, prefix: [], into: &changes)
    return changes.sorted { $0.path.lexicographicallyPrecedes($1.path) }
  }

  private func compare(
    _ old: ObjectID?, _ new: ObjectID?, prefix: [UInt8], into changes: inout [TreeChange]
  ) throws(GitError) {
    guard old != new else { return }
    var before: [[UInt8]: TreeEntry] = [:]
    for entry in try entries(below: old) { before[entry.name] = entry }
    for entry in try entries(below: new) {
      let previous = before.removeValue(forKey: entry.name)
      try compare(previous, entry, at: prefix + entry.name, into: &changes)
    }
    for (name, entry) in before {
      try compare(entry, nil, at: prefix + name, into: &changes)
    }
  }

  private func entries(below tree: ObjectID?) throws(GitError) -> [TreeEntry] {
    guard let tree else { return [] }
    return try entries(ofTree: tree)
  }

  private func compare(
    _ old: TreeEntry?, _ new: TreeEntry?, at path: [UInt8], into changes: inout [TreeChange]
  ) throws(GitError) {
    let (oldTree, newTree) = (old?.subtree, new?.subtree)
    if oldTree != nil || newTree != nil {
      try compare(oldTree, newTree, prefix: path + [UInt8(ascii: "/")], into: &changes)
    }
    let (oldFile, newFile) = (oldTree == nil ? old : nil, newTree == nil ? new : nil)
    if oldFile != newFile { changes.append(TreeChange(path: path, old: oldFile, new: newFile)) }
  }
}

extension TreeEntry {
  /// The tree that the entry names, if it is a directory.
  fileprivate var subtree: ObjectID? { mode == .tree ? id : nil }
}
