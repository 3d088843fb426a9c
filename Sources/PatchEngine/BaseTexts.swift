import Patches

/// The files that each change was made on, as far as they are known: from the tree that the stack
/// was made on, as the patches so far have left them there, or from the blob that the change names.
///
/// Nothing is read or put together before a change asks for its base: most fit without.
struct BaseTexts {
  /// What is known of a file: where it begins, and the changes of the stack since.
  private struct Chain {
    var origin: Origin
    var changes: [FileChange] = []
  }

  private enum Origin {
    /// A file of the tree that the stack was made on.
    case tree(RepoPath)
    /// The file, put together before; nil for one that is absent or unknown.
    case text(Text?)
  }

  private var chains: [RepoPath: Chain] = [:]
  /// The last blob that was read for a path, so that a chain of commits reads each version once.
  private var blobs: [RepoPath: (id: ObjectID, text: Text)] = [:]

  /// The file that a change with hunks was made on; nil where it is not known.
  mutating func text(
    before file: FileChange, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Text? {
    let chain = chains[file.sourcePath] ?? Chain(origin: .tree(file.sourcePath))
    var text = try text(at: chain.origin, in: tree)
    for change in chain.changes { text = after(change, try base(of: change, text, in: tree)) }
    chains[file.sourcePath] = Chain(origin: .text(text))
    return try base(of: file, text, in: tree)
  }

  /// Goes on to the next change of the stack.
  ///
  /// - Parameter after: what the change makes of its own base, where that has been worked out.
  mutating func pass(_ file: FileChange, after: Text?) {
    var chain = chains[file.sourcePath] ?? Chain(origin: .tree(file.sourcePath))
    if let after {
      chain = Chain(origin: .text(after))
    } else {
      chain.changes.append(file)
    }
    if case .rename(let from, _) = file.kind { chains[from] = Chain(origin: .text(nil)) }
    chains[file.path] = chain
  }

  private func text(
    at origin: Origin, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Text? {
    switch origin {
    case .text(let text): return text
    case .tree(let path):
      guard tree.hasBase, let entry = try tree.baseEntry(at: path), entry.mode.isFile else {
        return nil
      }
      return Text(try tree.content(of: entry.id))
    }
  }

  /// The text that the chain has for a change, or the blob that the change names where that is another.
  private func base(
    of file: FileChange, _ text: Text?, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Text? {
    guard case .hunks(let hunks) = file.content else { return text }
    if let text, (try? apply(hunks, to: text)) != nil { return text }
    guard let id = file.index?.oldID, id != .zero, let bytes = try tree.storedContent(of: id) else {
      return text
    }
    return Text(bytes)
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
