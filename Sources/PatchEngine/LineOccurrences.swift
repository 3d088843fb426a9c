import Patches

/// Finds where some lines stand one below the other in a text.
///
/// - Complexity: the first searches walk through the text once each; then an index of the text is
///   made, and a search costs what it looks for and what it finds.
struct LineOccurrences {
  /// So many searches walk through the text.
  static let mostWalks = 16

  let text: Text
  private var walks = 0
  private var order: SuffixOrder?
  /// How many lines all searches have compared, ordered or found.
  private(set) var work = 0

  init(_ text: Text) {
    self.text = text
  }

  /// Every line, counted from 0, at which the ranges of `source` stand, in order; no place for no
  /// lines.
  mutating func places(of lines: [Range<Int>], in source: [UInt8]) -> [Int] {
    guard !lines.isEmpty, lines.count <= text.lines.count else { return [] }
    if order == nil, walks < Self.mostWalks {
      walks += 1
      return walk(lines, source)
    }
    if order == nil {
      let made = SuffixOrder(text)
      work += made.work
      order = made
    }
    guard let order else { return [] }
    return order.places(of: lines, in: source, &work)
  }

  /// One pass over the text (Knuth, Morris and Pratt): after a mismatch the search goes on with what
  /// is known of the lines before it.
  private mutating func walk(_ lines: [Range<Int>], _ source: [UInt8]) -> [Int] {
    let borders = borders(lines, source)
    var found: [Int] = []
    var matched = 0
    for index in text.lines.indices {
      while true {
        work += 1
        if text.line(index, equals: lines[matched], of: source) {
          matched += 1
          break
        }
        if matched == 0 { break }
        matched = borders[matched - 1]
      }
      if matched == lines.count {
        found.append(index + 1 - matched)
        matched = borders[matched - 1]
      }
    }
    return found
  }

  /// For each number of first lines how many of the last of them are also the first.
  private mutating func borders(_ lines: [Range<Int>], _ source: [UInt8]) -> [Int] {
    var borders = [Int](repeating: 0, count: lines.count)
    var matched = 0
    for index in lines.indices.dropFirst() {
      while true {
        work += 1
        if source[lines[index]] == source[lines[matched]] {
          matched += 1
          break
        }
        if matched == 0 { break }
        matched = borders[matched - 1]
      }
      borders[index] = matched
    }
    return borders
  }
}
