import CLibgit2
import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Repository {
  /// The commits that fetches have brought under a name: remote branches, tags, what kerb fetched, and the
  /// `FETCH_HEAD` of the repository and its work trees.
  public func fetchedTips() throws(GitError) -> [ObjectID] {
    var found: Set<ObjectID> = []
    for prefix in ["refs/remotes/", "refs/tags/", "refs/kerb/upstream/"] {
      for id in try references(below: prefix) {
        // An annotated tag is an object of its own.
        if let commit = try? resolve("\(id)") { found.insert(commit) }
      }
    }
    for file in ["FETCH_HEAD"] + workTreeNames().map({ "worktrees/\($0)/FETCH_HEAD" }) {
      guard let bytes = try readFile("\(gitDirectory)/\(file)", limit: 16 << 20) else { continue }
      for line in bytes.split(separator: 10) {
        if let id = ObjectID(hex: line.prefix(40)), let commit = try? resolve("\(id)") {
          found.insert(commit)
        }
      }
    }
    return found.sorted()
  }

  /// True if a commit is one of the tips, or an ancestor of one.
  public func isReachable(_ commit: ObjectID, from tips: [ObjectID]) throws(GitError) -> Bool {
    if tips.contains(commit) { return true }
    var id = commit.oid
    for tip in tips {
      var oid = tip.oid
      // Where history is shallow there may be nothing to go along.
      if git_graph_descendant_of(handle, &oid, &id) == 1 { return true }
    }
    return false
  }

  /// The names of the linked work trees.
  func workTreeNames() -> [String] {
    let number = open("\(gitDirectory)/worktrees", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0 else { return [] }
    return (listDirectory(number) ?? []).map { String(decoding: $0, as: UTF8.self) }.sorted()
  }

  /// The folder of another linked work tree that is on a branch, or in the middle of a rebase or bisection of
  /// it: git would not move the branch under it.
  ///
  /// - Parameters:
  ///   - reference: `refs/heads/…`.
  ///   - own: the name of the work tree that may be on it.
  public func workTree(
    on reference: String, besides own: String
  ) throws(GitError) -> String? {
    for name in workTreeNames() where name != own {
      let folder = "\(gitDirectory)/worktrees/\(name)"
      guard let link = try readFile("\(folder)/gitdir", limit: 64 << 10) else { continue }
      let place = String(decoding: link.prefix { $0 != 10 }, as: UTF8.self)
      // One whose folder is gone waits for 'git worktree prune'.
      guard access(place, F_OK) == 0 else { continue }
      let branch = String(reference.dropFirst("refs/heads/".count))
      let signs = [
        ("HEAD", "ref: \(reference)"), ("rebase-merge/head-name", reference),
        ("rebase-apply/head-name", reference), ("BISECT_START", branch),
      ]
      for (file, wanted) in signs {
        guard let bytes = try readFile("\(folder)/\(file)", limit: 64 << 10) else { continue }
        if bytes.prefix(while: { $0 != 10 }).elementsEqual(wanted.utf8) {
          return place.hasSuffix("/.git") ? String(place.dropLast(5)) : place
        }
      }
    }
    return nil
  }
}
