import Git
import PatchEngine
import Patches

/// Renames are not looked for in a commit with more pairs of files than this.
private let mostPairs = 50_000

extension Repository {
  /// The changes of a commit against its first parent, as a patch that names blobs and not hunks.
  ///
  /// - Throws: `GitError`; `Diagnostics` where the commit touches what no stack carries: a
  ///   submodule, an unsafe path.
  public func patch(of id: ObjectID) throws -> Patch {
    let commit = try commit(id)
    let parent = try commit.parents.first.map { try self.commit($0).tree }
    let name = "\(id)"
    let changes = try changes(from: parent, to: commit.tree)
    let files = try joiningRenames(changes.map { try fileChange($0, commit: name) })
    let author = Author(
      name: commit.author.name, email: commit.author.email,
      date: AuthorDate(seconds: commit.author.seconds, offset: commit.author.offset))
    let (subject, body) = split(commit.message)
    return Patch(
      name: name, header: PatchHeader(author: author, subject: subject, body: body), files: files)
  }

  /// Deletions and additions of similar files as renames.
  private func joiningRenames(_ files: [FileChange]) throws -> [FileChange] {
    func lone(_ kind: FileChange.Kind) -> [LoneFile] {
      files.compactMap { file in
        guard file.kind == kind, case .blobs(let old, let new) = file.content,
          (file.oldMode ?? file.newMode)?.isFile == true
        else { return nil }
        return LoneFile(path: file.path, id: kind == .delete ? old : new)
      }
    }
    let (gone, come) = (lone(.delete), lone(.create))
    guard !gone.isEmpty, !come.isEmpty, gone.count * come.count <= mostPairs else { return files }
    let found = try renames(gone: gone, come: come, wanted: Set(gone.map(\.path))) { try blob($0) }
      .found
    let sources = Dictionary(found.map { ($1, $0) }) { first, _ in first }
    let byPath = Dictionary(files.map { ($0.path, $0) }) { first, _ in first }
    return files.compactMap { file in
      if found[file.path] != nil { return nil }
      guard let from = sources[file.path], let source = byPath[from],
        case .blobs(let old, _) = source.content, case .blobs(_, let new) = file.content
      else { return file }
      return FileChange(
        file.path, .rename(from: from, similarity: nil), oldMode: source.oldMode,
        newMode: file.newMode, content: .blobs(old: old, new: new))
    }
  }

  private func fileChange(_ change: TreeChange, commit: String) throws -> FileChange {
    let shown = String(decoding: change.path, as: UTF8.self)
    func refuse(_ message: String, _ rule: String) -> Diagnostics {
      Diagnostics(Diagnostic(Location("\(commit):\(shown)"), message, rule: rule))
    }
    let path: RepoPath
    do {
      path = try RepoPath(change.path)
    } catch {
      throw refuse("\(error)", "path")
    }
    if change.old?.mode == .gitlink || change.new?.mode == .gitlink {
      throw refuse("a change of a submodule; a stack carries files only", "submodule")
    }
    let (old, new) = (change.old, change.new)
    return FileChange(
      path, old == nil ? .create : new == nil ? .delete : .modify, oldMode: old?.mode,
      newMode: new?.mode, content: .blobs(old: old?.id ?? .zero, new: new?.id ?? .zero))
  }

  private func split(_ message: [UInt8]) -> (subject: [UInt8], body: [UInt8]) {
    let lineFeed = UInt8(ascii: "\n")
    let end = message.firstIndex(of: lineFeed) ?? message.count
    var body = message[end...].drop { $0 == lineFeed }
    while body.last == lineFeed { body.removeLast() }
    return (Array(message[..<end]), Array(body))
  }
}
