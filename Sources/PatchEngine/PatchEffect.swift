import Patches

/// What one patch does to a tree: the entry at each path that it touches, before and after it.
public struct PatchEffect: Hashable, Sendable {
  /// One path's entries; nil where nothing is.
  public struct Change: Hashable, Sendable {
    public var before: SourceEntry?
    public var after: SourceEntry?

    public init(before: SourceEntry?, after: SourceEntry?) {
      (self.before, self.after) = (before, after)
    }
  }

  /// The changes by path; none of them leaves its entry as it was.
  public private(set) var changes: [RepoPath: Change]

  public init(_ changes: [RepoPath: Change] = [:]) {
    self.changes = changes.filter { $0.value.before != $0.value.after }
  }

  public var isEmpty: Bool { changes.isEmpty }

  /// The paths in order.
  public var paths: [RepoPath] { changes.keys.sorted() }

  public subscript(path: RepoPath) -> Change? {
    get { changes[path] }
    set { changes[path] = newValue?.before == newValue?.after ? nil : newValue }
  }

  /// What this and then another effect do together.
  ///
  /// - Precondition: the other begins where this one ends.
  public func then(_ next: PatchEffect) -> PatchEffect {
    var result = self
    for (path, change) in next.changes {
      let first = changes[path]
      precondition(first == nil || first?.after == change.before, "effects that do not meet")
      result[path] = Change(before: first.map(\.before) ?? change.before, after: change.after)
    }
    return result
  }

  /// What takes the effect back.
  public var inverse: PatchEffect {
    PatchEffect(changes.mapValues { Change(before: $0.after, after: $0.before) })
  }

  /// The paths that both touch, and those of either that lie below a path of the other.
  func meeting(_ other: PatchEffect) -> (common: [RepoPath], nested: [RepoPath]) {
    let (small, large) = changes.count < other.changes.count ? (self, other) : (other, self)
    let common = small.changes.keys.filter { large.changes[$0] != nil }
    return (common.sorted(), (small.below(large) + large.below(small)).sorted())
  }

  private func below(_ other: PatchEffect) -> [RepoPath] {
    changes.keys.filter { path in
      var above = path.parent
      while let folder = above {
        if other.changes[folder] != nil { return true }
        above = folder.parent
      }
      return false
    }
  }
}

/// The tree below a stack, and the contents that are made over it while the stack is edited.
public struct BaseTree {
  private let upstream: (RepoPath) throws -> SourceEntry?
  private let stored: (ObjectID) throws -> [UInt8]
  private let name: ([UInt8]) -> ObjectID
  /// Deflates a binary file's content; nil where binary content cannot be written.
  let deflate: (([UInt8]) -> [UInt8])?
  private var texts: [ObjectID: Text] = [:]

  /// - Parameters:
  ///   - upstream: the entry at a path of the tree; nil where nothing is or a directory.
  ///   - stored: the content of a blob that is stored.
  ///   - name: the name of a blob with a content.
  ///   - deflate: makes a zlib stream.
  public init(
    upstream: @escaping (RepoPath) throws -> SourceEntry?,
    stored: @escaping (ObjectID) throws -> [UInt8], name: @escaping ([UInt8]) -> ObjectID,
    deflate: (([UInt8]) -> [UInt8])? = nil
  ) {
    (self.upstream, self.stored, self.name, self.deflate) = (upstream, stored, name, deflate)
  }

  /// The entry of the tree below the stack.
  public func entry(at path: RepoPath) throws -> SourceEntry? { try upstream(path) }

  /// The content of a blob, stored or made.
  public mutating func text(of id: ObjectID) throws -> Text {
    if let known = texts[id] { return known }
    let text = Text(try stored(id))
    texts[id] = text
    return text
  }

  /// Takes the contents that were made over another tree.
  public mutating func learn(from other: BaseTree) {
    texts.merge(other.texts) { known, _ in known }
  }

  mutating func version(_ entry: SourceEntry?) throws -> FileVersion? {
    guard let entry else { return nil }
    return FileVersion(mode: entry.mode, id: entry.id, text: try text(of: entry.id))
  }

  /// Takes a content that was made.
  ///
  /// - Returns: its name.
  public mutating func add(_ bytes: [UInt8]) -> ObjectID {
    let id = name(bytes)
    if texts[id] == nil { texts[id] = Text(bytes) }
    return id
  }

  /// Changes of one file, made on both sides, together.
  public enum Union {
    case entry(SourceEntry?)
    /// Both sides changed the same place, or in a way that has no union.
    case conflict
  }

  /// Puts two changes of one file together.
  ///
  /// - Parameter base: the file that both began with.
  public mutating func union(
    base: SourceEntry?, _ ours: SourceEntry?, _ theirs: SourceEntry?
  ) throws -> Union {
    if ours == base || ours == theirs { return .entry(theirs) }
    if theirs == base { return .entry(ours) }
    guard let base, let ours, let theirs, base.mode.isFile, ours.mode.isFile, theirs.mode.isFile
    else { return .conflict }
    let rawMode = ours.rawMode == base.rawMode ? theirs.rawMode : ours.rawMode
    if ours.id == base.id || ours.id == theirs.id {
      return .entry(SourceEntry(rawMode: rawMode, id: theirs.id))
    }
    if theirs.id == base.id { return .entry(SourceEntry(rawMode: rawMode, id: ours.id)) }
    let texts = (try text(of: base.id), try text(of: ours.id), try text(of: theirs.id))
    guard !looksBinary(texts.0), !looksBinary(texts.1), !looksBinary(texts.2),
      let merged = Merge(base: texts.0, ours: texts.1, theirs: texts.2).text()
    else { return .conflict }
    return .entry(SourceEntry(rawMode: rawMode, id: add(merged.bytes)))
  }
}
