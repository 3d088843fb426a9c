import Patches

/// Looks for the hunks of one section in the text that upstream has.
struct HunkSearch {
  private let file: FileChange
  private let hunks: [Hunk]
  /// The file before the patch, where it is known.
  private let base: Text?
  /// The file before the stack, where an earlier patch changes it and has not landed.
  private let locked: Text?
  /// The file in the tree; nil where there is none.
  private let text: Text?
  /// Where lines stand in the tree's file, and in those before it.
  private var occurrences: LineOccurrences
  private var earlier: [LineOccurrences]
  /// What was found out for a text of a hunk, or of lines of one.
  private var judged: [Part: Bool] = [:]
  /// How many of each line the tree has gained and no hunk has taken yet.
  private var gained: [LineKey: Int] = [:]

  /// How many lines were compared, ordered or found.
  var work: Int { earlier.reduce(occurrences.work) { $0 + $1.work } }

  init(file: FileChange, hunks: [Hunk], base: Text?, locked: Text?, text: Text?) {
    self.file = file
    self.hunks = hunks
    self.base = base
    self.locked = locked
    self.text = text
    occurrences = LineOccurrences(text ?? Text([]))
    earlier = [base, locked].compactMap { $0.map { LineOccurrences($0) } }
    let added = hunks.map { keys(of: $0, .added) }
    let wanted = Set(added.joined())
    guard let text, !wanted.isEmpty else { return }
    let now = SignificantLines(text.bytes, only: wanted)
    let before = base.map { SignificantLines($0.bytes, only: wanted).counts } ?? quotedBefore()
    for (key, count) in now.counts { gained[key] = count - (before[key] ?? 0) }
  }

  /// Where the base is not known, what the hunks show of it.
  private func quotedBefore() -> [LineKey: Int] {
    var counts: [LineKey: Int] = [:]
    for hunk in hunks {
      for key in keys(of: hunk, .context) + keys(of: hunk, .removed) {
        counts[key, default: 0] += 1
      }
    }
    return counts
  }

  /// A result for each hunk.
  ///
  /// - Parameter isPossible: false where something else of the section is not there.
  mutating func parts(isPossible: Bool) -> [PartLanding] {
    let isWhole = isPossible && isWhole
    var result: [PartLanding] = []
    for (index, hunk) in hunks.enumerated() {
      let isThere = isWhole || (isPossible && isThere(hunk))
      let lines = keys(of: hunk, .added).map { key in
        let left = gained[key] ?? 0
        if left > 0 { gained[key] = left - 1 }
        return PartLanding.AddedLine(key: key, isFound: isThere || left > 0)
      }
      result.append(
        PartLanding(
          hunk: index + 1, line: hunk.line > 0 ? hunk.line : nil, isThere: isThere, lines: lines))
    }
    return result
  }

  /// True where the file is as the patch leaves it, or a merge brings nothing.
  private var isWhole: Bool {
    guard let text, let base, let theirs = try? apply(hunks, to: base).text else { return false }
    if text == locked { return false }
    if text == theirs { return true }
    guard file.kind != .create, text != base, locked == nil else { return false }
    let merge = Merge(base: base, ours: text, theirs: theirs)
    return merge.isClean && merge.bringsNothing
  }

  /// The same lines in the same role get the same answer.
  private struct Part: Hashable {
    let bytes: ArraySlice<UInt8>
    var isPinnedToTop = false
    var isPinnedToEnd = false
    var isRun = false
  }

  private mutating func isThere(_ hunk: Hunk) -> Bool {
    guard text != nil else { return false }
    let preimage = Preimage(hunk)
    let part = Part(
      bytes: hunk.source[hunk.body], isPinnedToTop: preimage.isPinnedToTop,
      isPinnedToEnd: preimage.isPinnedToEnd)
    if let known = judged[part] { return known }
    let isThere = isThere(hunk, preimage)
    judged[part] = isThere
    return isThere
  }

  /// True where the hunk's result is in the text and what it starts from is not; or where all the
  /// lines that it adds are, together, between other lines than the patch knows.
  private mutating func isThere(_ hunk: Hunk, _ preimage: Preimage) -> Bool {
    let result = HunkLines(hunk) { $0 != .removed }
    let results = result.places(in: &occurrences)
    let befores = preimage.places(in: &occurrences)
    let size = preimage.lines.count
    // Of a line that repeats, the lines before are part of the lines after.
    var next = 0
    let isOpen = befores.contains { before in
      while next < results.count, results[next] <= before { next += 1 }
      return next == 0 || before + size > results[next - 1] + result.lines.count
    }
    if isOpen { return false }
    if !results.isEmpty { return isGained(result, results.count) }
    let runs = HunkRun.runs(of: hunk)
    guard runs.contains(where: { !$0.added.lines.isEmpty }) else { return false }
    for run in runs where !isThere(run) { return false }
    return true
  }

