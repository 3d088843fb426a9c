import Foundation
import Git
import Journal
import PatchEngine
import Patches

/// Where the files of a stopped move stand for the user.
struct MoveFiles {
  let repositoryPath: String
  let stack: StackName
  let directory: String

  init(_ workspace: Workspace, _ stack: StackName) {
    repositoryPath = workspace.store.repositoryPath(project: stack.project)
    self.stack = stack
    directory = "\(workspace.root)/src/\(stack.release)/\(stack.project)"
  }

  var branch: String { "kerb-move/\(stack.release)" }
  private var keep: String { "refs/kerb/moving/\(stack.release)" }
  var tree: WorkTree {
    WorkTree(
      directory: directory, repository: repositoryPath, name: "kerb-\(stack.release)")
  }

  /// A commit with the files as the user finds them: what applies is changed, conflicts are marked.
  ///
  /// - Returns: the commit, and the files that are open.
  func mark(
    _ stop: MoveStop, of move: StackMove, onto tip: ObjectID
  ) throws -> (commit: ObjectID, open: [StoppedMove.OpenFile]) {
    let repository = try Repository(opening: repositoryPath)
    let patch = move.source.patches[stop.patch]
    let file = move.source.files[stop.patch]
    let labels = ConflictLabels(
      ours: "\(move.onto.source)", base: "\(move.source.upstream.source)", theirs: file)
    var contents: [Content] = []
    var open: [StoppedMove.OpenFile] = []
    for (section, result) in zip(patch.files, stop.steps[0].paths) {
      guard let conflict = result.conflict else { continue }
      let path = result.followedTo ?? result.path
      open.append(StoppedMove.OpenFile(path: "\(path)", reason: "\(conflict)"))
      let tree = try repository.commit(tip).tree
      guard let entry = try repository.entry(at: path, inTree: tree), entry.mode.isFile else {
        continue
      }
      if let merge = conflict.merge {
        contents.append(
          Content(path, entry.mode.raw, merge.merge.marked(labels, merge.resolution)))
      } else if section.kind == .create, case .hunks(let hunks) = section.content,
        let theirs = try? apply(hunks, to: Text([])).text
      {
        let ours = Text(try repository.blob(entry.id))
        let both = Merge(base: Text([]), ours: ours, theirs: theirs)
        contents.append(Content(path, entry.mode.raw, both.marked(labels)))
      }
    }
    let commit = try commit(contents, stop.edits, onto: tip, header: nil)
    return (commit, open)
  }

  /// One file with what it holds; nil for one that is not there.
  struct Content {
    let path: RepoPath
    let mode: UInt32
    let bytes: [UInt8]?

    init(_ path: RepoPath, _ mode: UInt32, _ bytes: [UInt8]?) {
      (self.path, self.mode, self.bytes) = (path, mode, bytes)
    }
  }

  /// Stores files over a commit's tree.
  ///
  /// - Parameter header: the patch whose author and message the commit gets; nil for one that only
  ///   keeps files.
  func commit(
    _ contents: [Content], _ edits: [TreeEdit] = [], onto tip: ObjectID, header: Patch?
  ) throws -> ObjectID {
    let repository = try Repository(opening: repositoryPath)
    let below = try repository.commit(tip)
    let pack = try PackWriter(objectsDirectory: repository.objectsDirectory)
    var recorder = ObjectRecorder(pack: pack)
    var all = edits.map { TreeEdit(patch: 0, path: $0.path, entry: $0.entry) }
    for content in contents {
      guard let bytes = content.bytes else {
        if try repository.entry(at: content.path, inTree: below.tree) != nil {
          all.append(TreeEdit(patch: 0, path: content.path, entry: nil))
        }
        continue
      }
      let id = try recorder.record(Text(bytes), over: nil, mark: 0)
      all.append(TreeEdit(patch: 0, path: content.path, entry: (content.mode, id)))
    }
    var chain = try CommitChain(repository: repositoryPath, root: below.tree, pack: pack)
    let subject = Array("files of \(stack) in a rebase that stands still".utf8)
    let patch =
      header
      ?? Patch(
        name: "stopped", header: PatchHeader(author: nil, subject: subject, body: []), files: [])
    let made = try chain.commits([patch], all, on: tip, identity: Identity(below: below))
    _ = try pack.finish()
    try repository.refresh()
    return made.commits[0]
  }

