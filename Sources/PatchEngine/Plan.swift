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
private struct PathSets {
  private var numbers: [RepoPath: Int] = [:]
  private var parents: [Int] = []

  mutating func number(of path: RepoPath) -> Int {
    if let number = numbers[path] { return number }
    numbers[path] = parents.count
    parents.append(parents.count)
    return parents.count - 1
  }

  mutating func root(_ number: Int) -> Int {
    var number = number
    while parents[number] != number {
      parents[number] = parents[parents[number]]
      number = parents[number]
    }
    return number
  }

  mutating func join(_ left: Int, _ right: Int) {
    let (left, right) = (root(left), root(right))
    parents[max(left, right)] = min(left, right)
  }

  /// Joins each path with the paths above it that are named themselves.
  mutating func joinNested() {
    for (path, number) in numbers {
      var above = path.parent
      while let directory = above {
        if let other = numbers[directory] { join(number, other) }
        above = directory.parent
      }
    }
  }
}
