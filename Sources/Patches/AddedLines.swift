extension Hunk {
  /// One line of a hunk, with its place in the patch file.
  struct PlacedLine {
    let kind: LineKind
    /// The content with its newline, as a range of the hunk's source.
    let range: Range<Int>
    /// The line of the patch file, counted from 1.
    let line: Int
  }

  /// The lines in order. A "\ No newline" marker counts for the lines below it and is none itself.
  var placedLines: [PlacedLine] {
    var result: [PlacedLine] = []
    var number = line
    var position = body.lowerBound
    forEachLine { kind, range in
      while position <= range.lowerBound, position < body.upperBound {
        position = endOfLine(source.span, from: position)
        number += 1
      }
      result.append(PlacedLine(kind: kind, range: range, line: number))
    }
    return result
  }
}

extension Patch {
  /// What the lines that the patch adds should not have, though it applies: white space at their
  /// ends, a `+` that another patch left at their start, conflict markers; and hunks that change white
  /// space only.
  ///
  /// - Returns: a warning for each, at its line of the patch file; markers are errors.
  public var lineFindings: [Diagnostic] {
    files.flatMap { file -> [Diagnostic] in
      guard file.kind != .delete, case .hunks(let hunks) = file.content else { return [] }
      var findings: [Diagnostic] = []
      for hunk in hunks {
        let lines = hunk.placedLines
        let texts = AddedText(file: file, hunk: hunk, lines: lines)
        for line in lines where line.kind == .added {
          guard let problem = texts.problem(line) else { continue }
          findings.append(
            Diagnostic(
              Location(name, line: line.line), "\(file.path): \(problem.message)",
              severity: problem.rule == "conflict-marker" ? .error : .warning, rule: problem.rule))
        }
        if texts.changesWhiteSpaceOnly(lines) {
          findings.append(
            Diagnostic(
              Location(name, line: hunk.line),
              "\(file.path): the hunk changes nothing but white space; leave it out",
              severity: .warning, rule: "white-space-only"))
        }
      }
      return findings
    }
  }
}

/// The rules for one hunk's lines.
private struct AddedText {
  private let hunk: Hunk
  /// Patches keep a space on empty context lines, and begin added lines with `+`.
  private let holdsPatch: Bool
  /// Two spaces at the end of a line are a line break.
  private let isMarkdown: Bool
  /// Methods of a class begin with `+(`.
  private let isObjectiveC: Bool
  /// Lines that begin with `+` are those of a diff that the text shows.
  private let showsDiff: Bool
  /// The places in the patch of lines that are conflict markers.
  private let markers: Set<Int>
  /// True where lines of the file end in CR LF.
  private let hasCarriageReturns: Bool
  /// Lines that the hunk takes away: they are not the patch's own where it puts them elsewhere.
  private let removed: Set<[UInt8]>

  init(file: FileChange, hunk: Hunk, lines: [Hunk.PlacedLine]) {
    self.hunk = hunk
    func ends(_ endings: String...) -> Bool {
      endings.contains { file.path.name.suffix($0.utf8.count).elementsEqual($0.utf8) }
    }
    let folders = file.path.components.dropLast().map { String(decoding: $0, as: UTF8.self) }
    holdsPatch = ends(".patch", ".diff") || folders.suffix(2) == ["debian", "patches"]
    isMarkdown = ends(".md", ".markdown")
    isObjectiveC = ends(".m", ".mm", ".h")
    let present = lines.filter { $0.kind != .removed }
    let texts = present.map { hunk.source[$0.range] }
    markers = Set(conflictMarkers(in: texts).map { present[$0].line })
    let signs = ["@@ -", "diff --git ", "+++ ", "```diff", "~~~diff"]
    showsDiff = texts.contains { text in signs.contains { text.starts(with: $0.utf8) } }
    var removed: Set<[UInt8]> = []
    var carriageReturns = 0
    var others = 0
    hunk.forEachLine { kind, range in
      let line = hunk.source[range]
      if line.suffix(2).elementsEqual([13, newline]) { carriageReturns += 1 } else { others += 1 }
      if kind == .removed { removed.insert(Array(line)) }
    }
    self.removed = removed
    hasCarriageReturns = carriageReturns > others
  }

