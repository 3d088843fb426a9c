/// Reads one section of a patch: the lines that say what happens to a file, then its content.
struct SectionParser {
  let name: String
  /// How many components of a name are dropped.
  var strip = 1

  /// What the lines before the content say.
  private struct Head {
    var line = 0
    var start = 0
    var oldMode: FileMode?
    var newMode: FileMode?
    var isCreation = false
    var isDeletion = false
    var renameFrom: [UInt8]?
    var renameTo: [UInt8]?
    var copyFrom: [UInt8]?
    var copyTo: [UInt8]?
    var similarity: Int?
    var dissimilarity: Int?
    var index: FileChange.IndexLine?
    var seen: Set<Int> = []
  }

  /// Reads the section whose `diff --git` line the cursor stands on.
  func gitSection(_ cursor: inout LineCursor, lead: Range<Int>) throws(Diagnostic) -> FileChange {
    var head = Head()
    head.line = cursor.number
    head.start = cursor.start
    let title = cursor.content
    try refuseCarriageReturn(cursor)
    cursor.advance()
    while try extendedHeader(cursor, &head) { cursor.advance() }
    let names = try names(head, title: title, in: cursor)
    let (kind, path) = try kind(head, names)
    let headEnd: Int
    let content: FileChange.Content
    if cursor.starts(with: .oldFile), cursor.following.starts(with: .newFile) {
      try checkFileLines(&cursor, kind: kind, path: path)
      headEnd = cursor.start
      content = .hunks(try hunks(&cursor))
    } else if cursor.equals(.binary) {
      cursor.advance()
      headEnd = cursor.start
      let blocks = try BinaryParser(name: name).blocks(&cursor)
      content = .binary(blocks.forward, reverse: blocks.reverse)
    } else if cursor.starts(with: .binaryDiffer) {
      throw problem(
        cursor.number,
        "the patch says that a binary file differs, but not how; make it with 'git diff --binary'",
        "binary-missing")
    } else {
      headEnd = cursor.start
      content = .none
    }
    let change = FileChange(
      path: path, kind: kind, oldMode: head.oldMode, newMode: head.newMode, index: head.index,
      dissimilarity: head.dissimilarity, content: content, line: head.line, isGitForm: true,
      lead: lead,
      head: head.start..<headEnd, tail: headEnd..<cursor.start)
    try check(change)
    return change
  }

  /// Reads the section whose `---` line the cursor stands on: a patch without git's header lines.
  func plainSection(_ cursor: inout LineCursor, lead: Range<Int>) throws(Diagnostic) -> FileChange {
    let start = cursor.start
    let line = cursor.number
    try refuseCarriageReturn(cursor)
    let old = try fileLineName(cursor, after: .oldFile)
    let oldIsEpoch = hasEpochStamp(cursor.bytes[cursor.content])
    cursor.advance()
    let new = try fileLineName(cursor, after: .newFile)
    let newIsEpoch = hasEpochStamp(cursor.bytes[cursor.content])
    cursor.advance()
    let headEnd = cursor.start
    let hunks = try hunks(&cursor)
    let isCreation = old == nil || (oldIsEpoch && hunks[0].oldCount == 0)
    let isDeletion = new == nil || (newIsEpoch && hunks[0].newCount == 0)
    guard !(isCreation && isDeletion), let title = new ?? old else {
      throw problem(line, "both sides are /dev/null", "path-mismatch")
    }
    if let old, let new, old != new {
      throw problem(
        line, "the '---' and '+++' lines name different files; a rename needs git's header lines",
        "path-mismatch")
    }
    let path = try path(title, line: line)
    let change = FileChange(
      path: path, kind: isCreation ? .create : isDeletion ? .delete : .modify, oldMode: nil,
      newMode: isCreation ? .regular : nil, index: nil, dissimilarity: nil, content: .hunks(hunks),
      line: line,
      isGitForm: false, lead: lead, head: start..<headEnd, tail: headEnd..<cursor.start)
    try check(change)
    return change
  }

