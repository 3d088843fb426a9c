import Patches

/// The files of the tree that a stack was made on, as the patches so far have left them there.
struct BaseTexts {
  private var texts: [RepoPath: Text?] = [:]

  /// The file that a change was made on; nil where no such tree is known or it has no such file.
  /// The change is then put on it, for the patches that follow.
  mutating func text(
    before file: FileChange, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Text? {
    guard tree.hasBase else { return nil }
    let before = try text(at: file.sourcePath, in: tree)
    if case .rename(let from, _) = file.kind { texts[from] = .some(nil) }
    texts[file.path] = .some(after(file, before))
    return before
  }

  private mutating func text(
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
}
