import Patches

/// The lines of a text that hunks have taken so far, and where the others stand now.
///
/// A hunk only ever takes lines that none has taken, so that what is left are runs of the text as it
/// was. Lines count from 0; "now" is with the hunks placed so far.
struct PlacedHunks {
  /// Lines of the text as it was, and how many stand there now.
  struct Piece {
    let old: Range<Int>
    let newCount: Int
    /// Its first line when it was placed.
    let line: Int
    var newEnd: Int { line + newCount }
  }

  private let oldCount: Int
  /// How many lines the text has now.
  private(set) var count: Int
  /// In the order in which they were placed.
  private(set) var pieces: [Piece] = []
  /// Made where a hunk goes above one that was placed before; until then the pieces are in order.
  private var map: LineMap?

  init(lines: Int) {
    oldCount = lines
    count = lines
  }

  var isInOrder: Bool { map == nil }

  /// Where lines that stand at `line` now stood at first; nil where a hunk has taken one of them.
  ///
  /// - Precondition: `length` is not 0, and the text has the lines now.
  func origin(of line: Int, length: Int) -> Int? {
    let origin: Int
    if let map {
      guard let found = map.origin(of: line) else { return nil }
      origin = found
    } else if let before = pieces.last(where: line, by: { $0.line }) {
      guard line >= before.newEnd else { return nil }
      origin = before.old.upperBound + line - before.newEnd
    } else {
      origin = line
    }
    guard origin + length <= oldCount, isFree(origin..<origin + length) else { return nil }
    return origin
  }

  /// True where no hunk has taken any of some lines of the text as it was.
  func isFree(_ range: Range<Int>) -> Bool {
    if let map { return map.isFree(range) }
    guard let before = pieces.last(where: range.upperBound - 1, by: { $0.old.lowerBound }) else {
      return true
    }
    return before.old.upperBound <= range.lowerBound
  }

  /// Where a line that no hunk has taken stands now.
  func line(of origin: Int) -> Int {
    if let map { return map.line(of: origin) }
    guard let before = pieces.last(where: origin, by: { $0.old.lowerBound }) else { return origin }
    return before.newEnd + origin - before.old.upperBound
  }

  /// Lets a hunk take lines that are free.
  mutating func take(_ old: Range<Int>, newCount: Int, at line: Int) {
    if map == nil, let last = pieces.last, old.lowerBound < last.old.upperBound {
      map = LineMap(lines: oldCount, pieces)
    }
    let piece = Piece(old: old, newCount: newCount, line: line)
    map?.take(piece)
    pieces.append(piece)
    count += newCount - old.count
  }
}

/// Where lines stand now, whatever the order in which hunks were placed.
private struct LineMap {
  /// How many lines each line has become: a piece counts at its first.
  private var widths: PrefixSums
  /// 1 for the first line of a piece.
  private var starts: PrefixSums
  private var isTaken: [Bool]

  init(lines: Int, _ pieces: [PlacedHunks.Piece]) {
    widths = PrefixSums(repeating: 1, count: lines)
    starts = PrefixSums(repeating: 0, count: lines)
    isTaken = Array(repeating: false, count: lines)
    for piece in pieces { take(piece) }
  }

  mutating func take(_ piece: PlacedHunks.Piece) {
    // What stands behind the last line moves none.
    guard let first = piece.old.first else { return }
    starts.add(1, at: first)
    widths.add(piece.newCount, at: first)
    for line in piece.old {
      widths.add(-1, at: line)
      isTaken[line] = true
    }
  }

  func origin(of line: Int) -> Int? {
    let origin = widths.last(upTo: line)
    return origin < isTaken.count && widths.sum(before: origin) == line ? origin : nil
  }

  func isFree(_ range: Range<Int>) -> Bool {
    !isTaken[range.lowerBound]
      && starts.sum(before: range.upperBound) == starts.sum(before: range.lowerBound)
  }

  func line(of origin: Int) -> Int { widths.sum(before: origin) }
}

extension [PlacedHunks.Piece] {
  /// The last piece, of some that ascend by a number, whose number is not above a bound.
  fileprivate func last(where bound: Int, by number: (Element) -> Int) -> Element? {
    guard let last, number(last) > bound else { return last }
    var (low, high) = (0, count - 1)
    while low < high {
      let middle = (low + high) / 2
      if number(self[middle]) > bound { high = middle } else { low = middle + 1 }
    }
    return low == 0 ? nil : self[low - 1]
  }
}
