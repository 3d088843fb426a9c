/// Reads the header and message of a mail as `git am --keep-non-patch` does (mailinfo.c), except
/// that a `From:` line inside the message never changes the author, and that nothing a header can
/// hold adds a line to a commit.
struct MailReader {
  /// The most header lines that a mail may have.
  static let maximumHeaderLines = 2_000

  let name: String
  private(set) var author: Author?
  private(set) var subject: [UInt8] = []
  private(set) var body: [UInt8] = []
  private(set) var warnings: [Diagnostic] = []
  private(set) var problems: [Diagnostic] = []

  private struct Field {
    let name: String
    let line: Int
    var value: [UInt8]
  }

  init(name: String) {
    self.name = name
  }

  mutating func read(_ cursor: inout LineCursor) {
    let firstLine = cursor.number
    if cursor.starts(with: .mailStart) { cursor.advance() }
    let fields = fields(&cursor)
    takeEncoding(fields)
    takeAuthor(fields, firstLine)
    if let field = fields.first(where: { $0.name == "subject" }) {
      subject = withoutPatchPrefix(decoded(field))
    }
    while !cursor.isAtEnd, cursor.isBlank { cursor.advance() }
    let bodyLine = cursor.number
    body = cleanedUp(textUpToPatch(&cursor))
    warnAboutInnerHeader(bodyLine)
  }

