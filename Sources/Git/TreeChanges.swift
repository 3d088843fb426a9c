import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

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
  /// - Throws: if a tree is missing or malformed, or what differs is more than `TreeLimits` allow.
  public func changes(
    from old: ObjectID?, to new: ObjectID?
  ) throws(GitError) -> [TreeChange] {
    var changes: [TreeChange] = []
    var limits = TreeLimits("compare", old, new)
    try compare(old, new, prefix: [], depth: 0, into: &changes, &limits)
    return changes.sorted { $0.path.lexicographicallyPrecedes($1.path) }
  }

  private func compare(
    _ old: ObjectID?, _ new: ObjectID?, prefix: [UInt8], depth: Int,
    into changes: inout [TreeChange], _ limits: inout TreeLimits
  ) throws(GitError) {
    guard old != new else { return }
    let before = try old.map { (id) throws(GitError) in try rawTree(id) } ?? []
    let after = try new.map { (id) throws(GitError) in try rawTree(id) } ?? []
    for (previous, entry) in differing(before, after) {
      let path = prefix + ((previous ?? entry)?.name ?? [])
      try limits.visit(depth: depth, length: path.count)
      let (oldTree, newTree) = (previous?.subtree, entry?.subtree)
      if oldTree != nil || newTree != nil {
        try compare(
          oldTree, newTree, prefix: path + [UInt8(ascii: "/")], depth: depth + 1, into: &changes,
          &limits)
      }
      let oldFile = oldTree == nil ? previous : nil
      let newFile = newTree == nil ? entry : nil
      if oldFile != newFile { changes.append(TreeChange(path: path, old: oldFile, new: newFile)) }
    }
  }
}

/// The entries that two trees do not have in common, both of a name and kind together. Both are in
/// git's order, so they are read side by side, and nothing is made of what is equal.
private func differing(
  _ before: [UInt8], _ after: [UInt8]
) -> [(old: TreeEntry?, new: TreeEntry?)] {
  before.withUnsafeBytes { before in
    after.withUnsafeBytes { after in
      let (left, right) = (RawTree(bytes: before), RawTree(bytes: after))
      var found: [(old: TreeEntry?, new: TreeEntry?)] = []
      var (old, new) = (left.entry(at: 0), right.entry(at: 0))
      while old != nil || new != nil {
        let order = order(old, left, new, right)
        if order != 0 || !left.isSame(old!, as: new!, in: right) {
          found.append(
            (
              order <= 0 ? old.map { left.treeEntry($0) } : nil,
              order >= 0 ? new.map { right.treeEntry($0) } : nil
            ))
        }
        if order <= 0 { old = left.entry(at: old!.end) }
        if order >= 0 { new = right.entry(at: new!.end) }
      }
      return found
    }
  }
}

/// Less than 0 where the first place comes before the other; a tree that is through comes last.
private func order(
  _ old: EntryPlace?, _ left: RawTree, _ new: EntryPlace?, _ right: RawTree
) -> Int {
  guard let old else { return 1 }
  guard let new else { return -1 }
  return compareNames(
    left.name(of: old), isTree: old.isTree, right.name(of: new), isTree: new.isTree)
}

extension RawTree {
  /// True where two entries of one name have the same mode and object.
  fileprivate func isSame(_ place: EntryPlace, as other: EntryPlace, in tree: RawTree) -> Bool {
    place.rawMode == other.rawMode
      && memcmp(
        bytes.baseAddress! + place.idStart, tree.bytes.baseAddress! + other.idStart,
        ObjectID.byteCount) == 0
  }
}

extension TreeEntry {
  /// The tree that the entry names, if it is a directory.
  fileprivate var subtree: ObjectID? { mode == .tree ? id : nil }
}
