/// Paths as patches print them: plain, or in double quotes with C escapes where a byte is a control
/// character, a quote, a backslash or beyond ASCII (`quote_c_style` in git, `core.quotePath` on).

/// Reads a quoted name that begins at `start`.
///
/// - Returns: the bytes and the offset after the closing quote; nil if the form is wrong.
func unquote(_ bytes: [UInt8], from start: Int, to end: Int) -> (name: [UInt8], end: Int)? {
  guard start < end, bytes[start] == quote else { return nil }
  var name: [UInt8] = []
  var index = start + 1
  while index < end {
    let byte = bytes[index]
    index += 1
    if byte == quote { return (name, index) }
    guard byte == backslash else {
      name.append(byte)
      continue
    }
    guard index < end else { return nil }
    let escape = bytes[index]
    index += 1
    if let plain = simpleEscapes[escape] {
      name.append(plain)
      continue
    }
    guard (UInt8(ascii: "0")...UInt8(ascii: "3")).contains(escape), index + 1 < end else {
      return nil
    }
    var value = Int(escape - UInt8(ascii: "0"))
    for _ in 0..<2 {
      guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(bytes[index]) else { return nil }
      value = value << 3 | Int(bytes[index] - UInt8(ascii: "0"))
      index += 1
    }
    name.append(UInt8(value))
  }
  return nil
}

/// The name as git prints it, in quotes where it needs them.
func quoted(_ name: some Collection<UInt8>) -> [UInt8] {
  guard name.contains(where: needsEscape) else { return Array(name) }
  var result: [UInt8] = [quote]
  for byte in name {
    guard needsEscape(byte) else {
      result.append(byte)
      continue
    }
    result.append(backslash)
    if let letter = simpleEscapes.first(where: { $0.value == byte })?.key {
      result.append(letter)
    } else {
      for shift in [6, 3, 0] { result.append(UInt8(ascii: "0") + (byte >> UInt8(shift)) & 7) }
    }
  }
  result.append(quote)
  return result
}

private let quote = UInt8(ascii: "\"")
private let backslash = UInt8(ascii: "\\")

private let simpleEscapes: [UInt8: UInt8] = [
  UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10,
  UInt8(ascii: "v"): 11, UInt8(ascii: "f"): 12, UInt8(ascii: "r"): 13,
  UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
]

private func needsEscape(_ byte: UInt8) -> Bool {
  byte < 0x20 || byte >= 0x7f || byte == quote || byte == backslash
}
