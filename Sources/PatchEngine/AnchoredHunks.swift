import Patches

/// Which changes of one file can stand in no more than one place, whichever patches of the stack are
/// there and in whichever order.
///
/// A run of lines comes to be in the file as a part of it, or where a hunk is applied. A hunk that is
/// applied stands with its context around it, so a run that is no longer than that context and a line, and
/// has something in it that the hunk changes, is a part of the hunk's result. So a run that the file and the
/// results of all hunks have once together is in no file twice, and a hunk that expects it fits in one
/// place at most.
struct AnchoredHunks {
  /// The longest run that is looked at, in lines: that of git's three lines of context.
  private static let longestRun = 4

  /// For each change, true where each of its hunks has such a run.
  private(set) var isAnchored: [Bool] = []

  /// - Parameters:
  ///   - changes: all changes of the file in the stack, a list a patch.
  ///   - base: the file before them.
  init(_ changes: [[FileChange]], base: Text) {
    let hunks = changes.map { $0.compactMap(\.textHunks).flatMap { $0.map(HunkText.init) } }
    let longest = hunks.joined().reduce(Self.longestRun) { min($0, $1.longestRun) }
    var counts: [UInt64: Int] = [:]
    for hunk in hunks.joined() {
      Self.runs(hunk.old, longest) { counts[$1] = 0 }
    }
    Self.runs(base.lines.indices.map(base.hash(ofLine:)), longest) {
      if let count = counts[$1] { counts[$1] = count + 1 }
    }
    for hunk in hunks.joined() {
      Self.runs(hunk.new, longest) { range, run in
        if hunk.changes(range), let count = counts[run] { counts[run] = count + 1 }
      }
    }
    let hasLinks = changes.joined().contains { [$0.oldMode, $0.newMode].contains(.symlink) }
    isAnchored = zip(changes, hunks).map { changes, hunks in
      guard changes.count == 1, changes[0].isPlainEdit, !hasLinks else { return false }
      return hunks.allSatisfy { hunk in
        var isAnchored = false
        Self.runs(hunk.old, longest) { if counts[$1]! <= 1 { isAnchored = true } }
        return isAnchored
      }
    }
  }

  /// Calls `visit` for each run of up to `longest` lines, with its place and a hash of it.
  private static func runs(
    _ lines: [UInt64], _ longest: Int, _ visit: (Range<Int>, UInt64) -> Void
  ) {
    for start in lines.indices {
      var run: UInt64 = 0
      for end in start..<min(start + longest, lines.count) {
        run = (run ^ lines[end]) &* 0x9e37_79b9_7f4a_7c15
        run ^= run >> 29
        visit(start..<end + 1, run)
      }
    }
  }
}

/// A hunk as hashes of lines. Lines that are the same have the same hash; where others have it too, there
/// only seem to be more of them than there are.
private struct HunkText {
  private(set) var old: [UInt64] = []
  private(set) var new: [UInt64] = []
  /// The new lines that are added.
  private var added: [Bool] = []
  /// New lines before which lines are removed.
  private var gaps: Set<Int> = []
  /// How long a run can be that has something of the change in it and lies in the result.
  let longestRun: Int

  init(_ hunk: Hunk) {
    let preimage = Preimage(hunk)
    longestRun = min(
      preimage.isPinnedToTop ? .max : hunk.leadingContext + 1,
      preimage.isPinnedToEnd ? .max : hunk.trailingContext + 1)
    hunk.forEachLine { kind, range in
      let line = Text.hash(of: range, in: hunk.source)
      if kind == .removed { gaps.insert(new.count) }
      if kind != .added { old.append(line) }
      guard kind != .removed else { return }
      new.append(line)
      added.append(kind == .added)
    }
  }

  /// True where a run of new lines is not one that was there before.
  func changes(_ range: Range<Int>) -> Bool {
    range.contains { added[$0] || ($0 > range.lowerBound && gaps.contains($0)) }
  }
}

extension FileChange {
  /// The hunks, where lines change.
  var textHunks: [Hunk]? {
    if case .hunks(let hunks) = content { hunks } else { nil }
  }

  /// True where what changes in the file's content are lines.
  var isOfLines: Bool {
    switch content {
    case .none, .hunks: true
    case .binary, .blobs: false
    }
  }

  /// True where lines of a file change and nothing else.
  fileprivate var isPlainEdit: Bool {
    kind == .modify && (newMode == nil || newMode == oldMode) && textHunks != nil
  }
}
