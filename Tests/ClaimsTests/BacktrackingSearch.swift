@testable import Claims

/// Finds one way to fill a pattern's holes by trying: what `PatternSearch` has to find as well.
struct BacktrackingSearch {
  let tokens: [LinePattern.Token]
  let line: [UInt8]
  let isWhole: Bool
  var match = Match()
  private var failed: Set<Int> = []

  init(tokens: [LinePattern.Token], line: [UInt8], isWhole: Bool) {
    (self.tokens, self.line, self.isWhole) = (tokens, line, isWhole)
  }

  mutating func run(_ token: Int, _ place: Int) -> Bool {
    guard token < tokens.count else { return !isWhole || place == line.count }
    let key = token * (line.count + 1) + place
    if failed.contains(key) { return false }
    if go(token, place) { return true }
    failed.insert(key)
    return false
  }

  private mutating func go(_ token: Int, _ place: Int) -> Bool {
    switch tokens[token] {
    case .literal(let bytes):
      return line[place...].starts(with: bytes) && run(token + 1, place + bytes.count)
    case .blanks:
      let end = end(of: place, while: isBlank)
      return end > place && run(token + 1, end)
    case .quote:
      guard place < line.count, line[place] == 0x22 || line[place] == 0x27 else { return false }
      return run(token + 1, place + 1)
    case .end: return end(of: place, while: isBlank) == line.count && run(token + 1, line.count)
    case .hole(let field, let kind): return fill(field, kind, token, place)
    }
  }

  private mutating func fill(
    _ field: LinePattern.Field?, _ kind: LinePattern.Kind, _ token: Int, _ place: Int
  ) -> Bool {
    switch kind {
    case .text, .name:
      if token + 1 == tokens.count {
        var end = line.count
        while end > place, isBlank(line[end - 1]) { end -= 1 }
        let isFree = kind == .text || !line[place..<end].contains(UInt8(ascii: "/"))
        return isFree && take(field, kind, place..<end, token, isWhole ? end : line.count)
      }
      for end in place...line.count {
        if kind == .name, end > place, line[end - 1] == UInt8(ascii: "/") { return false }
        if take(field, kind, place..<end, token, end) { return true }
      }
      return false
    case .number, .minor: return takeRun(field, kind, place, token, isDigit)
    case .word:
      return takeRun(field, kind, place, token) {
        isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
      }
    case .hex(let count):
      let end = end(of: place) { isDigit($0) || (isLetter($0) && $0 | 0x20 <= UInt8(ascii: "f")) }
      guard end > place, count == nil || end - place == count else { return false }
      return take(field, kind, place..<end, token, end)
    case .version:
      let end = endOfVersion(place)
      guard line[place..<end].contains(UInt8(ascii: ".")) else { return false }
      return take(field, kind, place..<end, token, end)
    case .joined:
      guard place + 1 < line.count, isDigit(line[place]), line[place] != UInt8(ascii: "0") else {
        return false
      }
      let digits = line[place + 1] == UInt8(ascii: "_") ? place + 2 : place + 1
      let end = end(of: digits, while: isDigit)
      return end > digits && take(field, kind, place..<end, token, end)
    }
  }

  private mutating func takeRun(
    _ field: LinePattern.Field?, _ kind: LinePattern.Kind, _ place: Int, _ token: Int,
    _ belongs: (UInt8) -> Bool
  ) -> Bool {
    let end = end(of: place, while: belongs)
    return end > place && take(field, kind, place..<end, token, end)
  }

  private mutating func take(
    _ field: LinePattern.Field?, _ kind: LinePattern.Kind, _ range: Range<Int>, _ token: Int,
    _ next: Int
  ) -> Bool {
    guard let field else { return run(token + 1, next) }
    guard !range.isEmpty, run(token + 1, next) else { return false }
    match.fields[field] = range
    match.kinds[field] = kind
    return true
  }

  private func end(of place: Int, while belongs: (UInt8) -> Bool) -> Int {
    var end = place
    while end < line.count, belongs(line[end]) { end += 1 }
    return end
  }

  /// Digits, and dots with digits behind them.
  private func endOfVersion(_ place: Int) -> Int {
    var end = end(of: place, while: isDigit)
    while end > place, end + 1 < line.count, line[end] == UInt8(ascii: "."), isDigit(line[end + 1])
    {
      end = self.end(of: end + 1, while: isDigit)
    }
    return end
  }
}
