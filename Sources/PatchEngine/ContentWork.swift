import Patches

/// What a replay brings along besides the stack and the tree.
public struct ReplayMeans: Sendable {
  public var primitives: Primitives
  /// Where files stand now that upstream has moved since the stack was made.
  public var relocations: Relocations
  public var resolvers: Resolvers
  /// Where words are looked for that a patch adds and that upstream no longer has.
  public var staleWords: StaleWordCheck

  public init(
    primitives: Primitives, relocations: Relocations = Relocations(),
    resolvers: Resolvers = Resolvers(), staleWords: StaleWordCheck = .nowhere
  ) {
    self.staleWords = staleWords
    self.primitives = primitives
    self.relocations = relocations
    self.resolvers = resolvers
  }
}

/// Where stale words are looked for.
public enum StaleWordCheck: Hashable, Sendable {
  case nowhere
  /// In clean merges.
  case merges
  /// Also in files whose hunks all have a place, if what the patch was made on is known.
  case everywhere
}

/// Works out the content and mode that one change gives a file.
struct ContentWork {
  let file: FileChange
  let means: ReplayMeans
  private(set) var placements: [Placement] = []
  /// Set where the content is a merge that context alone would not have allowed.
  private(set) var isMerged = false
  /// True where the tree has all of the change.
  private(set) var isLanded = false
  private(set) var resolvers: [Resolver] = []
  private(set) var staleWords: [[UInt8]] = []
  /// What the change makes of the file that it was made on, once a merge has asked for it.
  private var theirs: Text?

  init(file: FileChange, means: ReplayMeans) {
    self.file = file
    self.means = means
  }

  /// The file after the change; nil for a deletion.
  ///
  /// - Throws: `ConflictError`, or what the tree and the recorder throw.
  mutating func result(
    on source: Node?, _ state: inout VirtualTree, _ bases: inout BaseTexts,
    _ tree: borrowing some TreeSource & ~Copyable,
    _ recorder: inout some VersionRecorder & ~Copyable
  ) throws -> Node? {
    let rawMode = try rawMode(on: source)
    switch file.content {
    case .none: return try unchanged(source, rawMode, &state, tree, &recorder)
    case .blobs(let old, let new):
      return try replaced(source, rawMode, old: old, new: new, &state, &bases, tree, &recorder)
    case .hunks, .binary: break
    }
    defer { bases.pass(file, after: theirs) }
    let before = try source.map { try state.text(of: $0, at: file.sourcePath, in: tree) }
    let after = try changed(before ?? Text([]), source, &bases, tree)
    if file.kind == .delete {
      guard after.lines.isEmpty else { throw ConflictError(.keepsContent) }
      return nil
    }
    if isLanded, let source {
      return Node(rawMode: rawMode, content: source.content, id: source.id)
    }
    guard case .hunks = file.content, let before, let id = source?.id else {
      // What binary data makes has a storage of its own.
      return try node(after, rawMode, over: nil, mark: 0, &recorder)
    }
    return try node(after, rawMode, over: (before, id), mark: before.storageSize, &recorder)
  }

  private func node(
    _ text: Text, _ rawMode: UInt32, over previous: (text: Text, id: ObjectID)?, mark: Int,
    _ recorder: inout some VersionRecorder & ~Copyable
  ) throws -> Node {
    if FileMode(raw: rawMode) == .symlink { try check(target: text.bytes) }
    let id = try recorder.record(text, over: previous, mark: mark)
    return Node(rawMode: rawMode, content: .text(text), id: id)
  }

  private func unchanged(
    _ source: Node?, _ rawMode: UInt32, _ state: inout VirtualTree,
    _ tree: borrowing some TreeSource & ~Copyable,
    _ recorder: inout some VersionRecorder & ~Copyable
  ) throws -> Node? {
    guard let source else { return try node(Text([]), rawMode, over: nil, mark: 0, &recorder) }
    if file.kind == .delete {
      let text = try state.text(of: source, at: file.path, in: tree)
      guard text.lines.isEmpty else { throw ConflictError(.keepsContent) }
      return nil
    }
    var node = source
    node.rawMode = rawMode
    if node.mode == .symlink, file.kind != .modify {
      try check(target: try state.text(of: source, at: file.sourcePath, in: tree).bytes)
    }
    return node
  }

  private func check(target: [UInt8]) throws(ConflictError) {
    do {
      try checkLink(at: file.path, target: target)
    } catch {
      throw ConflictError(.link(error))
    }
  }

  /// The mode word after the change. A mode that the patch states and does not change must be of
  /// the same type; the executable bit is the tree's.
  private func rawMode(on source: Node?) throws -> UInt32 {
    guard let source else { return (file.newMode ?? .regular).raw }
    guard source.mode.isFile || source.mode == .symlink else {
      throw ConflictError(.wrongType(source.mode))
    }
    guard let old = file.oldMode else { return source.rawMode }
    guard (old == .symlink) == (source.mode == .symlink) else {
      throw ConflictError(.wrongType(source.mode))
    }
    guard file.kind != .delete, let new = file.newMode, new != old else { return source.rawMode }
    if isReadFromCommit, source.mode == new { return source.rawMode }
    guard source.mode == old else {
      throw ConflictError(.wrongMode(expected: old, found: source.mode))
    }
    return new.raw
  }

  private var isReadFromCommit: Bool {
    if case .blobs = file.content { true } else { false }
  }

