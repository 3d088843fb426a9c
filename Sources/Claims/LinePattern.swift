/// What a line, or a path, looks like that gives a value.
///
/// A pattern is text with holes: `_MAX_API_VERSION = {quote}{value}{quote}`. Blanks before the line are
/// passed over, a blank in the pattern stands for one or more, and what follows the pattern does not
/// matter unless it ends in `{end}`. A path is matched whole.
///
/// | hole | stands for |
/// | --- | --- |
/// | `{value}`, `{value:version}` | a dotted number, `2.96` |
/// | `{value:number}` | a number |
/// | `{value:hex}`, `{value:hex16}` | hexadecimal digits, any number or so many |
/// | `{value:joined}` | `2_96` or `296` for 2.96 |
/// | `{value:minor}` | the last number of 2.96 alone, `96`; the first is Nova's 2 |
/// | `{value:word}` | letters, digits and `_` `-` |
/// | `{value:text}` | anything up to what follows |
/// | `{identity}`, `{fingerprint}` | anything up to what follows; every kind above may be given |
/// | `{}`, `{name}` | anything; anything but `/` |
/// | `{quote}`, `{end}` | either quotation mark; the end of the line |
/// | `{{` | a brace |
public struct LinePattern: Hashable, Sendable {
  /// What a hole is filled with.
  public enum Field: String, Hashable, Sendable, CaseIterable {
    case value, identity, fingerprint
  }

  enum Kind: Hashable, Sendable {
    case version, number, joined, minor, word, text, name
    case hex(Int?)
  }

  enum Token: Hashable, Sendable {
    case literal([UInt8])
    case blanks
    case quote
    case end
    case hole(Field?, Kind)
  }

  /// Why a text is no pattern.
  public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// The pattern as it was written.
  public let source: String
  let tokens: [Token]
  /// The longest line that is matched, in bytes.
  static let longestLine = 2_000
  /// The longest pattern, in bytes.
  static let longestPattern = 4_000
  /// The most parts that a pattern has: a line is held against each of them.
  static let mostTokens = 64

  /// - Throws: what is wrong with the text.
  public init(_ source: String) throws(Problem) {
    guard source.utf8.count <= Self.longestPattern else {
      throw Problem(description: "the pattern has more than \(Self.longestPattern) bytes")
    }
    self.source = source
    var tokens: [Token] = []
    var rest = Array(source.utf8)[...]
    while let first = rest.first {
      if rest.starts(with: [first, UInt8(ascii: "{")]), first == UInt8(ascii: "{") {
        tokens.append(.literal([first]))
        rest = rest.dropFirst(2)
      } else if first == UInt8(ascii: "{") {
        guard let close = rest.firstIndex(of: UInt8(ascii: "}")) else {
          throw Problem(description: "'{' has no '}'")
        }
        tokens.append(
          try Self.hole(String(decoding: rest[(rest.startIndex + 1)..<close], as: UTF8.self)))
        rest = rest[(close + 1)...]
      } else if isBlank(first) {
        if tokens.last != .blanks { tokens.append(.blanks) }
        rest = rest.dropFirst()
      } else {
        let text = rest.prefix { !isBlank($0) && $0 != UInt8(ascii: "{") }
        tokens.append(.literal(Array(text)))
        rest = rest.dropFirst(text.count)
      }
    }
    guard tokens.count <= Self.mostTokens else {
      throw Problem(description: "the pattern has more than \(Self.mostTokens) parts")
    }
    guard !tokens.isEmpty else { throw Problem(description: "the pattern is empty") }
    self.tokens = tokens
  }

  private static func hole(_ text: String) throws(Problem) -> Token {
    switch text {
    case "": return .hole(nil, .text)
    case "name": return .hole(nil, .name)
    case "quote": return .quote
    case "end": return .end
    default: break
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, let field = Field(rawValue: parts[0]) else {
      throw Problem(
        description: "'{\(text)}' is no hole; there are value, identity, fingerprint, each with a "
          + "kind after a colon, and {}, {name}, {quote}, {end}")
    }
    guard parts.count == 2 else { return .hole(field, field == .value ? .version : .text) }
    switch parts[1] {
    case "version": return .hole(field, .version)
    case "number": return .hole(field, .number)
    case "joined": return .hole(field, .joined)
    case "minor": return .hole(field, .minor)
    case "word": return .hole(field, .word)
    case "text": return .hole(field, .text)
    case "name": return .hole(field, .name)
    case "hex": return .hole(field, .hex(nil))
    default:
      guard parts[1].hasPrefix("hex"), let count = Int(parts[1].dropFirst(3)), count > 0 else {
        throw Problem(
          description:
            "'\(parts[1])' is no kind; there are version, number, joined, minor, hex, hex16, "
            + "word, name, text")
      }
      return .hole(field, .hex(count))
    }
  }

  /// True where the pattern fills the hole.
  public func gives(_ field: Field) -> Bool {
    tokens.contains { if case .hole(field, _) = $0 { true } else { false } }
  }

  /// The bytes before the first hole.
  var literalStart: [UInt8] {
    var result: [UInt8] = []
    for token in tokens {
      guard case .literal(let bytes) = token else { break }
      result += bytes
    }
    return result
  }

  /// How many parts can match in several places of a line: those from the first hole for anything on that is
  /// not the last part.
  var openParts: Int {
    let first = tokens.indices.dropLast().first {
      switch tokens[$0] {
      case .hole(_, .text), .hole(_, .name): true
      default: false
      }
    }
    return first.map { tokens.count - $0 } ?? 0
  }

  /// True where there are no holes.
  var isLiteral: Bool { tokens.allSatisfy { if case .literal = $0 { true } else { false } } }
}
