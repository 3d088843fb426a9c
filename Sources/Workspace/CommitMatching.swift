import Git
import PatchEngine
import Patches

/// Which commits of a branch are which patches of its stack, each known by its place, as one rule
/// after the other says.
struct CommitMatching {
  /// True where a commit, the first, is taken for a patch.
  typealias Rule = (Int, Int) throws -> Bool

  /// The patch of each commit that has one.
  private(set) var patches: [Int: Int] = [:]
  private var openCommits: [Int]
  private var openPatches: [Int]
  /// The patches that have no commit yet.
  private var isOpen: Set<Int>

  init(commits: [Int], patches: [Int]) {
    (openCommits, openPatches, isOpen) = (commits, patches, Set(patches))
  }

  /// Pairs what no rule before this one has paired. Where it holds for several pairs, the other rule
  /// decides between them; else the first commit gets the first patch.
  mutating func pair(by rule: Rule, between decides: Rule = { _, _ in false }) throws {
    guard !openPatches.isEmpty else { return }
    var found: [(commit: Int, patches: [Int])] = []
    for commit in openCommits {
      found.append((commit, try openPatches.filter { try rule(commit, $0) }))
    }
    let claims = Dictionary(found.flatMap(\.patches).map { ($0, 1) }) { $0 + $1 }
    for (commit, candidates) in found
    where candidates.count > 1 || candidates.contains(where: { claims[$0, default: 0] > 1 }) {
      let open = candidates.filter(isOpen.contains)
      if let patch = try open.first(where: { try decides(commit, $0) }) { pair(commit, patch) }
    }
    for (commit, candidates) in found where patches[commit] == nil {
      if let patch = candidates.first(where: isOpen.contains) { pair(commit, patch) }
    }
    let (paired, open) = (patches, isOpen)
    openCommits.removeAll { paired[$0] != nil }
    openPatches.removeAll { !open.contains($0) }
  }

  private mutating func pair(_ commit: Int, _ patch: Int) {
    patches[commit] = patch
    isOpen.remove(patch)
  }
}

/// What commits do, so that one is known again that stands elsewhere or has another message.
struct CommitDifferences {
  private var known: [ObjectID: Difference] = [:]

  private struct Difference {
    let effect: PatchEffect
    let patchID: ObjectID?
  }

  /// True where two commits make the same files of the same, or have the same patch id. Commits that
  /// change nothing tell nothing.
  mutating func areSame(
    _ one: ObjectID, _ other: ObjectID, in repository: borrowing Repository
  ) throws -> Bool {
    let (first, second) = (try of(one, in: repository), try of(other, in: repository))
    guard !first.effect.isEmpty, !second.effect.isEmpty else { return false }
    return first.effect == second.effect
      || first.patchID != nil && first.patchID == second.patchID
  }

  private mutating func of(
    _ id: ObjectID, in repository: borrowing Repository
  ) throws -> Difference {
    if let known = known[id] { return known }
    let commit = try repository.commit(id)
    let parent = try repository.commit(commit.firstParent()).tree
    let patch = try repository.readablePatch(of: id)
    let made = Difference(
      effect: try repository.effect(from: parent, to: commit.tree),
      patchID: patch.flatMap { patchID(of: $0, ignoringSimilarity: true, digest: sha1) })
    known[id] = made
    return made
  }
}
