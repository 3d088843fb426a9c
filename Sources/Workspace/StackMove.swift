import Claims
import Git
import PatchEngine
import Patches

/// A stack on its way to another tree: by a rebase to a newer one of its release, by a port to that
/// of another release.
struct StackMove {
  /// The stack that results.
  let stack: StackName
  /// Where its patches come from, with the tree that they were made on.
  let source: LoadedStack
  let onto: UpstreamLock.Entry
  /// The tree before each patch where it was made, and the one after the last.
  let bases: [ObjectID]
  let resolvers: Resolvers
  /// Texts of the same patch that other releases have, by its place in the stack, the nearest
  /// release first, each with the tree that it was made on.
  let siblings: [Int: [(patch: Patch, base: ObjectID)]]
  /// Texts that the resulting stack has already, by the patch's place: they are taken where they
  /// apply.
  let own: [Int: (patch: Patch, file: String, base: ObjectID)]
  /// Patches that upstream's history has under the same name, by their place in the stack.
  let landed: [Int: LandedCommit]
  /// Patches whose headers go into the new texts, where they are not the source's.
  var headers: [Int: Patch] { own.mapValues(\.patch) }
  /// The numbers that its patches got instead of those of the source; empty where they kept theirs.
  var renumbering = Renumbering([:])
}

/// One patch that is through.
public struct MovedPatch: Sendable, Codable {
  /// The patch file that it came from, as a path in the workspace.
  public internal(set) var file: String
  public let outcome: String
  /// The commit after it; the one before where upstream has all of it.
  let commit: String
  /// What ended conflicts in it: names of resolvers, `by hand`.
  public let resolvers: [String]
  /// Files that upstream has renamed: the old path and the new one.
  public let renamed: [[String]]
  /// Files with the words that the patch adds to them and that upstream no longer has there.
  public let stale: [[String]]
  /// The upstream commit that is this patch, where it was found by name.
  public var landedAs: LandedCommit?

  public var isLanded: Bool { outcome == Outcome.landed.rawValue }
  public var isSkipped: Bool { outcome == Self.skipped }

  static let skipped = "skipped"
}

/// Why a move stands still.
struct MoveStop {
  /// The patch, counted from 0.
  let patch: Int
  /// The steps of this patch and of those after it, as far as they could be tried.
  let steps: [Step]
  let edits: [TreeEdit]
}

