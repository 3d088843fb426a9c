import Git
import Patches

/// What kerb knows of a branch that it makes: the commit that it has put there.
///
/// Two references say so beside the branch itself, `refs/kerb/applied/BRANCH`, and while the branch moves
/// `refs/kerb/applying/BRANCH`. So a branch that was left half way by a process that was killed is not
/// taken for one with commits of the user's.
struct AppliedRecord {
  let branch: String

  var ref: String { "refs/heads/\(branch)" }
  private var record: String { "refs/kerb/applied/\(branch)" }
  private var next: String { "refs/kerb/applying/\(branch)" }

  /// The commit that kerb has put the branch on; nil where it has made no such branch.
  func commit(in repository: borrowing Repository) throws -> ObjectID? {
    let head = try repository.reference(ref)
    if let head, try repository.reference(next) == head { return head }
    return try repository.reference(record)
  }

  /// The name of the work tree that kerb makes for the branch.
  var treeName: String { branch.replacing("/", with: "-") }

  /// Refuses where another work tree has the branch checked out: it would find changes that nobody made.
  func refuseElsewhere(_ repository: borrowing Repository) throws {
    guard let other = try repository.workTree(on: ref, besides: treeName) else { return }
    throw Refusal(
      "branch \(branch) is checked out in \(other) and would move under it; 'git switch --detach' there "
        + "first")
  }

  /// Moves the branch.
  ///
  /// - Parameter head: where the branch is; nil where it is not there.
  /// - Throws: `Refusal` where another work tree has it checked out.
  func move(
    _ repository: borrowing Repository, to commit: ObjectID, from head: ObjectID?,
    message: String
  ) throws {
    if head != commit { try refuseElsewhere(repository) }
    let recorded = try repository.reference(record)
    let known = try self.commit(in: repository)
    if let known, known != recorded { try put(repository, record, known, message) }
    guard known != commit || head != commit else { return try forgetNext(repository) }
    try put(repository, next, commit, message)
    if head != commit {
      try repository.updateReference(ref, to: commit, expecting: head, message: message)
    }
    try put(repository, record, commit, message)
    try forgetNext(repository)
  }

  private func put(
    _ repository: borrowing Repository, _ name: String, _ commit: ObjectID, _ message: String
  ) throws {
    let present = try repository.reference(name)
    guard present != commit else { return }
    try repository.updateReference(name, to: commit, expecting: present, message: message)
  }

  private func forgetNext(_ repository: borrowing Repository) throws {
    if try repository.reference(next) != nil { try repository.removeReference(next) }
  }
}
