import Claims
import Git
import Journal
import PatchEngine
import Patches
import Upstream

/// What moving one stack came to.
public struct MoveReport: Sendable {
  public let stack: StackName
  /// The stack whose patches were moved.
  public let source: StackName
  /// The trees that it was moved from and to; nil where it could not be read.
  public let from: UpstreamLock.Source?
  public let onto: UpstreamLock.Source?
  public let patches: [MovedPatch]
  /// Set where it stands still, or would.
  public internal(set) var stopped: StoppedMove?
  /// The steps of the patch that stands still and of those after it.
  public let steps: [Step]
  /// Their files, in the same order.
  public let files: [String]
  /// Why it was not tried.
  public let verdict: StackVerdict?
  /// Patches of the source that the resulting stack's series says it does without.
  public let leftOut: [String]
  /// What the counters say of it on the tree that it is moved to.
  public var claims = MoveClaims()

  public var isThrough: Bool { stopped == nil && verdict == nil && !claims.isRefused }
}

/// What a run over several stacks wrote.
public struct MoveResult: Sendable {
  public let stacks: [MoveReport]
  /// The files that were written, or would be.
  public let files: [WrittenFile]
  /// What became of the applied stacks whose patches or trees changed.
  public internal(set) var followed = Followed()
  /// Their contents.
  var set = FileSet()

  /// The result with stacks that were not moved because upstream could not be asked for their trees.
  public func adding(unfetched stacks: [StackName]) -> MoveResult {
    let untried = stacks.map { MoveReport($0, StackVerdict($0, .notFetched, upstream: nil)) }
    var result = MoveResult(stacks: self.stacks + untried, files: files)
    (result.followed, result.set) = (followed, set)
    return result
  }

  /// A file of the workspace.
  public struct WrittenFile: Hashable, Sendable {
    public let path: String
    public let isRemoved: Bool
  }

  public init(stacks: [MoveReport], files: [WrittenFile]) {
    (self.stacks, self.files) = (stacks, files)
  }
}

extension FileSet {
  /// The files in the order of their paths.
  var written: [MoveResult.WrittenFile] {
    paths.map { MoveResult.WrittenFile(path: "\($0)", isRemoved: contents[$0]! == nil) }
  }
}

/// Which patches a move leaves out because upstream has them.
public enum LandingRule: Hashable, Sendable {
  /// Those whose content is there.
  case content
  /// Also those that upstream's history between the trees has under the same `Change-Id` or patch id.
  case name(clone: String?)
}

/// How stacks are moved.
public struct MoveOptions: Sendable {
  public var resolvers: Set<Resolver> = Resolvers.sure
  public var dryRun = false
  /// Which patches are left out because upstream has them.
  public var landings = LandingRule.content
  /// What is done about numbers that upstream has given to something else.
  public var renumber = RenumberChoice.refuse

  public init() {}
}

extension Workspace {
  /// Moves stacks to other trees of their releases.
  ///
  /// - Parameter targets: the stacks with the trees, which are fetched already.
  /// - Returns: a report for each; those that are through are written as one set, the others stand
  ///   still with their files in `src/`.
  /// - Throws: `Refusal` where something of the user's would be lost, or a stack stands still already.
  public func rebase(
    _ targets: [(stack: StackName, onto: UpstreamLock.Entry)], _ options: MoveOptions,
    progress: @escaping @Sendable (RunProgress) -> Void = { _ in }
  ) throws -> MoveResult {
    try run(targets.map { ($0.stack, $0.stack, $0.onto) }, options, progress)
  }

