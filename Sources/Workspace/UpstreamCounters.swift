import Claims
import Git
import PatchEngine
import Patches

extension Repository {
  /// What a tree has of a counter, with a budget of its own.
  package func upstreamCounter(_ counter: Counter, inTree root: ObjectID) throws -> UpstreamCounter
  {
    var budget = CounterBudget()
    return try upstreamCounter(counter, inTree: root, &budget)
  }

  /// What a tree has of a counter. Only directories in which its files may be are read.
  ///
  /// - Parameter budget: what the stack's counters may still cost.
  /// - Throws: `GitError` where an object cannot be read, `Diagnostics` where it would cost too much.
  package func upstreamCounter(
    _ counter: Counter, inTree root: ObjectID, _ budget: inout CounterBudget
  ) throws -> UpstreamCounter {
    var files: [RepoPath: ObjectID] = [:]
    for place in counter.places {
      switch place {
      case .file(let path):
        if let entry = try entry(at: path, inTree: root), entry.mode.isFile {
          files[path] = entry.id
        }
      case .below(let directory):
        let found = try candidates(below: directory, inTree: root)
        try budget.spend(on: counter, paths: found.reduce(0) { $0 + $1.path.count })
        for (path, entry) in found where entry.mode.isFile {
          if let path = try? RepoPath(path), counter.reads(path) { files[path] = entry.id }
        }
      }
    }
    var entries: [CounterEntry] = []
    for (path, id) in files.sorted(by: { $0.key < $1.key }) {
      entries += try counter.entries(in: path) {
        let bytes = try blob(id)
        try budget.spend(on: counter, at: path, bytes: bytes.count)
        return bytes
      }
    }
    return UpstreamCounter(counter, entries: entries)
  }

  private func candidates(
    below directory: RepoPath?, inTree root: ObjectID
  ) throws -> [(path: [UInt8], entry: TreeEntry)] {
    guard let directory else { return try files(inTree: root) }
    guard let entry = try entry(at: directory, inTree: root), entry.mode == .tree else { return [] }
    let prefix = directory.bytes + [UInt8(ascii: "/")]
    return try files(inTree: entry.id).map { (prefix + $0.path, $0.entry) }
  }
}
