/// Applies a delta of the form that packs and binary patches use: copies from the base, and data.
///
/// - Returns: nil where an instruction is malformed, leaves the base, or the sizes that the delta
///   states are not those of the base and of the result.
/// - Complexity: O(limit); nothing larger than `limit` bytes is made.
public func applyDelta(_ delta: [UInt8], to base: [UInt8], limit: Int) -> [UInt8]? {
  var reader = DeltaReader(delta)
  guard let baseSize = reader.size(), baseSize == base.count, let size = reader.size(),
    size <= limit
  else { return nil }
  var result: [UInt8] = []
  result.reserveCapacity(size)
  while let code = reader.next() {
    if code & 0x80 != 0 {
      guard let offset = reader.number(code, bits: 0..<4),
        let length = reader.number(code, bits: 4..<7)
      else { return nil }
      let count = length == 0 ? 0x10000 : length
      guard offset + count <= base.count, result.count + count <= size else { return nil }
      result += base[offset..<offset + count]
    } else {
      guard code != 0, let data = reader.take(Int(code)), result.count + data.count <= size else {
        return nil
      }
      result += data
    }
  }
  return result.count == size ? result : nil
}

private struct DeltaReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func next() -> UInt8? {
    guard position < bytes.count else { return nil }
    position += 1
    return bytes[position - 1]
  }

  /// A number in groups of seven bits, low first; nil beyond 62 bits.
  mutating func size() -> Int? {
    var value = 0
    var shift = 0
    while let byte = next() {
      guard shift <= 55 else { return nil }
      value |= Int(byte & 0x7f) << shift
      shift += 7
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }

  /// The number whose bytes are present where `code` has a bit.
  mutating func number(_ code: UInt8, bits: Range<Int>) -> Int? {
    var value = 0
    for bit in bits where code & (1 << UInt8(bit)) != 0 {
      guard let byte = next() else { return nil }
      value |= Int(byte) << (8 * (bit - bits.lowerBound))
    }
    return value
  }

  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard bytes.count - position >= count else { return nil }
    position += count
    return bytes[position - count..<position]
  }
}