  /// Makes or renews one release's stacks from another's. Texts that the release has already stay
  /// where they apply.
  ///
  /// - Throws: as `rebase`.
  public func port(
    _ projects: [String], from: Release, to: Release, _ options: MoveOptions,
    progress: @escaping @Sendable (RunProgress) -> Void = { _ in }
  ) throws -> MoveResult {
    var moves: [(source: StackName, stack: StackName, onto: UpstreamLock.Entry)] = []
    var untried: [MoveReport] = []
    for stack in projects.map({ StackName(to, $0) }) {
      if let onto = lock[stack], try store.has(onto) {
        moves.append((StackName(from, stack.project), stack, onto))
      } else {
        let state: StackVerdict.State = lock[stack] == nil ? .notLocked : .notFetched
        untried.append(MoveReport(stack, StackVerdict(stack, state, upstream: lock[stack])))
      }
    }
    let result = try run(moves, options, progress)
    return MoveResult(stacks: result.stacks + untried, files: result.files)
  }

  private func run(
    _ moves: [(source: StackName, stack: StackName, onto: UpstreamLock.Entry)],
    _ options: MoveOptions, _ progress: @escaping @Sendable (RunProgress) -> Void
  ) throws -> MoveResult {
    try hold { held in
      let stops = try stoppedMoves()
      let waiting = Set(stops.map(\.stack))
      let named = Set(moves.map { "\($0.stack)" })
      if let first = stops.first(where: { named.contains($0.stack) }), !options.dryRun {
        throw Refusal("\(first.standing): 'kerb continue', 'kerb skip' or 'kerb abort'")
      }
      var reports: [Int: MoveReport] = [:]
      var finished: [FinishedMove] = []
      var states = FileSet()
      var given: [Release: Renumbering] = [:]
      var run = CounterRun(self)
      var moves = moves
      var queue = serversFirst(moves.map(\.stack))[...]
      var followers: Set<Int> = []
      while let index = queue.popFirst() {
        let (source, stack, onto) = moves[index]
        let prepared = try prepare(
          source, stack, onto, options.resolvers, options.landings)
        guard case .move(let plain, let leftOut) = prepared else {
          if case .verdict(let verdict) = prepared { reports[index] = MoveReport(stack, verdict) }
          continue
        }
        let (move, claims) = try renumbered(plain, options.renumber, &given, &run)
        // A client that only follows is not moved where it has none of the numbers.
        if followers.contains(index), claims.renumbering.isEmpty { continue }
        for client in try self.followers(of: stack, claims, beside: moves.map(\.stack))
        where !waiting.contains("\(client.stack)") {
          queue.append(moves.count)
          followers.insert(moves.count)
          moves.append((client.stack, client.stack, client))
        }
        guard !claims.isRefused else {
          reports[index] = MoveReport(move, [], leftOut: leftOut, claims: claims)
          continue
        }
        var done: [MovedPatch] = []
        let session = ReplaySession(repository: store.repositoryPath(project: stack.project))
        let stop = try session.advance(move, &done) {
          progress(RunProgress(stack: stack, done: $0, total: $1))
        }
        guard let stop else {
          finished.append(FinishedMove(move: move, done: done))
          var claims = claims
          claims.findings += try claimFindings(of: finished[finished.count - 1])
          reports[index] = MoveReport(move, done, leftOut: leftOut, claims: claims)
          continue
        }
        let state = try standStill(move, stop, done, session, checksFolder: !options.dryRun)
        states.put(StoppedMove.path(of: stack), state.encoded)
        reports[index] = MoveReport(move, done, stop, state, leftOut: leftOut, claims: claims)
      }
      var all = moves.indices.compactMap { reports[$0] }
      try refuseUnclaimed(options.renumber, all)
      let set = try MoveWrites.set(for: finished, in: self)
      var followed = Followed()
      if !options.dryRun {
        let follow = Self.following(set, in: journal, for: caller)
        let written = try write(FileSet(set.contents.merging(states.contents) { $1 }), held)
        for index in all.indices {
          let bytes = written.contents[StoppedMove.path(of: all[index].stack)] ?? nil
          all[index].stopped = bytes.flatMap(StoppedMove.init(parsing:))
          try show(all[index])
        }
        followed = follow()
      }
      var result = MoveResult(stacks: all, files: set.written)
      result.set = set
      result.followed = followed
      return result
    }
  }

