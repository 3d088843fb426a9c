import Patches

/// One conflict of a text with diff3 markers.
public struct MarkedConflict: Hashable, Sendable {
  /// The bytes from the first marker to the end of the last one's line.
  public let range: Range<Int>
  /// The first marker's line, counted from 1.
  public let line: Int
  public let key: ConflictKey
}

/// The conflicts that are marked in a text, in order; a marker without its fellows marks none.
public func markedConflicts(in bytes: [UInt8]) -> [MarkedConflict] {
  var found: [MarkedConflict] = []
  var begun: (start: Int, line: Int)?
  var parts: [Int] = []
  for (index, range) in lineRanges(bytes).enumerated() {
    let line = bytes[range]
    if isMarker(line, UInt8(ascii: "<")) {
      begun = (range.lowerBound, index + 1)
      parts = [range.upperBound]
    } else if isMarker(line, UInt8(ascii: "|")), parts.count == 1 {
      parts += [range.lowerBound, range.upperBound]
    } else if isMarker(line, UInt8(ascii: "=")), parts.count == 3 {
      parts += [range.lowerBound, range.upperBound]
    } else if isMarker(line, UInt8(ascii: ">")), let first = begun, parts.count == 5 {
      let key = ConflictKey(
        ours: Array(bytes[parts[0]..<parts[1]]), base: Array(bytes[parts[2]..<parts[3]]),
        theirs: Array(bytes[parts[4]..<range.lowerBound]))
      found.append(
        MarkedConflict(range: first.start..<range.upperBound, line: first.line, key: key))
      (begun, parts) = (nil, [])
    }
  }
  return found
}
