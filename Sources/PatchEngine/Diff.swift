import Patches

/// A run of lines that differs between two texts: these old lines became those new ones.
public struct Edit: Hashable, Sendable {
  public let old: Range<Int>
  public let new: Range<Int>

  public init(old: Range<Int>, new: Range<Int>) {
    self.old = old
    self.new = new
  }
}

/// How the lines that two texts have in common are found.
public enum DiffAlgorithm: Sendable {
  /// The shortest edits, as `git diff` finds them by default, its shortcuts for long ones included.
  case myers
  /// The rarest lines first, as `git merge` finds them.
  case histogram
}

/// How a run of lines that could stand in several places is placed.
public enum EditPlacement: Sendable {
  /// As far down as it goes, or beside a change of the other text: what merges build on.
  case down
  /// Where the indentation says that a block begins or ends: what `git diff` prints.
  case byIndentation
}

/// The edits that make one text of another, the same that git's xdiff makes.
///
/// - Returns: the edits in order, at least one common line between two of them.
/// - Complexity: O((lines + edits) · edits) for `myers`, about O(lines) for `histogram` on texts
///   whose lines seldom repeat.
public func difference(
  from old: Text, to new: Text, _ algorithm: DiffAlgorithm = .myers,
  placed placement: EditPlacement = .down
) -> [Edit] {
  var trim = Trim(old, new)
  // Myers' shortcuts count how often a line stands in the whole text.
  if algorithm == .myers || placement == .byIndentation { trim = Trim.none(old, new) }
  if trim.old.isEmpty && trim.new.isEmpty { return [] }
  var numbers = LineNumbers(capacity: trim.old.count + trim.new.count)
  let olds = numbers.numbers(old, trim.old)
  let news = numbers.numbers(new, trim.new)
  var comparison = LineComparison(olds, news, distinct: numbers.count)
  comparison.mark(algorithm)
  comparison.compact(
    algorithm, indents: placement == .byIndentation ? Indents(old, new) : nil)
  return trim.edits(comparison)
}

/// What is left of two texts without the lines that both begin with and both end with.
private struct Trim {
  let old: Range<Int>
  let new: Range<Int>
  let isWhole: Bool

  static func none(_ old: Text, _ new: Text) -> Trim {
    Trim(old: old.lines.indices, new: new.lines.indices, isWhole: true)
  }

  private init(old: Range<Int>, new: Range<Int>, isWhole: Bool) {
    self.old = old
    self.new = new
    self.isWhole = isWhole
  }

  /// A run of changed lines may slide over the lines next to it, so some of them stay.
  private static let margin = 64

  init(_ old: Text, _ new: Text) {
    let (olds, news) = (old.lines.count, new.lines.count)
    let least = min(olds, news)
    var start = 0
    while start < least, old.line(start, equals: new, start) { start += 1 }
    var tail = 0
    while tail < least - start, old.line(olds - 1 - tail, equals: new, news - 1 - tail) {
      tail += 1
    }
    guard start < olds || start < news else {
      self = Trim(old: 0..<0, new: 0..<0, isWhole: false)
      return
    }
    // Both sides of a pure insertion or deletion can slide over all that repeats beside it.
    let kept = Self.margin + max(olds - start - tail, news - start - tail)
    start = max(0, start - kept)
    tail = max(0, tail - kept)
    self = Trim(
      old: start..<olds - tail, new: start..<news - tail,
      isWhole: start == 0 && tail == 0)
  }

  func edits(_ comparison: LineComparison) -> [Edit] {
    let shift = old.lowerBound
    return comparison.edits.map {
      Edit(
        old: $0.old.lowerBound + shift..<$0.old.upperBound + shift,
        new: $0.new.lowerBound + shift..<$0.new.upperBound + shift)
    }
  }
}

/// The hunks of the difference with lines of context around it, as `git diff` makes them.
///
/// - Returns: hunks with their text; empty where the texts are equal.
public func hunks(from old: Text, to new: Text, context: Int = 3) -> [Hunk] {
  let edits = difference(from: old, to: new, .myers, placed: .byIndentation)
  var groups: [[Edit]] = []
  for edit in edits {
    if let last = groups.last?.last, edit.old.lowerBound - last.old.upperBound <= 2 * context {
      groups[groups.count - 1].append(edit)
    } else {
      groups.append([edit])
    }
  }
  var headings = Headings(old)
  return groups.map { hunk($0, old, new, context, &headings) }
}

/// The line above a hunk that says what it is in: the nearest that begins with a letter, `_` or `$`
/// (`def_ff` and `get_func_line` in git's xemit.c), or else that of the hunk before.
private struct Headings {
  private let text: Text
  private var searched = -1
  private var last: [UInt8] = []

  init(_ text: Text) {
    self.text = text
  }

  mutating func heading(above start: Int) -> [UInt8] {
    var index = start - 1
    while index > searched {
      let line = text[line: index]
      if let first = line.first, Self.begins(first) {
        last = Self.trimmed(line.prefix(80))
        break
      }
      index -= 1
    }
    searched = max(searched, start - 1)
    return last
  }

  private static func begins(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    default: byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
    }
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var line = line
    while let byte = line.last, isSpace(byte) { line.removeLast() }
    return Array(line.prefix(wholeCharacters(line)))
  }

  /// The number of bytes before the first that are no UTF-8: a character that the limit divides is left
  /// out (`sane_truncate_line` in git's diff.c).
  private static func wholeCharacters(_ line: ArraySlice<UInt8>) -> Int {
    var index = line.startIndex
    while index < line.endIndex {
      let length =
        switch line[index] {
        case 0..<0x80: 1
        case 0xc2..<0xe0: 2
        case 0xe0..<0xf0: 3
        case 0xf0..<0xf5: 4
        default: 0
        }
      let end = index + length
      guard length > 0, end <= line.endIndex,
        line[(index + 1)..<end].allSatisfy({ $0 & 0xc0 == 0x80 })
      else { break }
      index = end
    }
    return index - line.startIndex
  }
}

private func hunk(
  _ edits: [Edit], _ old: Text, _ new: Text, _ context: Int, _ headings: inout Headings
) -> Hunk {
  let first = edits[0]
  let last = edits[edits.count - 1]
  let leading = min(context, first.old.lowerBound)
  let trailing = min(context, old.lines.count - last.old.upperBound)
  let olds = first.old.lowerBound - leading..<last.old.upperBound + trailing
  let news = first.new.lowerBound - leading..<last.new.upperBound + trailing
  var builder = HunkBuilder()
  var position = olds.lowerBound
  for edit in edits {
    for index in position..<edit.old.lowerBound { builder.add(.context, old[line: index]) }
    for index in edit.old { builder.add(.removed, old[line: index]) }
    for index in edit.new { builder.add(.added, new[line: index]) }
    position = edit.old.upperBound
  }
  for index in position..<olds.upperBound { builder.add(.context, old[line: index]) }
  return builder.hunk(
    oldStart: olds.isEmpty ? olds.lowerBound : olds.lowerBound + 1,
    newStart: news.isEmpty ? news.lowerBound : news.lowerBound + 1,
    heading: headings.heading(above: olds.lowerBound))
}