  /// What is to be moved, or why it cannot be.
  enum Preparation {
    case move(StackMove, leftOut: [String])
    case verdict(StackVerdict)
  }

  func prepare(
    _ source: StackName, _ stack: StackName, _ onto: UpstreamLock.Entry,
    _ enabled: Set<Resolver>, _ rule: LandingRule = .content, landed: [Int: LandedCommit]? = nil
  ) throws -> Preparation {
    var files = PatchCache(self.files)
    let loaded: LoadedStack
    switch load(source, &files) {
    case .verdict(let verdict): return .verdict(verdict)
    case .stack(let found): loaded = found
    }
    var (kept, leftOut) = (loaded, [String]())
    var own: [Int: (patch: Patch, file: String, base: ObjectID)] = [:]
    if source != stack { (kept, leftOut, own) = try merged(loaded, stack, &files) }
    let session = ReplaySession(repository: store.repositoryPath(project: stack.project))
    let bases = try session.trees(
      of: kept.patches, on: loaded.upstream.tree, below: loaded.upstream.commit)
    let resolvers = Resolvers(enabled, memory: memory(of: stack.project))
    let siblings =
      enabled.contains(.sibling) ? try self.siblings(of: kept, for: stack, &files) : [:]
    return .move(
      StackMove(
        stack: stack, source: kept, onto: onto, bases: bases, resolvers: resolvers,
        siblings: siblings, own: own,
        landed: try landed ?? landedByName(kept, onto, rule)),
      leftOut: leftOut)
  }

  private func landedByName(
    _ loaded: LoadedStack, _ onto: UpstreamLock.Entry, _ rule: LandingRule
  ) throws -> [Int: LandedCommit] {
    guard case .name(let clone) = rule else { return [:] }
    return try landedByName(loaded, onto: onto, clone: clone)
  }

  /// The source's patches without those that the stack's series says it does without, then those
  /// that only the stack has; and the texts that the stack has already.
  private func merged(
    _ source: LoadedStack, _ stack: StackName, _ files: inout PatchCache
  ) throws -> (LoadedStack, [String], [Int: (patch: Patch, file: String, base: ObjectID)]) {
    let series = try series(stack.release)
    let notes = series.notes(on: stack.project)
    let present = series.entries(of: stack.project)
    var (entries, patches, leftOut) = ([Series.Entry](), [Patch](), [String]())
    let listed = Set(present.map(\.name))
    // A note on one patch begins with its name and a blank.
    let noted = Dictionary(
      notes.filter { $0.contains(" ") }.map { note in (note.prefix { $0 != " " }, note) }
    ) { first, _ in first }
    for (entry, patch) in zip(source.entries, source.patches) {
      let note = noted["\(entry.project)/\(entry.name)"]
      if let note, !listed.contains(entry.name) {
        leftOut.append(note)
      } else {
        entries.append(entry)
        patches.append(patch)
      }
    }
    let texts = try files.patches(present, in: series.file)
    var own: [Int: (patch: Patch, file: String, base: ObjectID)] = [:]
    guard !present.isEmpty, let upstream = lock[stack] else {
      return (LoadedStack(source, entries, patches), leftOut, own)
    }
    let session = ReplaySession(repository: store.repositoryPath(project: stack.project))
    let trees = try session.trees(of: texts, on: upstream.tree, below: upstream.commit)
    let places = entries.placesByName
    for (index, entry) in present.enumerated() {
      let place = places[entry.name] ?? entries.count
      if place == entries.count {
        entries.append(entry)
        patches.append(texts[index])
      }
      own[place] = (texts[index], Workspace.path(of: entry), trees[index])
    }
    return (LoadedStack(source, entries, patches), leftOut, own)
  }

