/// Patches printed as `git format-patch --zero-commit --full-index --no-signature --no-stat
/// --binary` writes them: the form that every patch of a workspace has.
extension Patch {
  /// The patch in canonical form, printed from what was read and not from its bytes: header lines
  /// in git's order, counts of 1 left out, context lines with their space, no diffstat, no
  /// signature. Header lines of the mail stay as they are.
  public var canonical: [UInt8] {
    var result = canonicalHeader
    for (index, file) in files.enumerated() {
      if index > 0 { result += withoutDecoration(file) }
      append(file, to: &result)
    }
    return result
  }

  /// The header in canonical form with other sections below it: those that the patch has now.
  ///
  /// - Parameter files: sections of this patch, or changes with hunks that were made and not read.
  public func canonical(with files: [FileChange]) -> [UInt8] {
    var result = canonicalHeader
    for file in files { append(file, to: &result) }
    return result
  }

  /// The sections alone, in canonical form: what `git diff` would print.
  public var diff: [UInt8] {
    var result: [UInt8] = []
    for file in files { append(file, to: &result) }
    return result
  }

  private var canonicalHeader: [UInt8] {
    var text = Array(bytes[header.range])
    if let first = files.first {
      let lead = withoutDecoration(first)
      if !isDiffstat(lead) { text += lead }
    }
    while text.last == newline { text.removeLast() }
    guard !text.isEmpty else { return [] }
    if header.form != .text { text.removeSubrange(..<text.firstIndex { $0 != newline }!) }
    if header.form == .mail {
      let isMarked = text.starts(with: Word.mailStart.bytes)
      let end = isMarked ? (text.firstIndex(of: newline) ?? text.count) : 0
      text.replaceSubrange(..<end, with: Self.mailLine + (isMarked ? [] : [newline]))
    }
    let isHeaderOnly = header.form == .mail && firstBlankLine(text) == nil
    return text + [UInt8](repeating: newline, count: isHeaderOnly ? 3 : 2)
  }

  /// The offset of the blank line that ends a mail's header; nil where the text has none.
  private func firstBlankLine(_ text: [UInt8]) -> Int? {
    text.indices.dropLast().first { text[$0] == newline && text[$0 + 1] == newline }
  }

  private static let mailLine = Array(
    "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001".utf8)

  /// The text above a section without the lines that other tools put there and that say nothing: blank
  /// ones, `Index: PATH` of the section's file or with a row of `=` below it, `diff` command lines.
  private func withoutDecoration(_ file: FileChange) -> ArraySlice<UInt8> {
    let text = bytes[file.lead]
    var end = text.endIndex
    var position = text.endIndex
    var isAboveRow = false
    while position > text.startIndex {
      let start = (text[..<(position - 1)].lastIndex(of: newline) ?? text.startIndex - 1) + 1
      let line = text[start..<position]
      let isRow = line.first == UInt8(ascii: "=")
      let isIndex =
        line.starts(with: Word.indexFile.bytes)
        && (isAboveRow || names(trimmed(line.dropFirst(Word.indexFile.bytes.count)), file))
      let isNamed = isIndex || line.starts(with: Word.diff.bytes)
      guard isNamed || line.allSatisfy({ isSpace($0) || (isRow && $0 == UInt8(ascii: "=")) }) else {
        break
      }
      // A row of `=` alone may underline a title.
      if !isRow { end = start }
      isAboveRow = isRow
      position = start
    }
    return text[..<end]
  }

  /// True where a path is that of a section, maybe below other folders.
  private func names(_ path: [UInt8], _ file: FileChange) -> Bool {
    [file.path, file.sourcePath].contains { known in
      path.elementsEqual(known.bytes) || path.suffix(known.bytes.count + 1) == [slash] + known.bytes
    }
  }

  private func append(_ file: FileChange, to result: inout [UInt8]) {
    let old = quoted(Array("a/".utf8) + file.sourcePath.bytes)
    let new = quoted(Array("b/".utf8) + file.path.bytes)
    // git's header lines would say that the file is there.
    if file.asCreation == nil {
      result += Word.diffGit.bytes + old + [UInt8(ascii: " ")] + new + [newline]
      result += modeLines(file)
      result += indexLine(file)
    }
    switch file.content {
    case .none, .blobs: break
    case .hunks(let hunks):
      result += Word.oldFile.bytes + fileLine(file.kind == .create ? nil : old)
      result += Word.newFile.bytes + fileLine(file.kind == .delete ? nil : new)
      for hunk in hunks { hunk.appendCanonical(to: &result) }
    case .binary(let forward, let reverse):
      result += Word.binary.bytes + [newline]
      guard file.tail.isEmpty else {
        result += bytes[file.tail]
        return
      }
      result += forward.formatted + (reverse?.formatted ?? [])
    }
  }

