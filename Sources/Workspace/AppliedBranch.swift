import Foundation
import Git
import PatchEngine
import Patches

/// The branch and the work tree that `apply` gives a stack, and what their owner has done there.
struct AppliedBranch {
  let stack: StackName
  let branch: String
  let repositoryPath: String
  let tree: WorkTree

  private var record: AppliedRecord { AppliedRecord(branch: branch) }

  init(_ workspace: Workspace, _ stack: StackName, branch: String? = nil, directory: String? = nil)
  {
    self.stack = stack
    self.branch = branch ?? "kerb/\(stack.release)"
    repositoryPath = workspace.store.repositoryPath(project: stack.project)
    let folder = directory.map { URL(filePath: $0).standardizedFileURL.path }
    tree = WorkTree(
      directory: folder ?? "\(workspace.root)/src/\(stack.release)/\(stack.project)",
      repository: repositoryPath, name: AppliedRecord(branch: self.branch).treeName)
  }

  /// What the branch and the work tree hold.
  struct Work {
    /// The commit that kerb made.
    let record: ObjectID
    /// The commit that the branch is on.
    let head: ObjectID
    /// What the files change against that commit.
    let edits: PatchEffect
    /// False where there is no work tree.
    let hasTree: Bool
    /// What a person should know about the files, a sentence each.
    var notes: [String] = []
  }

  /// Reads the branch and the files. What a command that was killed has not brought to its end is
  /// ended first.
  ///
  /// - Parameter tip: the last commit of the stack as its patches are.
  /// - Throws: `Refusal` where the stack is not applied, git is in the middle of something, the files
  ///   belong to something else, or one of them is nothing that a patch may carry.
  func work(tip: ObjectID, over base: inout BaseTree) throws -> Work {
    let repository = try Repository(opening: repositoryPath)
    guard let recorded = try self.record.commit(in: repository),
      let head = try repository.reference(self.record.ref)
    else {
      throw Refusal("\(stack) is not applied; 'kerb apply \(stack)' puts it on branch \(branch)")
    }
    // A branch that stands where it is to stand is kerb's, whoever has put it there.
    let record = head == tip ? tip : recorded
    try refuseUnfinished()
    let state = try settledState(repository, on: head, isOurs: head == record)
    switch state {
    case .absent: return Work(record: record, head: head, edits: PatchEffect(), hasTree: false)
    case .occupied: throw Refusal("\(tree.directory): the folder holds something else")
    case .interrupted: preconditionFailure("a check-out that was broken off has been ended")
    case .clean, .dirty: break
    }
    let root = try repository.commit(head).tree
    var paths = Set(try state.changedPaths.map { try RepoPath(ofChanged: $0) })
    if let checkedOut = state.head, checkedOut != head {
      for change in try repository.changes(from: repository.commit(checkedOut).tree, to: root) {
        paths.insert(try RepoPath(ofChanged: change.path))
      }
    }
    var files = try StoredFiles(of: tree)
    var edits = PatchEffect()
    var removed: [RepoPath] = []
    for path in paths.sorted() {
      let entry = try repository.entry(at: path, inTree: root).flatMap {
        $0.mode == .tree ? nil : SourceEntry($0)
      }
      let isRemoved = try entry != nil && files.isRemoved(path)
      if isRemoved { removed.append(path) }
      edits[path] = .init(
        before: entry, after: isRemoved ? nil : try file(at: path, in: &files, over: &base))
    }
    var work = Work(record: record, head: head, edits: edits, hasTree: true)
    work.notes = try notes(removed: removed, &files)
    return work
  }

  private func notes(removed: [RepoPath], _ files: inout StoredFiles) throws -> [String] {
    var notes: [String] = []
    if !removed.isEmpty {
      notes.append(
        "the removal that is staged is taken, as 'git commit' takes it, and the file stays: "
          + list(removed))
    }
    for (path, filter) in try files.unasked() {
      notes.append(
        "\(String(decoding: path, as: UTF8.self)) is left as it is: its filter '\(filter)' is a program, "
          + "which kerb does not run; 'git add' it where it is changed")
    }
    let untracked = try tree.attempt { (tree) throws(WorkTreeError) in try tree.untracked() }
    if !untracked.isEmpty {
      let names = untracked.prefix(Self.mostNamed).map { String(decoding: $0, as: UTF8.self) }
      let more = untracked.count - names.count
      notes.append(
        "untracked, and in no patch until 'git add': " + names.joined(separator: ", ")
          + (more > 0 ? " and \(more) more" : ""))
    }
    return notes
  }

  /// How many untracked files are named.
  private static let mostNamed = 10

  /// What the files are like, once a check-out that was broken off, or that has not begun, is ended.
  private func settledState(
    _ repository: borrowing Repository, on head: ObjectID, isOurs: Bool
  ) throws -> WorkTree.State {
    let branch = branch
    var state = try state()
    if case .interrupted(let target) = state {
      try tree.attempt { (tree) throws(WorkTreeError) in
        try tree.checkOut(branch: branch, commit: target)
      }
      state = try self.state()
    }
    guard isOurs, let checkedOut = state.head, checkedOut != head else { return state }
    let (old, new) = (try repository.commit(checkedOut).tree, try repository.commit(head).tree)
    var files = try StoredFiles(of: tree)
    var isThere = true
    for change in try repository.changes(from: old, to: new) where isThere {
      isThere = try files.isSame(change.new, at: try RepoPath(change.path))
    }
    try tree.attempt { (tree) throws(WorkTreeError) in
      if isThere {
        try tree.adopt(branch: branch, commit: head, keepsStaged: true)
      } else {
        try tree.checkOut(branch: branch, commit: head)
      }
    }
    return try self.state()
  }

