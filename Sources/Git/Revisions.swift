import CLibgit2
import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Repository {
  /// The commit that a revision names, in any of git's spellings; an annotated tag gives its
  /// commit.
  ///
  /// - Throws: if there is no such revision, or it is no commit.
  public func resolve(_ revision: String) throws(GitError) -> ObjectID {
    try peel(revision, to: GIT_OBJECT_COMMIT, "find commit \(revision)")
  }

  /// The tree that a revision names: a commit's, or the tree itself.
  ///
  /// - Throws: if there is no such revision, or it has no tree.
  public func tree(of revision: String) throws(GitError) -> ObjectID {
    try peel(revision, to: GIT_OBJECT_TREE, "find tree \(revision)")
  }

  /// True if a work tree of the repository is on that branch.
  public func isCheckedOut(_ reference: String) -> Bool {
    var found: OpaquePointer?
    guard git_reference_lookup(&found, handle, reference) == 0 else { return false }
    defer { git_reference_free(found) }
    return git_branch_is_checked_out(found) == 1
  }

  /// The commits of a range `A..B`, parents before children, without merges.
  ///
  /// - Throws: if the text is no range of known revisions.
  public func commits(inRange range: String) throws(GitError) -> [ObjectID] {
    let doing = "list commits \(range)"
    var walk: OpaquePointer?
    try check(git_revwalk_new(&walk, handle), doing)
    defer { git_revwalk_free(walk) }
    git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL.rawValue | GIT_SORT_REVERSE.rawValue)
    try check(git_revwalk_push_range(walk, range), doing)
    var commits: [ObjectID] = []
    var oid = git_oid()
    while git_revwalk_next(&oid, walk) == 0 {
      let id = ObjectID(oid)
      if try commit(id).parents.count <= 1 { commits.append(id) }
    }
    return commits
  }

  private func peel(
    _ revision: String, to type: git_object_t, _ doing: String
  ) throws(GitError) -> ObjectID {
    var named: OpaquePointer?
    try check(git_revparse_single(&named, handle, revision), doing)
    defer { git_object_free(named) }
    var peeled: OpaquePointer?
    try check(git_object_peel(&peeled, named, type), doing)
    defer { git_object_free(peeled) }
    return ObjectID(git_object_id(peeled).pointee)
  }

  /// What a reference points at, through symbolic ones; nil where there is none.
  ///
  /// - Throws: if the name is no reference's name.
  public func reference(_ name: String) throws(GitError) -> ObjectID? {
    var oid = git_oid()
    let code = git_reference_name_to_id(&oid, handle, name)
    if code == GIT_ENOTFOUND.rawValue { return nil }
    try check(code, "read reference \(name)")
    return ObjectID(oid)
  }

  /// Moves one reference, if it still is where the caller saw it; the comparison and the write
  /// happen under the reference's lock.
  ///
  /// - Parameters:
  ///   - expecting: what the reference points at now; nil where it must not exist.
  ///   - message: one line for the reflog, where the repository keeps one.
  /// - Throws: if the reference is somewhere else, if the name is not a valid one under `refs/`,
  ///   or if there is no such object.
  public func updateReference(
    _ name: String, to target: ObjectID, expecting: ObjectID?, message: String
  ) throws(GitError) {
    let doing = "update \(name)"
    var isValid: Int32 = 0
    try check(git_reference_name_is_valid(&isValid, name), doing)
    guard isValid == 1, name.hasPrefix("refs/") else {
      throw GitError(doing, because: "this is no valid name for a reference under refs/")
    }
    let code = try ReferenceWrites(in: gitDirectory).marking(name, target) {
      var (new, old) = (target.oid, (expecting ?? .zero).oid)
      var written: OpaquePointer?
      defer { git_reference_free(written) }
      let code = git_reference_create_matching(&written, handle, name, &new, 1, &old, message)
      guard code == GIT_ELOCKED.rawValue, endStaleLock(of: name) else { return code }
      return git_reference_create_matching(&written, handle, name, &new, 1, &old, message)
    }
    if code == GIT_EMODIFIED.rawValue {
      let now = try reference(name).map(\.description) ?? "absent"
      let wanted = expecting.map(\.description) ?? "absent"
      throw GitError(doing, because: "it was expected to be \(wanted) and is \(now)")
    }
    try check(code, doing)
  }

  /// True where a reference that was locked may be tried again. A lock that stays on one of kerb's own was
  /// left by a process that was killed, as it is held for a single write; it is removed.
  private func endStaleLock(of name: String) -> Bool {
    let lock = "\(gitDirectory)/\(name).lock"
    guard ReferenceWrites.stays(lock) else { return true }
    let isOurs = name.hasPrefix("refs/kerb/") || name.hasPrefix("refs/heads/kerb/")
    return isOurs && unlink(lock) == 0
  }

  /// Removes a reference, if there is one.
  ///
  /// - Throws: if it cannot be removed.
  public func removeReference(_ name: String) throws(GitError) {
    guard try reference(name) != nil else { return }
    let code = try ReferenceWrites(in: gitDirectory).marking(name, nil) {
      git_reference_remove(handle, name)
    }
    try check(code, "remove \(name)")
  }
}