  private mutating func changed(
    _ text: Text, _ source: Node?, _ bases: inout BaseTexts,
    _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Text {
    switch file.content {
    case .none, .blobs: return text
    case .hunks(let hunks):
      let result = try placed(hunks, on: text, &bases, tree)
      if means.staleWords == .everywhere { try findStaleWords(hunks, on: text, &bases, tree) }
      return result
    case .binary(let block, _):
      do {
        return Text(try binary(block, on: text, isNew: source == nil))
      } catch {
        throw ConflictError(.binary(error), line: block.line)
      }
    }
  }

  /// Looks for stale words also where the hunks have a place of their own.
  private mutating func findStaleWords(
    _ hunks: [Hunk], on text: Text, _ bases: inout BaseTexts,
    _ tree: borrowing some TreeSource & ~Copyable
  ) throws {
    guard !placements.isEmpty, staleWords.isEmpty, file.kind != .create,
      let base = try bases.text(before: file, in: tree),
      let theirs = try? apply(hunks, to: base).text
    else { return }
    staleWords = Merge(base: base, ours: text, theirs: theirs).staleWords
  }

  /// The hunks in place, or at their one other place, or merged with what the patch was made on.
  private mutating func placed(
    _ hunks: [Hunk], on text: Text, _ bases: inout BaseTexts,
    _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Text {
    do {
      let result = try apply(hunks, to: text)
      placements = result.placements
      return result.text
    } catch let rejection {
      let line = rejection.line > 0 ? rejection.line : nil
      guard file.kind != .create, let base = try bases.text(before: file, in: tree),
        let theirs = try? apply(hunks, to: base).text
      else { throw ConflictError(.hunk(rejection), line: line) }
      self.theirs = theirs
      if file.kind == .delete { throw ConflictError(.differs, line: line) }
      return try merged(Merge(base: base, ours: text, theirs: theirs), line: line)
    }
  }

  /// The text of a merge, its conflicts settled by the resolvers.
  private mutating func merged(_ merge: Merge, line: Int?) throws -> Text {
    if merge.isClean, let text = merge.text() {
      isLanded = merge.bringsNothing
      isMerged = merge.isInterwoven
      placements = merge.placements
      if means.staleWords != .nowhere, !isLanded { staleWords = merge.staleWords }
      return text
    }
    let resolution = means.resolvers.resolution(of: merge)
    resolvers = resolution.used
    guard let text = merge.text(resolution.texts) else {
      let conflict = OpenMerge(merge: merge, resolution: resolution.texts)
      throw ConflictError(.merge(open: conflict.openChunks.count), line: line, conflict)
    }
    return text
  }

  private func binary(
    _ block: BinaryBlock, on text: Text, isNew: Bool
  ) throws(BinaryProblem) -> [UInt8] {
    guard let old = file.index?.oldID, let new = file.index?.newID else {
      throw .abbreviatedIndex
    }
    let base = text.bytes
    guard isNew ? old == .zero : means.primitives.blobID(base) == old else { throw .otherBase }
    guard let data = means.primitives.inflate(block.deflated, block.size) else { throw .inflate }
    let result: [UInt8]
    switch block.method {
    case .literal: result = data
    case .delta:
      guard let made = applyDelta(data, to: base, limit: binaryLimit) else { throw .delta }
      result = made
    }
    let isGone = file.kind == .delete && new == .zero && result.isEmpty
    guard isGone || means.primitives.blobID(result) == new else { throw .otherResult }
    return result
  }

  /// A blob of a commit in the place of another: taken as it is where the tree has the old one,
  /// nothing where the tree has it already, else a merge with the old one as the base.
  private mutating func replaced(
    _ source: Node?, _ rawMode: UInt32, old: ObjectID, new: ObjectID, _ state: inout VirtualTree,
    _ bases: inout BaseTexts, _ tree: borrowing some TreeSource & ~Copyable,
    _ recorder: inout some VersionRecorder & ~Copyable
  ) throws -> Node? {
    guard let source, source.id != old else {
      guard file.kind != .delete else { return nil }
      if FileMode(raw: rawMode) == .symlink { try check(target: try tree.content(of: new)) }
      return Node(rawMode: rawMode, content: .stored(new), id: new)
    }
    if file.kind == .delete { return try deleted(source, old, &state, tree) }
    if source.id == new {
      isLanded = source.rawMode == rawMode
      return Node(rawMode: rawMode, content: source.content, id: source.id)
    }
    guard source.mode != .symlink else { throw ConflictError(.differs) }
    let (base, theirs) = try bases.texts(old, new, of: file, in: tree)
    let before = try state.text(of: source, at: file.path, in: tree)
    if base == theirs || before == theirs {
      isLanded = before == theirs
      return Node(rawMode: rawMode, content: source.content, id: source.id)
    }
    if looksBinary(base) || looksBinary(before) || looksBinary(theirs) {
      guard before == base else { throw ConflictError(.differs) }
      return Node(rawMode: rawMode, content: .stored(new), id: new)
    }
    let after = try merged(Merge(base: base, ours: before, theirs: theirs), line: nil)
    if isLanded { return Node(rawMode: rawMode, content: source.content, id: source.id) }
    return try node(
      after, rawMode, over: source.id.map { (before, $0) }, mark: before.storageSize, &recorder)
  }

  private func deleted(
    _ source: Node, _ old: ObjectID, _ state: inout VirtualTree,
    _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Node? {
    let text = try state.text(of: source, at: file.path, in: tree)
    guard source.id == nil, text == Text(try tree.content(of: old)) else {
      throw ConflictError(.differs)
    }
    return nil
  }
}

/// True for content that git takes for binary: a NUL byte among the first 8,000.
package func looksBinary(_ text: Text) -> Bool {
  var seen = 0
  for index in text.lines.indices {
    let line = text[line: index]
    if line.prefix(8_000 - seen).contains(0) { return true }
    seen += line.count
    if seen >= 8_000 { return false }
  }
  return false
}

/// The most that a binary delta may make, in bytes: 32 MiB.
private let binaryLimit = 32 << 20
