extension PatchHeader {
  /// The message with a trailer set: every line of that name goes, and the new one stands at the end of
  /// the trailers, in a paragraph of their own where there are none.
  ///
  /// - Parameter value: nil to take the trailer away.
  /// - Returns: subject and body, as `message` has them.
  public func message(settingTrailer name: String, to value: String?) -> [UInt8] {
    var paragraphs = body.paragraphs
    var trailers: [[UInt8]] = []
    if let last = paragraphs.last, last.isTrailers {
      trailers = last.split(separator: newline).map(Array.init)
      paragraphs.removeLast()
    }
    var kept: [[UInt8]] = []
    var isDropping = false
    for line in trailers {
      if line.first != UInt8(ascii: " ") { isDropping = line.starts(with: Array("\(name):".utf8)) }
      if !isDropping { kept.append(line) }
    }
    if let value { kept.append(Array("\(name): \(value)".utf8)) }
    if !kept.isEmpty { paragraphs.append(Array(kept.joined(separator: [newline]))) }
    let body = Array(paragraphs.joined(separator: [newline, newline]))
    return subject + [newline] + (body.isEmpty ? [] : [newline] + body + [newline])
  }
}

extension [UInt8] {
  /// The texts between blank lines.
  var paragraphs: [[UInt8]] {
    var result: [[UInt8]] = []
    var isNew = true
    for line in split(separator: newline, omittingEmptySubsequences: false) {
      if line.allSatisfy(isSpace) {
        isNew = true
      } else if isNew {
        result.append(Array(line))
        isNew = false
      } else {
        result[result.count - 1] += [newline] + line
      }
    }
    return result
  }

  /// True where every line is `NAME: VALUE` or folded below one.
  var isTrailers: Bool {
    split(separator: newline).allSatisfy { line in
      if line.first == UInt8(ascii: " ") { return true }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
        return false
      }
      return isTrailerName(line[..<colon])
    }
  }
}

/// True for letters, digits and dashes, as the name of a trailer has them.
public func isTrailerName(_ name: some Collection<UInt8>) -> Bool {
  !name.isEmpty
    && name.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
}
