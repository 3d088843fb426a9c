import Git
import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The log of operations: commits on one reference of a bare repository of the journal's own.
///
/// A commit's tree has `before/PATH` and `after/PATH` for the files of the workspace that changed,
/// and `state-before/NAME` and `state-after/NAME` for the journal's states. So every byte that an
/// operation replaced can be read with git itself.
struct OperationLog: ~Copyable {
  static let reference = "refs/kerb/operations"
  private let repository: Repository

  /// The log in a folder; nil where none has been written yet.
  init?(in folder: String) throws(GitError) {
    let path = folder + "/" + Self.name
    guard access(path, F_OK) == 0 else { return nil }
    repository = try Repository(opening: path)
  }

  /// The log in a folder, made where it is missing: complete under another name first, so that one
  /// that was broken off is never taken for it.
  init(creatingIn folder: String) throws(GitError) {
    let path = folder + "/" + Self.name
    if access(path, F_OK) != 0 {
      _ = try Repository(creatingBareAt: path + ".new")
      try synchronizeAll(path + ".new")
      guard rename(path + ".new", path) == 0 else {
        throw GitError("create repository \(path)", errno: errno)
      }
      try synchronizeDirectory(folder)
    }
    repository = try Repository(opening: path)
  }

  /// Runs what reads the log, and says what to do where that fails.
  private func reading<Value>(
    _ body: () throws(GitError) -> Value
  ) throws(GitError) -> Value {
    do throws(GitError) {
      return try body()
    } catch {
      throw GitError(
        error.doing,
        because: "\(error.reason); if the log of operations is damaged, move "
          + "\(repository.gitDirectory) away: kerb then begins a new one, and what the old one has "
          + "cannot be undone")
    }
  }

  private static let name = "operations.git"

  /// Removes what a process that was killed left behind in the log: a repository that is not
  /// complete, temporary packs, libgit2's locks, and marks of who took them.
  ///
  /// - Precondition: the workspace's lock is held, so nobody is at work here.
  static func clean(_ journal: String) throws(GitError) {
    var folder = try DiskTree(at: journal)
    try folder.removeAll(path(name + ".new"))
    guard case .directory = try folder.look(at: path(name)) else { return }
    for locked in [reference, "HEAD"] {
      let lock = path("\(name)/\(locked).lock")
      if case .file = try folder.look(at: lock) { try folder.remove(lock) }
    }
    let packs = Array("\(name)/objects/pack".utf8)
    for file in try folder.filesBelow(packs) where file.dropFirst(packs.count + 1).starts(with: tmp)
    {
      if let temporary = try? RepoPath(file) { try folder.remove(temporary) }
    }
    try ReferenceWrites(in: "\(journal)/\(name)").endBroken()
  }

  private static let tmp = Array("tmp_".utf8)

  /// The newest operation's commit; nil for an empty log.
  func newest() throws(GitError) -> ObjectID? {
    try reading { () throws(GitError) in try repository.reference(Self.reference) }
  }

  /// Moves the log on by one operation.
  func move(to commit: ObjectID, from parent: ObjectID?) throws(GitError) {
    try repository.updateReference(
      Self.reference, to: commit, expecting: parent, message: "kerb")
  }

  /// Joins the packs of the operations, each of which wrote one, once there are many.
  ///
  /// - Precondition: the workspace's lock is held.
  func gather() throws(GitError) {
    guard let newest = try newest() else { return }
    try repository.gatherPacks(reachableFrom: newest, atMost: Self.mostPacks)
  }

  private static let mostPacks = 50

  /// Stores an operation's contents and its commit; the reference stays where it is.
  func record(
    _ plan: ChangePlan, words: String, note: String?, kind: Journal.Operation.Kind, seconds: Int64
  ) throws(GitError) -> (commit: ObjectID, parent: ObjectID?) {
    let parent = try newest()
    let number = try parent.map { (id) throws(GitError) in try operation(id).number + 1 } ?? 1
    let pack = try PackWriter(objectsDirectory: repository.objectsDirectory)
    var encoder = ObjectEncoder()
    var editor = TreeEditor(base: nil)
    for (id, bytes) in plan.blobs.sorted(by: { $0.key < $1.key }) where !repository.contains(id) {
      try pack.append(encoder.whole(.blob, bytes, id: id))
    }
    for change in plan.changes {
      let modes = plan.modes[change.target]!
      for (side, id, mode) in [
        (Side.before, change.old, modes.old), (.after, change.new, modes.new),
      ] {
        guard let id else { continue }
        try editor.set(side.path(of: change.target), rawMode: mode.raw, id: id, reader: repository)
      }
    }
    let tree = try editor.write(reader: repository, encoder: &encoder, into: pack)
    let who = Signature(
      name: Array("kerb".utf8), email: Array("kerb@localhost".utf8), seconds: seconds, offset: 0)
    let message = OperationMessage(number: number, words: words, note: note, kind: kind)
    let bytes = CommitRecord(
      tree: tree, parents: parent.map { [$0] } ?? [], author: who, committer: who,
      message: message.bytes
    ).bytes
    let commit = try objectID(.commit, bytes)
    if !repository.contains(commit) {
      try pack.append(encoder.whole(.commit, bytes, id: commit))
    }
    _ = try pack.finish()
    return (commit, parent)
  }

