import Patches

/// Checks the characters of a YAML file before anything reads it: what two readers of the file would
/// take for different things, or a person would not see.
///
/// - Returns: the text without a byte order mark of UTF-8.
/// - Throws: the first of: a file over `Configuration.maximumSize`, bytes that are no UTF-8, NUL and
///   other control characters, a byte order mark, a line end that is none to most editors, a directive
///   that is not `%YAML`.
func checkYAMLText(_ bytes: [UInt8], file: String) throws(Diagnostic) -> ArraySlice<UInt8> {
  guard bytes.count <= Configuration.maximumSize else {
    throw Diagnostic(
      Location(file), "\(bytes.count) bytes; \(Configuration.maximumSize) is the most",
      rule: "file-size")
  }
  if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
    throw Diagnostic(
      Location(file, line: 1), "the file begins with UTF-16's byte order mark; save it as UTF-8",
      rule: "encoding")
  }
  let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes[3...] : bytes[...]
  try checkCharacters(text, file)
  try checkDirectives(text, file)
  return text
}

private func checkCharacters(_ text: ArraySlice<UInt8>, _ file: String) throws(Diagnostic) {
  var line = 1
  var isAfterReturn = false
  var bytes = text.makeIterator()
  var decoder = UTF8()
  while true {
    let character: Unicode.Scalar
    switch decoder.decode(&bytes) {
    case .emptyInput where !isAfterReturn: return
    case .emptyInput: character = "\0"
    case .error:
      throw Diagnostic(
        Location(file, line: line), "the line is not UTF-8; save the file as UTF-8",
        rule: "encoding")
    case .scalarValue(let scalar): character = scalar
    }
    if isAfterReturn, character != "\n" {
      throw Diagnostic(
        Location(file, line: line), "a carriage return that ends no line; end lines in LF",
        rule: "encoding")
    }
    if let problem = problem(of: character) {
      throw Diagnostic(Location(file, line: line), problem, rule: "encoding")
    }
    isAfterReturn = character == "\r"
    if character == "\n" { line += 1 }
  }
}

private func problem(of character: Unicode.Scalar) -> String? {
  switch character.value {
  case 0x09, 0x0a, 0x0d, 0x20...0x7e, 0xa0...0x2027, 0x202a...0xfefe, 0xff00...0xfffd,
    0x10000...:
    nil
  case 0: "a NUL byte; save the file as UTF-8 text"
  case 0xfeff: "a byte order mark within the file; remove it"
  default:
    "the character U+\(hexadecimal(character.value)), which most editors do not show; remove it"
  }
}

private func hexadecimal(_ value: UInt32) -> String {
  let digits = String(value, radix: 16, uppercase: true)
  return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}

/// Looks at the lines above the document: libyaml compares each `%TAG` with all before it.
private func checkDirectives(_ text: ArraySlice<UInt8>, _ file: String) throws(Diagnostic) {
  var start = text.startIndex
  var number = 1
  while start < text.endIndex {
    let line = text[start...].prefix { $0 != UInt8(ascii: "\n") }
    if line.first == UInt8(ascii: "%") {
      guard line.starts(with: "%YAML ".utf8) else {
        let name = String(decoding: line.prefix { $0 > 0x20 }.prefix(20), as: UTF8.self)
        throw Diagnostic(
          Location(file, line: number), "'\(name)' is not taken; remove the line",
          rule: "config-tag")
      }
    } else if !saysNothing(line) {
      return
    }
    start = line.endIndex + 1
    number += 1
  }
}

/// True for a line of white space, or a comment.
private func saysNothing(_ line: ArraySlice<UInt8>) -> Bool {
  let first = line.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }
  return first == nil || first == UInt8(ascii: "#")
}

/// The first line that says something behind a place.
func firstLine(behind place: YAMLPlace, in text: ArraySlice<UInt8>) -> (
  number: Int, text: ArraySlice<UInt8>
)? {
  var number = 1
  var start = text.startIndex
  while start < text.endIndex {
    var line = text[start...].prefix { $0 != UInt8(ascii: "\n") }
    start = line.endIndex + 1
    defer { number += 1 }
    if number < place.line { continue }
    if number == place.line { line = line.dropCharacters(place.column - 1) }
    if !saysNothing(line), !line.starts(with: "...".utf8) { return (number, line) }
  }
  return nil
}

extension ArraySlice<UInt8> {
  /// What is left of UTF-8 without its first characters.
  fileprivate func dropCharacters(_ count: Int) -> ArraySlice {
    var left = count
    return drop { byte in
      if byte & 0xc0 != 0x80 { left -= 1 }
      return left >= 0
    }
  }
}