  private mutating func isThere(_ run: HunkRun) -> Bool {
    let part = Part(bytes: run.added.source[run.range], isRun: true)
    if let known = judged[part] { return known }
    let isThere = isFound(run)
    judged[part] = isThere
    return isThere
  }

  private mutating func isFound(_ run: HunkRun) -> Bool {
    guard !run.added.lines.isEmpty else { return run.removed.places(in: &occurrences).isEmpty }
    guard run.significant > 0 else { return false }
    guard run.significant < 3 else {
      let count = run.added.places(in: &occurrences).count
      return count > 0 && isGained(run.added, count)
    }
    // So few lines count only beside a context line of the patch that is not blank.
    let count = run.placesBesideContext(in: &occurrences).count
    return count > 0 && isGained(run.added, count)
  }

  /// True where the file did not have the lines as often before.
  private mutating func isGained(_ lines: HunkLines, _ count: Int) -> Bool {
    for index in earlier.indices
    where lines.places(in: &earlier[index]).count >= count { return false }
    return true
  }
}

/// Some lines of a hunk.
struct HunkLines {
  let source: [UInt8]
  fileprivate(set) var lines: [Range<Int>]

  init(source: [UInt8], lines: [Range<Int>]) {
    self.source = source
    self.lines = lines
  }

  init(_ hunk: Hunk, _ isWanted: (Hunk.LineKind) -> Bool) {
    var lines: [Range<Int>] = []
    hunk.forEachLine { kind, range in if isWanted(kind) { lines.append(range) } }
    self.init(source: hunk.source, lines: lines)
  }

  /// Every line, counted from 0, at which they stand one below the other.
  func places(in occurrences: inout LineOccurrences) -> [Int] {
    occurrences.places(of: lines, in: source)
  }
}

/// Lines of a hunk that change together, and the context lines beside them.
private struct HunkRun {
  private(set) var added: HunkLines
  private(set) var removed: HunkLines
  private var before: Range<Int>?
  private var after: Range<Int>?
  /// All of it in the source, the context lines and what they begin with included.
  private(set) var range: Range<Int>

  private init(_ source: [UInt8], before: Range<Int>?, at start: Int) {
    added = HunkLines(source: source, lines: [])
    removed = HunkLines(source: source, lines: [])
    self.before = before
    range = max(start - 1, 0)..<start
    if let before { range = max(before.lowerBound - 1, 0)..<start }
  }

  static func runs(of hunk: Hunk) -> [HunkRun] {
    var runs: [HunkRun] = []
    var isOpen = false
    var last: Range<Int>?
    hunk.forEachLine { kind, range in
      if kind != .context {
        if !isOpen { runs.append(HunkRun(hunk.source, before: last, at: range.lowerBound)) }
        runs[runs.count - 1].add(kind, range)
        isOpen = true
      } else {
        if isOpen { runs[runs.count - 1].end(at: range) }
        (isOpen, last) = (false, range)
      }
    }
    return runs
  }

  private mutating func add(_ kind: Hunk.LineKind, _ line: Range<Int>) {
    if kind == .added {
      added.lines.append(line)
    } else {
      removed.lines.append(line)
    }
    range = range.lowerBound..<line.upperBound
  }

  private mutating func end(at line: Range<Int>) {
    after = line
    range = range.lowerBound..<line.upperBound
  }

  /// How many of the added lines say something.
  var significant: Int {
    added.lines.count { lineKey(added.source.span, $0) != nil }
  }

  /// Where the added lines stand with a context line of the patch beside them that is not blank.
  func placesBesideContext(in occurrences: inout LineOccurrences) -> Set<Int> {
    func isTelling(_ range: Range<Int>) -> Bool { !added.source[range].allSatisfy(isSpace) }
    var places: Set<Int> = []
    if let before, isTelling(before) {
      let found = occurrences.places(of: [before] + added.lines, in: added.source)
      places.formUnion(found.map { $0 + 1 })
    }
    if let after, isTelling(after) {
      places.formUnion(occurrences.places(of: added.lines + [after], in: added.source))
    }
    return places
  }
}

/// The lines of one kind in a hunk that say something.
func keys(of hunk: Hunk, _ wanted: Hunk.LineKind) -> [LineKey] {
  var keys: [LineKey] = []
  hunk.forEachLine { kind, range in
    if kind == wanted, let key = lineKey(hunk.source.span, range) { keys.append(key) }
  }
  return keys
}

extension Patch {
  /// The added lines that say something, by file.
  public var addedLines: [RepoPath: Set<LineKey>] {
    var result: [RepoPath: Set<LineKey>] = [:]
    for file in files {
      guard case .hunks(let hunks) = file.content, file.kind != .delete else { continue }
      result[file.path, default: []].formUnion(hunks.flatMap { keys(of: $0, .added) })
    }
    return result
  }
}
