/// Finds the sections of a patch among the text around them, as `git am` and `git apply` do, but
/// takes nothing in silence that could be a lost part of a hunk.
struct PatchParser {
  private let name: String
  private let bytes: [UInt8]
  private var cursor: LineCursor
  /// The line on which another mail begins, once `patch()` has returned.
  private(set) var lineOfNextMail: Int?
  private let strip: Int

  init(_ bytes: [UInt8], name: String, strip: Int = 1) {
    self.bytes = bytes
    self.name = name
    self.strip = strip
    self.cursor = LineCursor(bytes)
  }

  /// Reads one patch from where the last one ended.
  mutating func patch() throws(Diagnostics) -> Patch {
    lineOfNextMail = nil
    try refuseUnreadable()
    let first = cursor
    var problems: [Diagnostic] = []
    let header = PatchHeader(&cursor, name: name, problems: &problems)
    var files: [FileChange] = []
    var leadStart = cursor.start
    var isInSignature = false
    while !cursor.isAtEnd, problems.count < Diagnostics.most,
      cursor.number - first.number <= Patch.maximumLines
    {
      let line = cursor.number
      do {
        if cursor.starts(with: .diffGit) {
          let lead = leadStart..<cursor.start
          files.append(try SectionParser(name: name, strip: strip).gitSection(&cursor, lead: lead))
          leadStart = cursor.start
          isInSignature = false
        } else if beginsPlainSection(cursor) {
          let lead = leadStart..<cursor.start
          files.append(
            try SectionParser(name: name, strip: strip).plainSection(&cursor, lead: lead))
          leadStart = cursor.start
          isInSignature = false
        } else if beginsMail(cursor) {
          lineOfNextMail = cursor.number
          break
        } else {
          if cursor.equals(.signature) || cursor.equals(.bareSignature) { isInSignature = true }
          try refuseStray(afterSection: !files.isEmpty && !isInSignature)
          cursor.advance()
        }
      } catch {
        problems.append(error)
        if cursor.number == line { cursor.advance() }
        skipToNextSection()
        leadStart = cursor.start
      }
    }
    if cursor.number - first.number > Patch.maximumLines {
      problems.append(tooManyLines(first))
    }
    if problems.isEmpty, let bomb = tooMuchBinary(files) { problems.append(bomb) }
    guard problems.isEmpty else { throw Diagnostics(problems) }
    guard !files.isEmpty else { throw noPatch(from: first) }
    return Patch(
      name: name, bytes: bytes, header: header, files: files, trailer: leadStart..<cursor.start)
  }

  /// The first binary block with which a patch holds far more than it is long: what a program or a
  /// picture is compressed to is a fraction of that.
  private func tooMuchBinary(_ files: [FileChange]) -> Diagnostic? {
    let most = BinaryParser.maximumSize + 16 * bytes.count
    var total = 0
    for case .binary(let forward, let reverse) in files.lazy.map(\.content) {
      for block in [forward, reverse] {
        guard let block else { continue }
        total += block.size
        guard total > most else { continue }
        return Diagnostic(
          Location(name, line: block.line),
          "\(total) bytes of binary data in a patch of \(bytes.count); \(most) is the most",
          rule: "binary-size")
      }
    }
    return nil
  }

  private func tooManyLines(_ first: LineCursor) -> Diagnostic {
    Diagnostic(
      Location(name, line: first.number),
      "\(cursor.number - first.number) lines; \(Patch.maximumLines) is the most",
      rule: "patch-size")
  }

  private mutating func skipToNextSection() {
    while !cursor.isAtEnd, !cursor.starts(with: .diffGit), !beginsMail(cursor) { cursor.advance() }
  }

  /// A `---` line that two more lines confirm (`find_header` in git's apply.c).
  private func beginsPlainSection(_ cursor: LineCursor) -> Bool {
    guard cursor.starts(with: .oldFile) else { return false }
    let second = cursor.following
    guard !second.isAtEnd, second.starts(with: .newFile) else { return false }
    return second.following.starts(with: .anyHunk)
  }

  private func refuseUnreadable() throws(Diagnostics) {
    let problem: (String, String)? =
      if bytes.isEmpty {
        ("the file is empty", "no-patch")
      } else if bytes.count > Patch.maximumSize {
        ("\(bytes.count) bytes; \(Patch.maximumSize) is the most", "patch-size")
      } else if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
        ("the file is UTF-16; save it as it was made, in bytes", "encoding")
      } else if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
        ("the file begins with a byte order mark; remove it", "encoding")
      } else if cursor.number == 1, cursor.end > cursor.start, bytes[cursor.end - 1] == 13 {
        ("the lines end in CR LF: the patch was converted on its way; get it unchanged", "crlf")
      } else {
        nil
      }
    if let problem {
      throw Diagnostics(Diagnostic(Location(name, line: 1), problem.0, rule: problem.1))
    }
  }

  /// Refuses lines outside sections that can only be parts of one.
  private func refuseStray(afterSection: Bool) throws(Diagnostic) {
    let location = Location(name, line: cursor.number)
    if cursor.starts(with: .combined) || cursor.starts(with: .combinedHunk) {
      throw Diagnostic(
        location, "a combined diff of a merge; make one against a single parent",
        rule: "combined-diff")
    }
    if cursor.starts(with: .hunk) || cursor.equals(.binary) {
      throw hunkWithoutFile(location)
    }
    guard afterSection, !cursor.isBlank, !cursor.equals(.separator) else { return }
    if " +-@\\".utf8.contains(bytes[cursor.start]), !cursor.equals(.bareSignature) {
      throw Diagnostic(
        location,
        "this line is no part of any hunk: the hunk above has more lines than its "
          + "header counts", rule: "hunk-count")
    }
  }

  private func noPatch(from first: LineCursor) -> Diagnostics {
    let location = Location(name, line: first.number)
    if let next = lineOfNextMail {
      return Diagnostics(
        Diagnostic(
          location,
          "no patch before the mail on line \(next); remove what is no patch, like the "
            + "letter above a series", rule: "no-patch"))
    }
    var hint = ""
    var probe = first
    while !probe.isAtEnd, hint.isEmpty {
      if probe.starts(with: "*** ") || probe.starts(with: "***************") {
        hint = "; a context diff is not taken, make it with 'diff -u'"
      } else if probe.starts(with: "> ") || probe.starts(with: "< ") {
        hint = "; a normal diff is not taken, make it with 'diff -u'"
      }
      probe.advance()
    }
    return Diagnostics(Diagnostic(location, "no patch in this file\(hint)", rule: "no-patch"))
  }
}
