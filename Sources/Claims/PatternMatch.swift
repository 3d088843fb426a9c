/// What a line gave to a pattern's holes.
struct Match: Hashable {
  var fields: [LinePattern.Field: Range<Int>] = [:]
  /// The kinds of the holes.
  var kinds: [LinePattern.Field: LinePattern.Kind] = [:]

  func bytes(_ field: LinePattern.Field, of line: [UInt8]) -> [UInt8]? {
    guard let range = fields[field] else { return nil }
    let bytes = Array(line[range])
    if kinds[field] == .minor { return Array("2.".utf8) + bytes }
    guard kinds[field] == .joined else { return bytes }
    let digits = bytes.dropFirst().drop { $0 == UInt8(ascii: "_") }
    return [bytes[0], UInt8(ascii: ".")] + digits
  }
}

extension Match {
  /// The line with another value in the value's place, in the same form.
  func replacing(_ value: CounterValue, in line: [UInt8]) -> [UInt8] {
    guard let range = fields[.value] else { return line }
    var result = line
    switch kinds[.value] {
    case .minor:
      result.replaceSubrange(
        range, with: value.bytes.split(separator: UInt8(ascii: ".")).last ?? [])
    case .joined:
      let isDivided = line[range].contains(UInt8(ascii: "_"))
      result.replaceSubrange(
        range,
        with: value.bytes.flatMap {
          $0 == UInt8(ascii: ".") ? (isDivided ? [UInt8(ascii: "_")] : []) : [$0]
        })
    default: result.replaceSubrange(range, with: value.bytes)
    }
    return result
  }
}

extension LinePattern {
  /// Matches a line without its newline, or a path.
  ///
  /// - Parameter isWhole: true where nothing may be left over, and blanks at the start count.
  func match(_ line: [UInt8], isWhole: Bool = false) -> Match? {
    guard line.count <= Self.longestLine else { return nil }
    var start = 0
    if !isWhole { while start < line.count, isBlank(line[start]) { start += 1 } }
    var search = PatternSearch(tokens, line, isWhole: isWhole)
    return search.match(from: start)
  }
}