  private func extendedHeader(_ cursor: LineCursor, _ head: inout Head) throws(Diagnostic) -> Bool {
    guard !cursor.isAtEnd else { return false }
    for (slot, word) in Self.headerWords.enumerated() {
      guard let rest = cursor.rest(after: word) else { continue }
      try refuseCarriageReturn(cursor)
      guard cursor.next > cursor.end else {
        throw problem(
          cursor.number, "the patch ends inside this line: its newline is missing",
          "header-truncated")
      }
      guard head.seen.insert(slot).inserted else {
        throw problem(cursor.number, "this header line stands twice", "header-twice")
      }
      try take(slot, rest, cursor, &head)
      return true
    }
    return false
  }

  private static let headerWords: [Word] = [
    .oldMode, .newMode, .newFileMode, .deletedFileMode, .renameFrom, .renameTo, .copyFrom,
    .copyTo, .similarity, .dissimilarity, .index,
  ]

  private func take(
    _ slot: Int, _ rest: Range<Int>, _ cursor: LineCursor, _ head: inout Head
  ) throws(Diagnostic) {
    let value = cursor.bytes[rest]
    switch slot {
    case 0: head.oldMode = try mode(value, cursor)
    case 1: head.newMode = try mode(value, cursor)
    case 2:
      head.newMode = try mode(value, cursor)
      head.isCreation = true
    case 3:
      head.oldMode = try mode(value, cursor)
      head.isDeletion = true
    case 4: head.renameFrom = try wholeName(rest, cursor)
    case 5: head.renameTo = try wholeName(rest, cursor)
    case 6: head.copyFrom = try wholeName(rest, cursor)
    case 7: head.copyTo = try wholeName(rest, cursor)
    case 8: head.similarity = try percentage(rest, cursor)
    case 9: head.dissimilarity = try percentage(rest, cursor)
    default: try indexLine(rest, cursor, &head)
    }
  }

  private func mode(_ digits: ArraySlice<UInt8>, _ cursor: LineCursor) throws(Diagnostic)
    -> FileMode
  {
    switch String(decoding: digits, as: UTF8.self) {
    case "100644": return .regular
    case "100755": return .executable
    case "120000": return .symlink
    case "160000":
      throw problem(
        cursor.number, "a change of a submodule; a stack carries files only", "submodule")
    default:
      throw problem(
        cursor.number,
        "mode '\(String(decoding: digits.prefix(40), as: UTF8.self))' is none of 100644, 100755 and "
          + "120000", "mode")
    }
  }

  private func percentage(_ rest: Range<Int>, _ cursor: LineCursor) throws(Diagnostic) -> Int {
    var scan = NumberScan(bytes: cursor.bytes, position: rest.lowerBound, end: rest.upperBound)
    guard let value = scan.number(), value <= 100, scan.take("%"), scan.position == rest.upperBound
    else { throw problem(cursor.number, "not a percentage from 0% to 100%", "header-form") }
    return value
  }

