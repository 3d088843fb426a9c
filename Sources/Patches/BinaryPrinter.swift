extension BinaryBlock {
  /// The block as git writes it: its word, and lines of base 85 of 52 bytes each
  /// (`emit_binary_diff_body` in git's diff.c), with the blank line that ends it.
  var formatted: [UInt8] {
    var result = Array("\(method == .literal ? "literal" : "delta") \(size)\n".utf8)
    var position = 0
    while position < deflated.count {
      let end = min(position + 52, deflated.count)
      let count = UInt8(end - position)
      result.append(count <= 26 ? UInt8(ascii: "A") + count - 1 : UInt8(ascii: "a") + count - 27)
      appendBase85(deflated[position..<end], to: &result)
      result.append(newline)
      position = end
    }
    return result + [newline]
  }
}

private let digits85 = Array(
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~".utf8)

/// Four bytes become five digits; the last ones are filled up with zeros.
private func appendBase85(_ bytes: ArraySlice<UInt8>, to result: inout [UInt8]) {
  var index = bytes.startIndex
  while index < bytes.endIndex {
    var word: UInt32 = 0
    for offset in 0..<4 {
      word = word << 8 | (index + offset < bytes.endIndex ? UInt32(bytes[index + offset]) : 0)
    }
    var digits: [UInt8] = []
    for _ in 0..<5 {
      digits.append(digits85[Int(word % 85)])
      word /= 85
    }
    result += digits.reversed()
    index += 4
  }
}
