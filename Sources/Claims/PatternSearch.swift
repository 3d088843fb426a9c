/// Finds the way to fill a pattern's holes in which each, from the first on, is as short as it can be.
///
/// Only a hole for anything has a choice. For the parts behind the first such hole a table says where
/// they match, made from the last part to the first; so nothing is tried twice.
///
/// - Complexity: O(bytes of the pattern × bytes of the line).
struct PatternSearch {
  /// How often a part was held against a place.
  private(set) var steps = 0
  private let tokens: [LinePattern.Token]
  private let line: [UInt8]
  private let isWhole: Bool
  /// Where the blanks at the end begin.
  private let contentEnd: Int
  private var runs = LineRuns()

  init(_ tokens: [LinePattern.Token], _ line: [UInt8], isWhole: Bool) {
    (self.tokens, self.line, self.isWhole) = (tokens, line, isWhole)
    contentEnd = line.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? 0
  }

  mutating func match(from start: Int) -> Match? {
    var match = Match()
    var place = start
    var token = 0
    while token < tokens.count, !isOpen(token) {
      guard let filled = fill(tokens[token], place) else { return nil }
      match.take(tokens[token], filled.range)
      place = filled.next
      token += 1
    }
    guard token < tokens.count else { return !isWhole || place == line.count ? match : nil }
    guard let table = table(behind: token, from: place) else { return nil }
    while token < tokens.count {
      let filled =
        isOpen(token)
        ? open(token, place, table).map { ($0, $0.upperBound) } : fill(tokens[token], place)
      guard let (range, next) = filled else { return nil }
      match.take(tokens[token], range)
      place = next
      token += 1
    }
    return match
  }

  /// True for a hole that may end in several places: one for anything that is not the last part.
  private func isOpen(_ token: Int) -> Bool {
    guard token + 1 < tokens.count else { return false }
    switch tokens[token] {
    case .hole(_, .text), .hole(_, .name): return true
    default: return false
    }
  }

  /// Where the parts behind a token match: for each the nearest place, from each place on.
  ///
  /// - Returns: nil where one of them matches nowhere.
  private mutating func table(behind first: Int, from place: Int) -> PlaceTable? {
    var table = PlaceTable(tokens: first + 1...tokens.count, places: place...line.count)
    for place in stride(from: line.count, through: place, by: -1) {
      table.add(tokens.count, place, matches: !isWhole || place == line.count)
    }
    for token in stride(from: tokens.count - 1, to: first, by: -1) {
      runs.prepare(for: tokens[token], line)
      let (part, isOpen) = (tokens[token], isOpen(token))
      for place in stride(from: line.count, through: place, by: -1) {
        let isMatch =
          isOpen
          ? open(token, place, table) != nil
          : fill(part, place).map { table.nearest(token + 1, $0.next) == $0.next } ?? false
        table.add(token, place, matches: isMatch)
      }
      guard table.nearest(token, place) != nil else { return nil }
    }
    return table
  }

  /// The shortest text for an open hole behind which the rest matches.
  private mutating func open(
    _ token: Int, _ place: Int, _ table: borrowing PlaceTable
  ) -> Range<Int>? {
    steps += 1
    guard case .hole(let field, let kind) = tokens[token] else { return nil }
    let least = field == nil ? place : place + 1
    guard least <= line.count, let end = table.nearest(token + 1, least) else { return nil }
    guard kind == .text || end <= runs.end(.noSlash, line, place) else { return nil }
    return place..<end
  }

  /// What a part that is no open hole takes at a place, and where the next one begins.
  private mutating func fill(
    _ part: LinePattern.Token, _ place: Int
  ) -> (range: Range<Int>, next: Int)? {
    steps += 1
    switch part {
    case .literal(let bytes):
      guard place < line.count, line[place] == bytes[0], line[place...].starts(with: bytes) else {
        return nil
      }
      return (place..<place, place + bytes.count)
    case .blanks:
      let end = runs.end(.blank, line, place)
      return end > place ? (place..<end, end) : nil
    case .quote:
      guard place < line.count, line[place] == 0x22 || line[place] == 0x27 else { return nil }
      return (place..<place, place + 1)
    case .end:
      let end = runs.end(.blank, line, place)
      return end == line.count ? (place..<end, end) : nil
    case .hole(let field, let kind):
      guard let (range, next) = fill(kind, place), field == nil || !range.isEmpty else {
        return nil
      }
      return (range, next)
    }
  }

  private func fill(_ kind: LinePattern.Kind, _ place: Int) -> (range: Range<Int>, next: Int)? {
    var end = place
    switch kind {
    case .text, .name:
      // The last part takes the rest, without the blanks at the end of a line.
      end = max(place, contentEnd)
      guard kind == .text || end <= runs.end(.noSlash, line, place) else { return nil }
      return (place..<end, isWhole ? end : line.count)
    case .number, .minor: end = runs.end(.digit, line, place)
    case .word: end = runs.end(.word, line, place)
    case .hex(let count):
      end = runs.end(.hexadecimal, line, place)
      if let count, end - place != count { return nil }
    case .version:
      end = runs.end(.version, line, place)
      guard end > runs.end(.digit, line, place) else { return nil }
    case .joined:
      guard place + 1 < line.count, isDigit(line[place]), line[place] != UInt8(ascii: "0") else {
        return nil
      }
      let digits = line[place + 1] == UInt8(ascii: "_") ? place + 2 : place + 1
      end = runs.end(.digit, line, digits)
      guard end > digits else { return nil }
    }
    return end > place ? (place..<end, end) : nil
  }
}

extension Match {
  /// Of two holes for one field the first counts.
  fileprivate mutating func take(_ token: LinePattern.Token, _ range: Range<Int>) {
    guard case .hole(let field?, let kind) = token, fields[field] == nil else { return }
    fields[field] = range
    kinds[field] = kind
  }
}

/// Where the parts of a pattern match.
private struct PlaceTable: ~Copyable {
  private let tokens: ClosedRange<Int>
  private let places: ClosedRange<Int>
  /// The nearest place for each token and place; `Int32.max` for none.
  private var nearest: [Int32]

  init(tokens: ClosedRange<Int>, places: ClosedRange<Int>) {
    (self.tokens, self.places) = (tokens, places)
    nearest = Array(repeating: .max, count: tokens.count * places.count)
  }

  private func index(_ token: Int, _ place: Int) -> Int {
    (token - tokens.lowerBound) * places.count + place - places.lowerBound
  }

  /// Places are added from the last to the first.
  mutating func add(_ token: Int, _ place: Int, matches: Bool) {
    let index = index(token, place)
    if matches {
      nearest[index] = Int32(place)
    } else if place < places.upperBound {
      nearest[index] = nearest[index + 1]
    }
  }

  func nearest(_ token: Int, _ place: Int) -> Int? {
    let found = nearest[index(token, place)]
    return found == .max ? nil : Int(found)
  }
}
