import Patches

extension StackRenumbering {
  mutating func rewritten(
    _ line: [UInt8], _ file: FileChange, _ patch: Patch, _ number: Int
  ) -> [UInt8] {
    let bound = upperBound(line)
    let tokens = Renumbering.tokens(in: line, of: olds).filter { $0.range != bound?.range }
    for token in Renumbering.tokens(in: line, of: before)
    where token.range != bound?.range && counterValue(line, file.path) == nil {
      add(
        patch, number,
        "\(file.path): \(token.value) may stand for the last microversion before the stack's; it is "
          + "left as it is", "renumber-previous")
    }
    guard !tokens.isEmpty || bound != nil else { return withMinor(line, file.path) }
    if !tokens.isEmpty, tellsOfReleases(line) {
      add(
        patch, number,
        "\(file.path): the line says what \(list(Set(tokens.map(\.value)).sorted())) is in some "
          + "release; it is left as it is", "renumber-prose")
      return line
    }
    var new = line
    let changes =
      tokens.map { ($0.range, renumbering[$0.value].map($0.text) ?? []) }
      + [bound].compactMap { $0 }.map { ($0.range, $0.text) }
    for (range, text) in changes.sorted(by: { $0.0.lowerBound > $1.0.lowerBound }) {
      new.replaceSubrange(range, with: text)
    }
    if file.path.bytes.suffix(3) == Array(".py".utf8), line.count <= 80, new.count > 80 {
      add(
        patch, number, "\(file.path): the line is longer than 79 columns now", "renumber-length")
    }
    return new
  }

  /// An upper bound that is the last value before a claimed one, in the second place of one of Nova's
  /// decorators or checks: `@validation.schema(x, '2.8', '2.95')`. It stands in any file, so no counter
  /// describes it.
  func upperBound(_ line: [UInt8]) -> (range: Range<Int>, text: [UInt8])? {
    guard
      ["schema(", "api_version(", "wraps(", "is_supported("].contains(where: {
        line.firstRange(of: Array($0.utf8)) != nil
      })
    else { return nil }
    let strings = quotedVersions(line)
    guard let last = strings.last, strings.count >= 2 || isNamedMaximum(line, last),
      Set(olds.compactMap(\.previous)).contains(CounterValue(line[last])),
      let new = renumbering.before(CounterValue(line[last]))
    else { return nil }
    return (last, new.bytes)
  }

  func isNamedMaximum(_ line: [UInt8], _ range: Range<Int>) -> Bool {
    line[..<max(0, range.lowerBound - 1)].suffix(12) == Array("max_version=".utf8)[...]
  }

  /// The dotted numbers of a line that have quotation marks on both sides.
  func quotedVersions(_ line: [UInt8]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start: Int?
    for (index, byte) in line.enumerated() where byte == 0x22 || byte == 0x27 {
      if let begun = start, line[begun - 1] == byte {
        if let numbers = CounterValue(line[begun..<index]).numbers, numbers.count == 2 {
          result.append(begun..<index)
        }
        start = nil
      } else {
        start = index + 1
      }
    }
    return result
  }

  /// The line of a list that has only the last numbers of values.
  func withMinor(_ line: [UInt8], _ path: RepoPath) -> [UInt8] {
    let text = Array(line.prefix { $0 != UInt8(ascii: "\n") })
    for reading in counters.flatMap(\.readings)
    where reading.files.match(path.bytes, isWhole: true) != nil {
      guard let match = reading.firstMatch(text), match.kinds[.value] == .minor,
        let value = match.bytes(.value, of: text), let new = renumbering[CounterValue(value)]
      else { continue }
      return match.replacing(new, in: line)
    }
    return line
  }

  mutating func rewrittenHeader(_ header: [UInt8], _ patch: Patch) -> [UInt8] {
    var result: [UInt8] = []
    for (index, line) in linesWithNewlines(of: header).enumerated() {
      let tokens = Renumbering.tokens(in: line, of: olds)
      let isField =
        index == 0 || isTrailer(line) && !line.starts(with: Array("Subject:".utf8))
      for token in Renumbering.tokens(in: line, of: before) where !isField {
        add(
          patch, index + 1,
          "the message: \(token.value) may stand for the last microversion before the stack's; it is left "
            + "as it is", "renumber-previous")
      }
      if tokens.isEmpty || isField || tellsOfReleases(line) {
        result += line
        if !tokens.isEmpty {
          add(
            patch, index + 1,
            "the message says what \(list(Set(tokens.map(\.value)).sorted())) is in some release; the "
              + "line is left as it is", "renumber-prose")
        }
      } else {
        result += renumbering.rewritten(line, tokens)
      }
    }
    return result
  }

  /// `Upstream: …`, and the header lines of a mail.
  func isTrailer(_ line: [UInt8]) -> Bool {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
      colon + 1 < line.count, line[colon + 1] == UInt8(ascii: " ")
    else { return false }
    return line[..<colon].allSatisfy { isLetter($0) || $0 == UInt8(ascii: "-") }
      && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(line[0])
  }

  /// True for files whose numbers are versions of other things, or no numbers.
  func isForeign(_ path: RepoPath) -> Bool {
    let name = String(decoding: path.name, as: UTF8.self)
    let endings = [".svg", ".png", ".po", ".pot", ".lock", ".pdf", ".gz"]
    return ["setup.cfg", "setup.py", "pyproject.toml", "tox.ini"].contains(name)
      || name.contains("requirements") || name.contains("constraints")
      || endings.contains { name.hasSuffix($0) }
  }
}