  private func indexLine(
    _ rest: Range<Int>, _ cursor: LineCursor, _ head: inout Head
  ) throws(Diagnostic) {
    let fields = cursor.bytes[rest].split(
      separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
    let names = fields[0]
    guard let dots = names.firstIndex(of: UInt8(ascii: ".")), dots + 1 < names.endIndex,
      names[dots + 1] == UInt8(ascii: "."),
      case let old = names[..<dots], case let new = names[(dots + 2)...], isAbbreviation(old),
      isAbbreviation(new)
    else {
      throw problem(cursor.number, "not an index line of the form 'index OLD..NEW'", "header-form")
    }
    head.index = FileChange.IndexLine(old: Array(old), new: Array(new))
    if fields.count == 2 {
      let mode = try mode(fields[1], cursor)
      if head.oldMode == nil { head.oldMode = mode }
      if head.newMode == nil { head.newMode = mode }
    }
  }

  private func isAbbreviation(_ digits: ArraySlice<UInt8>) -> Bool {
    (4...40).contains(digits.count) && digits.allSatisfy { hexValue($0) != nil }
  }

  /// The names on the two sides, as the header lines give them.
  private func names(
    _ head: Head, title: Range<Int>, in cursor: LineCursor
  ) throws(Diagnostic) -> (old: [UInt8], new: [UInt8]) {
    var titles = TitleNames(
      cursor.bytes, title.lowerBound + Word.diffGit.bytes.count..<title.upperBound, strip: strip)
    let isMove = head.seen.contains { (4...7).contains($0) }
    if !isMove {
      guard let name = titles.common() else {
        throw problem(
          head.line, "the 'diff --git' line does not name one file twice", "path-mismatch")
      }
      return (name, name)
    }
    let pair: (old: [UInt8], new: [UInt8])
    switch (head.renameFrom, head.renameTo, head.copyFrom, head.copyTo) {
    case (let from?, let to?, nil, nil), (nil, nil, let from?, let to?): pair = (from, to)
    default:
      throw problem(
        head.line, "a rename or copy needs one 'from' line and one 'to' line", "header-form")
    }
    guard titles.are(pair.old, pair.new) else {
      throw problem(
        head.line, "the 'diff --git' line and the rename or copy lines name different files",
        "path-mismatch")
    }
    return pair
  }

  /// A name that fills the rest of its line, in quotes or not.
  private func wholeName(_ rest: Range<Int>, _ cursor: LineCursor) throws(Diagnostic) -> [UInt8] {
    guard rest.lowerBound < rest.upperBound, cursor.bytes[rest.lowerBound] == UInt8(ascii: "\"")
    else { return Array(cursor.bytes[rest]) }
    guard let (name, end) = unquote(cursor.bytes, from: rest.lowerBound, to: rest.upperBound),
      end == rest.upperBound
    else { throw problem(cursor.number, "the quoted name is malformed", "path-quoting") }
    return name
  }

  private func kind(
    _ head: Head, _ names: (old: [UInt8], new: [UInt8])
  ) throws(Diagnostic) -> (FileChange.Kind, RepoPath) {
    let new = try path(names.new, line: head.line)
    let isMove = head.renameFrom != nil || head.copyFrom != nil
    let conflicting = [head.isCreation, head.isDeletion, isMove].filter { $0 }.count
    guard conflicting <= 1 else {
      throw problem(
        head.line, "a file can be only one of new, deleted, renamed and copied", "header-form")
    }
    try checkModeLines(head)
    if head.isCreation { return (.create, new) }
    if head.isDeletion { return (.delete, new) }
    guard isMove else { return (.modify, new) }
    let old = try path(names.old, line: head.line)
    guard old != new else {
      throw problem(head.line, "the file is renamed or copied to itself", "rename-self")
    }
    return head.renameFrom != nil
      ? (.rename(from: old, similarity: head.similarity), new)
      : (.copy(from: old, similarity: head.similarity), new)
  }

  /// One of the two lines without the other, or beside a new or deleted file's, would be a mode
  /// change that nobody makes.
  private func checkModeLines(_ head: Head) throws(Diagnostic) {
    let (old, new) = (head.seen.contains(0), head.seen.contains(1))
    guard old == new, !old || !(head.isCreation || head.isDeletion) else {
      throw problem(
        head.line,
        "a mode change needs one 'old mode' line and one 'new mode' line, and a file "
          + "that is neither new nor deleted", "header-form")
    }
  }

  private func path(_ bytes: [UInt8], line: Int) throws(Diagnostic) -> RepoPath {
    do {
      return try RepoPath(bytes)
    } catch {
      let name = String(decoding: bytes.prefix(80), as: UTF8.self)
      throw problem(line, "'\(name)': \(error)", "path")
    }
  }

  private func checkFileLines(
    _ cursor: inout LineCursor, kind: FileChange.Kind, path: RepoPath
  ) throws(Diagnostic) {
    let expectedOld: RepoPath?
    var expectedNew: RepoPath? = path
    switch kind {
    case .create: expectedOld = nil
    case .delete: (expectedOld, expectedNew) = (path, nil)
    case .modify: expectedOld = path
    case .rename(let from, _), .copy(let from, _): expectedOld = from
    }
    try refuseCarriageReturn(cursor)
    guard try fileLineName(cursor, after: .oldFile) == expectedOld?.bytes else {
      throw problem(
        cursor.number, "the '---' line does not name the file of the section", "path-mismatch")
    }
    cursor.advance()
    guard try fileLineName(cursor, after: .newFile) == expectedNew?.bytes else {
      throw problem(
        cursor.number, "the '+++' line does not name the file of the section", "path-mismatch")
    }
    cursor.advance()
  }

  /// The name on a `---` or `+++` line without its first component; nil for `/dev/null`.
  private func fileLineName(
    _ cursor: LineCursor, after word: Word
  ) throws(Diagnostic) -> [UInt8]? {
    guard let rest = cursor.rest(after: word) else {
      throw problem(cursor.number, "a '+++' line must follow the '---' line", "header-form")
    }
    let bytes = cursor.bytes
    var name: ArraySlice<UInt8>
    if let (quotedName, _) = unquote(bytes, from: rest.lowerBound, to: rest.upperBound) {
      name = quotedName[...]
    } else {
      name = bytes[rest].prefix { $0 != UInt8(ascii: "\t") }
      if name.elementsEqual(Word.devNull.bytes) { return nil }
    }
    if name.last == UInt8(ascii: "\r") { name.removeLast() }
    guard let stripped = name.withoutComponents(strip), name.first != UInt8(ascii: "/") else {
      throw problem(
        cursor.number,
        "'\(String(decoding: name.prefix(80), as: UTF8.self))' is not of the form "
          + (strip == 1 ? "a/PATH or b/PATH" : "that -p\(strip) asks for"), "path")
    }
    return Array(stripped)
  }

  private func hunks(_ cursor: inout LineCursor) throws(Diagnostic) -> [Hunk] {
    guard cursor.starts(with: .anyHunk) else {
      throw problem(cursor.number, "a hunk must follow the '+++' line", "hunk-header")
    }
    let hunks = try HunkParser(name: name).hunks(&cursor)
    guard !hunks.isEmpty, cursor.isAtEnd || !cursor.starts(with: .anyHunk) else {
      throw problem(
        cursor.number, "not a hunk header of the form '@@ -LINE,COUNT +LINE,COUNT @@'",
        "hunk-header")
    }
    return hunks
  }

  private func check(_ change: FileChange) throws(Diagnostic) {
    if case .hunks(let hunks) = change.content {
      if change.kind == .create, let hunk = hunks.first(where: { $0.oldCount > 0 }) {
        throw problem(hunk.line, "a new file cannot have old lines", "create-old-lines")
      }
      if change.kind == .delete, let hunk = hunks.first(where: { $0.newCount > 0 }) {
        throw problem(hunk.line, "a deleted file cannot keep lines", "delete-new-lines")
      }
      if change.kind == .create || change.kind == .delete, hunks.count > 1 {
        throw problem(hunks[1].line, "a new or deleted file has one hunk", "hunk-order")
      }
    }
    if let old = change.oldMode, let new = change.newMode, (old == .symlink) != (new == .symlink) {
      throw problem(
        change.line, "a file cannot turn into a link in place; delete it and create the link",
        "type-change")
    }
    if case .none = change.content, change.kind == .modify,
      change.oldMode == nil || change.oldMode == change.newMode
    {
      throw problem(change.line, "this section changes nothing", "section-empty")
    }
  }

  private func refuseCarriageReturn(_ cursor: LineCursor) throws(Diagnostic) {
    guard cursor.end > cursor.start, cursor.bytes[cursor.end - 1] == UInt8(ascii: "\r") else {
      return
    }
    throw problem(
      cursor.number,
      "the line ends in CR LF: the whole patch was converted on its way; get it again unchanged",
      "crlf")
  }

  private func problem(_ line: Int, _ message: String, _ rule: String) -> Diagnostic {
    Diagnostic(Location(name, line: line), message, rule: rule)
  }
}
