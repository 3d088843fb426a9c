/// Where the runs of like bytes in a line end, so that a run is not walked again from each of its bytes.
struct LineRuns {
  enum Class: Int, CaseIterable {
    case blank, digit, word, hexadecimal, noSlash
    /// Digits, and dots with digits behind them.
    case version
  }

  /// The ends by place, for the classes that were prepared; empty while there are none.
  private var ends: [[Int]] = []

  /// Makes the tables that a token asks for at every place.
  mutating func prepare(for token: LinePattern.Token, _ line: [UInt8]) {
    switch token {
    case .literal, .quote: break
    case .blanks, .end: prepare(.blank, line)
    case .hole(_, let kind):
      for one in kind.classes { prepare(one, line) }
    }
  }

  private mutating func prepare(_ one: Class, _ line: [UInt8]) {
    if ends.isEmpty { ends = Array(repeating: [], count: Class.allCases.count) }
    guard ends[one.rawValue].isEmpty else { return }
    if one == .version { prepare(.digit, line) }
    var table = Array(repeating: line.count, count: line.count + 1)
    for place in line.indices.reversed() {
      if !one.contains(line[place]) {
        table[place] = place
      } else if one == .version {
        let end = end(.digit, line, place)
        table[place] = continues(line, end) ? table[end + 1] : end
      } else {
        table[place] = table[place + 1]
      }
    }
    ends[one.rawValue] = table
  }

  /// Where the run that begins at a place ends; the place itself where none does.
  func end(_ one: Class, _ line: [UInt8], _ place: Int) -> Int {
    if !ends.isEmpty, !ends[one.rawValue].isEmpty { return ends[one.rawValue][place] }
    var end = place
    while end < line.count {
      if one.contains(line[end]) || (one == .version && end > place && continues(line, end)) {
        end += 1
      } else {
        break
      }
    }
    return end
  }

  /// True for a dot with a digit behind it.
  private func continues(_ line: [UInt8], _ place: Int) -> Bool {
    place + 1 < line.count && line[place] == UInt8(ascii: ".") && isDigit(line[place + 1])
  }
}

extension LineRuns.Class {
  func contains(_ byte: UInt8) -> Bool {
    switch self {
    case .blank: isBlank(byte)
    case .digit, .version: isDigit(byte)
    case .word:
      isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    case .hexadecimal: isDigit(byte) || (isLetter(byte) && byte | 0x20 <= UInt8(ascii: "f"))
    case .noSlash: byte != UInt8(ascii: "/")
    }
  }
}

extension LinePattern.Kind {
  /// The runs that a hole of this kind looks for.
  fileprivate var classes: [LineRuns.Class] {
    switch self {
    case .text: []
    case .name: [.noSlash]
    case .number, .minor, .joined: [.digit]
    case .word: [.word]
    case .hex: [.hexadecimal]
    case .version: [.digit, .version]
    }
  }
}
