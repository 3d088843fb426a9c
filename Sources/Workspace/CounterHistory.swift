import Claims
import Git
import PatchEngine
import Patches

extension Workspace {
  /// When upstream gave out the values of counters, by the history behind a tree.
  ///
  /// - Parameter since: a revision; values that it has already are left out. By default the stack's
  ///   locked version, and where that is not known all of the history.
  /// - Returns: the values in order, counter by counter; nil where no history is at hand.
  /// - Throws: `UsageError` for an unknown revision, `GitError` where an object cannot be read.
  func consumptions(
    of counters: [Counter], on target: UpstreamTarget, since: String?,
    _ histories: inout HistoryCache
  ) throws -> [Consumption]? {
    guard target.hasHistory, let tip = target.commit else {
      guard since == nil else {
        throw UsageError(
          "no history of \(target.name) is at hand; name a clone that has it with --repo")
      }
      return nil
    }
    let repository = try target.open()
    let history = try histories.history(of: tip, in: repository)
    var start = target.lockedCommit
    if let since {
      do {
        start = try repository.resolve(since)
      } catch {
        throw UsageError("--since \(since): \(error)")
      }
    }
    let old = try start.map { try history.ancestors(of: $0, in: repository) } ?? []
    var search = CounterHistory(counters, history)
    for id in history.order.reversed() where !old.contains(id) {
      try search.take(id, repository)
    }
    return try search.consumptions(repository)
  }
}

/// The histories of a run, each read once however many stacks are held against its tip.
struct HistoryCache {
  private var known: [ObjectID: History] = [:]

  /// - Throws: `GitError` where an object cannot be read.
  mutating func history(
    of tip: ObjectID, in repository: borrowing Repository
  ) throws(GitError) -> History {
    if let history = known[tip] { return history }
    let history = try History(of: tip, in: repository)
    known[tip] = history
    return history
  }
}

/// A search of commits for those that give out values.
private struct CounterHistory {
  private let counters: [Counter]
  private let history: History
  private let paths: PathSet
  /// By directory, where a counter's files may be anywhere below one.
  private let directories: Set<RepoPath>
  private var found: [Key: [Giving]] = [:]

  private struct Key: Hashable {
    let counter: Int
    let identity: [UInt8]
    let value: CounterValue
  }

  private struct Giving {
    let commit: ObjectID
    /// True where it is the newest value, and not only a text about one.
    let isMaximum: Bool
  }

  init(_ counters: [Counter], _ history: History) {
    self.counters = counters
    self.history = history
    var paths: Set<RepoPath> = []
    var directories: Set<RepoPath> = []
    for place in counters.flatMap(\.places) {
      switch place {
      case .file(let path): paths.insert(path)
      case .below(let directory?): directories.insert(directory)
      case .below(nil): break
      }
    }
    self.paths = PathSet(paths.union(directories))
    self.directories = directories
  }

  /// Takes what a commit gives out that its parent had not.
  mutating func take(_ id: ObjectID, _ repository: borrowing Repository) throws {
    guard let node = history.nodes[id], node.parents.count <= 1 else { return }
    let parent = node.parents.first.flatMap { history.nodes[$0]?.tree }
    // Behind the end of a shallow clone nothing tells what a commit did.
    guard parent != nil || node.parents.isEmpty else { return }
    for change in try repository.touched(paths, from: parent, to: node.tree) {
      if directories.contains(change.path) {
        let old = try parent.flatMap { try repository.entry(at: change.path, inTree: $0) }
        let new = try repository.entry(at: change.path, inTree: node.tree)
        let prefix = change.path.bytes + [UInt8(ascii: "/")]
        guard let new, new.mode == .tree else { continue }
        let inside = try repository.changes(
          from: old.flatMap { $0.mode == .tree ? $0.id : nil }, to: new.id)
        for file in inside {
          guard let path = try? RepoPath(prefix + file.path) else { continue }
          try compare(id, path, file.old?.id, file.new?.id, repository)
        }
      } else {
        try compare(id, change.path, change.old, change.new, repository)
      }
    }
  }

