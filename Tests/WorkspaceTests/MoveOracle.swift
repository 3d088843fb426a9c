import Git
import Patches
import TestSupport

/// What git's merge makes of three trees, in a repository without any of kerb's code. Each merge is asked
/// for once.
final class MoveOracle {
  /// A merge with the files in conflict, by path: which stages git's index would have.
  struct Merged {
    let tree: ModelTree
    let open: [String: [Int: ModelFile]]

    var isClean: Bool { open.isEmpty }
  }

  struct Failure: Error {
    let outcome: Outcome
  }

  private let repository: String
  private var known: [String: Merged] = [:]
  private(set) var asked = 0

  init(repository: String) {
    self.repository = repository
  }

  /// The tree of a patch, which leads from `base` to `theirs`, picked onto `ours`.
  func pick(base: ModelTree, ours: ModelTree, theirs: ModelTree) throws -> Merged {
    if base == ours { return Merged(tree: theirs, open: [:]) }
    if base == theirs { return Merged(tree: ours, open: [:]) }
    if let plain = Self.apart(base, ours, theirs) { return Merged(tree: plain, open: [:]) }
    let key = [base.key, ours.key, theirs.key].joined(separator: "\n\n")
    if let merged = known[key] { return merged }
    let merged = try ask(base, ours, theirs)
    known[key] = merged
    return merged
  }

  /// Both sides change other files, none comes or goes: there is nothing to merge.
  private static func apart(
    _ base: ModelTree, _ ours: ModelTree, _ theirs: ModelTree
  ) -> ModelTree? {
    let (one, other) = (base.changes(to: ours), base.changes(to: theirs))
    guard one.isDisjoint(with: other), Set(base.keys) == Set(ours.keys),
      Set(base.keys) == Set(theirs.keys)
    else { return nil }
    return ours.merging(theirs.filter { other.contains($0.key) }) { $1 }
  }

  private func ask(
    _ base: ModelTree, _ ours: ModelTree, _ theirs: ModelTree
  ) throws -> Merged {
    asked += 1
    var stream: [UInt8] = []
    for (mark, (name, tree)) in [("base", base), ("ours", ours), ("theirs", theirs)].enumerated() {
      let from = mark == 0 ? "" : "from :1\n"
      stream += Array(
        ("reset refs/model/\(name)\ncommit refs/model/\(name)\nmark :\(mark + 1)\n"
          + "committer M <m@example.org> 1700000000 +0000\ndata 1\nm\n\(from)").utf8)
      stream += tree.stream
    }
    try git(["fast-import", "--quiet", "--force"], in: repository, input: stream)
    let outcome = try tryGit(
      [
        "-c", "merge.conflictStyle=diff3", "merge-tree", "--write-tree", "-z", "refs/model/ours",
        "refs/model/theirs",
      ], in: repository)
    guard outcome.status <= 1 else { throw Failure(outcome: outcome) }
    let parts = outcome.output.split(separator: 0, omittingEmptySubsequences: false)
    guard let root = ObjectID(String(decoding: parts[0], as: UTF8.self)) else {
      throw Failure(outcome: outcome)
    }
    let opened = try Repository(opening: repository)
    let tree = try Self.read(root, in: opened)
    var open: [String: [Int: ModelFile]] = [:]
    if outcome.status == 1 {
      for part in parts.dropFirst() {
        guard !part.isEmpty else { break }
        let fields = String(decoding: part, as: UTF8.self).split(separator: "\t", maxSplits: 1)
        let words = fields[0].split(separator: " ")
        guard fields.count == 2, words.count == 3, let id = ObjectID(String(words[1])),
          let mode = UInt32(words[0], radix: 8), let stage = Int(words[2])
        else { continue }
        open[String(fields[1]), default: [:]][stage] = try ModelFile(opened.blob(id), mode: mode)
      }
      // A conflict that leaves nothing in the index is one all the same.
      if open.isEmpty { open[""] = [:] }
    }
    return Merged(tree: tree, open: open)
  }

  /// The files of a tree of a repository.
  static func read(_ root: ObjectID, in repository: borrowing Repository) throws -> ModelTree {
    var tree: ModelTree = [:]
    for (path, entry) in try repository.files(inTree: root) {
      tree[String(decoding: path, as: UTF8.self)] = try ModelFile(
        repository.blob(entry.id), mode: entry.mode.raw)
    }
    return tree
  }
}

extension MoveOracle.Merged {
  /// What a person who knows both sides makes of it: all that the patch does, and what upstream has added.
  func resolved() throws -> ModelTree {
    var result = tree
    for (path, stages) in open where !path.isEmpty {
      let theirs = stages[3]
      guard let theirs else {
        // The patch deletes the file, or has renamed it.
        result[path] = nil
        continue
      }
      guard let merged = tree[path], merged.isText, theirs.isText, stages[2] != nil else {
        result[path] = theirs
        continue
      }
      let mode = stages[1].map { $0.mode == theirs.mode ? merged.mode : theirs.mode }
      result[path] = try ModelFile(
        MarkedText(merged.bytes).resolved, mode: mode ?? theirs.mode)
    }
    // What stands beside a file that had to make room.
    for path in result.keys where path.contains("~") { result[path] = nil }
    return result
  }
}

/// A text with conflicts that are marked in diff3 style.
struct MarkedText {
  private enum Side { case ours, base, theirs }

  let resolved: [UInt8]
  /// How many conflicts are in it.
  let count: Int

  /// - Parameter limit: how many of them are resolved; the others stay marked.
  init(_ bytes: [UInt8], limit: Int = .max) {
    var result: [UInt8] = []
    var side: Side?
    var sides: [Side: [[UInt8]]] = [:]
    var raw: [UInt8] = []
    var found = 0
    for line in splitLines(bytes) {
      raw += side == nil ? [] : line
      switch (side, String(decoding: line.prefix(8), as: UTF8.self)) {
      case (nil, "<<<<<<< "): (side, sides, raw) = (.ours, [:], line)
      case (.ours, "||||||| "): side = .base
      case (.ours, "=======\n"), (.base, "=======\n"): side = .theirs
      case (.theirs, ">>>>>>> "):
        side = nil
        found += 1
        let (ours, base) = (sides[.ours, default: []], sides[.base, default: []])
        let theirs = sides[.theirs, default: []]
        let added = ours.filter { !base.contains($0) && !theirs.contains($0) }
        result += found <= limit ? (theirs + added).flatMap { $0 } : raw
      case (let now?, _): sides[now, default: []].append(line)
      case (nil, _): result += line
      }
    }
    (resolved, count) = (result, found)
  }
}
