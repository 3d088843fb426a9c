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
  /// How many of each line the tree has gained and no hunk has taken yet.
  private var gained: [LineKey: Int] = [:]

  init(file: FileChange, hunks: [Hunk], base: Text?, locked: Text?, text: Text?) {
    self.file = file
    self.hunks = hunks
    self.base = base
    self.locked = locked
    self.text = text
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

  /// True where the hunk's result is in the text and what it starts from is not; or where all the
  /// lines that it adds are, together, between other lines than the patch knows.
  private func isThere(_ hunk: Hunk) -> Bool {
    guard let text else { return false }
    let result = HunkLines(hunk) { $0 != .removed }
    let results = result.places(in: text)
    let befores = Preimage(hunk).places(in: text, patched: [])
    let size = HunkLines(hunk) { $0 != .added }.lines.count
    // Of a line that repeats, the lines before are part of the lines after.
    let isOpen = befores.contains { before in
      !results.contains { $0 <= before && before + size <= $0 + result.lines.count }
    }
    if isOpen { return false }
    if !results.isEmpty { return isGained(result, results.count) }
    let runs = HunkRun.runs(of: hunk)
    return runs.contains { !$0.added.lines.isEmpty } && runs.allSatisfy { isThere($0, in: text) }
  }

  private func isThere(_ run: HunkRun, in text: Text) -> Bool {
    guard !run.added.lines.isEmpty else { return run.removed.places(in: text).isEmpty }
    let places = run.added.places(in: text).filter { place in
      run.significant >= 3
        || run.touches(text, from: place, to: place + run.added.lines.count)
    }
    return run.significant > 0 && !places.isEmpty && isGained(run.added, places.count)
  }

  /// True where the file did not have the lines as often before.
  private func isGained(_ lines: HunkLines, _ count: Int) -> Bool {
    [base, locked].allSatisfy { text in
      text.map { lines.places(in: $0).count < count } ?? true
    }
  }
}

/// Some lines of a hunk.
struct HunkLines {
  let source: [UInt8]
  let lines: [Range<Int>]

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
  func places(in text: Text) -> [Int] {
    let last = text.lines.count - lines.count
    guard last >= 0, !lines.isEmpty else { return [] }
    return (0...last).filter { text.matches(lines, of: source, at: $0) }
  }
}

/// Lines of a hunk that change together, and the context lines beside them.
private struct HunkRun {
  private(set) var added: HunkLines
  private(set) var removed: HunkLines
  private var before: Range<Int>?
  private var after: Range<Int>?

  private init(_ source: [UInt8], before: Range<Int>?) {
    added = HunkLines(source: source, lines: [])
    removed = HunkLines(source: source, lines: [])
    self.before = before
  }

  static func runs(of hunk: Hunk) -> [HunkRun] {
    var runs: [HunkRun] = []
    var open: HunkRun?
    var last: Range<Int>?
    hunk.forEachLine { kind, range in
      guard kind == .context else {
        var run = open ?? HunkRun(hunk.source, before: last)
        run.add(kind, range)
        open = run
        return
      }
      if var run = open {
        run.after = range
        runs.append(run)
      }
      (open, last) = (nil, range)
    }
    return runs + (open.map { [$0] } ?? [])
  }

  private mutating func add(_ kind: Hunk.LineKind, _ range: Range<Int>) {
    if kind == .added {
      added = HunkLines(source: added.source, lines: added.lines + [range])
    } else {
      removed = HunkLines(source: removed.source, lines: removed.lines + [range])
    }
  }

  /// How many of the added lines say something.
  var significant: Int {
    added.lines.count { lineKey(added.source.span, $0) != nil }
  }

  /// True where a context line of the patch that is not blank stands beside the added lines.
  func touches(_ text: Text, from start: Int, to end: Int) -> Bool {
    func isSame(_ range: Range<Int>?, _ line: Int) -> Bool {
      guard let range, text.lines.indices.contains(line),
        !added.source[range].allSatisfy(isSpace)
      else { return false }
      return text.matches([range], of: added.source, at: line)
    }
    return isSame(before, start - 1) || isSame(after, end)
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
