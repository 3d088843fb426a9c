import Patches

/// A stack divided into groups of file changes that cannot touch each other: each group can be
/// replayed on its own, so that groups run in parallel.
///
/// Two changes are in one group if they name the same path, if a rename or copy ties their paths,
/// or if one path lies below the other.
public struct Plan: Sendable {
  /// One file change: the patch, counted from 0 in the stack, and the section in the patch.
  public struct Change: Hashable, Sendable {
    public let patch: Int
    public let section: Int
  }

  /// The changes of a group in the order of the stack.
  public typealias Group = [Change]

  /// The groups, the one with most changes first.
  public let groups: [Group]

  /// - Parameter relocations: a path that upstream has renamed is in one group with its new one.
  public init(_ stack: [Patch], _ relocations: Relocations = Relocations()) {
    var paths = PathSets()
    var changes: [(path: Int, change: Change)] = []
    for (index, patch) in stack.enumerated() {
      for (section, file) in patch.files.enumerated() {
        let path = paths.number(of: file.path)
        if case .rename(let from, _) = file.kind { paths.join(path, paths.number(of: from)) }
        if case .copy(let from, _) = file.kind { paths.join(path, paths.number(of: from)) }
        for old in [file.path, file.sourcePath] {
          if let moved = relocations.place(of: old) { paths.join(path, paths.number(of: moved)) }
        }
        changes.append((path, Change(patch: index, section: section)))
      }
    }
    paths.joinNested()
    var groups: [Int: Group] = [:]
    for (path, change) in changes { groups[paths.root(path), default: []].append(change) }
    self.groups = groups.values.sorted { left, right in
      (right.count, left[0].patch, left[0].section) < (left.count, right[0].patch, right[0].section)
    }
  }
}

/// Paths in disjoint sets.
struct PathSets {
  private var paths = PathTrie()
  /// A set's first member for each path that was named, itself for the first; nil for a directory that
  /// only stands above one.
  private var parents: [Int?] = []

  /// How many steps along paths were taken.
  var work: Int { paths.work }

  mutating func number(of path: RepoPath) -> Int {
    let number = paths.number(of: path)
    while parents.count < paths.count { parents.append(nil) }
    if parents[number] == nil { parents[number] = number }
    return number
  }

  mutating func root(_ number: Int) -> Int {
    var number = number
    while let parent = parents[number], parent != number {
      let next = parents[parent] ?? parent
      parents[number] = next
      number = next
    }
    return number
  }

  mutating func join(_ left: Int, _ right: Int) {
    let (left, right) = (root(left), root(right))
    parents[max(left, right)] = min(left, right)
  }

  /// Joins each path with the paths above it that are named themselves.
  mutating func joinNested() {
    // The nearest named path at or above each; what stands above has the lower number.
    var nearest = [Int?](repeating: nil, count: parents.count)
    for number in parents.indices {
      let above = paths.above(number).flatMap { nearest[$0] }
      let isNamed = parents[number] != nil
      if isNamed, let above { join(number, above) }
      nearest[number] = isNamed ? number : above
    }
  }
}