  private mutating func compare(
    _ commit: ObjectID, _ path: RepoPath, _ old: ObjectID?, _ new: ObjectID?,
    _ repository: borrowing Repository
  ) throws {
    guard let new else { return }
    for (index, counter) in counters.enumerated() where counter.reads(path) {
      let before =
        try old.map { old in
          try counter.entries(in: path) { try repository.blob(old) }
        } ?? []
      let known = Set(before.map { Key(counter: index, identity: $0.identity, value: $0.value) })
      for entry in try counter.entries(in: path, text: { try repository.blob(new) }) {
        let key = Key(counter: index, identity: entry.identity, value: entry.value)
        guard !known.contains(key) else { continue }
        let isMaximum = counter.readings[entry.reading].role == .maximum
        found[key, default: []].append(Giving(commit: commit, isMaximum: isMaximum))
      }
    }
  }

  func consumptions(_ repository: borrowing Repository) throws -> [Consumption] {
    let wanted = Set(found.values.joined().map(\.commit))
    // The date of a commit on the main line is when somebody made it, not when it was merged: only a
    // merge above it tells that. What none is above came as it is.
    let line = history.mainLine
    let isMerge = { (id: ObjectID) in (history.nodes[id]?.parents.count ?? 0) > 1 }
    let mainLine = line.filter(isMerge) + line.filter { !isMerge($0) }
    let arrivals = try history.firstMark(
      of: wanted, among: mainLine.enumerated().map { ("\($0)", $1) }, in: repository)
    let releases = try repository.releases(of: wanted, history)
    var result: [(Key, Consumption)] = []
    for (key, givings) in found {
      let best = givings.filter { arrivals[$0.commit] != nil }.min { left, right in
        if left.isMaximum != right.isMaximum { return left.isMaximum }
        let one = arrivals[left.commit].flatMap(Int.init) ?? Int.max
        let two = arrivals[right.commit].flatMap(Int.init) ?? Int.max
        return one == two ? left.commit < right.commit : one < two
      }
      guard let best, let place = arrivals[best.commit].flatMap(Int.init) else { continue }
      let commit = try repository.commit(best.commit)
      let arrival = try repository.commit(mainLine[place])
      result.append(
        (
          key,
          Consumption(
            counter: counters[key.counter].name, identity: key.identity, value: key.value,
            commit: best.commit, subject: Array(commit.message.prefix { $0 != UInt8(ascii: "\n") }),
            authored: AuthorDate(seconds: commit.author.seconds, offset: commit.author.offset),
            merged: arrival.id,
            mergedAt: AuthorDate(
              seconds: arrival.committer.seconds, offset: arrival.committer.offset),
            release: releases[best.commit])
        ))
    }
    return result.sorted { left, right in
      if left.0.counter != right.0.counter { return left.0.counter < right.0.counter }
      if left.0.identity != right.0.identity {
        return left.0.identity.lexicographicallyPrecedes(right.0.identity)
      }
      return left.0.value < right.0.value
    }.map(\.1)
  }
}

extension History {
  /// The tip and its first parents, the oldest first.
  fileprivate var mainLine: [ObjectID] {
    var result = [tip]
    var id = tip
    while let parent = nodes[id]?.parents.first, nodes[parent] != nil {
      result.append(parent)
      id = parent
    }
    return result.reversed()
  }
}

extension Repository {
  /// The first release that has each commit; a candidate only where no release has it yet.
  ///
  /// - Throws: `GitError` where an object cannot be read.
  func releases(of wanted: Set<ObjectID>, _ history: History) throws -> [ObjectID: String] {
    let versions = try tags().compactMap { tag in
      Version(tag: tag.name).map { (version: $0, commit: tag.commit) }
    }.sorted { $0.version < $1.version }
    let ordered =
      versions.filter { !$0.version.isPreRelease } + versions.filter(\.version.isPreRelease)
    return try history.firstMark(
      of: wanted, among: ordered.map { ($0.version.name, $0.commit) }, in: self)
  }
}
