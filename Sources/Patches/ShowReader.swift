/// Reads the header that `git show` and `git log -p` print above a patch.
struct ShowReader {
  let name: String
  private(set) var author: Author?
  private(set) var message: [UInt8] = []
  private(set) var problems: [Diagnostic] = []

  init(name: String) {
    self.name = name
  }

  mutating func read(_ cursor: inout LineCursor) {
    let firstLine = cursor.number
    var identity: (name: [UInt8], email: [UInt8])?
    var date: AuthorDate?
    cursor.advance()
    while !cursor.isAtEnd, !cursor.isBlank {
      if let rest = cursor.rest(after: "Author:") {
        identity = person(trimmed(cursor.bytes[rest]))
      } else if let rest = cursor.rest(after: "Date:") ?? cursor.rest(after: "AuthorDate:") {
        date = AuthorDate(show: String(decoding: trimmed(cursor.bytes[rest]), as: UTF8.self))
      } else if cursor.starts(with: "Merge:") {
        add(cursor.number, "a merge commit; make a patch against a single parent", "combined-diff")
      }
      cursor.advance()
    }
    if let identity {
      author = Author(name: identity.name, email: identity.email, date: date)
    } else {
      add(firstLine, "no 'Author: NAME <ADDRESS>' line below 'commit'", "mail-author")
    }
    takeMessage(&cursor)
  }

  private mutating func takeMessage(_ cursor: inout LineCursor) {
    while !cursor.isAtEnd, !breaksMessage(cursor) {
      let line = cursor.bytes[cursor.start..<cursor.next]
      message += line.starts(with: Array("    ".utf8)) ? line.dropFirst(4) : line
      cursor.advance()
    }
  }

  private func person(_ text: [UInt8]) -> (name: [UInt8], email: [UInt8])? {
    guard let open = text.lastIndex(of: UInt8(ascii: "<")), text.last == UInt8(ascii: ">") else {
      return nil
    }
    return (trimmed(text[..<open]), Array(text[(open + 1)..<(text.count - 1)]))
  }

  private mutating func add(_ line: Int, _ message: String, _ rule: String) {
    problems.append(Diagnostic(Location(name, line: line), message, rule: rule))
  }
}
