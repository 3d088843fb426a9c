import Git
import PatchEngine
import Patches

/// Puts a replay's files into trees and commits, in the order of the stack.
struct CommitChain: ~Copyable {
  private let repository: Repository
  private var editor: TreeEditor
  private var encoder = ObjectEncoder()
  private let pack: PackWriter?

  init(repository: String, root: ObjectID, pack: PackWriter?) throws {
    self.repository = try Repository(opening: repository)
    self.editor = TreeEditor(base: root)
    self.pack = pack
  }

  /// The tree after all edits.
  mutating func tree(after edits: [TreeEdit]) throws -> ObjectID {
    for edit in edits { try take(edit) }
    return try editor.write(reader: repository, encoder: &encoder, into: pack)
  }

  /// One commit a patch.
  ///
  /// - Returns: the commits in order, and the last one's tree.
  mutating func commits(
    _ stack: [Patch], _ edits: [TreeEdit], on parent: ObjectID, identity: Identity
  ) throws -> (commits: [ObjectID], tree: ObjectID) {
    var commits: [ObjectID] = []
    var tree = try editor.write(reader: repository, encoder: &encoder, into: pack)
    var next = 0
    for (index, patch) in stack.enumerated() {
      while next < edits.count, edits[next].patch == index {
        try take(edits[next])
        next += 1
      }
      tree = try editor.write(reader: repository, encoder: &encoder, into: pack)
      commits.append(
        try commit(patch, tree: tree, parent: commits.last ?? parent, identity))
    }
    return (commits, tree)
  }

  /// All patches as one commit.
  mutating func squashed(
    _ stack: [Patch], _ edits: [TreeEdit], on parent: ObjectID, identity: Identity, title: String
  ) throws -> (commit: ObjectID, tree: ObjectID) {
    let tree = try tree(after: edits)
    var body = Array("\(title)\n\n".utf8)
    for patch in stack { body += Array("* ".utf8) + patch.header.subject + [UInt8(ascii: "\n")] }
    let record = CommitRecord(
      tree: tree, parents: [parent], author: identity.fallback, committer: identity.fallback,
      message: body)
    return (try store(record), tree)
  }

  private mutating func take(_ edit: TreeEdit) throws {
    guard let entry = edit.entry else {
      return try editor.remove(edit.path, reader: repository)
    }
    guard let id = entry.id else { preconditionFailure("an edit without a name was recorded") }
    try editor.set(edit.path, rawMode: entry.rawMode, id: id, reader: repository)
  }

  private mutating func commit(
    _ patch: Patch, tree: ObjectID, parent: ObjectID, _ identity: Identity
  ) throws -> ObjectID {
    let author = identity.author(of: patch)
    let message = patch.header.message
    return try store(
      CommitRecord(
        tree: tree, parents: [parent], author: author, committer: author,
        message: message.isEmpty ? Array("\(fileName(patch.name))\n".utf8) : message))
  }

  private mutating func store(_ record: CommitRecord) throws -> ObjectID {
    let bytes = record.bytes
    let id = try objectID(.commit, bytes)
    if let pack, !pack.contains(id), !repository.contains(id) {
      try pack.append(encoder.whole(.commit, bytes, id: id))
    }
    return id
  }
}

/// Whose commits a replay makes. Author and committer are the patch's author, at the patch's date,
/// so that the same stack gives the same commits on every machine.
struct Identity {
  /// For patches that name nobody: kerb, at the date of the commit below the stack.
  let fallback: Signature

  init(below commit: Commit) {
    fallback = Signature(
      name: Array("kerb".utf8), email: Array("kerb@localhost".utf8),
      seconds: commit.committer.seconds, offset: 0)
  }

  func author(of patch: Patch) -> Signature {
    guard let author = patch.header.author else { return fallback }
    return Signature(
      name: author.name, email: author.email, seconds: author.date?.seconds ?? fallback.seconds,
      offset: author.date?.offset ?? 0)
  }
}

/// The last component of a file's name.
func fileName(_ path: String) -> String {
  String(path.split(separator: "/").last ?? Substring(path))
}
