import Git
import PatchEngine
import Patches

/// Which new texts of shared patches a stack can have: those that apply in it, and bring to its files what
/// they bring to the files of the stack that was edited.
struct FittingTexts {
  /// A text that the stack shares, as an edited stack has it now.
  struct Offer {
    let name: String
    let patch: Patch
    let from: OpenStack
  }

  private let loaded: LoadedStack
  private let path: String
  /// Where the stack has each patch.
  private let places: [String: Int]
  private let usual: State
  private var base: BaseTree

  /// A stack that is replayed: how its patches fare, and what they make of its files.
  private struct State {
    let outcomes: [Outcome]
    let effect: PatchEffect
  }

  init(_ loaded: LoadedStack, in workspace: Workspace) throws {
    self.loaded = loaded
    path = workspace.store.repositoryPath(project: loaded.name.project)
    places = Dictionary(loaded.entries.enumerated().map { ($1.name, $0) }) { first, _ in first }
    base = try BaseTree(repository: path, tree: loaded.upstream.tree)
    usual = try Self.state(of: loaded.patches, loaded, path, base, alone: false)
  }

  /// The names of the texts that it can have: all, or as many as fit one after the other.
  ///
  /// - Complexity: a few replays of the stack for each text that does not fit.
  mutating func choose(_ offers: [Offer]) throws -> Set<String> {
    var taken: [Offer] = []
    var waiting = [offers[...]]
    while let next = waiting.popLast() {
      if try fit(taken + next) {
        taken += next
      } else if next.count > 1 {
        let middle = next.startIndex + next.count / 2
        waiting += [next[middle...], next[..<middle]]
      }
    }
    return Set(taken.map(\.name))
  }

  private mutating func fit(_ offers: [Offer]) throws -> Bool {
    // A text whose sections are the old ones changes no file.
    let changed = offers.filter { offer in
      loaded.patches[index(of: offer)].diff != offer.patch.diff
    }
    guard !changed.isEmpty else { return true }
    var patches = loaded.patches
    for offer in offers { patches[index(of: offer)] = offer.patch }
    let found = try Self.state(of: patches, loaded, path, base, alone: true)
    // A patch that did not apply before says nothing about the new texts.
    let isApplied = zip(found.outcomes, usual.outcomes).allSatisfy {
      !$1.isApplied || $0 == .clean || $0 == .moved || ($0 == .merged && $1 == .merged)
    }
    return try isApplied && bringsTheSame(found.effect, changed, patches)
  }

  private func index(of offer: Offer) -> Int {
    guard let index = places[offer.name] else {
      preconditionFailure("a text is offered to stacks that have the patch")
    }
    return index
  }

  /// True where each file of the stack has become what the edits make of it: what stays as it is in the
  /// edited stack stays here as well.
  private mutating func bringsTheSame(
    _ effect: PatchEffect, _ offers: [Offer], _ patches: [Patch]
  ) throws -> Bool {
    let sources = try offers.map { try moved(by: $0) }
    var isStored = false
    for path in Set(effect.paths + usual.effect.paths) where effect[path] != usual.effect[path] {
      let after = try effect[path].map(\.after) ?? base.entry(at: path)
      let isMeant = try zip(offers, sources).contains { offer, sources in
        let (old, new) = (offer.from.before.effect, offer.from.stack.effect)
        guard old[path] != new[path] else { return false }
        // A file that the edit has put elsewhere may be another one here.
        let source = sources[path] ?? path
        let start = try old[source].map(\.after) ?? offer.from.base.entry(at: source)
        let end = try new[path].map(\.after) ?? offer.from.base.entry(at: path)
        let before = try usual.effect[source].map(\.after) ?? base.entry(at: source)
        if before == start { return after == end }
        // The contents are needed from here on; the files of most releases are the same.
        if !isStored { try store(patches) }
        isStored = true
        base.learn(from: offer.from.base)
        guard case .entry(let union) = try base.union(base: start, before, end) else {
          // Where the edit meets something else, that the text applies has to do.
          return true
        }
        return union == after
      }
      guard isMeant else { return false }
    }
    return true
  }

  /// Where files that the edits have put elsewhere were before, by their new paths.
  private func moved(by offer: Offer) throws -> [RepoPath: RepoPath] {
    var base = offer.from.base
    let change = offer.from.before.effect.inverse.then(offer.from.stack.effect)
    let found = try change.renames(over: &base)
    return Dictionary(uniqueKeysWithValues: found.map { ($1, $0) })
  }

  /// Stores the contents that the stack has, as it is and with other texts.
  private func store(_ patches: [Patch]) throws {
    for patches in [loaded.patches, patches] {
      let repository = try Repository(opening: path)
      let pack = try PackWriter(objectsDirectory: repository.objectsDirectory)
      _ = try ReplaySession(repository: path).replay(
        patches, onto: loaded.upstream.tree, recording: .objects(pack))
      _ = try pack.finish()
    }
  }

  private static func state(
    of patches: [Patch], _ loaded: LoadedStack, _ path: String, _ base: BaseTree, alone: Bool
  ) throws -> State {
    let result = try ReplaySession(repository: path, lendsStored: !alone).replay(
      patches, onto: loaded.upstream.tree, recording: .names)
    let effects = try recordedEffects(of: result, patches: patches.count, over: base)
    return State(
      outcomes: result.steps.map(\.outcome),
      effect: effects.reduce(PatchEffect()) { $0.then($1) })
  }
}
