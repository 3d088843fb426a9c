import Git
import PatchEngine
import Patches

/// Compares the changes of commits with patches: the same patch id, or the same lines.
struct ChangeSearch {
  private let paths: PathSet
  private let pathsOfPatch: [Set<RepoPath>]
  private let ids: [ObjectID?]
  private let words: [Set<[UInt8]>]
  /// The added lines of each patch that the tree has gained, by file: those that some commit brought.
  private let wanted: [[RepoPath: Set<LineKey>]]
  /// How many lines each patch adds.
  private let totals: [Int]
  /// The lines of all patches, by file.
  private let wantedOfPath: [RepoPath: Set<LineKey>]
  private var counts: [ObjectID: SignificantLines] = [:]
  /// The commits that do the same as each patch.
  private(set) var samePatch: [[ObjectID]]
  /// How many lines of each patch commits have brought.
  private var brought: [[ObjectID: Int]]
  private var similar: [Set<ObjectID>]

  init(_ patches: [Patch], _ landings: [Landing]) {
    pathsOfPatch = patches.map { patch in
      Set(
        patch.files.flatMap { file -> [RepoPath] in
          if case .rename = file.kind { return [file.path, file.sourcePath] }
          return [file.path]
        })
    }
    paths = PathSet(pathsOfPatch.joined())
    ids = patches.map { patchID(of: $0, ignoringSimilarity: true, digest: sha1) }
    words = patches.map { subjectWords($0.header.subject) }
    wanted = landings.map(\.foundLines)
    totals = patches.map { $0.addedLines.values.reduce(0) { $0 + $1.count } }
    var byPath: [RepoPath: Set<LineKey>] = [:]
    for lines in wanted { byPath.merge(lines) { $0.union($1) } }
    wantedOfPath = byPath
    samePatch = Array(repeating: [], count: patches.count)
    brought = Array(repeating: [:], count: patches.count)
    similar = Array(repeating: [], count: patches.count)
  }

  /// Compares one commit.
  ///
  /// - Throws: `GitError` where an object cannot be read.
  mutating func take(
    _ id: ObjectID, _ history: History, _ repository: borrowing Repository
  ) throws {
    guard let node = history.nodes[id] else { return }
    let parent = node.parents.first.flatMap { history.nodes[$0]?.tree }
    // Behind the end of a shallow clone nothing tells what a commit did.
    guard parent != nil || node.parents.isEmpty else { return }
    let touched = try repository.touched(paths, from: parent, to: node.tree)
    guard !touched.isEmpty else { return }
    try compareIDs(id, Set(touched.map(\.path)), repository)
    try compareLines(id, touched, repository)
    try compareSubjects(id, touched, repository)
  }

  private mutating func compareIDs(
    _ commit: ObjectID, _ touched: Set<RepoPath>, _ repository: borrowing Repository
  ) throws {
    let candidates = wanted.indices.filter { index in
      ids[index] != nil && touched.isSuperset(of: pathsOfPatch[index])
    }
    guard !candidates.isEmpty, let patch = try repository.readablePatch(of: commit),
      let id = patchID(of: patch, ignoringSimilarity: true, digest: sha1)
    else { return }
    for index in candidates where ids[index] == id { samePatch[index].append(commit) }
  }

  private mutating func compareLines(
    _ commit: ObjectID, _ touched: [TouchedPath], _ repository: borrowing Repository
  ) throws {
    for change in touched {
      guard let all = wantedOfPath[change.path], let new = change.new else { continue }
      let after = try lines(new, all, repository)
      let before = try change.old.map { try lines($0, all, repository) }
      for (key, count) in after.counts where count > (before?[key] ?? 0) {
        for index in wanted.indices where wanted[index][change.path]?.contains(key) == true {
          brought[index][commit, default: 0] += 1
        }
      }
    }
  }

  /// The lines of a blob, counted once: most blobs are one commit's new and the next one's old.
  private mutating func lines(
    _ blob: ObjectID, _ wanted: Set<LineKey>, _ repository: borrowing Repository
  ) throws -> SignificantLines {
    if let known = counts[blob] { return known }
    let made = SignificantLines(try repository.blob(blob), only: wanted)
    counts[blob] = made
    return made
  }

  private mutating func compareSubjects(
    _ commit: ObjectID, _ touched: [TouchedPath], _ repository: borrowing Repository
  ) throws {
    let message = try repository.commit(commit).message
    let own = subjectWords(Array(message.prefix { $0 != UInt8(ascii: "\n") }))
    for index in wanted.indices where isSimilar(words[index], own) {
      similar[index].insert(commit)
    }
  }

  /// The commit that brought most of a patch's lines, if they are enough to tell.
  ///
  /// - Parameters:
  ///   - known: commits that are certain; where there are any, only one of them is taken.
  ///   - excluded: commits that are not to be taken, because they were taken back.
  func closest(
    to index: Int, landing: Landing, known: Set<ObjectID>, without excluded: Set<ObjectID>
  ) -> (ObjectID, Set<LandingEvidence>)? {
    let total = totals[index]
    let extent = landing.extent()
    func score(_ commit: ObjectID, _ count: Int) -> Int {
      count + (similar[index].contains(commit) ? 2 + total / 4 : 0)
    }
    let candidates = brought[index].filter { commit, _ in
      !excluded.contains(commit) && (known.isEmpty || known.contains(commit))
    }
    let best = candidates.max { left, right in
      let (one, two) = (score(left.key, left.value), score(right.key, right.value))
      return one == two ? left.key > right.key : one < two
    }
    guard let (commit, count) = best else { return nil }
    let isSimilar = similar[index].contains(commit)
    let isMuch = count >= 2 && count * 4 >= total
    let isPart = extent == .inPart && count * 2 >= landing.found && count * 4 >= total
    // A tenth of a large patch is much if hardly another commit brought anything of it.
    let isMain = count >= 5 && count * 2 >= landing.found && count * 10 >= total
    guard isMuch || isMain || isPart || isSimilar || extent == .whole || !known.isEmpty else {
      return nil
    }
    return (commit, isSimilar ? [.content, .subject] : [.content])
  }
}

extension Repository {
  /// The changes of a commit with hunks; nil where they hold what a patch id needs more for than the
  /// blobs: binary files, or what no stack carries.
  ///
  /// - Throws: `GitError` where an object cannot be read.
  func readablePatch(of id: ObjectID) throws -> Patch? {
    let patch: Patch
    do {
      patch = try self.patch(of: id)
    } catch is Diagnostics {
      return nil
    }
    var files: [FileChange] = []
    for file in patch.files {
      guard let readable = try withHunks(file) else { return nil }
      files.append(readable)
    }
    return Patch(name: patch.name, header: patch.header, files: files)
  }

  private func withHunks(_ file: FileChange) throws -> FileChange? {
    guard case .blobs(let old, let new) = file.content else { return file }
    let before = Text(old == .zero ? [] : try blob(old))
    let after = Text(new == .zero ? [] : try blob(new))
    guard !looksBinary(before), !looksBinary(after) else { return nil }
    let made = hunks(from: before, to: after)
    return FileChange(
      file.path, file.kind, oldMode: file.oldMode, newMode: file.newMode,
      content: made.isEmpty ? .none : .hunks(made))
  }
}
