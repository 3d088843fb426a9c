/// What has to change in a released archive's own files when its tree is patched, so that what is
/// built of it is whole and says what it is. pbr takes version and files of a tree without a
/// repository from there.
public enum SourceDistribution {
  /// `PKG-INFO` with another version.
  ///
  /// - Returns: nil where it states none.
  public static func metadata(_ text: [UInt8], version: String) -> [UInt8]? {
    var lines = text.split(separator: lineFeed, omittingEmptySubsequences: false).map(Array.init)
    let end = lines.firstIndex { $0.isEmpty || $0 == [13] } ?? lines.count
    guard let place = lines[..<end].firstIndex(where: { $0.starts(with: field) }) else {
      return nil
    }
    let ending: [UInt8] = lines[place].last == 13 ? [13] : []
    lines[place] = Array("Version: \(version)".utf8) + ending
    return Array(lines.joined(separator: [lineFeed]))
  }

  /// The version that `PKG-INFO` states; nil where it states none, or something that cannot be part of
  /// a file's name.
  public static func version(of text: [UInt8]) -> String? {
    for line in text.split(separator: lineFeed, omittingEmptySubsequences: false) {
      if line.isEmpty || line == [13] { return nil }
      guard line.starts(with: field) else { continue }
      let words = String(decoding: line.dropFirst(field.count), as: UTF8.self)
        .split(whereSeparator: \.isWhitespace)
      return words.count == 1 && isVersion(words[0]) ? String(words[0]) : nil
    }
    return nil
  }

  private static let field = Array("Version:".utf8)

  private static func isVersion(_ word: Substring) -> Bool {
    guard let first = word.utf8.first, isLetterOrDigit(first) else { return false }
    return word.utf8.allSatisfy { isLetterOrDigit($0) || ".+!_-".utf8.contains($0) }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }

  /// `SOURCES.txt` with files that the tree has more, and without those that it no longer has. Lines
  /// that are there keep their order.
  public static func sources(
    _ text: [UInt8], adding added: [[UInt8]], removing removed: Set<[UInt8]>
  ) -> [UInt8] {
    var lines = text.split(separator: lineFeed).map(Array.init).filter { !removed.contains($0) }
    let present = Set(lines)
    for path in added where !present.contains(path) { lines.append(path) }
    return Array(lines.joined(separator: [lineFeed])) + [lineFeed]
  }

  /// A version of PEP 440 with a label of one's own behind it: `29.4.0+kerbside.13`.
  public static func localVersion(_ version: String, label: String, count: Int) -> String {
    let separator = version.contains("+") ? "." : "+"
    return count == 0 ? version : "\(version)\(separator)\(label).\(count)"
  }
}

private let lineFeed = UInt8(ascii: "\n")
