import CLibgit2
import Patches

/// The part of a history between two commits that first parents alone lead through.
public struct FirstParents: Hashable, Sendable {
  /// The commits, oldest first; empty where the older one has all of the newer one's history.
  public let commits: [ObjectID]
  /// The first parent of the oldest of them: the older commit itself, or where their histories part;
  /// nil where they have nothing in common.
  public let start: ObjectID?
}

extension Repository {
  /// The commits on the first-parent history of `newest` that `oldest` does not have.
  ///
  /// - Throws: `GitError`, which `isNotFound` where the history is cut off before they meet.
  /// - Complexity: where `oldest` is on that history, only the commits between are read.
  public func firstParents(
    of newest: ObjectID, since oldest: ObjectID
  ) throws(GitError) -> FirstParents {
    if newest == oldest { return FirstParents(commits: [], start: oldest) }
    let limit = try commit(oldest).committer.seconds - clockSkew
    var commits = [newest]
    while let parent = try commit(commits[commits.count - 1]).parents.first {
      if parent == oldest { return FirstParents(commits: commits.reversed(), start: parent) }
      guard try commit(parent).committer.seconds >= limit else { break }
      commits.append(parent)
    }
    return try firstParents(of: newest, hiding: oldest)
  }

  private func firstParents(
    of newest: ObjectID, hiding oldest: ObjectID
  ) throws(GitError) -> FirstParents {
    let doing = "list the history of \(newest)"
    var walk: OpaquePointer?
    try check(git_revwalk_new(&walk, handle), doing)
    defer { git_revwalk_free(walk) }
    git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL.rawValue | GIT_SORT_REVERSE.rawValue)
    try check(git_revwalk_simplify_first_parent(walk), doing)
    var (pushed, hidden) = (newest.oid, oldest.oid)
    try check(git_revwalk_push(walk, &pushed), doing)
    try check(git_revwalk_hide(walk, &hidden), doing)
    var commits: [ObjectID] = []
    var oid = git_oid()
    var code = git_revwalk_next(&oid, walk)
    while code == 0 {
      commits.append(ObjectID(oid))
      code = git_revwalk_next(&oid, walk)
    }
    if code != GIT_ITEROVER.rawValue { try check(code, doing) }
    guard let first = commits.first else { return FirstParents(commits: [], start: newest) }
    return FirstParents(commits: commits, start: try commit(first).parents.first)
  }
}

/// A commit may be dated earlier than its parent by as much as clocks are wrong: 30 days, in seconds.
private let clockSkew: Int64 = 30 * 86_400
