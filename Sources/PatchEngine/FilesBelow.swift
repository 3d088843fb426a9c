import Patches

/// Answers for many paths of one tree whether files lie below them, without looking at all files for
/// each.
struct FilesBelow {
  /// The number of questions up to which looking at all files is cheaper than sorting them.
  private static let fewQuestions = 4

  private var questions = 0
  /// The paths that the tree knows, in order; nil before it is asked often.
  private var sorted: [RepoPath]?
  private var gone: Set<[UInt8]>?
  /// The number of paths that were looked at.
  private(set) var work = 0

  /// True where some file lies below the path.
  mutating func contains(
    _ path: RepoPath, of files: VirtualTree, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Bool {
    questions += 1
    if hasKnown(path, files) { return true }
    guard let entry = try tree.entry(at: path), entry.mode == .tree else { return false }
    let gone = self.gone ?? files.missing
    self.gone = gone
    return try tree.files(under: path).contains { !gone.contains($0) }
  }

  /// Says that a path may have changed since the last question.
  mutating func refresh(_ path: RepoPath, of files: VirtualTree) {
    if files.isMissing(path) { gone?.insert(path.bytes) } else { gone?.remove(path.bytes) }
  }

  private mutating func hasKnown(_ path: RepoPath, _ files: VirtualTree) -> Bool {
    guard questions > Self.fewQuestions else {
      work += files.paths.count
      return files.paths.contains { path.contains($0) && files.hasFile($0) }
    }
    let sorted = self.sorted ?? files.paths.sorted()
    if self.sorted == nil { work += sorted.count }
    self.sorted = sorted
    // `path/` is the first that can come below it, and no other path comes between those below.
    let first = path.bytes + [UInt8(ascii: "/")]
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      work += 1
      if sorted[middle].bytes.lexicographicallyPrecedes(first) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    while low < sorted.count, path.contains(sorted[low]) {
      work += 1
      if files.hasFile(sorted[low]) { return true }
      low += 1
    }
    return false
  }
}
