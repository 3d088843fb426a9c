import Claims
import Git
import PatchEngine
import Patches

extension Repository {
  /// What a tree has of a counter. Only directories in which its files may be are read.
  ///
  /// - Throws: `GitError` where an object cannot be read.
  package func upstreamCounter(_ counter: Counter, inTree root: ObjectID) throws -> UpstreamCounter
  {
    var files: [RepoPath: ObjectID] = [:]
    for place in counter.places {
      switch place {
      case .file(let path):
        if let entry = try entry(at: path, inTree: root), entry.mode.isFile {
          files[path] = entry.id
        }
      case .below(let directory):
        for (path, entry) in try candidates(below: directory, inTree: root)
        where entry.mode.isFile {
          if let path = try? RepoPath(path), counter.reads(path) { files[path] = entry.id }
        }
      }
    }
    var entries: [CounterEntry] = []
    for (path, id) in files.sorted(by: { $0.key < $1.key }) {
      entries += try counter.entries(in: path) { try blob(id) }
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
