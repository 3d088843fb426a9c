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
    nodes[path] = .some(node)
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

  mutating func set(_ path: RepoPath, _ node: Node?) {
    nodes[path] = .some(node)
  }

  func blocker(_ path: RepoPath) -> Int? { blockers[path] }

  /// Notes that a patch left the path in conflict; the first stays.
  mutating func block(_ path: RepoPath, by patch: Int) {
    if blockers[path] == nil { blockers[path] = patch }
  }

  /// The nearest path above that is a file or link, and so no place for a file below it.
  func fileAbove(
    _ path: RepoPath, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> RepoPath? {
    var above = path.parent
    while let directory = above {
      if let known = nodes[directory] {
        if known != nil { return directory }
      } else if let entry = try tree.entry(at: directory), entry.mode != .tree {
        return directory
      }
      above = directory.parent
    }
    return nil
  }

  /// The paths that were asked for or changed, in no order.
  var paths: Dictionary<RepoPath, Node?>.Keys { nodes.keys }

  /// True where a file is known to be at the path.
  func hasFile(_ path: RepoPath) -> Bool { nodes[path].flatMap { $0 } != nil }

  /// True where no file is known to be at the path.
  func isMissing(_ path: RepoPath) -> Bool { nodes[path].map { $0 == nil } ?? false }

  /// The paths that are known to have no file.
  var missing: Set<[UInt8]> { Set(nodes.filter { $0.value == nil }.keys.map(\.bytes)) }

  /// Makes a path again what it is in another state.
  mutating func restore(_ path: RepoPath, from state: VirtualTree) {
    nodes[path] = state.nodes[path]
  }
}