  private func state() throws -> WorkTree.State {
    try tree.attempt { (tree) throws(WorkTreeError) in try tree.state() }
  }

  /// Refuses while a rebase, merge or pick of git's is under way, or another branch is checked out.
  private func refuseUnfinished() throws {
    let own = "\(repositoryPath)/worktrees/\(tree.name)"
    for name in ["rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD"]
    where FileManager.default.fileExists(atPath: "\(own)/\(name)") {
      throw Refusal(
        "\(tree.directory): git is in the middle of something (\(name)); end it with git first")
    }
    guard let bytes = try Git.readFile("\(own)/HEAD") else { return }
    let head = String(decoding: bytes, as: UTF8.self)
    guard head != "ref: \(record.ref)\n" else { return }
    throw Refusal(
      head.hasPrefix("ref: ")
        ? "\(tree.directory): another branch than \(branch) is checked out there"
        : "\(tree.directory): no branch is checked out there; 'git switch \(branch)' goes back to the "
          + "stack's, 'git branch -f \(branch)' before it takes your commits along")
  }

  private func file(
    at path: RepoPath, in files: inout StoredFiles, over base: inout BaseTree
  ) throws -> SourceEntry? {
    switch try files.found(at: path, limit: Patch.maximumSize) {
    case .nothing: return nil
    case .content(let mode, let bytes):
      if mode == .symlink { try refuseLink(at: path, to: bytes) }
      return SourceEntry(rawMode: mode.raw, id: base.add(bytes))
    case .staged(let mode, let id): return SourceEntry(rawMode: mode.raw, id: id)
    case .otherEncoding(let name):
      throw Refusal(
        "\(path) is not in the encoding '\(name.prefix(40))' that .gitattributes states; correct the one or "
          + "the other")
    }
  }

  /// The commits of the branch above the stack's upstream commit, oldest first, in UTF-8.
  ///
  /// - Throws: `Refusal` where the branch does not stand on it, has merges, or has an encoding that
  ///   kerb cannot read.
  func commits(from head: ObjectID, above upstream: ObjectID) throws -> [Commit] {
    let repository = try Repository(opening: repositoryPath)
    var found: [Commit] = []
    var next = head
    while next != upstream {
      let commit = try repository.commit(next)
      guard commit.parents.count == 1, found.count < Self.mostCommits else {
        throw Refusal(
          commit.parents.count > 1
            ? "commit \(next) on branch \(branch) is a merge; a stack is one line of commits"
            : "branch \(branch) does not stand on the upstream commit of \(stack), \(upstream)")
      }
      found.append(try commit.decoded())
      next = try commit.firstParent()
    }
    return found.reversed()
  }

  private static let mostCommits = 10_000

  /// Makes the branch stand on a commit whose files the work tree holds already.
  func adopt(_ commit: ObjectID, from work: Work) throws {
    let repository = try Repository(opening: repositoryPath)
    try record.move(repository, to: commit, from: work.head, message: "kerb: refresh")
    guard work.hasTree else { return }
    let branch = branch
    try tree.attempt { (tree) throws(WorkTreeError) in
      try tree.adopt(branch: branch, commit: commit)
    }
  }

  /// Lets an applied stack that its owner has not touched follow its patches.
  ///
  /// - Parameter old: the stack's last commit before it changed.
  /// - Returns: why it stays where it is; nil where it follows or is not applied.
  func follow(from old: ObjectID, to commit: ObjectID) throws -> String? {
    let repository = try Repository(opening: repositoryPath)
    guard let recorded = try record.commit(in: repository),
      let head = try repository.reference(record.ref),
      recorded == old, head != commit
    else { return nil }
    guard head == recorded else {
      return "branch \(branch) has commits of yours and stays as it is"
    }
    if let other = try repository.workTree(on: record.ref, besides: record.treeName) {
      return "branch \(branch) is checked out in \(other) and stays as it is"
    }
    let (before, after) = (try repository.commit(old).tree, try repository.commit(commit).tree)
    let state = try state()
    switch state {
    case .absent: try record.move(repository, to: commit, from: head, message: "kerb: refresh")
    case .clean(old), .dirty(old, _):
      let touched = try repository.changes(from: before, to: after).map(\.path)
      if let path = touched.first(where: Set(state.changedPaths).contains) {
        return
          "\(String(decoding: path, as: UTF8.self)) has changes in \(tree.directory), which stays "
          + "as it is"
      }
      try record.move(repository, to: commit, from: head, message: "kerb: refresh")
      let branch = branch
      try tree.attempt { (tree) throws(WorkTreeError) in
        if before == after {
          try tree.adopt(branch: branch, commit: commit, keepsStaged: true)
        } else {
          try tree.checkOut(branch: branch, commit: commit)
        }
      }
    default: return "\(tree.directory) is not as kerb left it, and stays so"
    }
    return nil
  }
}

/// What a folder has at a path: a file or a link; nil where there is neither. What is below a link is
/// not the folder's.
func diskContent(
  at path: RepoPath, in directory: String
) throws -> (mode: FileMode, bytes: [UInt8])? {
  guard var disk = try? DiskTree(at: directory) else { return nil }
  switch try disk.look(at: path) {
  case .file(let status):
    let mode: FileMode = status.st_mode & 0o100 != 0 ? .executable : .regular
    return (mode, try disk.readFile(path, limit: Patch.maximumSize))
  case .symlink: return (.symlink, try disk.readLink(path))
  case .absent, .directory, .other, .blocked: return nil
  }
}
