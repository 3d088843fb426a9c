/// The two names on a `diff --git` line. Where neither is quoted each blank may divide them.
///
/// - Complexity: O(length of the line) for a search, whatever the number of blanks.
struct TitleNames {
  private let bytes: [UInt8]
  private let range: Range<Int>
  /// How many components of a name are dropped.
  private let strip: Int
  private let slashes: [Int]
  /// How many bytes and divisions the searches have looked at.
  private(set) var work: Int

  init(_ bytes: [UInt8], _ range: Range<Int>, strip: Int) {
    self.bytes = bytes
    self.range = range
    self.strip = strip
    slashes = strip == 0 ? [] : range.filter { bytes[$0] == UInt8(ascii: "/") }
    work = range.count
  }

  /// The name that stands on both sides.
  mutating func common() -> [UInt8]? {
    var found: [UInt8]?
    search { old, new in
      guard old.count == new.count, old == new else { return false }
      found = Array(old)
      return true
    }
    return found
  }

  /// True where the line can be read as these two names.
  mutating func are(_ old: [UInt8], _ new: [UInt8]) -> Bool {
    search { $0.count == old.count && $1.count == new.count && $0 == old[...] && $1 == new[...] }
  }

  /// Offers each pair of names, without the components that are dropped, the first division first.
  ///
  /// - Returns: true once `isWanted` is.
  @discardableResult
  private mutating func search(
    _ isWanted: (ArraySlice<UInt8>, ArraySlice<UInt8>) -> Bool
  ) -> Bool {
    guard let first = range.first else { return false }
    if bytes[first] == UInt8(ascii: "\"") {
      guard let (name, end) = unquote(bytes, from: first, to: range.upperBound),
        end < range.upperBound, bytes[end] == UInt8(ascii: " "),
        let old = name[...].withoutComponents(strip), let new = second(end + 1, 0)
      else { return false }
      return isWanted(old, new)
    }
    guard strip <= slashes.count else { return false }
    let start = strip == 0 ? first : slashes[strip - 1] + 1
    var passed = 0
    for index in start..<range.upperBound where bytes[index] == UInt8(ascii: " ") {
      while passed < slashes.count, slashes[passed] < index { passed += 1 }
      work += 1
      guard let new = second(index + 1, passed) else { continue }
      if isWanted(bytes[start..<index], new) { return true }
    }
    return false
  }

  /// The second name, from `start` to the end of the line; nil where it is none.
  ///
  /// - Parameter passed: how many slashes stand before it, or fewer.
  private mutating func second(_ start: Int, _ passed: Int) -> ArraySlice<UInt8>? {
    if start < range.upperBound, bytes[start] == UInt8(ascii: "\"") {
      // A blank and a quote also end a quoted name, so that no byte is read for two divisions.
      guard let (name, end) = unquote(bytes, from: start, to: range.upperBound) else { return nil }
      work += end - start
      return end == range.upperBound ? name[...].withoutComponents(strip) : nil
    }
    guard strip > 0 else { return bytes[start..<range.upperBound] }
    var passed = passed
    while passed < slashes.count, slashes[passed] < start { passed += 1 }
    guard passed + strip <= slashes.count else { return nil }
    return bytes[(slashes[passed + strip - 1] + 1)..<range.upperBound]
  }
}

extension ArraySlice<UInt8> {
  /// A name without its first components; nil where it has no more than those.
  func withoutComponents(_ count: Int) -> ArraySlice<UInt8>? {
    var rest = self
    for _ in 0..<count {
      guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }
      rest = rest[(slash + 1)...]
    }
    return rest
  }
}
