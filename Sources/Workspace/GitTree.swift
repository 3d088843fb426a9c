import Git
import PatchEngine
import Patches

/// An upstream tree in a repository, as the engine reads it.
struct GitTree: TreeSource, ~Copyable {
  let repository: Repository
  var root: ObjectID
  /// The tree that the stack was made on, where it is known.
  var base: ObjectID?
  /// False to be without the contents that the repository has from elsewhere: what a patch comes to is
  /// then told by its text and the tree alone, whatever else was fetched.
  var lendsStored = true

  func entry(at path: RepoPath) throws -> SourceEntry? {
    try repository.entry(at: path, inTree: root).map { SourceEntry(rawMode: $0.rawMode, id: $0.id) }
  }

  var hasBase: Bool { base != nil }

  func baseEntry(at path: RepoPath) throws -> SourceEntry? {
    guard let base else { return nil }
    return try repository.entry(at: path, inTree: base).map {
      SourceEntry(rawMode: $0.rawMode, id: $0.id)
    }
  }

  func content(of blob: ObjectID) throws -> [UInt8] { try repository.blob(blob) }

  func storedContent(of blob: ObjectID) throws -> [UInt8]? {
    lendsStored && repository.contains(blob) ? try repository.blob(blob) : nil
  }

  func files(under directory: RepoPath) throws -> [[UInt8]] {
    guard let entry = try repository.entry(at: directory, inTree: root), entry.mode == .tree else {
      return []
    }
    let prefix = directory.bytes + [UInt8(ascii: "/")]
    return try repository.files(inTree: entry.id).map { prefix + $0.path }
  }
}

extension Primitives {
  /// libgit2's hash, which detects collision attacks, and libdeflate.
  static let git = Primitives(
    blobID: { (try? objectID(.blob, $0)) ?? .zero },
    inflate: { Git.inflate($0.span, exactly: $1) })
}