  func problem(_ line: Hunk.PlacedLine) -> (message: String, rule: String)? {
    let bytes = hunk.source[line.range]
    guard !removed.contains(Array(bytes)) else { return nil }
    if markers.contains(line.line) { return ("a conflict marker", "conflict-marker") }
    let content = withoutEnd(bytes)
    if holdsPatch { return nil }
    if let last = content.last, isSpace(last), !isLineBreak(content) {
      return ("white space at the end of the line", "trailing-space")
    }
    if beginsWithLiteralPlus(content) {
      return (
        "the added line begins with a '+' of its own, as in a patch of a patch", "literal-plus"
      )
    }
    return nil
  }

  private func withoutEnd(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var content = line
    if content.last == newline { content.removeLast() }
    if hasCarriageReturns, content.last == 13 { content.removeLast() }
    return content
  }

  private func isLineBreak(_ content: ArraySlice<UInt8>) -> Bool {
    guard isMarkdown, content.count > 2 else { return false }
    return content.suffix(2).allSatisfy { $0 == UInt8(ascii: " ") }
      && !isSpace(content[content.endIndex - 3])
  }

  /// A `+` before text or indentation. `++i` is code, `+----+` the frame of a table, `+ item` a list, and
  /// `+ (void)load` a method.
  private func beginsWithLiteralPlus(_ content: ArraySlice<UInt8>) -> Bool {
    guard content.first == UInt8(ascii: "+"), !showsDiff else { return false }
    let rest = content.dropFirst()
    guard let next = rest.first else { return true }
    let spaces = rest.prefix { $0 == UInt8(ascii: " ") }.count
    guard !(1...(isMarkdown ? 4 : 1)).contains(spaces) else { return false }
    guard !isObjectiveC || next != UInt8(ascii: "(") else { return false }
    return !"+-=".utf8.contains(next) && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next)
  }

  /// True where the lines that go and those that come are the same but for white space.
  func changesWhiteSpaceOnly(_ lines: [Hunk.PlacedLine]) -> Bool {
    var old: [UInt8] = []
    var new: [UInt8] = []
    for line in lines where line.kind != .context {
      let text = hunk.source[line.range]
      // No other line has a newline left.
      let visible = text.filter { !isSpace($0) } + (isLineBreak(withoutEnd(text)) ? [newline] : [])
      if line.kind == .removed { old += visible } else { new += visible }
    }
    guard old == new else { return false }
    // A file of white space is one that somebody wanted.
    return hunk.oldCount > 0
  }
}

/// The length of a conflict marker, as git's.
package let conflictMarkerLength = 7

/// The lines that are conflict markers: `<<<<<<<`, `|||||||` and `>>>>>>>`, each with a label. Without one
/// they count only where `<<<<<<<`, `=======` and `>>>>>>>` follow each other: prose underlines titles so.
///
/// - Returns: places among the lines, in order.
package func conflictMarkers(in lines: [ArraySlice<UInt8>]) -> [Int] {
  let found = lines.indices.filter { index in
    lines[index].first.map { "<|>".utf8.contains($0) && isMarker(lines[index], $0) } ?? false
  }
  guard !found.isEmpty, !isConflict(lines) else { return found }
  return found.filter { !lines[$0].dropFirst(conflictMarkerLength).allSatisfy(isSpace) }
}

private func isConflict(_ lines: [ArraySlice<UInt8>]) -> Bool {
  var rest = lines[...]
  return "<=>".utf8.allSatisfy { character in
    guard let place = rest.firstIndex(where: { isMarker($0, character) }) else { return false }
    rest = rest[(place + 1)...]
    return true
  }
}

/// True for a marker of one character, alone or with a label.
package func isMarker(_ line: ArraySlice<UInt8>, _ character: UInt8) -> Bool {
  let run = line.prefix { $0 == character }.count
  guard run == conflictMarkerLength else { return false }
  let next = line.dropFirst(run).first
  return next == nil || next == 10 || next == 13 || next == UInt8(ascii: " ")
}
