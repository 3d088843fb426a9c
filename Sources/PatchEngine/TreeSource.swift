import Patches

/// What the engine reads of an upstream tree: the entries that a stack names, and their content.
public protocol TreeSource: ~Copyable {
  /// The entry at a path, a directory included; nil where nothing is, or where a parent is no
  /// directory.
  func entry(at path: RepoPath) throws -> SourceEntry?
  /// The content of a blob.
  func content(of blob: ObjectID) throws -> [UInt8]
  /// The content of a blob that a patch names, nil where it is not at hand.
  func storedContent(of blob: ObjectID) throws -> [UInt8]?
  /// The paths of all files below a directory.
  func files(under directory: RepoPath) throws -> [[UInt8]]
  /// True where the tree that the stack was made on is known.
  var hasBase: Bool { get }
  /// The entry at a path of the tree that the stack was made on.
  func baseEntry(at path: RepoPath) throws -> SourceEntry?
}

/// One entry of an upstream tree.
public struct SourceEntry: Hashable, Sendable {
  /// The mode word as the tree holds it; old histories have words like 100664.
  public let rawMode: UInt32
  public let id: ObjectID

  public init(rawMode: UInt32, id: ObjectID) {
    self.rawMode = rawMode
    self.id = id
  }

  public var mode: FileMode { FileMode(raw: rawMode) }
}

/// What the engine needs of the world to read binary patches: it computes, it holds no codec.
public struct Primitives: Sendable {
  /// The name of a blob with this content.
  public let blobID: @Sendable ([UInt8]) -> ObjectID
  /// The data of a zlib stream if it is exactly that many bytes, else nil.
  public let inflate: @Sendable ([UInt8], Int) -> [UInt8]?

  public init(
    blobID: @escaping @Sendable ([UInt8]) -> ObjectID,
    inflate: @escaping @Sendable ([UInt8], Int) -> [UInt8]?
  ) {
    self.blobID = blobID
    self.inflate = inflate
  }
}

/// Takes each version of a file that a replay makes.
public protocol VersionRecorder: ~Copyable {
  /// Takes a version.
  ///
  /// - Parameters:
  ///   - text: the new content.
  ///   - previous: the version that it was made from, in the same storage, with its name.
  ///   - mark: the size of the storage before; lines from there on are new.
  /// - Returns: the version's name; nil where nothing is recorded.
  mutating func record(
    _ text: Text, over previous: (text: Text, id: ObjectID)?, mark: Int
  ) throws -> ObjectID?
}

/// Records nothing: for a dry run.
public struct NoRecorder: VersionRecorder {
  public init() {}

  public mutating func record(
    _ text: Text, over previous: (text: Text, id: ObjectID)?, mark: Int
  ) -> ObjectID? {
    nil
  }
}
