/// Decodes the encoded words of a mail header (RFC 2047), UTF-8 and US-ASCII.
///
/// - Returns: nil where a word names another character set or is malformed.
func decodingEncodedWords(_ text: [UInt8]) -> [UInt8]? {
  var result: [UInt8] = []
  var rest = text[...]
  var lastWasWord = false
  while let start = startOfWord(in: rest) {
    let between = rest[rest.startIndex..<start]
    guard let (word, end) = encodedWord(text, at: start) else {
      result += rest[rest.startIndex..<start + 2]
      rest = rest[(start + 2)...]
      lastWasWord = false
      continue
    }
    guard let word else { return nil }
    if !(lastWasWord && between.allSatisfy(isSpace)) { result += between }
    result += word
    rest = rest[end...]
    lastWasWord = true
  }
  return result + rest
}

/// The word at `start`: nil where there is none, with a nil text where it cannot be read.
private func encodedWord(_ text: [UInt8], at start: Int) -> (text: [UInt8]?, end: Int)? {
  let question = UInt8(ascii: "?")
  guard let charsetEnd = text[(start + 2)...].firstIndex(of: question),
    charsetEnd + 2 < text.count, text[charsetEnd + 2] == question,
    let dataEnd = text[(charsetEnd + 3)...].firstIndex(of: question), dataEnd + 1 < text.count,
    text[dataEnd + 1] == UInt8(ascii: "=")
  else { return nil }
  let charset = String(decoding: text[(start + 2)..<charsetEnd], as: UTF8.self).lowercased()
  guard charset.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
  let data = text[(charsetEnd + 3)..<dataEnd]
  guard ["utf-8", "us-ascii", "utf8"].contains(charset) else { return (nil, dataEnd + 2) }
  switch text[charsetEnd + 1] | 0x20 {
  case UInt8(ascii: "q"): return (quotedPrintable(data), dataEnd + 2)
  case UInt8(ascii: "b"): return (base64(data), dataEnd + 2)
  default: return (nil, dataEnd + 2)
  }
}

private func quotedPrintable(_ data: ArraySlice<UInt8>) -> [UInt8]? {
  var result: [UInt8] = []
  var index = data.startIndex
  while index < data.endIndex {
    switch data[index] {
    case UInt8(ascii: "_"):
      result.append(UInt8(ascii: " "))
      index += 1
    case UInt8(ascii: "="):
      guard index + 2 < data.endIndex, let high = hexValue(data[index + 1]),
        let low = hexValue(data[index + 2])
      else { return nil }
      result.append(high << 4 | low)
      index += 3
    case let byte:
      result.append(byte)
      index += 1
    }
  }
  return result
}

private func base64(_ data: ArraySlice<UInt8>) -> [UInt8]? {
  var result: [UInt8] = []
  var bits: UInt32 = 0
  var count = 0
  for byte in data where byte != UInt8(ascii: "=") {
    let value: UInt8
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): value = 62
    case UInt8(ascii: "/"): value = 63
    default: return nil
    }
    bits = bits << 6 | UInt32(value)
    count += 6
    if count >= 8 {
      count -= 8
      result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      bits &= (1 << UInt32(count)) - 1
    }
  }
  return result
}

private func startOfWord(in text: ArraySlice<UInt8>) -> Int? {
  var index = text.startIndex
  while index + 1 < text.endIndex {
    if text[index] == UInt8(ascii: "="), text[index + 1] == UInt8(ascii: "?") { return index }
    index += 1
  }
  return nil
}
