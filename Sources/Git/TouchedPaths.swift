import Patches

/// Paths that are asked for, by their directories.
public struct PathSet: Sendable {
  private var children: [[UInt8]: PathSet] = [:]
  private var path: RepoPath?

  public init(_ paths: some Sequence<RepoPath>) {
    for path in paths { insert(path, path.components[...]) }
  }

  private mutating func insert(_ path: RepoPath, _ rest: ArraySlice<ArraySlice<UInt8>>) {
    guard let first = rest.first else {
      self.path = path
      return
    }
    children[Array(first), default: PathSet([])].insert(path, rest.dropFirst())
  }

  fileprivate func touched(
    _ old: ObjectID?, _ new: ObjectID?, _ repository: borrowing Repository,
    _ result: inout [TouchedPath]
  ) throws(GitError) {
    guard old != new else { return }
    for (name, child) in children {
      let before = try Self.entry(name, old, repository)
      let after = try Self.entry(name, new, repository)
      guard before != after else { continue }
      if let path = child.path {
        result.append(
          TouchedPath(path: path, old: before?.file, new: after?.file))
      }
      if !child.children.isEmpty {
        try child.touched(before?.directory, after?.directory, repository, &result)
      }
    }
  }

  private static func entry(
    _ name: [UInt8], _ tree: ObjectID?, _ repository: borrowing Repository
  ) throws(GitError) -> TreeEntry? {
    guard let tree else { return nil }
    return try repository.entry(named: name[...], inTree: tree)
  }
}

/// A path that was asked for and differs between two trees.
public struct TouchedPath: Hashable, Sendable {
  public let path: RepoPath
  /// The blobs; nil where the path is no file.
  public let old: ObjectID?
  public let new: ObjectID?
}

extension Repository {
  /// The paths of a set whose entries differ between two trees, in no order. Only directories above
  /// them are read, and none that is equal in both.
  ///
  /// - Throws: if a tree is missing or malformed.
  public func touched(
    _ paths: PathSet, from old: ObjectID?, to new: ObjectID?
  ) throws(GitError) -> [TouchedPath] {
    var result: [TouchedPath] = []
    try paths.touched(old, new, self, &result)
    return result
  }
}

extension TreeEntry {
  fileprivate var file: ObjectID? { mode.isFile ? id : nil }
  fileprivate var directory: ObjectID? { mode == .tree ? id : nil }
}
