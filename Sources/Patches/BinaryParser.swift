/// Reads the blocks of a `GIT binary patch` and their base 85.
struct BinaryParser {
  /// The most that one binary file may hold, in bytes: 32 MiB.
  static let maximumSize = 32 << 20

  let name: String

  /// Reads the forward block and, where there is one, the reverse block. The cursor stands on the
  /// line after `GIT binary patch`.
  func blocks(
    _ cursor: inout LineCursor
  ) throws(Diagnostic) -> (forward: BinaryBlock, reverse: BinaryBlock?) {
    guard let forward = try block(&cursor) else {
      throw problem(cursor.number, "a binary patch needs a 'literal' or 'delta' line", "binary")
    }
    return (forward, try block(&cursor))
  }

  private func block(_ cursor: inout LineCursor) throws(Diagnostic) -> BinaryBlock? {
    guard !cursor.isAtEnd else { return nil }
    let line = cursor.number
    let method: BinaryBlock.Method
    let digits: Range<Int>
    if let rest = cursor.rest(after: .literal) {
      (method, digits) = (.literal, rest)
    } else if let rest = cursor.rest(after: .delta) {
      (method, digits) = (.delta, rest)
    } else {
      return nil
    }
    var scan = NumberScan(bytes: cursor.bytes, position: digits.lowerBound, end: digits.upperBound)
    guard let size = scan.number(), scan.position == digits.upperBound else {
      throw problem(line, "the size of the binary data is no number", "binary")
    }
    guard size <= Self.maximumSize else {
      throw problem(
        line, "\(size) bytes of binary data; \(Self.maximumSize) is the most", "binary-size")
    }
    cursor.advance()
    let data = try lines(&cursor)
    return BinaryBlock(method: method, size: size, deflated: data, line: line)
  }

  /// The decoded lines up to the blank line that ends a block, which is taken too.
  private func lines(_ cursor: inout LineCursor) throws(Diagnostic) -> [UInt8] {
    var data: [UInt8] = []
    while true {
      guard !cursor.isAtEnd else {
        throw problem(cursor.number, "the file ends inside binary data", "binary-truncated")
      }
      if cursor.isBlank { break }
      guard decode(cursor.bytes, cursor.content, into: &data) else {
        throw problem(cursor.number, "not a line of base 85 as git writes it", "binary-base85")
      }
      cursor.advance()
    }
    cursor.advance()
    return data
  }

  private func problem(_ line: Int, _ message: String, _ rule: String) -> Diagnostic {
    Diagnostic(Location(name, line: line), message, rule: rule)
  }

  /// Adds one line's bytes: a letter for their number, then groups of five digits for four bytes
  /// (`decode_85` in git's base85.c).
  private func decode(_ bytes: [UInt8], _ line: Range<Int>, into data: inout [UInt8]) -> Bool {
    guard let count = Self.length(bytes[line.lowerBound]),
      line.count - 1 == (count + 3) / 4 * 5
    else { return false }
    var left = count
    var position = line.lowerBound + 1
    while left > 0 {
      var value: UInt64 = 0
      for _ in 0..<5 {
        let digit = Self.values[Int(bytes[position])]
        guard digit >= 0 else { return false }
        value = value * 85 + UInt64(digit)
        position += 1
      }
      guard value <= UInt64(UInt32.max) else { return false }
      for shift in [24, 16, 8, 0].prefix(left) {
        data.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
      }
      left -= 4
    }
    return true
  }

  private static func length(_ letter: UInt8) -> Int? {
    switch letter {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(letter - UInt8(ascii: "A")) + 1
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(letter - UInt8(ascii: "a")) + 27
    default: nil
    }
  }

  private static let values: [Int] = {
    let digits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
    var table = [Int](repeating: -1, count: 256)
    for (value, digit) in digits.utf8.enumerated() { table[Int(digit)] = value }
    return table
  }()
}
