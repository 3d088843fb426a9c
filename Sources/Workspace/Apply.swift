import Foundation
import Git
import PatchEngine
import Patches
import Upstream

/// What applying one stack came to.
public struct Application: Sendable {
  public let verdict: StackVerdict
  /// Set where the stack applies and was written.
  public let written: Written?

  /// What is now on disk.
  public struct Written: Sendable {
    public let branch: String
    public let commit: ObjectID
    public let tree: ObjectID
    /// The work tree's folder.
    public let directory: String
  }
}

/// How `apply` writes a stack.
public struct ApplyOptions: Sendable {
  /// The branch in the project's repository; by default `kerb/RELEASE`.
  public var branch: String?
  /// The folder of the work tree; by default `src/RELEASE/PROJECT` in the workspace.
  public var directory: String?
  /// True for one commit instead of one a patch.
  public var squash = false

  public init() {}
}

extension Workspace {
  /// Puts stacks on their locked trees: a branch with one commit a patch, and a work tree. A stack
  /// that does not apply is not written at all; the others are.
  ///
  /// - Throws: `Refusal` where a branch or a work tree holds work of the user's, `GitError`.
  public func apply(
    _ stacks: [StackName], _ options: ApplyOptions,
    progress: @escaping @Sendable (RunProgress) -> Void = { _ in }
  ) throws -> [Application] {
    try hold { _ in
      var files = PatchCache(self.files)
      return try stacks.map { stack in
        switch load(stack, &files) {
        case .verdict(let verdict): return Application(verdict: verdict, written: nil)
        case .stack(let loaded): return try apply(loaded, options, progress)
        }
      }
    }
  }

  private func apply(
    _ loaded: LoadedStack, _ options: ApplyOptions,
    _ progress: @escaping @Sendable (RunProgress) -> Void
  ) throws -> Application {
    let name = loaded.name
    let path = store.repositoryPath(project: name.project)
    let repository = try Repository(opening: path)
    let branch = options.branch ?? "kerb/\(name.release)"
    let record = AppliedRecord(branch: branch)
    let tree = try workTree(of: name, options, repository: path, branch: branch)
    let present = try repository.reference(record.ref)
    let pack = try PackWriter(objectsDirectory: repository.objectsDirectory)
    let result = try ReplaySession(repository: path).replay(
      loaded.patches, onto: loaded.upstream.tree, recording: .objects(pack)
    ) { progress(RunProgress(stack: name, done: $0, total: $1)) }
    let verdict = try verdict(loaded, steps: result.steps)
    guard verdict.isGood else { return Application(verdict: verdict, written: nil) }
    let commit = try commit(loaded, result, path, pack, squash: options.squash)
    try repository.refresh()
    try refuseLoss(
      repository, present, making: commit.commit, record: record, tree)
    try record.move(
      repository, to: commit.commit, from: present, message: "kerb apply: \(name)")
    try tree.attempt { (tree) throws(WorkTreeError) in
      try tree.checkOut(branch: branch, commit: commit.commit)
    }
    return Application(
      verdict: verdict,
      written: Application.Written(
        branch: branch, commit: commit.commit, tree: commit.tree, directory: tree.directory))
  }

  private func commit(
    _ loaded: LoadedStack, _ result: ReplaySession.Result, _ path: String, _ pack: PackWriter,
    squash: Bool
  ) throws -> (commit: ObjectID, tree: ObjectID) {
    guard squash else {
      let made = try commits(loaded, result, path, pack)
      return (made.commits.last ?? loaded.upstream.commit, made.tree)
    }
    let parent = loaded.upstream.commit
    let identity = Identity(below: try Repository(opening: path).commit(parent))
    var chain = try CommitChain(repository: path, root: loaded.upstream.tree, pack: pack)
    let made = try chain.squashed(
      loaded.patches, result.edits, on: parent, identity: identity, title: "\(loaded.name)")
    _ = try pack.finish()
    return made
  }

  /// Stores one commit a patch.
  func commits(
    _ loaded: LoadedStack, _ result: ReplaySession.Result, _ path: String, _ pack: PackWriter
  ) throws -> (commits: [ObjectID], tree: ObjectID) {
    let parent = loaded.upstream.commit
    let identity = Identity(below: try Repository(opening: path).commit(parent))
    var chain = try CommitChain(repository: path, root: loaded.upstream.tree, pack: pack)
    let made = try chain.commits(loaded.patches, result.edits, on: parent, identity: identity)
    _ = try pack.finish()
    return made
  }

  private func workTree(
    of stack: StackName, _ options: ApplyOptions, repository: String, branch: String
  ) throws -> WorkTree {
    let named = options.directory.map { URL(filePath: $0).standardizedFileURL.path }
    let directory = named ?? "\(root)/src/\(stack.release)/\(stack.project)"
    _ = try NamedPlace(directory, in: root)
    return WorkTree(
      directory: directory, repository: repository, name: branch.replacing("/", with: "-"))
  }

  /// Refuses where the branch has commits that kerb did not make, or the work tree has changes.
  private func refuseLoss(
    _ repository: borrowing Repository, _ present: ObjectID?, making commit: ObjectID,
    record: AppliedRecord, _ tree: WorkTree
  ) throws {
    if let present, present != commit, try record.commit(in: repository) != present {
      throw Refusal(
        "branch \(record.branch) has commits that kerb did not make; keep them under another name "
          + "('git branch -m'), or give --branch another one")
    }
    try tree.refuseLoss(hint: "commit or stash them, or give --tree another")
  }
}

extension WorkTree {
  /// Refuses where the folder has changes of the user's, or is not this work tree.
  func refuseLoss(hint: String) throws {
    try attempt(hint: hint) { (tree) throws(WorkTreeError) in
      switch try tree.state() {
      case .absent, .clean, .interrupted: return
      case .occupied: throw WorkTreeError.occupied("the folder holds something else")
      case .dirty(_, let paths): throw WorkTreeError.changed(paths)
      }
    }
  }
}
