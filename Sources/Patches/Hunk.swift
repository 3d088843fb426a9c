/// One hunk of a unified diff: where it says it belongs, and lines to keep, remove and add.
///
/// The lines stay in the bytes they were read from; `forEachLine` walks them.
public struct Hunk: Sendable {
  /// First line on each side, counted from 1; with a count of 0 the line before, 0 at the top.
  public let oldStart: Int
  public let oldCount: Int
  public let newStart: Int
  public let newCount: Int
  /// Context lines before the first change, and after the last.
  public let leadingContext: Int
  public let trailingContext: Int
  /// True where the last line of that side lacks its newline.
  public let oldLacksNewline: Bool
  public let newLacksNewline: Bool
  /// The patch that the hunk was read from.
  public let source: [UInt8]
  /// The header line with its newline, and the lines below it, as ranges of `source`.
  public let header: Range<Int>
  public let body: Range<Int>
  /// What follows the closing `@@` on the header line, without the newline.
  public let heading: Range<Int>
  /// The header's line in the patch file, counted from 1.
  public let line: Int

  /// What a line of a hunk does.
  public enum LineKind: Sendable {
    case context, removed, added
  }

  /// Calls `visit` for each line in order, with what it does and its content as a range of
  /// `source`, the newline included unless the file lacks it.
  public func forEachLine<E: Error>(
    _ visit: (LineKind, Range<Int>) throws(E) -> Void
  ) throws(E) {
    var position = body.lowerBound
    while position < body.upperBound {
      let end = endOfLine(source.span, from: position)
      let first = source[position]
      let next = end
      var contentEnd = end
      // A "\ No newline" marker belongs to the line before it: look ahead.
      var after = next
      if next < body.upperBound, source[next] == UInt8(ascii: "\\") {
        if source[end - 1] == newline { contentEnd -= 1 }
        after = endOfLine(source.span, from: next)
      }
      switch first {
      case UInt8(ascii: "-"): try visit(.removed, position + 1..<contentEnd)
      case UInt8(ascii: "+"): try visit(.added, position + 1..<contentEnd)
      case newline: try visit(.context, position..<contentEnd)
      default: try visit(.context, position + 1..<contentEnd)
      }
      position = after
    }
  }
}

/// The offset after the line that begins at `start`: past its newline, or the end of the bytes.
func endOfLine(_ bytes: Span<UInt8>, from start: Int) -> Int {
  var index = start
  let count = bytes.count
  while index < count {
    if bytes[index] == newline { return index + 1 }
    index += 1
  }
  return count
}
