import CLibgit2
import Patches

/// The commits that a tip has behind it, each read once: who comes before whom.
public struct History: Sendable {
  /// A commit's place among the others.
  public struct Node: Sendable {
    public let tree: ObjectID
    public let parents: [ObjectID]
  }

  public let tip: ObjectID
  /// Every commit that can be reached; where a clone is shallow, those that are there.
  public private(set) var nodes: [ObjectID: Node] = [:]
  /// The same in the order in which they were read, the tip first.
  public private(set) var order: [ObjectID] = []

  /// Reads the commits behind a tip.
  ///
  /// - Parameter visit: gets each commit's message.
  /// - Throws: `GitError` where an object cannot be read.
  /// - Complexity: a read a commit; 62,000 of them in about a second.
  public init(
    of tip: ObjectID, in repository: borrowing Repository,
    visit: (ObjectID, [UInt8]) -> Void = { _, _ in }
  ) throws(GitError) {
    self.tip = tip
    var waiting = [tip]
    var seen: Set<ObjectID> = [tip]
    while let id = waiting.popLast() {
      guard repository.contains(id) else { continue }
      let bytes = try repository.bytes(of: id, .commit)
      guard let head = CommitHead(bytes) else {
        throw GitError("read commit \(id)", because: "the commit is malformed")
      }
      nodes[id] = Node(tree: head.tree, parents: head.parents)
      order.append(id)
      visit(id, Array(bytes[head.messageStart...]))
      for parent in head.parents.reversed() where seen.insert(parent).inserted {
        waiting.append(parent)
      }
    }
  }

  /// The commits that can be reached from one of them, itself included. Where it is none of them, it
  /// and what lies between are read too.
  ///
  /// - Throws: `GitError` where an object cannot be read.
  public func ancestors(
    of id: ObjectID, in repository: borrowing Repository
  ) throws(GitError) -> Set<ObjectID> {
    var seen: Set<ObjectID> = [id]
    var waiting = [id]
    while let next = waiting.popLast() {
      for parent in try parents(of: next, in: repository) where seen.insert(parent).inserted {
        waiting.append(parent)
      }
    }
    return seen
  }

  /// The commit so many steps back along first parents, or the last one that is there.
  public func firstParent(_ steps: Int) -> ObjectID {
    var id = tip
    for _ in 0..<steps {
      guard let parent = nodes[id]?.parents.first, nodes[parent] != nil else { return id }
      id = parent
    }
    return id
  }

  /// For each commit that is asked for, the first of the marks that has it behind it.
  ///
  /// - Parameter marks: names and commits; the first one wins.
  /// - Throws: `GitError` where an object cannot be read.
  /// - Complexity: each commit is visited once, however many marks there are.
  public func firstMark(
    of wanted: Set<ObjectID>, among marks: [(name: String, commit: ObjectID)],
    in repository: borrowing Repository
  ) throws(GitError) -> [ObjectID: String] {
    var result: [ObjectID: String] = [:]
    var seen: Set<ObjectID> = []
    for mark in marks where result.count < wanted.count {
      var waiting = seen.insert(mark.commit).inserted ? [mark.commit] : []
      while let next = waiting.popLast() {
        if wanted.contains(next) { result[next] = mark.name }
        for parent in try parents(of: next, in: repository) where seen.insert(parent).inserted {
          waiting.append(parent)
        }
      }
    }
    return result
  }

  private func parents(
    of id: ObjectID, in repository: borrowing Repository
  ) throws(GitError) -> [ObjectID] {
    if let node = nodes[id] { return node.parents }
    guard repository.contains(id) else { return [] }
    return CommitHead(try repository.bytes(of: id, .commit))?.parents ?? []
  }
}

/// The first lines of a commit, read in place.
private struct CommitHead {
  let tree: ObjectID
  let parents: [ObjectID]
  let messageStart: Int

  init?(_ bytes: [UInt8]) {
    func id(at start: Int, after word: StaticString) -> ObjectID? {
      let length = word.utf8CodeUnitCount
      guard start + length + 41 <= bytes.count else { return nil }
      for index in 0..<length where bytes[start + index] != word.utf8Start[index] { return nil }
      return ObjectID(digits: bytes.span, from: start + length)
    }
    guard let tree = id(at: 0, after: "tree ") else { return nil }
    self.tree = tree
    var parents: [ObjectID] = []
    var position = 46
    while let parent = id(at: position, after: "parent ") {
      parents.append(parent)
      position += 48
    }
    self.parents = parents
    let lineFeed = UInt8(ascii: "\n")
    while position + 1 < bytes.count, bytes[position] != lineFeed || bytes[position + 1] != lineFeed
    {
      position += 1
    }
    messageStart = min(position + 2, bytes.count)
  }
}

extension ObjectID {
  /// Reads 40 hexadecimal digits.
  fileprivate init?(digits: Span<UInt8>, from start: Int) {
    var oid = git_oid()
    let code = digits.withUnsafeBufferPointer { buffer in
      buffer.baseAddress!.withMemoryRebound(to: CChar.self, capacity: buffer.count) {
        git_oid_fromstrn(&oid, $0 + start, 40)
      }
    }
    guard code == 0 else { return nil }
    self.init(oid)
  }
}