extension ReplaySession {
  /// Moves patches until the stack is through, or one does not apply.
  ///
  /// - Parameter done: the patches that are through; this run's are added.
  /// - Returns: nil where the stack is through.
  func advance(
    _ move: StackMove, _ done: inout [MovedPatch],
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws -> MoveStop? {
    var stops = (Array(move.own.keys) + move.landed.keys).sorted()[...]
    while done.count < move.source.patches.count {
      if let landed = move.landed[done.count] {
        let file = move.source.files[done.count]
        done.append(MovedPatch(file, landed, commit: try tip(move, done)))
        continue
      }
      if try takeOwn(move, &done) { continue }
      let start = done.count
      let tip = try tip(move, done)
      while let stop = stops.first, stop <= start { stops.removeFirst() }
      let end = stops.first ?? move.source.patches.count
      let rest = Array(move.source.patches[start..<end])
      let repository = try Repository(opening: repositoryPath)
      let pack = try PackWriter(objectsDirectory: repository.objectsDirectory)
      let root = try repository.commit(tip).tree
      let result = try replay(
        rest, onto: root, base: move.bases[start], resolvers: move.resolvers,
        staleWords: .merges, recording: .objects(pack), progress: progress)
      let good = result.steps.prefix { $0.outcome.isApplied }.count
      try append(move, result, Array(rest[..<good]), onto: tip, pack, to: &done)
      if good == rest.count {
        guard end < move.source.patches.count else { return nil }
        continue
      }
      if try takeSibling(move, &done) { continue }
      return MoveStop(
        patch: start + good, steps: Array(result.steps[good...]),
        edits: result.edits.filter { $0.patch == good })
    }
    return nil
  }

  func tip(_ move: StackMove, _ done: [MovedPatch]) throws -> ObjectID {
    done.last.flatMap { ObjectID($0.commit) } ?? move.onto.commit
  }

  private func append(
    _ move: StackMove, _ result: Result, _ patches: [Patch], onto tip: ObjectID,
    _ pack: PackWriter, file: String? = nil, to done: inout [MovedPatch]
  ) throws {
    let repository = try Repository(opening: repositoryPath)
    let identity = Identity(below: try repository.commit(move.onto.commit))
    let tree = try repository.commit(tip).tree
    var chain = try CommitChain(repository: repositoryPath, root: tree, pack: pack)
    // A patch of which upstream has everything gives no commit.
    let kept = patches.indices.filter { result.steps[$0].outcome != .landed }
    var numbers: [Int: Int] = [:]
    for (new, old) in kept.enumerated() { numbers[old] = new }
    let edits = result.edits.compactMap { edit in
      numbers[edit.patch].map { TreeEdit(patch: $0, path: edit.path, entry: edit.entry) }
    }
    let made = try chain.commits(kept.map { patches[$0] }, edits, on: tip, identity: identity)
    _ = try pack.finish()
    var last = tip
    let start = done.count
    for index in patches.indices {
      if let number = numbers[index] { last = made.commits[number] }
      done.append(
        MovedPatch(
          file ?? move.source.files[start + index], result.steps[index], commit: last))
    }
  }

  /// Takes the text that the resulting stack has of the next patch, where it applies.
  private func takeOwn(_ move: StackMove, _ done: inout [MovedPatch]) throws -> Bool {
    guard let own = move.own[done.count],
      let tried = try attempt(own.patch, madeOn: own.base, move, done)
    else { return false }
    try append(
      move, tried.result, [own.patch], onto: try tip(move, done), tried.pack, file: own.file,
      to: &done)
    return true
  }

  /// Puts another release's text of the patch in its place, where one applies.
  private func takeSibling(_ move: StackMove, _ done: inout [MovedPatch]) throws -> Bool {
    guard move.resolvers.enabled.contains(.sibling) else { return false }
    let index = done.count
    for sibling in move.siblings[index] ?? [] {
      guard
        let tried = try attempt(
          sibling.patch, madeOn: sibling.base, move, done, staleWords: .everywhere),
        tried.result.outcome != .landed, !tried.result.steps.contains(where: \.isStale)
      else { continue }
      let named = Result(
        steps: tried.result.steps.map { $0.resolved(by: .sibling, as: 0) },
        edits: tried.result.edits)
      try append(
        move, named, [move.source.patches[index]], onto: try tip(move, done), tried.pack,
        to: &done)
      return true
    }
    return false
  }

  /// Another text in the place of the next patch; nil where it does not apply.
  private func attempt(
    _ patch: Patch, madeOn base: ObjectID, _ move: StackMove, _ done: [MovedPatch],
    staleWords: StaleWordCheck = .nowhere
  ) throws -> (result: Result, pack: PackWriter)? {
    let repository = try Repository(opening: repositoryPath)
    let pack = try PackWriter(objectsDirectory: repository.objectsDirectory)
    let result = try replay(
      [patch], onto: try repository.commit(try tip(move, done)).tree, base: base,
      staleWords: staleWords, recording: .objects(pack))
    return result.isApplied ? (result, pack) : nil
  }

  /// The tree before each patch of a stack where it was made, and the one after the last. Where a
  /// patch does not apply there, what does is in the trees.
  func trees(of patches: [Patch], on root: ObjectID, below commit: ObjectID) throws -> [ObjectID] {
    let repository = try Repository(opening: repositoryPath)
    let pack = try PackWriter(objectsDirectory: repository.objectsDirectory)
    let result = try replay(patches, onto: root, recording: .objects(pack))
    var chain = try CommitChain(repository: repositoryPath, root: root, pack: pack)
    let identity = Identity(below: try repository.commit(commit))
    let made = try chain.commits(patches, result.edits, on: commit, identity: identity)
    _ = try pack.finish()
    try repository.refresh()
    return try [root] + made.commits.map { try repository.commit($0).tree }
  }
}

extension MovedPatch {
  init(_ file: String, _ landed: LandedCommit, commit: ObjectID) {
    self.init(
      file: file, outcome: Outcome.landed.rawValue, commit: "\(commit)", resolvers: [], renamed: [],
      stale: [], landedAs: landed)
  }

  init(_ file: String, _ step: Step, commit: ObjectID) {
    let used = Set(step.paths.flatMap(\.resolvers))
    self.init(
      file: file, outcome: step.outcome.rawValue, commit: "\(commit)",
      resolvers: Resolver.allCases.filter(used.contains).map(\.rawValue),
      renamed: step.paths.compactMap { path in
        path.followedTo.map { [path.source?.description ?? path.path.description, $0.description] }
      },
      stale: step.paths.compactMap { path in
        guard !path.staleWords.isEmpty else { return nil }
        return ["\(path.followedTo ?? path.path)"]
          + path.staleWords.map { String(decoding: $0, as: UTF8.self) }
      })
  }
}
