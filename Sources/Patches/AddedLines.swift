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
        let texts = AddedText(file: file, hunk: hunk)
        for line in lines where line.kind == .added {
          guard let problem = texts.problem(hunk.source[line.range]) else { continue }
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
  /// True where lines of the file end in CR LF.
  private let hasCarriageReturns: Bool
  /// Lines that the hunk takes away: they are not the patch's own where it puts them elsewhere.
  private let removed: Set<[UInt8]>

  init(file: FileChange, hunk: Hunk) {
    self.hunk = hunk
    func ends(_ endings: String...) -> Bool {
      endings.contains { file.path.name.suffix($0.utf8.count).elementsEqual($0.utf8) }
    }
    holdsPatch = ends(".patch", ".diff")
    isMarkdown = ends(".md", ".markdown")
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

  func problem(_ line: ArraySlice<UInt8>) -> (message: String, rule: String)? {
    guard !removed.contains(Array(line)) else { return nil }
    var content = line
    if content.last == newline { content.removeLast() }
    if hasCarriageReturns, content.last == 13 { content.removeLast() }
    if isConflictMarker(content) { return ("a conflict marker", "conflict-marker") }
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

  private func isLineBreak(_ content: ArraySlice<UInt8>) -> Bool {
    guard isMarkdown, content.count > 2 else { return false }
    return content.suffix(2).allSatisfy { $0 == UInt8(ascii: " ") }
      && !isSpace(content[content.endIndex - 3])
  }

  /// A `+` before text or indentation. `++i` is code, `+----+` the frame of a table.
  private func beginsWithLiteralPlus(_ content: ArraySlice<UInt8>) -> Bool {
    guard content.first == UInt8(ascii: "+") else { return false }
    guard let next = content.dropFirst().first else { return true }
    return !"+-=".utf8.contains(next) && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next)
  }

  /// True where the lines that go and those that come are the same but for white space.
  func changesWhiteSpaceOnly(_ lines: [Hunk.PlacedLine]) -> Bool {
    var old: [UInt8] = []
    var new: [UInt8] = []
    for line in lines where line.kind != .context {
      let visible = hunk.source[line.range].filter { !isSpace($0) }
      if line.kind == .removed { old += visible } else { new += visible }
    }
    guard old == new else { return false }
    // A file of white space is one that somebody wanted.
    return hunk.oldCount > 0
  }
}

/// The length of a conflict marker, as git's.
package let conflictMarkerLength = 7

/// True for a line that is `<<<<<<<`, `|||||||` or `>>>>>>>`, alone or with a label. A row of `=` is
/// none: prose underlines titles so, and a real conflict has the others.
package func isConflictMarker(_ line: ArraySlice<UInt8>) -> Bool {
  "<|>".utf8.contains { isMarker(line, $0) }
}

/// True for a marker of one character, alone or with a label.
package func isMarker(_ line: ArraySlice<UInt8>, _ character: UInt8) -> Bool {
  let run = line.prefix { $0 == character }.count
  guard run == conflictMarkerLength else { return false }
  let next = line.dropFirst(run).first
  return next == nil || next == 10 || next == 13 || next == UInt8(ascii: " ")
}