  /// The files of the folder that a patch touches or the user has changed.
  func taken(_ state: StoppedMove, _ patch: Patch) throws -> [Content] {
    var paths = Set(patch.files.flatMap { [$0.path, $0.sourcePath] })
    for file in state.open { paths.insert(try RepoPath(Array(file.path.utf8))) }
    if let marked = ObjectID(state.marked) {
      let repository = try Repository(opening: repositoryPath)
      let commit = try repository.commit(marked)
      let tip = try repository.commit(commit.firstParent()).tree
      for change in try repository.changes(from: tip, to: commit.tree) {
        paths.insert(try RepoPath(change.path))
      }
    }
    if case .dirty(_, let changed) = try tree.state() {
      for path in changed { paths.insert(try RepoPath(ofChanged: path)) }
    }
    return try paths.sorted().map { try content(at: $0) }
  }

  /// What the folder has at a path.
  func content(at path: RepoPath) throws -> Content {
    let found = try diskContent(at: path, in: directory)
    return Content(path, found?.mode.raw ?? 0, found?.bytes)
  }

  /// Keeps what the run has made so far from being collected, and puts the files in the folder.
  func show(_ marked: ObjectID, tip: ObjectID) throws {
    let repository = try Repository(opening: repositoryPath)
    try repository.updateReference(
      keep, to: marked, expecting: try repository.reference(keep), message: "kerb: stopped")
    let ref = "refs/heads/\(branch)"
    try repository.updateReference(
      ref, to: tip, expecting: try repository.reference(ref), message: "kerb: stopped")
    try checkOut(marked)
  }

  /// Puts what is changed in the folder into a commit that is kept.
  ///
  /// - Returns: the commit, which the folder is then on; nil where nothing is changed.
  @discardableResult
  func keepChanges() throws -> ObjectID? {
    guard case .dirty(let head?, let paths) = try tree.state() else { return nil }
    let commit = try commit(
      try paths.map { try content(at: try RepoPath($0)) }, onto: head, header: nil)
    try keepForever(commit)
    try checkOut(commit)
    return commit
  }

  /// Keeps files of the user's from being collected.
  private func keepForever(_ commit: ObjectID) throws {
    let repository = try Repository(opening: repositoryPath)
    let ref = "refs/kerb/kept/\(stack.release)/\(commit)"
    try repository.updateReference(
      ref, to: commit, expecting: try repository.reference(ref), message: "kerb: kept")
  }

  func checkOut(_ commit: ObjectID) throws {
    let branch = branch
    try tree.attempt { (tree) throws(WorkTreeError) in
      try tree.checkOut(branch: branch, commit: commit)
    }
  }

  /// Ends the run in the folder: it is on the branch of the applied stack again, or on a commit
  /// where there is none.
  ///
  /// - Parameter recorded: true where the commit is the applied stack.
  func leave(to commit: ObjectID?, recorded: Bool = false) throws {
    let repository = try Repository(opening: repositoryPath)
    let name = "kerb/\(stack.release)"
    let record = AppliedRecord(branch: name)
    let present = try repository.reference(record.ref)
    // A branch with commits of the user's stays where it is.
    let isOurs = try present == nil || record.commit(in: repository) == present
    if recorded, isOurs, let commit {
      try record.move(repository, to: commit, from: present, message: "kerb: moved")
    }
    guard let target = try repository.reference(record.ref) ?? commit else { return }
    if try repository.reference(record.ref) == nil {
      try record.move(repository, to: target, from: nil, message: "kerb: moved")
    }
    if case .absent = try tree.state() {
    } else {
      try tree.attempt { (tree) throws(WorkTreeError) in
        try tree.checkOut(branch: name, commit: target)
      }
    }
    try repository.removeReference(keep)
    try repository.removeReference("refs/heads/\(branch)")
  }
}
