import Patches
import TestSupport

/// Draws trees, patches and upstream's steps.
enum MoveDraw {
  private static let texts = [
    ("a.txt", 40), ("b.txt", 40), ("lib/c.py", 30), ("lib/d.py", 24), ("run.sh", 16),
    ("old.txt", 14),
  ]

  static func firstTree() throws -> ModelTree {
    var tree: ModelTree = [:]
    for (path, count) in texts {
      let lines = (1...count).map { "\(path) line \($0)\n" }
      tree[path] = try ModelFile(Array(lines.joined().utf8))
    }
    tree["bin.dat"] = try ModelFile([0, 1, 2] + Array("binary".utf8))
    return tree
  }

  /// Lines at the top, so that all else moves.
  static func shifted(_ tree: ModelTree, by count: Int) throws -> ModelTree {
    var tree = tree
    for path in ["a.txt", "lib/c.py"] {
      let top = (1...count).flatMap { Array("top \($0) of \(path)\n".utf8) }
      tree[path] = try ModelFile(top + (tree[path]?.bytes ?? []))
    }
    return tree
  }

  private static func word(_ random: inout SeededGenerator) -> [UInt8] {
    Array("text \(random.below(1_000_000))\n".utf8)
  }

  private static func texts(of tree: ModelTree) -> [String] {
    tree.filter { $0.value.isText && $0.value.lines.count > 10 }.map(\.key).sorted()
  }

  /// What one patch makes of a tree: one to three changes of any kind.
  static func patched(_ tree: ModelTree, _ random: inout SeededGenerator) throws -> ModelTree {
    var tree = tree
    for _ in 0...random.below(3) {
      switch random.below(20) {
      case 0: tree["new-\(random.below(3)).txt"] = try made(&random)
      case 1: tree["empty-\(random.below(2))"] = try ModelFile([])
      case 2: tree["bin.dat"] = try ModelFile([0, 7] + word(&random))
      case 3:
        if let file = tree["run.sh"] {
          tree["run.sh"] = try ModelFile(file.bytes, mode: ModelFile.executable)
        }
      case 4: tree["old.txt"] = nil
      case 5:
        if let file = tree["lib/d.py"] {
          tree["lib/d.py"] = nil
          tree["lib/moved.py"] = file
        }
      case 6: tree["blob-\(random.below(2)).dat"] = try ModelFile([0, 9] + word(&random))
      default:
        let paths = texts(of: tree)
        let path = random.one(paths)
        tree[path] = try edited(tree[path], at: nil, &random)
      }
    }
    return tree
  }

  private static func made(_ random: inout SeededGenerator) throws -> ModelFile {
    try ModelFile((0..<(3 + random.below(4))).flatMap { _ in word(&random) })
  }

  /// Another text: a line replaced, some added, or one taken away.
  ///
  /// - Parameter place: the line; nil for any that has context.
  static func edited(
    _ file: ModelFile?, at place: Int?, _ random: inout SeededGenerator
  ) throws -> ModelFile? {
    guard let file, file.lines.count > 10 else { return file }
    var lines = file.lines
    let index = min(max(place ?? 4 + random.below(lines.count - 8), 0), lines.count - 1)
    switch random.below(6) {
    case 0: lines.remove(at: index)
    case 1: lines.insert(contentsOf: [word(&random), word(&random)], at: index)
    case 2: lines[index] = word(&random) + word(&random)
    default: lines[index] = word(&random)
    }
    return try ModelFile(lines.flatMap { $0 }, mode: file.mode)
  }

  /// What upstream does next on a branch, with an eye on a patch that has to follow.
  static func upstream(
    _ tip: ModelTree, before: ModelTree, after: ModelTree, _ oracle: MoveOracle,
    _ random: inout SeededGenerator
  ) throws -> ModelTree {
    var tree = tip
    let touched = before.changes(to: after).sorted()
    switch random.below(20) {
    case 0..<9: try edit(&tree, touched, before, after, &random)
    case 9, 10:
      // The patch lands.
      let picked = try oracle.pick(base: before, ours: tip, theirs: after)
      if picked.isClean { tree = picked.tree }
    case 11:
      let path = random.one(touched)
      var part = before
      part[path] = after[path]
      let picked = try oracle.pick(base: before, ours: tip, theirs: part)
      if picked.isClean { tree = picked.tree }
    case 12: tree[random.one(touched)] = nil
    case 13:
      let path = random.below(2) == 0 ? random.one(touched) : random.one(texts(of: tip))
      if let file = tree[path], file.isText, file.lines.count > 10 {
        tree[path] = nil
        tree["renamed-\(random.below(100)).txt"] = file
      }
    case 14:
      let path = random.below(2) == 0 ? random.one(touched) : "run.sh"
      if let file = tree[path] {
        let isPlain = file.mode == ModelFile.regular
        tree[path] = try ModelFile(
          file.bytes, mode: isPlain ? ModelFile.executable : ModelFile.regular)
      }
    case 15: tree["bin.dat"] = try ModelFile([0, 3] + word(&random))
    case 16:
      let path = touched.first { before[$0] == nil } ?? "new-\(random.below(3)).txt"
      tree[path] = try random.below(3) == 0 ? after[path] ?? made(&random) : made(&random)
    case 17: tree["other-\(random.below(9)).txt"] = try made(&random)
    default:
      let path = random.one(texts(of: tip))
      tree[path] = try edited(tree[path], at: nil, &random)
    }
    return tree
  }

  /// An edit at, near or far from what the patch takes away.
  private static func edit(
    _ tree: inout ModelTree, _ touched: [String], _ before: ModelTree, _ after: ModelTree,
    _ random: inout SeededGenerator
  ) throws {
    let path = random.one(touched)
    guard let file = tree[path], file.isText else { return }
    let now = Set(after[path]?.lines ?? [])
    let hit = (before[path]?.lines ?? []).first { !now.contains($0) }
    let place = hit.flatMap { file.lines.firstIndex(of: $0) }
    let distance = [0, 0, 0, 1, 2, 3, 5, -1, -3, 9][random.below(10)]
    tree[path] = try edited(file, at: place.map { $0 + distance }, &random)
  }
}
