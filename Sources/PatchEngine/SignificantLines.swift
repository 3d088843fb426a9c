import Patches

/// A line that says something, without the white space at its ends, as a number. Lines of the same
/// bytes have the same number; two others have the same one about once in 10^19.
public typealias LineKey = UInt64

/// A line with fewer letters and digits than this stands in every file.
private let leastLetters = 6

/// How often each line that says something stands in a file. White space at its ends does not count,
/// so that a line that was only indented is the same.
public struct SignificantLines: Sendable {
  public private(set) var counts: [LineKey: Int] = [:]

  /// - Parameter wanted: the only lines to count; nil for all.
  public init(_ bytes: [UInt8], only wanted: Set<LineKey>? = nil) {
    var start = 0
    let span = bytes.span
    while start < bytes.count {
      var end = start
      while end < bytes.count, span[end] != UInt8(ascii: "\n") { end += 1 }
      if let key = lineKey(span, start..<end), wanted?.contains(key) ?? true {
        counts[key, default: 0] += 1
      }
      start = end + 1
    }
  }

  public subscript(key: LineKey) -> Int { counts[key] ?? 0 }
}

/// The number of a line; nil where it says nothing.
func lineKey(_ bytes: Span<UInt8>, _ line: Range<Int>) -> LineKey? {
  var (start, end) = (line.lowerBound, line.upperBound)
  while start < end, isSpace(bytes[start]) { start += 1 }
  while start < end, isSpace(bytes[end - 1]) { end -= 1 }
  var letters = 0
  // FNV-1a with a last mix.
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for index in start..<end {
    let byte = bytes[index]
    if isLetterOrDigit(byte) { letters += 1 }
    hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
  }
  guard letters >= leastLetters else { return nil }
  return (hash ^ (hash >> 32)) &* 0x9e37_79b9_7f4a_7c15
}

private func isLetterOrDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
    true
  default: false
  }
}
