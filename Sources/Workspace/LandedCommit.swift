import PatchEngine
import Patches

/// The upstream commit that is a patch of a stack, whatever became of its text.
public struct LandedCommit: Hashable, Sendable, Codable {
  /// Its name, 40 hexadecimal digits.
  public let commit: String
  public let subject: String
  /// The first release that has it; nil for none so far.
  public let release: String?
  /// What tells that it is the patch: `change-id`, `patch-id`.
  public let evidence: [String]
  /// True where upstream has the patch's text as it is.
  public let isSame: Bool

  init(_ found: UpstreamCommit, isSame: Bool) {
    commit = "\(found.id)"
    subject = String(decoding: found.subject, as: UTF8.self)
    release = found.release
    evidence = found.evidence.filter(\.isIdentity).map(\.rawValue)
    self.isSame = isSame
  }

  /// The first digits of its name.
  public var short: String { String(commit.prefix(12)) }
}

extension Workspace {
  /// The patches of a stack that upstream has taken between the stack's tree and another one: a commit
  /// in between has the patch's `Change-Id` or patch id, and was not reverted.
  ///
  /// - Parameter clone: a clone with history; by default the project's repository in `.kerb`.
  /// - Returns: the commits by the patch's place; none where no history is at hand.
  /// - Throws: `GitError` where a repository cannot be read.
  func landedByName(
    _ loaded: LoadedStack, onto: UpstreamLock.Entry, clone: String?
  ) throws -> [Int: LandedCommit] {
    var choice = TargetChoice(onto: "\(onto.commit)", clone: clone)
    // An archive's commit is none of upstream's; the clone has its version's tag.
    if clone != nil, case .sdist(let version) = onto.source { choice.onto = version }
    let target = try target(for: loaded.upstream, choice)
    guard target.hasHistory, let tip = target.commit, let locked = target.lockedCommit,
      locked != tip
    else { return [:] }
    let found = try landings(of: loaded.patches, base: loaded.upstream.tree, on: target)
    var search = UpstreamSearch(loaded.patches, found, on: target, tip: tip)
    let result = try search.run(since: nil)
    var landed: [Int: LandedCommit] = [:]
    for (index, commit) in result.commits.enumerated() {
      guard let commit, commit.revertedBy == nil, !result.before.contains(commit.id),
        commit.evidence.contains(where: \.isIdentity)
      else { continue }
      landed[index] = LandedCommit(commit, isSame: found[index].extent() == .whole)
    }
    return landed
  }
}