  private mutating func fields(_ cursor: inout LineCursor) -> [Field] {
    var fields: [Field] = []
    var count = 0
    while !cursor.isAtEnd, !cursor.isBlank, !breaksMessage(cursor) {
      count += 1
      if count > Self.maximumHeaderLines {
        if count == Self.maximumHeaderLines + 1 {
          problems.append(problem(cursor.number, "more than 2000 header lines", "mail-header"))
        }
        cursor.advance()
        continue
      }
      let line = cursor.bytes[cursor.content]
      if let first = line.first, isSpace(first) {
        if fields.isEmpty {
          problems.append(problem(cursor.number, "a folded line without its field", "mail-header"))
        } else {
          fields[fields.count - 1].value += [UInt8(ascii: " ")] + trimmed(line)
        }
      } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
        let field = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        let value = trimmed(line[(colon + 1)...])
        fields.append(Field(name: field, line: cursor.number, value: value))
      } else {
        problems.append(
          problem(cursor.number, "a header line of a mail needs a name and a colon", "mail-header"))
      }
      cursor.advance()
    }
    return fields
  }

  private mutating func takeEncoding(_ fields: [Field]) {
    for field in fields {
      let value = String(decoding: field.value, as: UTF8.self).lowercased()
      switch field.name {
      case "content-transfer-encoding" where !["7bit", "8bit", "binary"].contains(value):
        problems.append(
          problem(
            field.line,
            "the mail is encoded as '\(value.prefix(40))'; decode it first with "
              + "'git mailinfo' or save the patch as 'git format-patch' writes it", "mail-encoding")
        )
      case "content-type" where value.hasPrefix("multipart/"):
        problems.append(
          problem(field.line, "a mail of several parts; save the patch alone", "mail-encoding"))
      case "content-type" where !namesKnownCharset(value):
        problems.append(
          problem(
            field.line, "'\(value.prefix(60))': only UTF-8 and US-ASCII mails are taken",
            "mail-encoding"))
      default: break
      }
    }
  }

  private func namesKnownCharset(_ value: String) -> Bool {
    guard let charset = value.split(separator: "charset=").dropFirst().first else { return true }
    let bare = charset.drop { $0 == "\"" }.prefix { $0 != "\"" && $0 != ";" && $0 != " " }
    return ["utf-8", "us-ascii", "ascii", "utf8"].contains(String(bare))
  }

  private mutating func takeAuthor(_ fields: [Field], _ firstLine: Int) {
    guard let from = fields.first(where: { $0.name == "from" }) else {
      problems.append(problem(firstLine, "the mail has no 'From:' line", "mail-author"))
      return
    }
    guard let (name, email) = address(from) else {
      problems.append(
        problem(from.line, "the 'From:' line is not of the form 'NAME <ADDRESS>'", "mail-author"))
      return
    }
    var date: AuthorDate?
    if let field = fields.first(where: { $0.name == "date" }) {
      let text = String(decoding: field.value, as: UTF8.self)
      // git am takes the form of `git show` in a mail too.
      date = AuthorDate(mail: text) ?? AuthorDate(show: text)
      if date == nil {
        problems.append(problem(field.line, "the date is not of the mail form", "mail-date"))
      }
    }
    author = Author(name: name, email: email, date: date)
  }

  /// The name and address of a `From:` field; both may be empty, as in old histories. Text after the
  /// address and an address with white space are refused: they could be read as another header.
  private mutating func address(_ field: Field) -> (name: [UInt8], email: [UInt8])? {
    let value = field.value
    guard let open = value.lastIndex(of: UInt8(ascii: "<")),
      let close = value.lastIndex(of: UInt8(ascii: ">")), open < close, close == value.count - 1
    else { return nil }
    let email = Array(value[(open + 1)..<close])
    var raw = Field(name: field.name, line: field.line, value: trimmed(value[..<open]))
    if raw.value.count >= 2, raw.value.first == quoteMark, raw.value.last == quoteMark {
      raw.value = unquotedString(raw.value.dropFirst().dropLast())
    }
    let name = decoded(raw)
    let isPlain = !email.contains { isSpace($0) || $0 == 0 || $0 == UInt8(ascii: "<") }
    guard isPlain, !raw.value.contains(UInt8(ascii: ">")) || value.first == quoteMark else {
      return nil
    }
    return (name.isEmpty ? email : name, email)
  }

  private func unquotedString(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var isEscaped = false
    for byte in text {
      if byte == UInt8(ascii: "\\"), !isEscaped {
        isEscaped = true
      } else {
        result.append(byte)
        isEscaped = false
      }
    }
    return result
  }

  /// The field with its encoded words decoded; what would begin a new line becomes a space.
  private mutating func decoded(_ field: Field) -> [UInt8] {
    guard let text = decodingEncodedWords(field.value) else {
      problems.append(
        problem(field.line, "an encoded word is neither UTF-8 nor US-ASCII", "mail-encoding"))
      return field.value
    }
    return text.map { $0 == newline || $0 == 13 || $0 == 0 ? UInt8(ascii: " ") : $0 }
  }

  private mutating func warnAboutInnerHeader(_ line: Int) {
    guard body.starts(with: Array("From: ".utf8)) else { return }
    let warning = Diagnostic(
      Location(name, line: line),
      "a 'From:' line inside the message is kept as text; the author is the mail's",
      severity: .warning, rule: "mail-inner-from")
    warnings.append(warning)
  }

  private func problem(_ line: Int, _ message: String, _ rule: String) -> Diagnostic {
    Diagnostic(Location(name, line: line), message, rule: rule)
  }
}

private let quoteMark = UInt8(ascii: "\"")

/// The subject without `Re:`, `[PATCH n/m]` and white space before it; other brackets stay.
private func withoutPatchPrefix(_ subject: [UInt8]) -> [UInt8] {
  var rest = subject[...]
  while let first = rest.first {
    if isSpace(first) || first == UInt8(ascii: ":") {
      rest.removeFirst()
    } else if first | 0x20 == UInt8(ascii: "r"), rest.dropFirst().first.map({ $0 | 0x20 }) == 0x65,
      rest.dropFirst(2).first == UInt8(ascii: ":")
    {
      rest.removeFirst(3)
    } else if first == UInt8(ascii: "["), let close = rest.firstIndex(of: UInt8(ascii: "]")),
      String(decoding: rest[..<close], as: UTF8.self).contains("PATCH")
    {
      rest = rest[(close + 1)...]
    } else {
      break
    }
  }
  while let last = rest.last, isSpace(last) { rest.removeLast() }
  return Array(rest)
}

func trimmed(_ text: ArraySlice<UInt8>) -> [UInt8] {
  var text = text
  while let first = text.first, isSpace(first) { text.removeFirst() }
  while let last = text.last, isSpace(last) { text.removeLast() }
  return Array(text)
}
