import Patches

/// What a walk over a whole tree may still visit. A tree that comes from elsewhere can have itself as a
/// folder, be thousands of folders deep, or name one folder so often that ten objects stand for more
/// files than there are atoms; a walk over it ends in a message instead.
package struct TreeLimits {
  /// The most files and folders of one tree: 2^20. The largest repositories in the open have half a
  /// million.
  package static let maximumEntries = 1 << 20
  /// The most bytes that the paths of one tree have together: 256 MiB.
  package static let maximumPathBytes = 256 << 20
  /// How deep a tree may be; see `RepoPath`.
  package static let maximumDepth = RepoPath.maximumDepth

  private let doing: String
  private let trees: [ObjectID]
  private var entries = 0
  private var pathBytes = 0

  /// - Parameters:
  ///   - doing: what the walk is for, as a verb: `list`.
  ///   - trees: the trees that the walk begins with, for the message.
  init(_ doing: String, _ trees: ObjectID?...) {
    (self.doing, self.trees) = (doing, trees.compactMap { $0 })
  }

  /// Counts an entry that is visited.
  ///
  /// - Parameters:
  ///   - depth: how many folders it is in.
  ///   - length: the number of bytes of its path, as far as it is kept.
  /// - Throws: where that makes too many.
  mutating func visit(depth: Int, length: Int) throws(GitError) {
    entries += 1
    pathBytes += length
    if depth > Self.maximumDepth {
      throw refusal("it is more than \(Self.maximumDepth) folders deep")
    }
    if entries > Self.maximumEntries {
      throw refusal("it has more than \(Self.maximumEntries) files and folders")
    }
    if pathBytes > Self.maximumPathBytes {
      throw refusal("its paths have more than \(Self.maximumPathBytes) bytes")
    }
  }

  private func refusal(_ why: String) -> GitError {
    let names = trees.map(\.description).joined(separator: " with tree ")
    return GitError("\(doing) tree \(names)", because: why)
  }
}
