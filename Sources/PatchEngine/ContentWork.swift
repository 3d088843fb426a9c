import Patches

/// Works out the content and mode that one change gives a file.
struct ContentWork {
  let file: FileChange
  let primitives: Primitives
  /// The file that the patch was made on, where it is known.
  private let base: Text?
  private(set) var placements: [Placement] = []
  private(set) var isMerged = false

  init(file: FileChange, primitives: Primitives, base: Text?) {
    self.file = file
    self.primitives = primitives
    self.base = base
  }

  /// The file after the change; nil for a deletion.
  ///
  /// - Throws: `ConflictError`, or what the tree and the recorder throw.
  mutating func result(
    on source: Node?, _ state: inout VirtualTree, _ tree: borrowing some TreeSource & ~Copyable,
    _ recorder: inout some VersionRecorder & ~Copyable
  ) throws -> Node? {
    let rawMode = try rawMode(on: source)
    switch file.content {
    case .none: return try unchanged(source, rawMode, &state, tree, &recorder)
    case .blobs(let old, let new):
      return try replaced(source, rawMode, old: old, new: new, &state, tree, &recorder)
    case .hunks, .binary: break
    }
    let before = try source.map { try state.text(of: $0, at: file.sourcePath, in: tree) }
    let after = try changed(before ?? Text([]), source)
    if file.kind == .delete {
      guard after.lines.isEmpty else { throw ConflictError(.keepsContent) }
      return nil
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
    guard source.mode == old else {
      throw ConflictError(.wrongMode(expected: old, found: source.mode))
    }
    return new.raw
  }

  private mutating func changed(_ text: Text, _ source: Node?) throws -> Text {
    switch file.content {
    case .none, .blobs: return text
    case .hunks(let hunks): return try placed(hunks, on: text)
    case .binary(let block, _):
      do {
        return Text(try binary(block, on: text, isNew: source == nil))
      } catch {
        throw ConflictError(.binary(error), line: block.line)
      }
    }
  }

  /// The hunks in place, or at their one other place, or merged with what the patch was made on.
  private mutating func placed(_ hunks: [Hunk], on text: Text) throws -> Text {
    do {
      let result = try apply(hunks, to: text)
      placements = result.placements
      return result.text
    } catch {
      if let base, let theirs = try? apply(hunks, to: base).text,
        let merged = Merge(base: base, ours: text, theirs: theirs).text()
      {
        isMerged = true
        return merged
      }
      throw ConflictError(.hunk(error), line: error.line > 0 ? error.line : nil)
    }
  }

  private func binary(
    _ block: BinaryBlock, on text: Text, isNew: Bool
  ) throws(BinaryProblem) -> [UInt8] {
    guard let old = file.index?.oldID, let new = file.index?.newID else {
      throw .abbreviatedIndex
    }
    let base = text.bytes
    guard isNew ? old == .zero : primitives.blobID(base) == old else { throw .otherBase }
    guard let data = primitives.inflate(block.deflated, block.size) else { throw .inflate }
    let result: [UInt8]
    switch block.method {
    case .literal: result = data
    case .delta:
      guard let made = applyDelta(data, to: base, limit: binaryLimit) else { throw .delta }
      result = made
    }
    let isGone = file.kind == .delete && new == .zero && result.isEmpty
    guard isGone || primitives.blobID(result) == new else { throw .otherResult }
    return result
  }

  /// A blob of a commit in the place of another: taken as it is where the tree has the old one,
  /// else as the hunks between the two.
  private mutating func replaced(
    _ source: Node?, _ rawMode: UInt32, old: ObjectID, new: ObjectID, _ state: inout VirtualTree,
    _ tree: borrowing some TreeSource & ~Copyable,
    _ recorder: inout some VersionRecorder & ~Copyable
  ) throws -> Node? {
    guard let source, source.id != old else {
      guard file.kind != .delete else { return nil }
      if FileMode(raw: rawMode) == .symlink { try check(target: try tree.content(of: new)) }
      return Node(rawMode: rawMode, content: .stored(new), id: new)
    }
    guard file.kind == .modify else { throw ConflictError(.differs) }
    let (oldText, newText) = (
      Text(try tree.content(of: old)), Text(try tree.content(of: new))
    )
    let before = try state.text(of: source, at: file.path, in: tree)
    var after: Text
    do {
      after = try placed(hunks(from: oldText, to: newText), on: before)
    } catch let conflict as ConflictError {
      guard let merged = Merge(base: oldText, ours: before, theirs: newText).text() else {
        throw conflict
      }
      isMerged = true
      after = merged
    }
    return try node(
      after, rawMode, over: source.id.map { (before, $0) }, mark: before.storageSize, &recorder)
  }
}

/// The most that a binary delta may make, in bytes: 32 MiB.
private let binaryLimit = 32 << 20
