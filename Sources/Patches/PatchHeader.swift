/// Who wrote a patch, when, and why.
public struct Author: Hashable, Sendable {
  public let name: [UInt8]
  public let email: [UInt8]
  /// Nil where the patch states no date.
  public let date: AuthorDate?

  public init(name: [UInt8], email: [UInt8], date: AuthorDate?) {
    self.name = name
    self.email = email
    self.date = date
  }
}

/// A moment with the zone it was noted in.
public struct AuthorDate: Hashable, Sendable {
  /// Seconds since 1970-01-01T00:00:00Z.
  public let seconds: Int64
  /// Minutes east of UTC.
  public let offset: Int

  public init(seconds: Int64, offset: Int) {
    self.seconds = seconds
    self.offset = offset
  }
}

/// What stands before the first section of a patch: a mail's header and message, the header that
/// `git show` prints, or free text as quilt keeps it.
public struct PatchHeader: Sendable {
  public enum Form: Hashable, Sendable {
    case mail, show, text, none
  }

  public let form: Form
  /// The author; nil where the form has none.
  public let author: Author?
  /// The first line of the message, without `[PATCH …]`; empty where there is none.
  public let subject: [UInt8]
  /// The message after the subject, white space cleaned up as `git am` does, without a final
  /// newline.
  public let body: [UInt8]
  /// What a reader should know about the header though it is no mistake.
  public let warnings: [Diagnostic]
  /// The header in the patch's bytes, up to the first section or the `---` line.
  let range: Range<Int>

  /// The most that may stand above the first section or the `---` line, in bytes: 1 MiB.
  public static let maximumSize = 1 << 20

  /// The message of the commit that the patch becomes, with a final newline; empty without text.
  public var message: [UInt8] {
    switch (subject.isEmpty, body.isEmpty) {
    case (true, true): []
    case (false, true): subject + [newline]
    case (true, false): body + [newline]
    case (false, false): subject + [newline, newline] + body + [newline]
    }
  }

  /// A header that was not read from a file.
  public init(author: Author?, subject: [UInt8], body: [UInt8]) {
    self.form = .none
    self.author = author
    self.subject = subject
    self.body = body
    self.warnings = []
    self.range = 0..<0
  }

  /// Reads the header that the cursor stands on and leaves the cursor where the patch breaks off
  /// from the message (`patchbreak` in git's mailinfo.c).
  init(_ cursor: inout LineCursor, name: String, problems: inout [Diagnostic]) {
    let start = cursor.start
    let first = cursor.number
    let form = Self.form(&cursor)
    if let end = Self.endIfTooLong(cursor, form) {
      problems.append(Self.tooLong(end.start - start, Location(name, line: first)))
      self = PatchHeader(author: nil, subject: [], body: [])
      cursor = end
      return
    }
    switch form {
    case .mail:
      var reader = MailReader(name: name)
      reader.read(&cursor)
      problems += reader.problems
      self.author = reader.author
      self.subject = reader.subject
      self.body = reader.body
      self.warnings = reader.warnings
    case .show:
      var reader = ShowReader(name: name)
      reader.read(&cursor)
      problems += reader.problems
      self.author = reader.author
      (self.subject, self.body) = subjectAndBody(reader.message)
      self.warnings = []
    case .text, .none:
      problems += Self.strayHunks(cursor, name: name)
      let text = textUpToPatch(&cursor)
      self.author = nil
      (self.subject, self.body) = subjectAndBody(text)
      self.warnings = []
    }
    self.form = form == .text && subject.isEmpty ? .none : form
    self.range = start..<cursor.start
  }

  /// The end of a header that is longer than `maximumSize`, which is not read; nil for any other.
  private static func endIfTooLong(_ start: LineCursor, _ form: Form) -> LineCursor? {
    var cursor = start
    // What `git show` prints may have mails in it.
    if form == .mail, !cursor.isAtEnd { cursor.advance() }
    while form == .show ? !cursor.isAtEnd && !breaksMessage(cursor) : !endsText(cursor) {
      cursor.advance()
    }
    return cursor.start - start.start > maximumSize ? cursor : nil
  }

  private static func tooLong(_ size: Int, _ location: Location) -> Diagnostic {
    Diagnostic(
      location, "\(size) bytes above the first section; \(maximumSize) is the most",
      rule: "patch-size")
  }

  /// Hunks in a text that is no mail: no message quotes them, they have lost their file.
  private static func strayHunks(_ cursor: LineCursor, name: String) -> [Diagnostic] {
    var cursor = cursor
    while !endsText(cursor) {
      if HunkParser.isHeader(cursor) {
        return [hunkWithoutFile(Location(name, line: cursor.number))]
      }
      cursor.advance()
    }
    return []
  }

