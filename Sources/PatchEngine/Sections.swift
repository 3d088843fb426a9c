import Patches

/// One version of a file: what a tree has at a path.
public struct FileVersion: Hashable, Sendable {
  public let mode: FileMode
  public let id: ObjectID
  public let text: Text

  public init(mode: FileMode, id: ObjectID, text: Text) {
    self.mode = mode
    self.id = id
    self.text = text
  }
}

extension FileChange {
  /// The change between two versions of a file, as `git diff --full-index` has it.
  ///
  /// - Parameters:
  ///   - old: the file before, at `source` where that is another path; nil for a new file.
  ///   - new: the file after; nil for one that goes.
  ///   - isCopy: true where the file at `source` stays.
  /// - Returns: nil where nothing changes, and for binary content, which has no hunks.
  public static func between(
    _ old: FileVersion?, _ new: FileVersion?, at path: RepoPath, source: RepoPath? = nil,
    isCopy: Bool = false
  ) -> FileChange? {
    guard let kind = kind(old, new, path, source, isCopy) else { return nil }
    let isSame = old?.id == new?.id
    let isBinary = [old, new].contains { $0.map { looksBinary($0.text) } ?? false }
    guard isSame || !isBinary else { return nil }
    let found = isSame ? [] : hunks(from: old?.text ?? Text([]), to: new?.text ?? Text([]))
    let index = isSame ? nil : IndexLine(old?.id ?? .zero, new?.id ?? .zero)
    return FileChange(
      path, kind, oldMode: old?.mode, newMode: new?.mode, index: index,
      content: found.isEmpty ? .none : .hunks(found))
  }

  private static func kind(
    _ old: FileVersion?, _ new: FileVersion?, _ path: RepoPath, _ source: RepoPath?, _ isCopy: Bool
  ) -> Kind? {
    guard let old else { return new == nil ? nil : .create }
    guard let new else { return .delete }
    guard let source, source != path else {
      return old.id == new.id && old.mode == new.mode ? nil : .modify
    }
    let similarity =
      old.id == new.id
      ? 100
      : ContentPrint(old.text.bytes).similarity(to: ContentPrint(new.text.bytes)) * 100
        / 60_000
    return isCopy
      ? .copy(from: source, similarity: similarity) : .rename(from: source, similarity: similarity)
  }
}

extension Patch {
  /// True where another text of the patch does the same to the same lines: where only line numbers,
  /// headings of hunks, names on `index` lines and lines of the mail's first line differ.
  public func saysTheSame(as other: Patch) -> Bool {
    canonical(with: files.map(\.withoutPlace))
      == other.canonical(with: other.files.map(\.withoutPlace))
  }
}

extension FileChange {
  /// The change without what only says where it is.
  fileprivate var withoutPlace: FileChange {
    guard case .hunks(let hunks) = content else { return self }
    let placeless = hunks.map { hunk in
      var builder = HunkBuilder()
      hunk.forEachLine { builder.add($0, hunk.source[$1]) }
      return builder.hunk(oldStart: 0, newStart: 0)
    }
    let keepsMode = oldMode == newMode
    return FileChange(
      path, kind, oldMode: keepsMode ? nil : oldMode, newMode: keepsMode ? nil : newMode,
      content: .hunks(placeless))
  }
}
