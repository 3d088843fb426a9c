import Patches

/// The lines that a hunk expects to find, where it expects them, and how it is pinned.
struct Preimage {
  let hunk: Hunk
  /// The content of each old line as a range of the hunk's source.
  let lines: [Range<Int>]
  /// The line, counted from 0, at which the hunk says it lands, earlier hunks included.
  let stated: Int
  /// A hunk for the first line stays at the top, one without trailing context at the end
  /// (`apply_one_fragment` in git's apply.c).
  let isPinnedToTop: Bool
  let isPinnedToEnd: Bool

  init(_ hunk: Hunk) {
    var lines: [Range<Int>] = []
    lines.reserveCapacity(hunk.oldCount)
    hunk.forEachLine { kind, range in
      if kind != .added { lines.append(range) }
    }
    self.hunk = hunk
    self.lines = lines
    self.stated = max(hunk.newStart - 1, 0)
    self.isPinnedToTop = hunk.oldStart <= 1
    self.isPinnedToEnd = hunk.trailingContext == 0
  }

  /// Finds the hunk's place as `find_pos` in git's apply.c does: the stated line first, then one
  /// line further away at a time, the later of two first. A pinned hunk is tried where it is
  /// pinned.
  ///
  /// - Parameter patched: lines that earlier hunks of the patch put there; they match nothing.
  /// - Returns: the line counted from 0, or nil where the hunk fits nowhere.
  /// - Complexity: O(hunk length) for a hunk in place.
  func place(in text: Text, patched: [Range<Int>]) -> Int? {
    let count = text.lines.count
    var start = stated
    if isPinnedToTop {
      start = 0
    } else if isPinnedToEnd {
      // git compares unsigned: a hunk longer than the text starts from its end.
      start = lines.count <= count ? count - lines.count : count
    }
    start = min(start, count)
    if matches(text, at: start, patched: patched) { return start }
    if isPinnedToTop || isPinnedToEnd {
      return places(in: text, patched: patched).first
    }
    for distance in 1...max(count, 1) {
      let later = start + distance
      if later <= count, matches(text, at: later, patched: patched) { return later }
      let earlier = start - distance
      if earlier >= 0, matches(text, at: earlier, patched: patched) { return earlier }
    }
    return nil
  }

  /// Every line at which the hunk fits, in order.
  func places(in text: Text, patched: [Range<Int>]) -> [Int] {
    let last = text.lines.count - lines.count
    guard last >= 0 else { return [] }
    let candidates =
      if isPinnedToTop { 0...0 } else if isPinnedToEnd { last...last } else { 0...last }
    return candidates.filter { matches(text, at: $0, patched: patched) }
  }

  private func matches(_ text: Text, at line: Int, patched: [Range<Int>]) -> Bool {
    let end = line + lines.count
    guard end <= text.lines.count, !isPinnedToTop || line == 0,
      !isPinnedToEnd || end == text.lines.count
    else { return false }
    for range in patched where range.overlaps(line..<end) { return false }
    return text.matches(lines, of: hunk.source, at: line)
  }
}