  /// The form by the first line that is not blank; the cursor is put on it unless it is text.
  private static func form(_ cursor: inout LineCursor) -> Form {
    var probe = cursor
    while !probe.isAtEnd, probe.isBlank { probe.advance() }
    let form = form(at: probe)
    if form != .text { cursor = probe }
    return form
  }

  private static func form(at cursor: LineCursor) -> Form {
    if let rest = cursor.rest(after: "commit "), rest.count >= 40,
      ObjectID(hex: cursor.bytes[rest.prefix(40)]) != nil
    {
      return .show
    }
    if cursor.starts(with: .mailStart) { return .mail }
    let colon = cursor.bytes[cursor.content].firstIndex(of: UInt8(ascii: ":"))
    guard let colon else { return .text }
    let field = String(decoding: cursor.bytes[cursor.start..<colon], as: UTF8.self).lowercased()
    let known = [
      "from", "date", "subject", "message-id", "mime-version", "received", "return-path",
    ]
    return known.contains(field) ? .mail : .text
  }
}

/// True for the lines before which a message ends (`patchbreak` in git's mailinfo.c).
func breaksMessage(_ cursor: LineCursor) -> Bool {
  if cursor.starts(with: .diff) || cursor.starts(with: .indexFile) { return true }
  guard cursor.starts(with: .separator) else { return false }
  let rest = cursor.bytes[cursor.content].dropFirst(3)
  if rest.allSatisfy(isSpace) { return true }
  return rest.count > 1 && rest.first == UInt8(ascii: " ") && !isSpace(rest[rest.startIndex + 1])
}

/// The line with which a mail begins: as `git format-patch` writes it, or in a mailbox.
func beginsMail(_ cursor: LineCursor) -> Bool {
  guard let rest = cursor.rest(after: .mailStart) else { return false }
  let line = cursor.bytes[rest]
  if line.count > 41, ObjectID(hex: line.prefix(40)) != nil,
    line[line.startIndex + 40] == UInt8(ascii: " ")
  {
    return true
  }
  return endsWithMoment(line)
}

/// True where a line ends as a mailbox has it between its mails: `hh:mm:ss yyyy` (`is_from_line` in git's
/// mailsplit.c).
private func endsWithMoment(_ line: ArraySlice<UInt8>) -> Bool {
  guard line.count >= 14, let colon = line.dropLast().lastIndex(of: UInt8(ascii: ":")),
    colon - line.startIndex >= 4, line.endIndex - colon > 3
  else { return false }
  let digits = [-4, -2, -1, 1, 2].map { line[colon + $0] }
  guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
  var year = line[(colon + 3)...].drop(while: isSpace)
  if year.first == UInt8(ascii: "+") { year.removeFirst() }
  year = year.prefix { (0x30...0x39).contains($0) }
  return year.count > 2 || (Int(String(decoding: year, as: UTF8.self)) ?? 0) > 90
}

private func endsText(_ cursor: LineCursor) -> Bool {
  cursor.isAtEnd || breaksMessage(cursor) || beginsMail(cursor)
}

func hunkWithoutFile(_ location: Location) -> Diagnostic {
  Diagnostic(
    location, "a hunk without the lines that name its file", rule: "hunk-without-file")
}

/// The lines up to where the message ends, which is before the next mail at the latest; the cursor is left there.
func textUpToPatch(_ cursor: inout LineCursor) -> [UInt8] {
  let start = cursor.start
  while !endsText(cursor) { cursor.advance() }
  return Array(cursor.bytes[start..<cursor.start])
}

/// The first paragraph in one line, and the rest, both cleaned up.
func subjectAndBody(_ text: [UInt8]) -> (subject: [UInt8], body: [UInt8]) {
  let clean = cleanedUp(text)
  guard let end = clean.firstIndex(of: newline) else { return (clean, []) }
  return (Array(clean[..<end]), cleanedUp(Array(clean[(end + 1)...])))
}

/// The text without white space at the ends of lines, without blank lines at either end and with
/// no two in a row (`strbuf_stripspace` in git), and without a final newline.
func cleanedUp(_ text: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  var blankLines = 0
  var start = 0
  while start < text.count {
    let next = endOfLine(text.span, from: start)
    var end = next
    while end > start, isSpace(text[end - 1]) { end -= 1 }
    if end == start {
      blankLines += 1
    } else {
      if !result.isEmpty { result.append(newline) }
      if !result.isEmpty, blankLines > 0 { result.append(newline) }
      blankLines = 0
      result += text[start..<end]
    }
    start = next
  }
  return result
}

/// White space as C's `isspace` has it.
package func isSpace(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || (9...13).contains(byte)
}
