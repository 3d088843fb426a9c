import Patches

/// The files that each change was made on, as far as they are known: from the tree that the stack
/// was made on, as the patches so far have left them there, or from the blob that the change names.
struct BaseTexts {
  private var texts: [RepoPath: Text?] = [:]
  /// The last blob that was read for a path, so that a chain of commits reads each version once.
  private var blobs: [RepoPath: (id: ObjectID, text: Text)] = [:]

  /// The file that a change with hunks was made on; nil where it is not known. The change is then
  /// put on it, for the patches that follow.
  mutating func text(
    before file: FileChange, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Text? {
    var before: Text?
    if tree.hasBase { before = try text(at: file.sourcePath, in: tree) }
    if case .hunks(let hunks) = file.content, !fits(hunks, before),
      let id = file.index?.oldID, id != .zero, let bytes = try tree.storedContent(of: id)
    {
      before = Text(bytes)
    }
    if case .rename(let from, _) = file.kind { texts[from] = .some(nil) }
    texts[file.path] = .some(after(file, before))
    return before
  }

  private func fits(_ hunks: [Hunk], _ text: Text?) -> Bool {
    guard let text else { return false }
    return (try? apply(hunks, to: text)) != nil
  }

  private func text(
    at path: RepoPath, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Text? {
    if let known = texts[path] { return known }
    guard let entry = try tree.baseEntry(at: path), entry.mode.isFile else { return nil }
    return Text(try tree.content(of: entry.id))
  }

  private func after(_ file: FileChange, _ before: Text?) -> Text? {
    if file.kind == .delete { return nil }
    guard case .hunks(let hunks) = file.content else { return before }
    return try? apply(hunks, to: before ?? Text([])).text
  }

  /// The two versions of a file that a change of blobs lies between.
  mutating func texts(
    _ old: ObjectID, _ new: ObjectID, of file: FileChange,
    in tree: borrowing some TreeSource & ~Copyable
  ) throws -> (old: Text, new: Text) {
    let before =
      if let last = blobs[file.sourcePath], last.id == old { last.text } else {
        Text(try tree.content(of: old))
      }
    let after = Text(try tree.content(of: new))
    blobs[file.path] = (new, after)
    return (before, after)
  }
}