  /// Other releases' texts of the same patches, the nearest release first.
  private func siblings(
    of source: LoadedStack, for stack: StackName, _ files: inout PatchCache
  ) throws -> [Int: [(patch: Patch, base: ObjectID)]] {
    var result: [Int: [(patch: Patch, base: ObjectID)]] = [:]
    let all = configuration.releases.sorted()
    let here = all.firstIndex(of: stack.release) ?? 0
    let near = all.indices.sorted { (abs($0 - here), -$0) < (abs($1 - here), -$1) }
    for index in near where all[index] != source.name.release {
      let other = StackName(all[index], stack.project)
      guard case .stack(let loaded) = load(other, &files) else { continue }
      let places = loaded.entries.placesByName
      let wanted = source.entries.indices.compactMap { place -> (Int, Int)? in
        let entry = source.entries[place]
        guard let found = places[entry.name], loaded.entries[found].path != entry.path else {
          return nil
        }
        return (place, found)
      }
      guard !wanted.isEmpty else { continue }
      let session = ReplaySession(repository: store.repositoryPath(project: stack.project))
      let trees = try session.trees(
        of: loaded.patches, on: loaded.upstream.tree, below: loaded.upstream.commit)
      for (place, found) in wanted {
        result[place, default: []].append((loaded.patches[found], trees[found]))
      }
    }
    return result
  }

  /// The state of a move that stops.
  ///
  /// - Parameter checksFolder: true to refuse where the folder for the files has changes.
  func standStill(
    _ move: StackMove, _ stop: MoveStop, _ done: [MovedPatch], _ session: ReplaySession,
    checksFolder: Bool
  ) throws -> StoppedMove {
    let files = MoveFiles(self, move.stack)
    if checksFolder { try files.tree.refuseLoss(hint: "commit or stash them first") }
    let tip = try session.tip(move, done)
    let (commit, open) = try files.mark(stop, of: move, onto: tip)
    let line = String(decoding: UpstreamLock([move.onto]).formatted, as: UTF8.self)
    let pairs = move.renumbering.pairs.map { ["\($0.old)", "\($0.new)"] }
    return StoppedMove(
      stack: "\(move.stack)", source: "\(move.source.name)",
      onto: String(line.split(separator: "\n").last ?? ""), files: move.source.files,
      digests: try move.source.digests,
      done: done, landed: move.landed, renumbered: pairs.isEmpty ? nil : pairs,
      resolvers: move.resolvers.enabled.map(\.rawValue).sorted(), marked: "\(commit)", open: open)
  }

  private func show(_ report: MoveReport) throws {
    guard let state = report.stopped else { return }
    try show(state)
  }

  func show(_ state: StoppedMove) throws {
    guard let marked = ObjectID(state.marked) else { return }
    let files = MoveFiles(self, state.name)
    let repository = try Repository(opening: files.repositoryPath)
    let tip = try repository.commit(marked).firstParent()
    try files.show(marked, tip: tip)
  }
}

extension [Series.Entry] {
  /// Where each name is; a series lists none twice.
  fileprivate var placesByName: [String: Int] {
    Dictionary(zip(map(\.name), indices)) { first, _ in first }
  }
}

extension LoadedStack {
  init(_ stack: LoadedStack, _ entries: [Series.Entry], _ patches: [Patch]) {
    self.init(name: stack.name, upstream: stack.upstream, entries: entries, patches: patches)
  }
}

extension MoveReport {
  init(_ stack: StackName, _ verdict: StackVerdict) {
    self.init(
      stack: stack, source: verdict.stack, from: verdict.upstream?.source, onto: nil, patches: [],
      stopped: nil, steps: [], files: [], verdict: verdict, leftOut: [])
  }

  init(
    _ move: StackMove, _ done: [MovedPatch], _ stop: MoveStop? = nil,
    _ state: StoppedMove? = nil, leftOut: [String] = [], claims: MoveClaims = MoveClaims()
  ) {
    self.init(
      stack: move.stack, source: move.source.name, from: move.source.upstream.source,
      onto: move.onto.source, patches: done, stopped: state, steps: stop?.steps ?? [],
      files: Array(move.source.files[(stop?.patch ?? move.source.files.count)...]), verdict: nil,
      leftOut: leftOut, claims: claims)
  }
}
