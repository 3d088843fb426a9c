import Patches

/// A file as the patches so far have left it.
struct Node {
  enum Content {
    /// A blob that was not read yet.
    case stored(ObjectID)
    case text(Text)
  }

  var rawMode: UInt32
  var content: Content
  /// The content's name; nil in a dry run once a patch has changed it.
  var id: ObjectID?

  var mode: FileMode { FileMode(raw: rawMode) }
}

/// The files that a group names, as the patches so far have left them.
struct VirtualTree {
  private var nodes: [RepoPath: Node?] = [:]
  private var blockers: [RepoPath: Int] = [:]
  private var numbers = PathTrie()
  /// What is known, by the number of a path.
  private var marks: [Mark] = []

  /// What is known of a path and of those below it.
  private struct Mark {
    /// True for a file, false for none; nil where nothing is known.
    var isFile: Bool?
    var filesBelow = 0
  }

  /// The bytes of copies that a patch has changed: a section of some bytes makes a file as large as any.
  private var copied = 0
  /// The most bytes of such copies.
  static let mostCopied = 64 << 20

  /// How many steps along paths were taken.
  var work: Int { numbers.work }

  /// The file at a path, nil where there is none.
  mutating func node(
    at path: RepoPath, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Node? {
    if let known = nodes[path] { return known }
    let entry = try tree.entry(at: path)
    let node = entry.flatMap { entry in
      entry.mode == .tree
        ? nil : Node(rawMode: entry.rawMode, content: .stored(entry.id), id: entry.id)
    }
    set(path, node)
    return node
  }

  /// The text of a file, read when first needed.
  mutating func text(
    of node: Node, at path: RepoPath, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Text {
    switch node.content {
    case .text(let text): return text
    case .stored(let id): return Text(try tree.content(of: id))
    }
  }

  /// Counts a copy that is not as its source.
  ///
  /// - Returns: false where all of them are more than they may be.
  mutating func admits(copy bytes: Int) -> Bool {
    guard bytes <= Self.mostCopied - copied else { return false }
    copied += bytes
    return true
  }

  mutating func set(_ path: RepoPath, _ node: Node?) {
    nodes[path] = .some(node)
    let number = number(of: path)
    let change = (node == nil ? 0 : 1) - (marks[number].isFile == true ? 1 : 0)
    marks[number].isFile = node != nil
    guard change != 0 else { return }
    var above = numbers.above(number)
    while let directory = above {
      marks[directory].filesBelow += change
      above = numbers.above(directory)
    }
  }

  private mutating func number(of path: RepoPath) -> Int {
    let number = numbers.number(of: path)
    while marks.count < numbers.count { marks.append(Mark()) }
    return number
  }

  func blocker(_ path: RepoPath) -> Int? { blockers[path] }

  /// Notes that a patch left the path in conflict; the first stays.
  mutating func block(_ path: RepoPath, by patch: Int) {
    if blockers[path] == nil { blockers[path] = patch }
  }

  /// The nearest path above that is a file or link, and so no place for a file below it.
  mutating func fileAbove(
    _ path: RepoPath, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> RepoPath? {
    let slashes = path.bytes.indices.filter { path.bytes[$0] == UInt8(ascii: "/") }
    let stored = try storedFile(above: path, slashes, in: tree)
    var above = numbers.above(number(of: path))
    for depth in slashes.indices.reversed() {
      guard let directory = above else { break }
      let isFile = marks[directory].isFile ?? (depth == stored)
      if isFile { return path.directory(endingAt: slashes[depth]) }
      above = numbers.above(directory)
    }
    return nil
  }

  /// Which of the directories above a path is a file in the tree: one that is has none below it, and
  /// directories above it.
  private func storedFile(
    above path: RepoPath, _ slashes: [Int], in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Int? {
    var (low, high) = (0, slashes.count)
    while low < high {
      let middle = (low + high) / 2
      guard let entry = try tree.entry(at: path.directory(endingAt: slashes[middle])) else {
        high = middle
        continue
      }
      if entry.mode != .tree { return middle }
      low = middle + 1
    }
    return nil
  }

  /// True where some file lies below the path.
  mutating func hasFiles(
    below path: RepoPath, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Bool {
    if marks[number(of: path)].filesBelow > 0 { return true }
    guard let entry = try tree.entry(at: path), entry.mode == .tree else { return false }
    return try tree.files(under: path).contains { file in
      numbers.known(file).flatMap { marks[$0].isFile } != false
    }
  }
}
