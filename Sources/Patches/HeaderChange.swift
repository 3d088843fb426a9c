extension Patch {
  /// A patch with a mail's header and no text of its sections yet: `canonical(with:)` prints them.
  ///
  /// - Parameter message: the commit message; its first paragraph becomes the subject.
  /// - Throws: where the message has a line that would end it in a mail.
  public init(
    name: String, author: Author, message: [UInt8], files: [FileChange] = []
  ) throws(Diagnostics) {
    try requireText(message, name)
    let (subject, body) = splitMessage(message)
    let text = MailWriter(author: author, subject: subject, body: body).bytes
    try self.init(name: name, header: text, files: files, subject, body)
  }

  private init(
    name: String, header text: [UInt8], files: [FileChange], _ subject: [UInt8], _ body: [UInt8]
  ) throws(Diagnostics) {
    // A section of no file, so that the header is read as it will be.
    let section = Array("\ndiff --git a/f b/f\nold mode 100644\nnew mode 100755\n".utf8)
    let probe = try Patch(
      parsing: text + [newline] + (text.contains([newline, newline]) ? [] : [newline]) + section,
      name: name)
    guard probe.header.subject == subject else {
      throw Diagnostics(
        Diagnostic(
          Location(name),
          "the subject would be read as '\(String(decoding: probe.header.subject, as: UTF8.self))', as "
            + "mails drop what begins with '[PATCH'; leave that out", rule: "message-line"))
    }
    guard probe.header.body == body, probe.files.count == 1 else {
      throw Diagnostics(
        Diagnostic(
          Location(name),
          "the message has a line that ends a message in a mail ('---', 'diff -', 'Index:'); "
            + "indent it", rule: "message-line"))
    }
    self.init(
      name: name, bytes: probe.bytes, header: probe.header, files: files, trailer: 0..<0)
  }

  /// The patch with another message or author. Header lines that say neither stay.
  ///
  /// - Returns: a patch that was read from the new bytes, its sections to the byte what they were.
  /// - Throws: where the message has a line that would end it in a mail.
  public func with(
    author: Author, message: [UInt8], name: String? = nil
  ) throws(Diagnostics) -> Patch {
    let name = name ?? self.name
    guard !header.hasMessage(message) else {
      return try with(author, header.subject, writtenBody, name)
    }
    try requireText(message, name)
    let (subject, body) = splitMessage(message)
    return try with(author, subject, body, name)
  }

  /// The patch with a trailer of its message set; the rest of the message stays to the byte.
  ///
  /// - Parameter value: nil to take the trailers of that name away.
  /// - Throws: where the message has a line that would end it in a mail.
  public func with(
    author: Author, trailer: String, _ value: String?
  ) throws(Diagnostics) -> Patch {
    try with(author, header.subject, writtenBody.settingTrailer(trailer, to: value), name)
  }

  private func with(
    _ author: Author, _ subject: [UInt8], _ body: [UInt8], _ name: String
  ) throws(Diagnostics) -> Patch {
    try requireText(subject + body, name)
    let writer = MailWriter(author: author, subject: subject, body: body)
    let fields = header.form == .mail ? keptFields(writer) : writer.bytes.headerLines
    let text = fields + (body.isEmpty ? [] : [newline] + body)
    let fresh = try Patch(name: name, header: text, files: [], subject, cleanedUp(body))
    let start = files.first.map { file in
      isDiffstat(bytes[file.lead]) ? file.head.lowerBound : file.lead.lowerBound
    }
    let blank = [newline, newline]
    let sections = start.map { Array(bytes[$0...]) } ?? []
    guard !sections.isEmpty else { return fresh }
    return try Patch(parsing: text + blank + sections, name: name)
  }

  /// The message below the subject, without blank lines at its ends: of a mail as it stands there.
  private var writtenBody: [UInt8] {
    guard header.form == .mail else { return header.body }
    let text = Array(bytes[header.range].drop { $0 == newline })
    return Array(text[text.endOfFields...].drop { $0 == newline }).withoutLastNewlines
  }

  /// The lines of the mail's header, with those replaced that no longer say what they should.
  private func keptFields(_ writer: MailWriter) -> [UInt8] {
    let kept = header.author
    let hasSameAuthor = kept?.name == writer.author.name && kept?.email == writer.author.email
    let hasSameDate = kept?.date == writer.author.date
    var result: [UInt8] = []
    var skipping = false
    var hasMIME = false
    var seen: Set<String> = []
    for line in Array(bytes[header.range]).headerLines.split(separator: newline) {
      if let first = line.first, isSpace(first) {
        if !skipping { result += line + [newline] }
        continue
      }
      skipping = false
      let field = String(decoding: line.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
        .lowercased()
      hasMIME = hasMIME || field == "content-type"
      let isFirst = seen.insert(field).inserted
      switch field {
      case "from" where isFirst && !hasSameAuthor: result += writer.from
      case "date" where isFirst && !hasSameDate:
        result += writer.author.date.map(MailWriter.date) ?? []
      case "subject" where isFirst && header.subject != writer.subject:
        result += writer.subjectField
      default:
        result += line + [newline]
        continue
      }
      skipping = true
    }
    if !seen.contains("date"), let date = writer.author.date { result += MailWriter.date(date) }
    if !seen.contains("subject"), !writer.subject.isEmpty { result += writer.subjectField }
    if writer.needsEightBits, !hasMIME { result += MailWriter.mimeFields }
    return result
  }
}

extension [UInt8] {
  /// The lines up to the first blank one, each with its newline; blank lines above them are dropped.
  fileprivate var headerLines: [UInt8] {
    let text = Array(drop { $0 == newline })
    let lines = text[..<text.endOfFields]
    return lines + (lines.last == newline ? [] : [newline])
  }

  /// Where the first blank line begins.
  fileprivate var endOfFields: Int {
    var end = 0
    while end < count {
      let next = self[end...].firstIndex(of: newline) ?? count
      guard !self[end..<next].allSatisfy(isSpace) else { return end }
      end = Swift.min(next + 1, count)
    }
    return end
  }

  fileprivate func contains(_ other: [UInt8]) -> Bool { firstRange(of: other) != nil }
}

extension PatchHeader {
  /// True where the message of a commit says what the header does.
  public func hasMessage(_ bytes: [UInt8]) -> Bool {
    let (first, rest) = subjectAndBody(bytes)
    if (first, rest) == (subject, body) { return true }
    let (joined, below) = splitMessage(bytes)
    return (joined, below) == (subject, body)
  }
}

/// Refuses a message that mails could not say in UTF-8.
private func requireText(_ message: [UInt8], _ name: String) throws(Diagnostics) {
  guard String(validating: message, as: UTF8.self) == nil else { return }
  throw Diagnostics(
    Diagnostic(
      Location(name), "the message is not UTF-8; write it as UTF-8", rule: "encoding"))
}

/// The first paragraph of a message in one line, as `git format-patch` makes it the subject, and the
/// rest, both cleaned up.
func splitMessage(_ message: [UInt8]) -> (subject: [UInt8], body: [UInt8]) {
  let clean = cleanedUp(message)
  let end = clean.firstRange(of: [newline, newline])?.lowerBound ?? clean.count
  let subject = clean[..<end].map { $0 == newline ? UInt8(ascii: " ") : $0 }
  return (subject, cleanedUp(Array(clean[end...])))
}
