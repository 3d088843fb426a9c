/// The name of a git object: a SHA-1, 20 bytes.
public struct ObjectID: Hashable, Sendable {
  let high: UInt64
  let middle: UInt64
  let low: UInt32

  /// The name in which every digit is 0: "no object" in `index` lines and ref updates.
  public static let zero = ObjectID(high: 0, middle: 0, low: 0)
  /// The number of bytes in a name.
  public static let byteCount = 20

  init(high: UInt64, middle: UInt64, low: UInt32) {
    self.high = high
    self.middle = middle
    self.low = low
  }

  /// The name in 20 raw bytes, as tree objects and pack files hold it.
  ///
  /// - Returns: nil unless there are exactly 20 bytes.
  public init?(raw bytes: RawSpan) {
    guard bytes.byteCount == Self.byteCount else { return nil }
    let high = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
    let middle = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self)
    let low = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 16, as: UInt32.self)
    self.init(
      high: UInt64(bigEndian: high), middle: UInt64(bigEndian: middle),
      low: UInt32(bigEndian: low))
  }

  /// The name in 20 raw bytes, as the same function of a span.
  public init?(raw bytes: [UInt8]) {
    unsafe self.init(raw: bytes.span.bytes)
  }

  /// The name in 40 hexadecimal digits.
  ///
  /// - Returns: nil unless there are exactly 40 digits, of either case.
  public init?(hex digits: some Collection<UInt8>) {
    guard digits.count == 2 * Self.byteCount else { return nil }
    var raw: [UInt8] = []
    raw.reserveCapacity(Self.byteCount)
    var pending: UInt8?
    for digit in digits {
      guard let value = hexValue(digit) else { return nil }
      if let first = pending {
        raw.append(first << 4 | value)
        pending = nil
      } else {
        pending = value
      }
    }
    self.init(raw: raw)
  }

  /// The name in 40 hexadecimal digits.
  ///
  /// - Returns: nil unless there are exactly 40 digits, of either case.
  public init?(_ string: String) {
    self.init(hex: Array(string.utf8))
  }

  /// The 20 bytes, most significant first.
  public var raw: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: high >> UInt64(shift)))
    }
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: middle >> UInt64(shift)))
    }
    for shift in stride(from: 24, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: low >> UInt32(shift)))
    }
    return bytes
  }

  /// The 40 lower-case hexadecimal digits as bytes.
  public var hex: [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return raw.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }
}

extension ObjectID: CustomStringConvertible {
  /// 40 lower-case hexadecimal digits.
  public var description: String { String(decoding: hex, as: UTF8.self) }
}

extension ObjectID: Comparable {
  /// The order of the bytes, as in a pack index.
  public static func < (left: ObjectID, right: ObjectID) -> Bool {
    (left.high, left.middle, left.low) < (right.high, right.middle, right.low)
  }
}

/// The value of a hexadecimal digit, or nil.
func hexValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
  default: nil
  }
}