  private func fileLine(_ name: [UInt8]?) -> [UInt8] {
    guard let name else { return Word.devNull.bytes + [newline] }
    return name + (name.contains(UInt8(ascii: " ")) ? [UInt8(ascii: "\t"), newline] : [newline])
  }

  private func modeLines(_ file: FileChange) -> [UInt8] {
    var lines: [String] = []
    var moved: [UInt8] = []
    switch file.kind {
    case .create: lines.append("new file mode \((file.newMode ?? .regular).digits)")
    case .delete: lines.append("deleted file mode \((file.oldMode ?? .regular).digits)")
    case .modify, .rename, .copy:
      if let old = file.oldMode, let new = file.newMode, old != new {
        lines += ["old mode \(old.digits)", "new mode \(new.digits)"]
      }
    }
    if case .rename(let from, let similarity) = file.kind {
      moved = move("rename", from, file.path, similarity)
    } else if case .copy(let from, let similarity) = file.kind {
      moved = move("copy", from, file.path, similarity)
    }
    if let dissimilarity = file.dissimilarity {
      lines.append("dissimilarity index \(dissimilarity)%")
    }
    return Array(lines.map { $0 + "\n" }.joined().utf8) + moved
  }

  private func move(
    _ verb: String, _ from: RepoPath, _ path: RepoPath, _ similarity: Int?
  ) -> [UInt8] {
    var result = similarity.map { Array("similarity index \($0)%\n".utf8) } ?? []
    result += Array("\(verb) from ".utf8) + quoted(from.bytes) + [newline]
    result += Array("\(verb) to ".utf8) + quoted(path.bytes) + [newline]
    return result
  }

  private func indexLine(_ file: FileChange) -> [UInt8] {
    guard let index = file.index else { return [] }
    var line = Word.index.bytes + index.old + Array("..".utf8) + index.new
    let keepsMode = file.kind != .create && file.kind != .delete
    if keepsMode, let mode = file.newMode, file.oldMode == mode {
      line += Array(" \(mode.digits)".utf8)
    }
    return line + [newline]
  }
}

extension Hunk {
  /// Prints the hunk as git does.
  func appendCanonical(to result: inout [UInt8]) {
    result += Array("@@ -\(side(oldStart, oldCount)) +\(side(newStart, newCount)) @@".utf8)
    result += source[heading]
    result.append(newline)
    forEachLine { kind, range in
      switch kind {
      case .context: result.append(UInt8(ascii: " "))
      case .removed: result.append(UInt8(ascii: "-"))
      case .added: result.append(UInt8(ascii: "+"))
      }
      result += source[range]
      if range.isEmpty || source[range.upperBound - 1] != newline {
        result += Array("\n\\ No newline at end of file\n".utf8)
      }
    }
  }

  private func side(_ start: Int, _ count: Int) -> String {
    count == 1 ? "\(start)" : "\(start),\(count)"
  }
}

private let slash = UInt8(ascii: "/")

/// True for the `---` line and the diffstat below it, which say nothing that the patch does not.
func isDiffstat(_ text: ArraySlice<UInt8>) -> Bool {
  var rest = text
  while !rest.isEmpty {
    let line = rest.prefix { $0 != newline }
    guard
      line.elementsEqual(Word.separator.bytes) || line.allSatisfy(isSpace)
        || line.first == UInt8(ascii: " ") && isDiffstatLine(line.dropFirst())
    else { return false }
    rest = rest[line.endIndex...].dropFirst()
  }
  return true
}

/// True for ` PATH | COUNT +-`, ` PATH | Bin …`, and the lines that sum up counts, modes and moves.
private func isDiffstatLine(_ line: ArraySlice<UInt8>) -> Bool {
  func starts(with words: String...) -> Bool { words.contains { line.starts(with: $0.utf8) } }
  let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
  if let bar = line.lastIndex(of: UInt8(ascii: "|")), line[..<bar].last == UInt8(ascii: " ") {
    let counted = trimmed(line[(bar + 1)...])
    let signs = trimmed(counted.drop(while: digits.contains))
    return counted.starts(with: "Bin".utf8)
      || digits.contains(counted.first ?? 0) && signs.allSatisfy("+-".utf8.contains)
  }
  let summary = String(decoding: line.drop(while: digits.contains), as: UTF8.self)
  if digits.contains(line.first ?? 0) {
    return summary.hasPrefix(" file changed") || summary.hasPrefix(" files changed")
  }
  return starts(with: "create mode 1", "delete mode 1", "mode change 1")
    || starts(with: "rename ", "copy ", "rewrite ")
      && trimmed(line).suffix(2).elementsEqual("%)".utf8)
}
