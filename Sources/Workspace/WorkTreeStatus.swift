import Foundation
import Git
import Patches

/// What the work tree of an applied stack has that the stack's patches have not.
public struct WorkTreeStatus: Sendable {
  public let stack: StackName
  /// The folder as a path in the workspace.
  public let directory: String
  /// Tracked files that are changed, staged or deleted.
  public var changed: [[UInt8]] = []
  /// Files that are there and whose removal is staged (`git rm --cached`).
  public var removed: [[UInt8]] = []
  public var untracked: [[UInt8]] = []
  /// True where the branch has commits that kerb did not make.
  public var hasCommits = false
  /// Why nothing can be said of the files, or what is checked out instead of the stack's branch.
  public var remark: String?

  /// A line for a person; nil where there is nothing to say.
  public var line: String? {
    func counted(_ paths: [[UInt8]], _ what: String) -> String? {
      guard let first = paths.first else { return nil }
      let name = String(decoding: first, as: UTF8.self)
      return "\(paths.count) \(what) (\(name)\(paths.count > 1 ? " …" : ""))"
    }
    let parts = [
      remark, counted(changed, "changed"), counted(removed, "removed from the index"),
      counted(untracked, "untracked"), hasCommits ? "commits that kerb did not make" : nil,
    ].compactMap { $0 }
    guard !parts.isEmpty else { return nil }
    return "\(directory): " + parts.joined(separator: ", ")
      + (hasCommits || !(changed + removed).isEmpty
        ? "; 'kerb refresh \(stack)' takes them into the patches" : "")
  }
}

extension Workspace {
  /// The work trees in `src/` of these stacks that hold something of their owner's. Those of stopped runs are
  /// left out: what is in them is the conflict.
  ///
  /// - Throws: `GitError` where one cannot be read.
  public func workTrees(of stacks: [StackName]) throws -> [WorkTreeStatus] {
    let stopped = Set(try stoppedMoves().map(\.stack))
    return try stacks.filter { !stopped.contains("\($0)") }.compactMap { stack in
      let applied = AppliedBranch(self, stack)
      guard FileManager.default.fileExists(atPath: applied.tree.directory),
        FileManager.default.fileExists(
          atPath: store.repositoryPath(project: stack.project) + "/HEAD")
      else { return nil }
      let status = try status(of: applied)
      return status.line == nil ? nil : status
    }
  }

  private func status(of applied: AppliedBranch) throws -> WorkTreeStatus {
    let tree = applied.tree
    var status = WorkTreeStatus(stack: applied.stack, directory: shown(tree.directory))
    let state = try tree.attempt { (tree) throws(WorkTreeError) in try tree.state() }
    switch state {
    case .absent: return status
    case .occupied:
      status.remark = "files that are not this work tree's"
      return status
    case .interrupted:
      status.remark = "a check-out was interrupted, and 'kerb apply \(applied.stack)' ends it"
      return status
    case .clean, .dirty: break
    }
    if let other = try tree.otherBranch(than: applied.branch) {
      status.remark = "on \(other)"
    } else {
      let repository = try Repository(opening: applied.repositoryPath)
      let record = AppliedRecord(branch: applied.branch)
      let head = try repository.reference(record.ref)
      status.hasCommits = try head != nil && record.commit(in: repository) != head
    }
    var files = try StoredFiles(of: tree)
    for path in state.changedPaths {
      // A name that no patch may have is shown all the same.
      let isRemoved = try (try? RepoPath(path)).map { try files.isRemoved($0) } ?? false
      if isRemoved { status.removed.append(path) } else { status.changed.append(path) }
    }
    let known = Set(status.removed)
    status.untracked = try tree.attempt { (tree) throws(WorkTreeError) in try tree.untracked() }
      .filter { !known.contains($0) }
    return status
  }
}