  /// The operations, newest first.
  func operations(limit: Int = .max) throws(GitError) -> [Journal.Operation] {
    var operations: [Journal.Operation] = []
    var next = try newest()
    while let id = next, operations.count < limit {
      operations.append(try operation(id))
      next = try commit(id).parents.first
    }
    return operations
  }

  private func commit(_ id: ObjectID) throws(GitError) -> Commit {
    try reading { () throws(GitError) in try repository.commit(id) }
  }

  private func operation(_ id: ObjectID) throws(GitError) -> Journal.Operation {
    let commit = try commit(id)
    guard let message = OperationMessage(parsing: commit.message) else {
      throw GitError("read operation \(id)", because: "its message is not of kerb's form")
    }
    let targets = Set(try sides(of: id).keys.map(\.target)).sorted()
    return Journal.Operation(
      id: id, number: message.number, seconds: commit.committer.seconds, words: message.words,
      note: message.note, kind: message.kind,
      paths: targets.filter { $0.place == .workspace }.map(\.path),
      states: targets.filter { $0.place == .state }.map { stateName(of: $0.path) })
  }

  /// The contents before or after an operation, of every file that it changed; nil for no file.
  func contents(_ side: Side, of operation: ObjectID) throws(GitError) -> [Target: Content?] {
    let sides = try sides(of: operation)
    var contents: [Target: Content?] = [:]
    for key in sides.keys { contents[key.target] = .some(nil) }
    for (key, entry) in sides where key.side == side {
      contents[key.target] = Content(
        bytes: try blob(entry.id), isExecutable: entry.mode == .executable)
    }
    return contents
  }

  func blob(_ id: ObjectID) throws(GitError) -> [UInt8] {
    try reading { () throws(GitError) in try repository.blob(id) }
  }

  private struct SidePath: Hashable {
    let side: Side
    let target: Target
  }

  private func sides(of operation: ObjectID) throws(GitError) -> [SidePath: TreeEntry] {
    var sides: [SidePath: TreeEntry] = [:]
    let tree = try commit(operation).tree
    let files = try reading { () throws(GitError) in try repository.files(inTree: tree) }
    for (path, entry) in files {
      guard let (side, target) = Side.read(path) else {
        throw GitError("read operation \(operation)", because: "its tree is not of kerb's form")
      }
      sides[SidePath(side: side, target: target)] = entry
    }
    return sides
  }
}

/// The two sides of an operation.
enum Side: Hashable, CaseIterable {
  case before, after

  /// Where the log's tree has a file.
  func path(of target: Target) -> RepoPath {
    joined(
      folder(target.place),
      target.place == .state ? Array(stateName(of: target.path).utf8) : target.path.bytes)
  }

  /// What a path of the log's tree stands for.
  static func read(_ bytes: [UInt8]) -> (Side, Target)? {
    for side in allCases {
      for place in Place.allCases {
        let prefix = Array((side.folder(place) + "/").utf8)
        guard bytes.starts(with: prefix),
          let path = try? RepoPath(Array(bytes.dropFirst(prefix.count)))
        else { continue }
        return (side, Target(place, place == .state ? statePath(path) : path))
      }
    }
    return nil
  }

  private func folder(_ place: Place) -> String {
    (place == .state ? "state-" : "") + (self == .before ? "before" : "after")
  }
}

/// The path in the journal's folder of a state.
private func statePath(_ name: RepoPath) -> RepoPath { joined("state", name.bytes) }

/// The name of the state at a path in the journal's folder.
func stateName(of path: RepoPath) -> String { String(decoding: path.name, as: UTF8.self) }

private func joined(_ folder: String, _ name: [UInt8]) -> RepoPath {
  do {
    return try RepoPath(Array((folder + "/").utf8) + name)
  } catch {
    preconditionFailure("a path below a folder: \(error)")
  }
}

/// A path of the journal's own.
func path(_ text: String) -> RepoPath {
  do {
    return try RepoPath(text)
  } catch {
    preconditionFailure("a path of the journal's own: \(error)")
  }
}
