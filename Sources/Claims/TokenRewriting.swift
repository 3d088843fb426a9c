/// A number in a line that stands for a microversion.
struct NumberToken: Hashable {
  enum Form: Hashable {
    /// `2.96`
    case dotted
    /// `296` or `2_96` behind a `v` or a `_`.
    case joined(separator: Bool)
  }

  let range: Range<Int>
  let form: Form
  let value: CounterValue
}

extension Renumbering {
  /// The numbers of a line that may stand for one of some values: not parts of longer numbers, not
  /// versions that something is compared with, as requirements have them.
  ///
  /// - Parameter wanted: dotted numbers of two parts.
  static func tokens(in line: [UInt8], of wanted: Set<CounterValue>) -> [NumberToken] {
    var result: [NumberToken] = []
    var index = 0
    while index < line.count {
      guard isDigit(line[index]) else {
        index += 1
        continue
      }
      let start = index
      while index < line.count, isDigit(line[index]) { index += 1 }
      let digits = index
      while index + 1 < line.count, line[index] == UInt8(ascii: "."), isDigit(line[index + 1]) {
        index += 1
        while index < line.count, isDigit(line[index]) { index += 1 }
      }
      if index == digits {
        if let token = joined(line, start, digits, wanted) {
          result.append(token)
          index = token.range.upperBound
        }
        continue
      }
      let value = CounterValue(line[start..<index])
      guard wanted.contains(value), !follows(line, start) else { continue }
      result.append(NumberToken(range: start..<index, form: .dotted, value: value))
    }
    return result
  }

  /// True behind a dot, and behind an operator that compares versions.
  private static func follows(_ line: [UInt8], _ start: Int) -> Bool {
    guard start > 0 else { return false }
    switch line[start - 1] {
    case UInt8(ascii: "."), UInt8(ascii: "<"), UInt8(ascii: ">"): return true
    case UInt8(ascii: "="):
      return start > 1 && "<>=~!".utf8.contains(line[start - 2])
    default: return false
    }
  }

  /// `296` or `2_96`, in `create_v296` and `v2_96`.
  private static func joined(
    _ line: [UInt8], _ start: Int, _ end: Int, _ wanted: Set<CounterValue>
  ) -> NumberToken? {
    guard start > 0, "vV_".utf8.contains(line[start - 1]) else { return nil }
    for value in wanted {
      guard let numbers = value.numbers, numbers.count == 2 else { continue }
      for separator in [false, true] {
        let text = Array("\(numbers[0])\(separator ? "_" : "")\(numbers[1])".utf8)
        let after = start + text.count
        guard line[start...].starts(with: text), after >= end,
          after == line.count || !isDigit(line[after])
        else { continue }
        return NumberToken(
          range: start..<after, form: .joined(separator: separator), value: value)
      }
    }
    return nil
  }

  /// The line with tokens replaced; a token whose value does not change stays.
  func rewritten(_ line: [UInt8], _ tokens: [NumberToken]) -> [UInt8] {
    var result = line
    for token in tokens.reversed() {
      guard let new = values[token.value] else { continue }
      result.replaceSubrange(token.range, with: token.text(of: new))
    }
    return result
  }
}

extension NumberToken {
  func text(of value: CounterValue) -> [UInt8] {
    switch form {
    case .dotted: return value.bytes
    case .joined(let separator):
      return value.bytes.flatMap { byte in
        byte == UInt8(ascii: ".") ? (separator ? [UInt8(ascii: "_")] : []) : [byte]
      }
    }
  }
}

/// True where a line of prose tells of a release or a version, and so of what a number is there:
/// `2024.1`, `29.0.0`.
func tellsOfReleases(_ line: [UInt8]) -> Bool {
  var index = 0
  while index < line.count {
    guard isDigit(line[index]), index == 0 || line[index - 1] != UInt8(ascii: ".") else {
      index += 1
      continue
    }
    let start = index
    while index < line.count,
      isDigit(line[index])
        || (line[index] == UInt8(ascii: ".") && index + 1 < line.count && isDigit(line[index + 1]))
    {
      index += 1
    }
    guard let numbers = CounterValue(line[start..<index]).numbers else { continue }
    if numbers.count >= 3 { return true }
    if numbers.count == 2, (2010...2099).contains(numbers[0]), numbers[1] <= 2 { return true }
  }
  return false
}
