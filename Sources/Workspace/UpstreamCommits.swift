import Git
import PatchEngine
import Patches

/// How far back changes are compared where the stack's version is not known there: commits along
/// first parents.
private let farthest = 5_000

/// A search of upstream's history for the patches of one stack.
struct UpstreamSearch {
  private let patches: [Patch]
  private let landings: [Landing]
  private let target: UpstreamTarget
  private let tip: ObjectID
  /// Commits that are certain by what a message says, for each patch.
  private var named: [[ObjectID: Set<LandingEvidence>]]
  private var reverts: [ObjectID: ObjectID] = [:]

  init(_ patches: [Patch], _ landings: [Landing], on target: UpstreamTarget, tip: ObjectID) {
    self.patches = patches
    self.landings = landings
    self.target = target
    self.tip = tip
    self.named = Array(repeating: [:], count: patches.count)
  }

  /// What was found for each patch, and the landings with the lines that the commits brought into
  /// other files.
  struct Result {
    var commits: [UpstreamCommit?]
    var landings: [Landing]
    let searched: SearchedHistory
    /// The commits before the start.
    let before: Set<ObjectID>
  }

  mutating func run(since: String?) throws -> Result {
    let repository = try target.open()
    let history = try readMessages(repository)
    findTrailers(history)
    let (start, name) = try start(since, history, repository)
    let old = try start.map { try history.ancestors(of: $0, in: repository) } ?? []
    let window = history.order.filter { id in
      !old.contains(id) && (history.nodes[id]?.parents.count ?? 0) <= 1
    }
    var changes = ChangeSearch(patches, landings)
    for id in window { try changes.take(id, history, repository) }
    var chosen: [(id: ObjectID, evidence: [LandingEvidence])?] = []
    for index in patches.indices { chosen.append(best(index, changes)) }
    let searched = SearchedHistory(
      messages: history.order.count, changes: window.count, since: name,
      repository: target.repository)
    return Result(
      commits: try describe(chosen, history, repository),
      landings: try widened(chosen, history, repository), searched: searched, before: old)
  }

  /// One pass over all messages: ids of changes, and what was reverted.
  private mutating func readMessages(_ repository: borrowing Repository) throws -> History {
    var wanted: [[UInt8]: [Int]] = [:]
    for (index, patch) in patches.enumerated() {
      if let id = patch.header.changeID { wanted[id, default: []].append(index) }
    }
    var found = named
    var reverted: [ObjectID: ObjectID] = [:]
    let history = try History(of: tip, in: repository) { commit, message in
      for old in revertedCommits(in: message) { reverted[old] = commit }
      guard !wanted.isEmpty else { return }
      for id in changeIDs(in: message) {
        for index in wanted[id] ?? [] { found[index][commit, default: []].insert(.changeID) }
      }
    }
    // A revert that was itself reverted took nothing back.
    reverts = reverted.filter { reverted[$0.value] == nil && history.nodes[$0.key] != nil }
    named = found
    return history
  }

  private mutating func findTrailers(_ history: History) {
    var wanted: [(prefix: [UInt8], patch: Int)] = []
    for (index, patch) in patches.enumerated() {
      if let name = patch.header.upstreamCommit { wanted.append((Array(name.utf8), index)) }
    }
    guard !wanted.isEmpty else { return }
    let bounds = wanted.map { prefix, _ in
      (bound(prefix, UInt8(ascii: "0")), bound(prefix, UInt8(ascii: "f")))
    }
    for id in history.order {
      for (index, range) in bounds.enumerated() where id >= range.0 && id <= range.1 {
        named[wanted[index].patch][id, default: []].insert(.trailer)
      }
    }
  }

  /// The least or greatest name with these first digits.
  private func bound(_ prefix: [UInt8], _ digit: UInt8) -> ObjectID {
    let digits = prefix + [UInt8](repeating: digit, count: 2 * ObjectID.byteCount - prefix.count)
    return ObjectID(hex: digits) ?? .zero
  }

