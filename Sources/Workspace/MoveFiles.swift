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
  /// The folder, as one in which a stack may be stopped.
  var tree: WorkTree {
    var tree = appliedTree
    tree.ownsConflicts = true
    return tree
  }
  /// The folder, as one in which the stack may be applied.
  var appliedTree: WorkTree {
    WorkTree(
      directory: directory, repository: repositoryPath, name: "kerb-\(stack.release)")
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
  ///
  /// - Parameter unmerged: the paths in conflict.
  func show(_ marked: ObjectID, tip: ObjectID, unmerged: [UnmergedPath]) throws {
    let repository = try Repository(opening: repositoryPath)
    try repository.updateReference(
      keep, to: marked, expecting: try repository.reference(keep), message: "kerb: stopped")
    let ref = "refs/heads/\(branch)"
    try repository.updateReference(
      ref, to: tip, expecting: try repository.reference(ref), message: "kerb: stopped")
    try checkOut(marked, unmerged: unmerged)
  }

  /// Puts what is changed in the folder into a commit that is kept. Files whose names no patch may have
  /// stay where they are.
  ///
  /// - Parameter target: a commit that is to be checked out next; files that git does not know and that
  ///   are in its way are kept as well.
  /// - Returns: the commit, which the folder is then on; nil where nothing is changed.
  @discardableResult
  func keepChanges(inTheWayOf target: ObjectID? = nil) throws -> ObjectID? {
    let state = try tree.state()
    guard let head = state.head else { return nil }
    var paths = Set(state.changedPaths)
    if let target { paths.formUnion(try obstacles(to: target)) }
    let contents = try paths.compactMap { try? RepoPath($0) }.sorted().map { try content(at: $0) }
    guard !contents.isEmpty else { return nil }
    let commit = try commit(contents, onto: head, header: nil)
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

  func checkOut(_ commit: ObjectID, unmerged: [UnmergedPath] = []) throws {
    let branch = branch
    try tree.attempt { (tree) throws(WorkTreeError) in
      try tree.checkOut(branch: branch, commit: commit, unmerged: unmerged)
    }
  }

  private func obstacles(to commit: ObjectID) throws -> [[UInt8]] {
    try tree.attempt { (tree) throws(WorkTreeError) in try tree.obstructions(to: commit) }
  }

  /// Refuses where files that git does not know are in the way of a commit that is to be checked out.
  func refuseObstacles(to commit: ObjectID?) throws {
    guard let commit else { return }
    let own = Set(try tree.state().changedPaths)
    let paths = try obstacles(to: commit).filter { !own.contains($0) }
    guard paths.isEmpty else {
      throw Refusal(
        "\(directory): \(WorkTreeError.changed(paths)); put them elsewhere, or 'git add' those that the "
          + "patch is to have")
    }
  }

  /// The commit that the folder is on once the run is over, as `leave` takes it there.
  func place(after commit: ObjectID?, recorded: Bool) throws -> ObjectID? {
    let repository = try Repository(opening: repositoryPath)
    let record = AppliedRecord(branch: "kerb/\(stack.release)")
    let present = try repository.reference(record.ref)
    let isOurs = try present == nil || record.commit(in: repository) == present
    return recorded && isOurs ? commit : present ?? commit
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
