import Foundation
import Git
import Patches

/// The files of a folder as a commit has them. A class, because closures read it and a repository is no
/// value that can be copied.
final class PastFiles {
  private let repository: Repository
  private let tree: ObjectID
  /// The folder's place in the repository, with a final slash; empty for all of it.
  private let prefix: String

  convenience init(of folder: String, at revision: String) throws {
    let (path, prefix) = try Self.place(of: folder)
    let opened = try Repository(withoutSettings: path)
    let tree = try Self.tree(revision, opened, path)
    self.init(repository: opened, tree: tree, prefix: prefix)
  }

  /// The repository that a folder is in, and the folder's place there.
  ///
  /// - Throws: `UsageError` where it is in none.
  static func place(of folder: String) throws -> (repository: String, prefix: String) {
    var url = URL(filePath: folder).standardizedFileURL
    var names: [String] = []
    while !FileManager.default.fileExists(atPath: url.appending(path: ".git").path) {
      guard url.path != "/" else {
        throw UsageError("\(folder) is in no git repository, so it has no revisions")
      }
      names.insert(url.lastPathComponent, at: 0)
      url = url.deletingLastPathComponent().standardizedFileURL
    }
    return (url.path, names.map { $0 + "/" }.joined())
  }

  init(repository: consuming Repository, tree: ObjectID, prefix: String) {
    self.repository = repository
    self.tree = tree
    self.prefix = prefix
  }

  private static func tree(
    _ revision: String, _ repository: borrowing Repository, _ path: String
  ) throws -> ObjectID {
    do {
      return try repository.tree(of: revision)
    } catch {
      guard error.isNotFound else { throw error }
      throw UsageError("there is no revision '\(revision)' in the history of \(path)")
    }
  }

  /// A file's bytes; nil where there is none.
  func file(_ name: String) throws -> [UInt8]? {
    let entry = try repository.entry(at: RepoPath(prefix + name), inTree: tree)
    guard let entry, entry.mode.isFile else { return nil }
    return try repository.blob(entry.id)
  }
}

extension Workspace {
  /// Asks the commits of the workspace's git repository one after the other, newest first, along the first
  /// parents.
  ///
  /// - Returns: the first answer that is not nil; nil where no commit has one, or there is no repository.
  func firstParents<Answer>(
    _ ask: (PastFiles) throws -> Answer?
  ) throws -> Answer? {
    guard let (path, prefix) = try? PastFiles.place(of: root) else { return nil }
    let repository = try Repository(withoutSettings: path)
    var next = try repository.reference("HEAD")
    var known: ObjectID?
    for _ in 0..<Self.mostRevisions {
      guard let id = next else { return nil }
      let commit = try repository.commit(id)
      if commit.tree != known {
        let past = PastFiles(
          repository: try Repository(withoutSettings: path), tree: commit.tree, prefix: prefix)
        if let answer = try ask(past) { return answer }
      }
      (known, next) = (commit.tree, commit.parents.first)
    }
    return nil
  }

  private static let mostRevisions = 2_000
}
