import Patches

/// What git's attributes say of paths, as far as they decide what a file is in a commit
/// (gitattributes(5)).
struct Attributes {
  enum Value: Equatable {
    case set, unset
    case text(String)
  }

  /// A line: to which paths it gives what, the last word first.
  fileprivate struct Rule {
    let pattern: PathPattern
    let given: [Given]
  }

  /// An attribute and its value; nil where a line takes away what others said.
  fileprivate typealias Given = (name: String, value: Value?)

  /// A file of attributes with the folder whose paths it is for.
  struct File {
    fileprivate let folder: [UInt8]
    fileprivate let rules: [Rule]
    fileprivate let macros: [String: [Given]]
  }

  /// The value of each attribute that a path has.
  ///
  /// - Parameter files: those of the whole tree and of the folders above the path, the weakest first.
  static func of(_ path: RepoPath, in files: [File]) -> [String: Value] {
    var macros: [String: [Given]] = [
      "binary": [("text", .unset), ("merge", .unset), ("diff", .unset)]
    ]
    for file in files { macros.merge(file.macros) { $1 } }
    var found: [String: Value?] = [:]
    func take(_ given: [Given]) {
      for (name, value) in given where found[name] == nil {
        found.updateValue(value, forKey: name)
        if value == .set, let expanded = macros[name] { take(expanded) }
      }
    }
    for file in files.reversed() {
      let below = path.bytes.dropFirst(file.folder.isEmpty ? 0 : file.folder.count + 1)
      for rule in file.rules.reversed() where rule.pattern.matches(below) { take(rule.given) }
    }
    return found.compactMapValues { $0 }
  }
}

extension Attributes.File {
  /// git reads no longer line, and no larger file.
  private static let maximumLine = 2_048
  static let maximumSize = 100 << 20
  /// The most lines that say something; nobody has so many, and each is tried on each path.
  private static let maximumRules = 20_000

  /// Reads a file of attributes. As git does, it passes over what it does not understand.
  ///
  /// - Parameters:
  ///   - folder: the folder that the file is in; empty for one that is for the whole tree.
  ///   - name: the file as messages name it.
  init(parsing bytes: [UInt8], folder: [UInt8], name: String) throws(GitError) {
    var rules: [Attributes.Rule] = []
    var macros: [String: [Attributes.Given]] = [:]
    let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    for line in text.split(separator: 10) where line.count < Self.maximumLine {
      var rest = line.drop(while: isBlank)
      guard let first = rest.first, first != UInt8(ascii: "#") else { continue }
      let pattern: [UInt8]
      if first == UInt8(ascii: "\""), let (quoted, end) = unquoted(rest) {
        (pattern, rest) = (quoted, rest[end...])
      } else {
        pattern = Array(rest.prefix { !isBlank($0) })
        rest = rest.dropFirst(pattern.count)
      }
      let given = Self.given(rest)
      if pattern.starts(with: "[attr]".utf8) {
        guard folder.isEmpty else { continue }
        macros[String(decoding: pattern.dropFirst(6), as: UTF8.self)] = given
      } else if let pattern = PathPattern(pattern) {
        rules.append(Attributes.Rule(pattern: pattern, given: given))
      }
      guard rules.count + macros.count <= Self.maximumRules else {
        throw GitError("read \(name)", because: "it has more than \(Self.maximumRules) lines")
      }
    }
    (self.folder, self.rules, self.macros) = (folder, rules, macros)
  }

  /// What a line gives; of one attribute the last word counts, so it comes first.
  private static func given(_ text: ArraySlice<UInt8>) -> [Attributes.Given] {
    text.split(whereSeparator: isBlank).map { word in
      switch word.first {
      case UInt8(ascii: "-"):
        return (String(decoding: word.dropFirst(), as: UTF8.self), .unset)
      case UInt8(ascii: "!"): return (String(decoding: word.dropFirst(), as: UTF8.self), nil)
      default:
        let name = word.prefix { $0 != UInt8(ascii: "=") }
        let value = word.dropFirst(name.count + 1)
        return (
          String(decoding: name, as: UTF8.self),
          name.count == word.count ? .set : .text(String(decoding: value, as: UTF8.self))
        )
      }
    }.reversed()
  }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 9 || byte == 13 }

/// A pattern in quotes as C has them, and where it ends; nil where it does not.
private func unquoted(_ text: ArraySlice<UInt8>) -> (bytes: [UInt8], end: Int)? {
  var result: [UInt8] = []
  var at = text.startIndex + 1
  while at < text.endIndex {
    let byte = text[at]
    at += 1
    if byte == UInt8(ascii: "\"") { return (result, at) }
    guard byte == UInt8(ascii: "\\") else {
      result.append(byte)
      continue
    }
    guard at < text.endIndex else { return nil }
    let escaped = text[at]
    let digits = text[at...].prefix(3)
    if let plain = plainEscapes[escaped] {
      result.append(plain)
      at += 1
    } else if digits.count == 3,
      let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
    {
      result.append(value)
      at += 3
    } else {
      return nil
    }
  }
  return nil
}

private let plainEscapes: [UInt8: UInt8] = Dictionary(
  uniqueKeysWithValues: zip("abfnrtv\"\\".utf8, [7, 8, 12, 10, 13, 9, 11, 34, 92]))
