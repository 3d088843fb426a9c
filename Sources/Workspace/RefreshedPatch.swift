import Git
import PatchEngine
import Patches

extension Repository {
  /// A patch's text for what it does between two trees now, as `Patch.remade` makes it.
  ///
  /// - Throws: `Refusal` for a path that no patch may touch; `GitError`.
  public func refreshed(_ patch: Patch, from old: ObjectID, to new: ObjectID) throws -> [UInt8] {
    let effect = try effect(from: old, to: new)
    var base = try BaseTree(repository: gitDirectory, tree: old)
    let before = base
    return try patch.remade(for: effect, over: &base) { try before.entry(at: $0) }
  }

  /// What leads from one tree to another.
  ///
  /// - Throws: `Refusal` for a path that no patch may touch; `GitError`.
  func effect(from old: ObjectID, to new: ObjectID) throws -> PatchEffect {
    var effect = PatchEffect()
    for change in try changes(from: old, to: new) {
      let path: RepoPath
      do {
        path = try RepoPath(change.path)
      } catch {
        throw Refusal("\(String(decoding: change.path, as: UTF8.self)): \(error)")
      }
      if change.old?.mode == .gitlink || change.new?.mode == .gitlink {
        throw Refusal("\(path): a change of a submodule; a stack carries files only")
      }
      effect[path] = .init(
        before: change.old.map { SourceEntry($0) }, after: change.new.map { SourceEntry($0) })
    }
    return effect
  }
}

extension SourceEntry {
  init(_ entry: TreeEntry) { self.init(rawMode: entry.rawMode, id: entry.id) }
}

/// A repository that closures read. A class, because they hold it for as long as they live; it stays
/// on the thread that made it.
private final class BaseReader {
  let repository: Repository

  init(_ path: String) throws { repository = try Repository(opening: path) }
}

extension BaseTree {
  /// The files of a tree in a repository.
  init(repository path: String, tree: ObjectID) throws {
    let reader = try BaseReader(path)
    self.init(
      upstream: { path in
        let entry = try reader.repository.entry(at: path, inTree: tree)
        return entry.flatMap { $0.mode == .tree ? nil : SourceEntry($0) }
      },
      stored: { try reader.repository.blob($0) },
      name: { bytes in
        guard let id = try? objectID(.blob, bytes) else {
          preconditionFailure("bytes have a name")
        }
        return id
      },
      deflate: { bytes in
        var encoder = ObjectEncoder(level: 9)
        return encoder.whole(.blob, bytes, id: .zero).deflated
      })
  }
}
