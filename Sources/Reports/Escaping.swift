/// Text that is safe to print on a terminal: control characters and marks that reorder text are
/// shown as `\u{…}`, so that nothing from a patch can act.
///
/// CI reads logs for commands of its own (`::name …::`, `##[name]`, `##vso[name]`): those are broken up
/// as well.
public func terminalSafe(_ text: String) -> String { terminalSafe(text, keepsTabs: false) }

private func terminalSafe(_ text: String, keepsTabs: Bool) -> String {
  func acts(_ scalar: Unicode.Scalar) -> Bool {
    !(keepsTabs && scalar == "\t") && Reports.acts(scalar)
  }
  let hasCommand = text.utf8.contains(UInt8(ascii: "#")) || text.utf8.contains(UInt8(ascii: ":"))
  let text = hasCommand ? withoutCommands(text) : text
  guard text.unicodeScalars.contains(where: acts) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    if acts(scalar) {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Bytes as text that is safe to print on a terminal; what is no UTF-8 is replaced.
public func terminalSafe(_ bytes: [UInt8]) -> String {
  terminalSafe(String(decoding: bytes, as: UTF8.self))
}

/// A line of a file as text that is safe to print on a terminal, without its newline. Tabs are content
/// here, and act on nothing.
public func terminalSafe(keepingTabs line: ArraySlice<UInt8>) -> String {
  var line = line
  if line.last == UInt8(ascii: "\n") { line.removeLast() }
  return terminalSafe(String(decoding: line, as: UTF8.self), keepsTabs: true)
}

/// JSON with the same meaning in which no character acts, and no `##[` stands.
func withoutActing(_ json: String) -> String {
  let isPlain = json.utf8.allSatisfy { $0 < 0x7f && $0 != UInt8(ascii: "#") }
  guard !isPlain else { return json }
  var result = String.UnicodeScalarView()
  var last: Unicode.Scalar = " "
  for scalar in json.unicodeScalars {
    if scalar != "\n", acts(scalar) || (scalar == "#" && last == "#") {
      for unit in String(scalar).utf16 {
        let digits = String(unit, radix: 16)
        result += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".unicodeScalars
      }
    } else {
      result.append(scalar)
    }
    last = scalar
  }
  return String(result)
}

private func acts(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
  default: false
  }
}

/// The text with the first character of each command to a CI runner shown by its number: `##[` and
/// `##NAME[` anywhere, `::NAME …::` where a line begins.
private func withoutCommands(_ text: String) -> String {
  let scalars = Array(text.unicodeScalars)
  var hits: [Int] = []
  for index in scalars.indices.dropFirst() where scalars[index] == "#" && scalars[index - 1] == "#"
  {
    let after = scalars[(index + 1)...].drop { ("a"..."z").contains($0) }
    if after.first == "[" { hits.append(index) }
  }
  if let start = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
    scalars[start...].starts(with: "::".unicodeScalars),
    scalars.dropFirst(start + 2).first?.properties.isAlphabetic == true,
    String(String.UnicodeScalarView(scalars[(start + 2)...])).contains("::")
  {
    hits.insert(start, at: 0)
  }
  var result = String.UnicodeScalarView()
  var next = 0
  for index in hits {
    result += scalars[next..<index]
    result += "\\u{\(String(scalars[index].value, radix: 16))}".unicodeScalars
    next = index + 1
  }
  result += scalars[next...]
  return String(result)
}
