import Patches

/// The indentation of each line of two texts, in columns; -1 for a blank line.
struct Indents {
  let old: [Int]
  let new: [Int]

  init(_ old: Text, _ new: Text) {
    self.old = Self.indents(old)
    self.new = Self.indents(new)
  }

  /// A deeper line counts as this deep.
  private static let deepest = 200

  private static func indents(_ text: Text) -> [Int] {
    text.lines.indices.map { index in
      var columns = 0
      for byte in text[line: index] {
        switch byte {
        case UInt8(ascii: " "): columns += 1
        case UInt8(ascii: "\t"): columns += 8 - columns % 8
        case 10, 13: break
        default: return columns
        }
        if columns >= deepest { return deepest }
      }
      return -1
    }
  }
}

/// How bad it looks to divide a text before some lines: lower is better. The weights are those of
/// git's indent heuristic, which were fitted to what people chose.
struct SplitScore {
  /// How far a run may slide for the sake of its looks.
  static let furthest = 100
  /// More blank lines than this are not counted.
  private static let mostBlanks = 20

  private var indent = 0
  private var penalty = 0

  /// Adds a split before a line.
  mutating func add(split: Int, _ indents: [Int]) {
    let isEnd = split >= indents.count
    let own = isEnd ? -1 : indents[split]
    let before = Self.nearest(stride(from: split - 1, through: 0, by: -1), indents)
    let after = Self.nearest(stride(from: split + 1, to: indents.count, by: 1), indents)
    if before.indent == -1, before.blanks == 0 { penalty += 1 }
    if isEnd { penalty += 21 }
    let blanksAfter = own == -1 ? 1 + after.blanks : 0
    let blanks = before.blanks + blanksAfter
    penalty += -30 * blanks + 6 * blanksAfter
    let indent = own != -1 ? own : after.indent
    self.indent += indent
    guard indent != -1, before.indent != -1 else { return }
    let hasBlanks = blanks != 0
    if indent > before.indent {
      penalty += hasBlanks ? 10 : -4
    } else if indent < before.indent {
      if after.indent != -1, after.indent > indent {
        penalty += hasBlanks ? 17 : 24
      } else {
        penalty += hasBlanks ? 17 : 23
      }
    }
  }

  /// True where this is no worse than another: a lower indentation weighs 60.
  func isAsGood(as other: SplitScore) -> Bool {
    let order = (indent > other.indent ? 1 : 0) - (indent < other.indent ? 1 : 0)
    return 60 * order + (penalty - other.penalty) <= 0
  }

  /// The indentation of the nearest line that is not blank, -1 where there is none up to the text's
  /// edge, and the blank lines before it.
  private static func nearest(
    _ lines: some Sequence<Int>, _ indents: [Int]
  ) -> (indent: Int, blanks: Int) {
    var blanks = 0
    for line in lines {
      if indents[line] != -1 { return (indents[line], blanks) }
      blanks += 1
      if blanks == mostBlanks { return (0, blanks) }
    }
    return (-1, blanks)
  }
}
