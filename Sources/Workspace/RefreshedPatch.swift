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
  /// - Throws: `Refusal` for a path that no patch may touch, and for a link that none may make;
  ///   `GitError`.
  func effect(from old: ObjectID, to new: ObjectID) throws -> PatchEffect {
    var effect = PatchEffect()
    for change in try changes(from: old, to: new) {
      let path = try RepoPath(ofChanged: change.path)
      if let new = change.new, new.mode == .symlink {
        try refuseLink(at: path, to: try blob(new.id))
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

extension RepoPath {
  /// The path of a file that somebody has changed.
  ///
  /// - Throws: `Refusal` that names it, for one that no patch may touch.
  init(ofChanged bytes: [UInt8]) throws(Refusal) {
    do {
      try self.init(bytes)
    } catch {
      throw Refusal("\(String(decoding: bytes, as: UTF8.self)): \(error); no patch can carry it")
    }
  }
}

/// Refuses a link that no patch may make, by its name.
func refuseLink(at path: RepoPath, to target: [UInt8]) throws(Refusal) {
  do {
    try checkLink(at: path, target: target)
  } catch {
    throw Refusal("\(path): \(error); no patch can carry it")
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
