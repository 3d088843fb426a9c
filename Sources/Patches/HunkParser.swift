/// Reads hunks: the header's numbers, then exactly the lines that they promise.
struct HunkParser {
  /// The largest line number and count that a header may state.
  static let largestNumber = 2_147_483_647

  let name: String

  /// True where the cursor stands on a line that is a hunk's header.
  static func isHeader(_ cursor: LineCursor) -> Bool {
    cursor.starts(with: .hunk) && numbers(cursor.bytes, cursor.content) != nil
  }

  /// Reads every hunk from the cursor on, and leaves the cursor on the line after the last.
  ///
  /// - Throws: the first line that is wrong.
  func hunks(_ cursor: inout LineCursor) throws(Diagnostic) -> [Hunk] {
    var hunks: [Hunk] = []
    var floor = 0
    while !cursor.isAtEnd, cursor.starts(with: .hunk) {
      let hunk = try self.hunk(&cursor)
      let begin = hunk.oldCount == 0 ? hunk.oldStart : hunk.oldStart - 1
      guard begin >= floor else {
        throw problem(
          hunk.line, "this hunk begins before the end of the one above it", "hunk-order")
      }
      floor = begin + hunk.oldCount
      hunks.append(hunk)
    }
    return hunks
  }

  private func hunk(_ cursor: inout LineCursor) throws(Diagnostic) -> Hunk {
    let line = cursor.number
    let header = cursor.start..<cursor.next
    guard let numbers = Self.numbers(cursor.bytes, cursor.content) else {
      throw problem(
        line, "not a hunk header of the form '@@ -LINE,COUNT +LINE,COUNT @@'", "hunk-header")
    }
    cursor.advance()
    let bodyStart = cursor.start
    let lines = try countedLines(&cursor, numbers, header: line)
    return Hunk(
      oldStart: numbers.oldStart, oldCount: numbers.oldCount, newStart: numbers.newStart,
      newCount: numbers.newCount, leadingContext: lines.leading, trailingContext: lines.trailing,
      oldLacksNewline: lines.oldLacksNewline, newLacksNewline: lines.newLacksNewline,
      source: cursor.bytes, header: header, body: bodyStart..<cursor.start,
      heading: numbers.heading, line: line)
  }

  private struct Numbers {
    var oldStart = 0
    var oldCount = 1
    var newStart = 0
    var newCount = 1
    var heading = 0..<0
  }

  private struct Lines {
    var leading = 0
    var trailing = 0
    var changes = 0
    var oldLacksNewline = false
    var newLacksNewline = false
  }

  private func countedLines(
    _ cursor: inout LineCursor, _ numbers: Numbers, header: Int
  ) throws(Diagnostic) -> Lines {
    var lines = Lines()
    var old = numbers.oldCount
    var new = numbers.newCount
    while old > 0 || new > 0 {
      guard !cursor.isAtEnd else {
        throw problem(
          header, "the file ends inside this hunk: \(old) old and \(new) new lines are missing",
          "hunk-truncated")
      }
      let kind = try lineKind(cursor)
      if kind != .added { old -= 1 }
      if kind != .removed { new -= 1 }
      guard old >= 0, new >= 0 else {
        throw problem(
          cursor.number, "more lines than the hunk header on line \(header) counts", "hunk-count")
      }
      if kind == .context {
        if lines.changes == 0 { lines.leading += 1 }
        lines.trailing += 1
      } else {
        lines.changes += 1
        lines.trailing = 0
      }
      let isUnterminated = cursor.next == cursor.end
      cursor.advance()
      try marker(&cursor, after: kind, old: old, new: new, isUnterminated, &lines)
    }
    guard lines.changes > 0 else {
      throw problem(header, "this hunk adds and removes nothing", "hunk-empty")
    }
    return lines
  }

  private func lineKind(_ cursor: LineCursor) throws(Diagnostic) -> Hunk.LineKind {
    if cursor.isBlank { return .context }
    switch cursor.bytes[cursor.start] {
    case UInt8(ascii: " "): return .context
    case UInt8(ascii: "-"): return .removed
    case UInt8(ascii: "+"): return .added
    case UInt8(ascii: "\\"):
      throw problem(
        cursor.number, "a '\\ No newline' marker does not belong here", "hunk-marker")
    default:
      throw problem(
        cursor.number, "a line of a hunk must begin with ' ', '+' or '-': '\(cursor.excerpt)'",
        "hunk-line")
    }
  }

  /// Takes the `\ No newline` marker after a line, and checks that nothing follows on that side.
  private func marker(
    _ cursor: inout LineCursor, after kind: Hunk.LineKind, old: Int, new: Int,
    _ isUnterminated: Bool, _ lines: inout Lines
  ) throws(Diagnostic) {
    guard !cursor.isAtEnd, cursor.starts(with: .marker) else {
      guard !isUnterminated else {
        throw problem(
          cursor.number - 1, "the patch ends inside this line: its newline is missing",
          "hunk-truncated")
      }
      return
    }
    let endsOld = kind != .added
    let endsNew = kind != .removed
    guard !endsOld || old == 0, !endsNew || new == 0 else {
      throw problem(
        cursor.number, "a line without its newline must be the last of the file", "hunk-marker")
    }
    if endsOld { lines.oldLacksNewline = true }
    if endsNew { lines.newLacksNewline = true }
    cursor.advance()
    guard cursor.isAtEnd || !cursor.starts(with: .marker) else {
      throw problem(cursor.number, "the '\\ No newline' marker stands twice", "hunk-marker")
    }
  }

  private func problem(_ line: Int, _ message: String, _ rule: String) -> Diagnostic {
    Diagnostic(Location(name, line: line), message, rule: rule)
  }

  /// The numbers of a header line, nil where it is not of the form.
  private static func numbers(_ bytes: [UInt8], _ line: Range<Int>) -> Numbers? {
    var scan = NumberScan(bytes: bytes, position: line.lowerBound + 4, end: line.upperBound)
    var numbers = Numbers()
    guard let oldStart = scan.number() else { return nil }
    numbers.oldStart = oldStart
    if scan.take(",") {
      guard let count = scan.number() else { return nil }
      numbers.oldCount = count
    }
    guard scan.take(" "), scan.take("+"), let newStart = scan.number() else { return nil }
    numbers.newStart = newStart
    if scan.take(",") {
      guard let count = scan.number() else { return nil }
      numbers.newCount = count
    }
    guard scan.take(" "), scan.take("@"), scan.take("@") else { return nil }
    guard numbers.oldStart > 0 || numbers.oldCount == 0,
      numbers.newStart > 0 || numbers.newCount == 0
    else { return nil }
    numbers.heading = scan.position..<line.upperBound
    return numbers
  }
}

/// Takes decimal numbers and single characters off a range of bytes.
struct NumberScan {
  let bytes: [UInt8]
  var position: Int
  let end: Int

  /// The digits here as a number; nil without digits, or beyond `HunkParser.largestNumber`.
  mutating func number() -> Int? {
    var value = 0
    let start = position
    while position < end, case let digit = bytes[position],
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit)
    {
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
      guard value <= HunkParser.largestNumber else { return nil }
      position += 1
    }
    return position > start ? value : nil
  }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard position < end, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }
}
