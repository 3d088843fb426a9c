/// The links of an HTML page, as far as the Simple API (PEP 503, PEP 592) needs HTML.
struct HTMLPage: Sendable {
  struct Anchor: Hashable, Sendable {
    /// The `href`, its entities undone.
    let reference: String
    /// True if it has the attribute `data-yanked`.
    let isYanked: Bool
  }

  private(set) var anchors: [Anchor] = []
  /// The `href` of the first `<base>`.
  private(set) var base: String?
  /// How many bytes were looked at.
  private(set) var work = 0

  /// - Complexity: O(bytes).
  init(_ bytes: [UInt8]) {
    var scanner = TagScanner(bytes)
    while let tag = scanner.next() {
      let reference = tag.attributes.first { $0.name == "href" }?.value
      guard let reference else { continue }
      if tag.name == "base", base == nil { base = reference }
      if tag.name == "a" {
        let isYanked = tag.attributes.contains { $0.name == "data-yanked" }
        anchors.append(Anchor(reference: reference, isYanked: isYanked))
      }
    }
    work = scanner.work
  }
}

private struct Tag {
  let name: String
  var attributes: [(name: String, value: String)] = []
}

/// Finds the start tags of a page.
private struct TagScanner {
  private let bytes: [UInt8]
  private var index = 0
  private(set) var work = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The next `<a …>` or `<base …>`; other tags and comments are passed over.
  mutating func next() -> Tag? {
    while let start = bytes[index...].firstIndex(of: UInt8(ascii: "<")) {
      work += start + 1 - index
      index = start + 1
      if bytes[index...].starts(with: "!--".utf8) {
        skipComment()
        continue
      }
      let name = word { isLetter($0) }.lowercased()
      guard !name.isEmpty else { continue }
      let isWanted = name == "a" || name == "base"
      let attributes = attributes(keeping: isWanted)
      if isWanted { return Tag(name: name, attributes: attributes) }
    }
    index = bytes.count
    return nil
  }

  private mutating func skipComment() {
    index += 3
    while index < bytes.count, !bytes[index...].starts(with: "-->".utf8) {
      index += 1
      work += 1
    }
  }

  /// The attributes up to the `>`.
  private mutating func attributes(keeping: Bool) -> [(name: String, value: String)] {
    var found: [(name: String, value: String)] = []
    while index < bytes.count, bytes[index] != UInt8(ascii: ">") {
      let name = word { !isBlank($0) && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ">") }
      skipBlanks()
      var value = ""
      if index < bytes.count, bytes[index] == UInt8(ascii: "=") {
        index += 1
        skipBlanks()
        value = self.value()
      }
      if keeping, !name.isEmpty { found.append((name.lowercased(), withoutEntities(value))) }
      skipBlanks()
    }
    return found
  }

  private mutating func value() -> String {
    guard index < bytes.count else { return "" }
    let quote = bytes[index]
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      return word { !isBlank($0) && $0 != UInt8(ascii: ">") }
    }
    index += 1
    let text = word { $0 != quote }
    if index < bytes.count { index += 1 }
    return text
  }

  private mutating func word(_ belongs: (UInt8) -> Bool) -> String {
    let part = bytes[index...].prefix(while: belongs)
    work += part.count + 1
    index = part.endIndex
    return String(decoding: part, as: UTF8.self)
  }

  private mutating func skipBlanks() {
    while index < bytes.count, isBlank(bytes[index]) {
      index += 1
      work += 1
    }
  }
}

/// The text with the entities that stand in addresses undone; others stay as they are.
private func withoutEntities(_ text: String) -> String {
  guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
  var result = ""
  for (number, piece) in text.split(separator: "&", omittingEmptySubsequences: false).enumerated() {
    guard number > 0 else {
      result += piece
      continue
    }
    let name = piece.prefix(10).prefix { $0 != ";" }
    if name.endIndex < piece.endIndex, piece[name.endIndex] == ";", let character = entity(name) {
      result.append(character)
      result += piece[piece.index(after: name.endIndex)...]
    } else {
      result += "&" + piece
    }
  }
  return result
}

private func entity(_ name: Substring) -> Character? {
  switch name {
  case "amp": return "&"
  case "lt": return "<"
  case "gt": return ">"
  case "quot": return "\""
  case "apos": return "'"
  default: break
  }
  guard name.first == "#" else { return nil }
  let digits = name.dropFirst()
  let isHexadecimal = digits.first == "x" || digits.first == "X"
  let number = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
  return number.flatMap(Unicode.Scalar.init).map(Character.init)
}

private func isLetter(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}

private func isBlank(_ byte: UInt8) -> Bool {
  [0x20, 0x09, 0x0a, 0x0c, 0x0d].contains(byte)
}
