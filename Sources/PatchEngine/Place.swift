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

  /// Every line at which the hunk fits in a text, counted from 0, in order.
  func places(in occurrences: inout LineOccurrences) -> [Int] {
    let text = occurrences.text
    let last = text.lines.count - lines.count
    guard last >= 0 else { return [] }
    // A hunk without old lines has no context behind them, and so its place is the end.
    guard isPinnedToTop || isPinnedToEnd else {
      return occurrences.places(of: lines, in: hunk.source)
    }
    let line = isPinnedToTop ? 0 : last
    let isThere =
      (!isPinnedToEnd || line == last) && text.matches(lines, of: hunk.source, at: line)
    return isThere ? [line] : []
  }
}