  /// The commit after which changes are compared.
  private func start(
    _ since: String?, _ history: History, _ repository: borrowing Repository
  ) throws -> (ObjectID?, String) {
    if let since {
      do {
        return (try repository.resolve(since), since)
      } catch {
        throw UsageError("--since \(since): \(error)")
      }
    }
    if let locked = target.lockedCommit, locked != tip {
      return (locked, "the locked version")
    }
    let far = history.firstParent(farthest)
    let isRoot = history.nodes[far]?.parents.isEmpty ?? true
    return isRoot ? (nil, "the first commit") : (far, "\(far)")
  }

  /// The surest commit for a patch.
  private func best(
    _ index: Int, _ changes: ChangeSearch
  ) -> (id: ObjectID, evidence: [LandingEvidence])? {
    var all = named[index]
    for id in changes.samePatch[index] { all[id, default: []].insert(.patchID) }
    let certain = Set(all.keys.filter { reverts[$0] == nil })
    if let (id, evidence) = changes.closest(
      to: index, landing: landings[index], known: certain, without: Set(reverts.keys))
    {
      all[id, default: []].formUnion(evidence)
    }
    let order = LandingEvidence.allCases
    let ranked = all.map { id, evidence in
      (id: id, evidence: order.filter(evidence.contains))
    }.sorted { left, right in
      let (one, two) = (rank(left.id, left.evidence), rank(right.id, right.evidence))
      return one == two ? left.id < right.id : one < two
    }
    return ranked.first
  }

  /// Less is surer; what was taken back comes last.
  private func rank(_ id: ObjectID, _ evidence: [LandingEvidence]) -> Int {
    let order = LandingEvidence.allCases
    let place = evidence.first.flatMap { order.firstIndex(of: $0) } ?? order.count
    return (reverts[id] == nil ? 0 : 100) + place * 10 - evidence.count
  }

  private func describe(
    _ chosen: [(id: ObjectID, evidence: [LandingEvidence])?], _ history: History,
    _ repository: borrowing Repository
  ) throws -> [UpstreamCommit?] {
    let wanted = Set(chosen.compactMap { $0?.id })
    let releases = try repository.releases(of: wanted, history)
    var result: [UpstreamCommit?] = []
    for found in chosen {
      guard let found else {
        result.append(nil)
        continue
      }
      let commit = try repository.commit(found.id)
      result.append(
        UpstreamCommit(
          id: found.id, subject: Array(commit.message.prefix { $0 != UInt8(ascii: "\n") }),
          authored: AuthorDate(seconds: commit.author.seconds, offset: commit.author.offset),
          evidence: found.evidence, release: releases[found.id], revertedBy: reverts[found.id]))
    }
    return result
  }

  /// The landings with the lines found that the chosen commits brought, in whatever file.
  private func widened(
    _ chosen: [(id: ObjectID, evidence: [LandingEvidence])?], _ history: History,
    _ repository: borrowing Repository
  ) throws -> [Landing] {
    var result: [Landing] = []
    for (index, landing) in landings.enumerated() {
      guard let id = chosen[index]?.id, reverts[id] == nil, let node = history.nodes[id] else {
        result.append(landing)
        continue
      }
      let wanted = Set(patches[index].addedLines.values.joined())
      let parent = node.parents.first.flatMap { history.nodes[$0]?.tree }
      var brought: Set<LineKey> = []
      for change in try repository.changes(from: parent, to: node.tree) {
        guard let new = change.new, new.mode.isFile else { continue }
        let before = try change.old.map { try lines(of: $0.id, wanted, repository) }
        let after = try lines(of: new.id, wanted, repository)
        for (key, count) in after.counts where count > (before?[key] ?? 0) { brought.insert(key) }
      }
      result.append(landing.finding(brought))
    }
    return result
  }

  private func lines(
    of blob: ObjectID, _ wanted: Set<LineKey>, _ repository: borrowing Repository
  ) throws -> SignificantLines {
    SignificantLines(try repository.blob(blob), only: wanted)
  }
}
