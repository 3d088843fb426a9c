#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A pattern of `.gitattributes` for paths (gitattributes(5), wildmatch.c in git).
struct PathPattern {
  private let bytes: [UInt8]
  /// True for a pattern without a slash, which is compared with the last component alone.
  private let isName: Bool

  /// - Returns: nil for a pattern that matches no file: one for directories, or one that negates.
  init?(_ text: [UInt8]) {
    guard let first = text.first, first != UInt8(ascii: "!"), text.last != slash else { return nil }
    isName = !text.contains(slash)
    bytes = first == slash ? Array(text.dropFirst()) : text
  }

  /// - Parameter path: relative to the folder of the file that has the pattern.
  func matches(_ path: ArraySlice<UInt8>) -> Bool {
    guard isName else { return Self.matches(bytes[...], path, crossesSlashes: false) }
    let name = path[(path.lastIndex(of: slash).map { $0 + 1 } ?? path.startIndex)...]
    return Self.matches(bytes[...], name, crossesSlashes: true)
  }

  /// Goes through the pattern with all lengths of the text that it may have matched so far, so that many
  /// stars cost no more than O(pattern × text).
  private static func matches(
    _ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>, crossesSlashes: Bool
  ) -> Bool {
    var reached = [Bool](repeating: false, count: text.count + 1)
    reached[0] = true
    var rest = pattern
    while let token = Token(&rest, at: pattern, crossesSlashes) {
      reached = token.advance(reached, over: text)
      guard reached.contains(true) else { return false }
    }
    return rest.isEmpty && reached[text.count]
  }

  /// One part of a pattern.
  private enum Token {
    case byte(UInt8)
    /// `?` or `[…]`.
    case one((UInt8) -> Bool)
    case star(crossesSlashes: Bool)
    /// `**/`: nothing, or folders with their slash.
    case folders

    /// Takes the next part off; nil at the end, or where the rest is malformed and matches nothing.
    init?(_ rest: inout ArraySlice<UInt8>, at pattern: ArraySlice<UInt8>, _ crossesSlashes: Bool) {
      guard let first = rest.first else { return nil }
      switch first {
      case UInt8(ascii: "*"):
        let stars = rest.prefix { $0 == UInt8(ascii: "*") }
        let isWhole =
          stars.startIndex == pattern.startIndex || pattern[stars.startIndex - 1] == slash
        let after = rest.dropFirst(stars.count)
        if stars.count > 1, isWhole, !crossesSlashes, after.first == slash {
          rest = after.dropFirst()
          self = .folders
        } else {
          rest = after
          let isDeep = stars.count > 1 && isWhole && after.isEmpty
          self = .star(crossesSlashes: crossesSlashes || isDeep)
        }
      case UInt8(ascii: "?"):
        rest.removeFirst()
        self = .one { crossesSlashes || $0 != slash }
      case UInt8(ascii: "["):
        guard let (set, length) = ByteSet.parse(rest) else { return nil }
        rest = rest.dropFirst(length)
        self = .one { set.contains($0) && (crossesSlashes || $0 != slash) }
      case UInt8(ascii: "\\"):
        guard let next = rest.dropFirst().first else { return nil }
        rest = rest.dropFirst(2)
        self = .byte(next)
      default:
        rest.removeFirst()
        self = .byte(first)
      }
    }

    /// - Parameter reached: true at each length of the text that the pattern matches up to here.
    func advance(_ reached: [Bool], over text: ArraySlice<UInt8>) -> [Bool] {
      var result = [Bool](repeating: false, count: reached.count)
      for (length, byte) in text.enumerated() {
        switch self {
        case .byte(let wanted): result[length + 1] = reached[length] && byte == wanted
        case .one(let matches): result[length + 1] = reached[length] && matches(byte)
        case .star(let crossesSlashes):
          if reached[length] { result[length] = true }
          result[length + 1] =
            reached[length + 1] || (result[length] && (crossesSlashes || byte != slash))
        case .folders:
          if reached[length] { result[length] = true }
          // Where a folder ends, what follows may begin; from any point before it.
          if byte == slash, reached[...length].contains(true) { result[length + 1] = true }
        }
      }
      switch self {
      case .star, .folders: result[text.count] = result[text.count] || reached[text.count]
      case .byte, .one: break
      }
      return result
    }
  }

  /// The bytes that a bracket expression stands for.
  private struct ByteSet {
    private var members: Set<UInt8> = []
    private var isNegated = false

    func contains(_ byte: UInt8) -> Bool { members.contains(byte) != isNegated }

    /// - Returns: the set and how long the expression is; nil for one that does not end.
    static func parse(_ text: ArraySlice<UInt8>) -> (set: ByteSet, length: Int)? {
      var set = ByteSet()
      var at = text.startIndex + 1
      if at < text.endIndex, "!^".utf8.contains(text[at]) {
        set.isNegated = true
        at += 1
      }
      var isFirst = true
      var last: UInt8?
      while at < text.endIndex {
        var byte = text[at]
        if byte == UInt8(ascii: "]"), !isFirst { return (set, at + 1 - text.startIndex) }
        isFirst = false
        if byte == UInt8(ascii: "["), let (members, next) = named(text, at) {
          set.members.formUnion(members)
          (at, last) = (next, nil)
          continue
        }
        let isRange =
          byte == UInt8(ascii: "-") && last != nil && at + 1 < text.endIndex
          && text[at + 1] != UInt8(ascii: "]")
        if isRange { at += 1 }
        byte = text[at]
        if byte == UInt8(ascii: "\\") {
          at += 1
          guard at < text.endIndex else { return nil }
          byte = text[at]
        }
        if isRange, let low = last {
          if low <= byte { set.members.formUnion(low...byte) }
          last = nil
        } else {
          set.members.insert(byte)
          last = byte
        }
        at += 1
      }
      return nil
    }

    /// `[:alpha:]` and its like.
    private static func named(_ text: ArraySlice<UInt8>, _ start: Int) -> ([UInt8], Int)? {
      guard start + 1 < text.endIndex, text[start + 1] == UInt8(ascii: ":"),
        let end = text[(start + 2)...].firstIndex(of: UInt8(ascii: "]")),
        end > start + 2, text[end - 1] == UInt8(ascii: ":")
      else { return nil }
      let name = String(decoding: text[(start + 2)..<(end - 1)], as: UTF8.self)
      guard let members = classes[name] else { return nil }
      return ((0...127).filter(members), end + 1)
    }

    private static let classes: [String: @Sendable (UInt8) -> Bool] = [
      "alpha": { isalpha(Int32($0)) != 0 }, "digit": { isdigit(Int32($0)) != 0 },
      "alnum": { isalnum(Int32($0)) != 0 }, "upper": { isupper(Int32($0)) != 0 },
      "lower": { islower(Int32($0)) != 0 }, "space": { isspace(Int32($0)) != 0 },
      "blank": { $0 == 32 || $0 == 9 }, "punct": { ispunct(Int32($0)) != 0 },
      "xdigit": { isxdigit(Int32($0)) != 0 }, "cntrl": { iscntrl(Int32($0)) != 0 },
      "graph": { isgraph(Int32($0)) != 0 }, "print": { isprint(Int32($0)) != 0 },
    ]
  }
}

private let slash = UInt8(ascii: "/")
