/// Who did something, and when, as a commit records it.
public struct Signature: Hashable, Sendable {
  /// The name's bytes, most often UTF-8.
  public let name: [UInt8]
  /// The address's bytes, without angle brackets.
  public let email: [UInt8]
  /// Seconds since 1970 in UTC.
  public let seconds: Int64
  /// Minutes that the local clock was ahead of UTC.
  public let offset: Int

  public init(name: [UInt8], email: [UInt8], seconds: Int64, offset: Int) {
    self.name = name
    self.email = email
    self.seconds = seconds
    self.offset = offset
  }

  /// The line as git writes it (`fmt_ident` in git's ident.c, version 2.39): `NAME <EMAIL> SECONDS
  /// +HHMM`. Name and address lose `<`, `>`, line feeds and NULs, and at both ends white space and
  /// the marks `. , : ; " \ '`.
  public var bytes: [UInt8] {
    let minutes = abs(offset)
    let zone = String(minutes / 60 * 100 + minutes % 60)
    let sign = offset < 0 ? "-" : "+"
    let padding = String(repeating: "0", count: max(0, 4 - zone.count))
    var line = withoutCrud(name)
    line += Array(" <".utf8)
    line += withoutCrud(email)
    line += Array("> \(seconds) \(sign)\(padding)\(zone)".utf8)
    return line
  }

  /// Reads a line of a commit, whatever shape an old tool gave it: the address is between the last
  /// `<` and the first `>` after it. A missing or unreadable date is 1970, as is one outside of the years
  /// 0 to 9999; a zone beyond 32 bits is UTC, as it is to git.
  init(parsing line: ArraySlice<UInt8>) {
    let open = line.lastIndex(of: UInt8(ascii: "<")) ?? line.endIndex
    let afterOpen = line[open...].dropFirst()
    let close = afterOpen.firstIndex(of: UInt8(ascii: ">")) ?? line.endIndex
    var name = line[..<open]
    if name.last == space { name.removeLast() }
    let date = line[close...].dropFirst().split(separator: space)
    self.name = Array(name)
    self.email = Array(afterOpen[..<close])
    let seconds = date.first.flatMap { Int64(String(decoding: $0, as: UTF8.self)) } ?? 0
    self.seconds = Self.calendar.contains(seconds) ? seconds : 0
    let zone = date.dropFirst().first.flatMap { Int32(String(decoding: $0, as: UTF8.self)) } ?? 0
    let minutes = Int(zone == .max || zone == .min ? 0 : zone)
    self.offset = minutes / 100 * 60 + minutes % 100
  }

  /// The seconds of the years 0 to 9999, which every form of a date can say.
  private static let calendar: Range<Int64> = -62_167_219_200..<253_402_300_800
}

private let space = UInt8(ascii: " ")

/// `strbuf_addstr_without_crud` in git's ident.c.
private func withoutCrud(_ bytes: [UInt8]) -> [UInt8] {
  let crud = Set(".,:;<>\"\\'".utf8)
  let isCrud = { (byte: UInt8) in byte <= 0x20 || crud.contains(byte) }
  let trimmed = bytes.drop(while: isCrud)
  let end = trimmed.lastIndex { !isCrud($0) }.map { $0 + 1 } ?? trimmed.startIndex
  let dropped = Set("\n<>\0".utf8)
  return trimmed[..<end].filter { !dropped.contains($0) }
}
