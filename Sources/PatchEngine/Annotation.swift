import Patches

/// A file of a patched tree, and which patch brought each line.
public struct Annotation: Sendable {
  public let text: Text
  /// For each line the patch, counted from 0; nil for a line that is upstream's.
  public let origins: [Int?]

  /// The patches that brought lines, in order.
  public var patches: [Int] { Set(origins.compactMap { $0 }).sorted() }
}

/// Says which patch of a stack brought each line of a file.
///
/// Hunks say it themselves; where a patch was merged or is binary, the difference between the file
/// before and after it does. A file that a patch renames keeps the origins of its lines, a copy has
/// those of its source.
///
/// - Returns: nil where the patched tree has no file at the path.
/// - Throws: what `tree` throws.
public func annotation(
  of path: RepoPath, after stack: [Patch], on tree: borrowing some TreeSource & ~Copyable,
  using means: ReplayMeans
) throws -> Annotation? {
  let group = Plan(stack).groups.first { group in
    group.contains { change in
      let file = stack[change.patch].files[change.section]
      return file.path == path || file.sourcePath == path
    }
  }
  var lines = LineOrigins()
  var start = 0
  let changes = group ?? []
  while start < changes.count {
    let patch = changes[start].patch
    let end = changes[start...].firstIndex { $0.patch != patch } ?? changes.count
    try lines.take(
      changes[start..<end].map { stack[patch].files[$0.section] }, of: patch, tree, means)
    start = end
  }
  return try lines.annotation(at: path, tree)
}

/// Replays the patches of one group and keeps for each file where its lines come from.
private struct LineOrigins {
  private var state = VirtualTree()
  private var bases = BaseTexts()
  private var known: [RepoPath: Annotation] = [:]

  mutating func annotation(
    at path: RepoPath, _ tree: borrowing some TreeSource & ~Copyable
  ) throws -> Annotation? {
    guard let node = try state.node(at: path, in: tree) else { return nil }
    if let annotation = known[path] { return annotation }
    let text = try state.text(of: node, at: path, in: tree)
    return Annotation(text: text, origins: Array(repeating: nil, count: text.lines.count))
  }

  mutating func take(
    _ files: [FileChange], of patch: Int, _ tree: borrowing some TreeSource & ~Copyable,
    _ means: ReplayMeans
  ) throws {
    var before: [RepoPath: Annotation] = [:]
    for path in Set(files.map(\.sourcePath)) {
      before[path] = try annotation(at: path, tree)
    }
    var round = PatchRound(number: patch, means: means)
    var recorder = NoRecorder()
    for file in files { try round.take(file, &state, bases: &bases, tree, &recorder) }
    try round.settle(&state, tree)
    for file in files {
      known[file.sourcePath] = file.kind.takesAway ? nil : known[file.sourcePath]
    }
    for file in files {
      guard let node = try state.node(at: file.path, in: tree) else { continue }
      let text = try state.text(of: node, at: file.path, in: tree)
      let source = file.kind == .create ? nil : before[file.sourcePath]
      known[file.path] = Annotation(
        text: text, origins: origins(of: text, over: source, by: patch))
    }
  }

  private func origins(of text: Text, over source: Annotation?, by patch: Int) -> [Int?] {
    guard let source else { return Array(repeating: patch, count: text.lines.count) }
    return shared(text, source, patch) ?? differing(text, source, patch)
  }

  /// The origins where the new text shares the storage of the old one: lines from its end on are new,
  /// the others stand in both in the same order. Nil where it does not.
  private func shared(_ text: Text, _ source: Annotation, _ patch: Int) -> [Int?]? {
    let mark = source.text.storageSize
    guard text.storageSize >= mark else { return nil }
    var old = 0
    var result: [Int?] = []
    result.reserveCapacity(text.lines.count)
    for line in text.lines {
      guard Int(line.start) < mark else {
        result.append(patch)
        continue
      }
      while old < source.text.lines.count, source.text.lines[old] != line { old += 1 }
      guard old < source.text.lines.count,
        source.text.bytes(of: line).elementsEqual(text.bytes(of: line))
      else { return nil }
      result.append(source.origins[old])
      old += 1
    }
    return result
  }

  private func differing(_ text: Text, _ source: Annotation, _ patch: Int) -> [Int?] {
    var result: [Int?] = []
    var position = 0
    for edit in difference(from: source.text, to: text, .myers, placed: .byIndentation) {
      result += source.origins[position..<edit.old.lowerBound]
      result += [Int?](repeating: patch, count: edit.new.count)
      position = edit.old.upperBound
    }
    return result + source.origins[position...]
  }
}

extension FileChange.Kind {
  fileprivate var takesAway: Bool {
    switch self {
    case .delete, .rename: true
    case .modify, .create, .copy: false
    }
  }
}
