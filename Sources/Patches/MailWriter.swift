/// Writes the header of a mail as `git format-patch` does (`pp_user_info`, `pp_title_line` in git's
/// pretty.c).
struct MailWriter {
  /// The longest line of a header that has no encoded words, and of one that has.
  private static let plainLength = 78
  private static let encodedLength = 76

  let author: Author
  let subject: [UInt8]
  let body: [UInt8]

  /// The header's first line, its fields, the blank line and the message, without a final newline.
  var bytes: [UInt8] {
    var result = Array("From 0000000000000000000000000000000000000000 ".utf8)
    result += Array("Mon Sep 17 00:00:00 2001\n".utf8)
    result += from + (author.date.map(Self.date) ?? [])
    result += subjectField
    if needsEightBits { result += Self.mimeFields }
    result.append(newline)
    return result + body
  }

  var needsEightBits: Bool { (subject + body).contains { $0 >= 0x80 } }

  static let mimeFields = Array(
    ("MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
      + "Content-Transfer-Encoding: 8bit\n").utf8)

  /// The `From:` field with its newline.
  var from: [UInt8] {
    var line = Array("From: ".utf8)
    var limit = Self.plainLength
    if needsEncoding(author.name) {
      append(encoded: author.name, isAddress: true, to: &line)
      limit = Self.encodedLength
    } else if author.name.contains(where: { "()<>[]:;@\\,.\"".utf8.contains($0) }) {
      append(wrapped: quoted(author.name), to: &line)
    } else {
      append(wrapped: author.name, to: &line)
    }
    if limit < lastLineLength(line) + 3 + author.email.count { line.append(newline) }
    return line + Array(" <".utf8) + author.email + Array(">\n".utf8)
  }

  /// The `Date:` field with its newline.
  static func date(_ date: AuthorDate) -> [UInt8] { Array("Date: \(date.mail)\n".utf8) }

  /// The `Subject:` field with its newline.
  var subjectField: [UInt8] {
    var line = Array("Subject: [PATCH] ".utf8)
    if needsEncoding(subject) {
      append(encoded: subject, isAddress: false, to: &line)
    } else {
      append(wrapped: subject, to: &line)
    }
    return line + [newline]
  }

  private func needsEncoding(_ text: [UInt8]) -> Bool {
    text.contains { $0 >= 0x80 || $0 == newline }
      || zip(text, text.dropFirst()).contains { $0 == UInt8(ascii: "=") && $1 == UInt8(ascii: "?") }
  }

  private func quoted(_ text: [UInt8]) -> [UInt8] {
    var result = [UInt8(ascii: "\"")]
    for byte in text {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        result.append(UInt8(ascii: "\\"))
      }
      result.append(byte)
    }
    return result + [UInt8(ascii: "\"")]
  }

  private func lastLineLength(_ line: [UInt8]) -> Int {
    line.count - (line.lastIndex(of: newline).map { $0 + 1 } ?? 0)
  }

  /// Adds encoded words (`add_rfc2047`); a character is never divided.
  private func append(encoded text: [UInt8], isAddress: Bool, to line: inout [UInt8]) {
    let opening = Array("=?UTF-8?q?".utf8)
    line += opening
    var length = lastLineLength(line)
    var index = 0
    while index < text.count {
      var end = index + 1
      if text[index] >= 0xc0 { while end < text.count, text[end] & 0xc0 == 0x80 { end += 1 } }
      let isSpecial = end - index > 1 || isSpecial(text[index], isAddress)
      let size = isSpecial ? 3 * (end - index) : 1
      if length + size + 2 > Self.encodedLength {
        line += Array("?=\n ".utf8) + opening
        length = opening.count + 1
      }
      for byte in text[index..<end] {
        line += isSpecial ? Array("=".utf8) + hexDigits(byte) : [byte]
      }
      length += size
      index = end
    }
    line += Array("?=".utf8)
  }

  private func isSpecial(_ byte: UInt8, _ isAddress: Bool) -> Bool {
    if byte >= 0x7f || byte <= 0x20 || "=?_".utf8.contains(byte) { return true }
    guard isAddress else { return false }
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      return false
    default: return !"!*+-/".utf8.contains(byte)
    }
  }

  private func hexDigits(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }

  /// Adds words, with a new line where one would go too far (`strbuf_add_wrapped_text` in utf8.c).
  private func append(wrapped text: [UInt8], to line: inout [UInt8]) {
    var width = lastLineLength(line)
    var start = 0
    var space: Int? = 0
    var index = 0
    while true {
      let byte = index < text.count ? text[index] : 0
      guard byte == 0 || isSpace(byte) else {
        width += 1
        index += 1
        continue
      }
      if let gap = space, width > Self.plainLength {
        line.append(newline)
        start = gap < text.count && isSpace(text[gap]) ? gap + 1 : gap
        index = start
        space = nil
        width = 1
        continue
      }
      if byte == 0, index == start { return }
      if let gap = space { start = gap } else { line.append(UInt8(ascii: " ")) }
      line += text[start..<index]
      if byte == 0 { return }
      space = index
      width += 1
      index += 1
    }
  }
}

extension AuthorDate {
  /// The date as mails have it: `Mon, 23 Nov 2026 00:00:00 +0000`.
  public var mail: String {
    let (days, clock) = local
    let (year, month, day) = civil(days)
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][((days % 7) + 7) % 7]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let zone = "\(two(abs(offset) / 60))\(two(abs(offset) % 60))"
    return "\(weekday), \(day) \(months[month - 1]) \(year) \(two(clock / 3600)):"
      + "\(two(clock / 60 % 60)):\(two(clock % 60)) \(offset < 0 ? "-" : "+")\(zone)"
  }

  /// The day in the author's zone: `2025-02-22`.
  public var day: String {
    let (year, month, day) = civil(local.days)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(two(month))-\(two(day))"
  }

  /// Days since 1970-01-01 and seconds of the day, in the author's zone.
  private var local: (days: Int, seconds: Int) {
    let local = seconds + Int64(offset) * 60
    let clock = (local % 86_400 + 86_400) % 86_400
    return (Int((local - clock) / 86_400), Int(clock))
  }

  /// Year, month and day of a number of days since 1970-01-01, in the Gregorian calendar.
  private func civil(_ days: Int) -> (Int, Int, Int) {
    // Eras of 400 years that begin on the first of March.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let march = (5 * dayOfYear + 2) / 153
    let month = march < 10 ? march + 3 : march - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1
    )
  }
}
