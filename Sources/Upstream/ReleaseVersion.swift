/// The version of a release, with the order of PEP 440.
struct ReleaseVersion: Sendable {
  /// `a`, `b` and `rc`, in their order.
  enum Phase: Int, Sendable {
    case alpha, beta, candidate
  }

  let epoch: UInt64
  /// `29.4.0` as numbers, without the zeros at the end: `29.4` is the same version.
  let release: [UInt64]
  let pre: (phase: Phase, number: UInt64)?
  let post: UInt64?
  let dev: UInt64?
  /// What follows the `+`, in its parts.
  let local: [String]

  /// True for a version that is no pre-release and no development release.
  var isFinal: Bool { pre == nil && dev == nil }

  /// Reads a version in any of the spellings that PEP 440 takes (its appendix B).
  ///
  /// - Returns: nil for what is no version, and for one of more than 200 bytes.
  init?(_ text: String) {
    guard text.utf8.count <= 200 else { return nil }
    var scanner = VersionScanner(text)
    _ = scanner.take("v")
    guard let first = scanner.number() else { return nil }
    var numbers = [first]
    if scanner.take("!") {
      epoch = first
      guard let next = scanner.number() else { return nil }
      numbers = [next]
    } else {
      epoch = 0
    }
    while let next = scanner.numberAfterDot() { numbers.append(next) }
    while numbers.count > 1, numbers.last == 0 { numbers.removeLast() }
    release = numbers
    pre = scanner.preRelease()
    post = scanner.postRelease()
    dev = scanner.marked(["dev"]).map(\.number)
    guard let local = scanner.local(), scanner.isAtEnd else { return nil }
    self.local = local
  }

  /// True where a request for `self` is met by the version: one without a local part takes any.
  func takes(_ other: ReleaseVersion) -> Bool {
    local.isEmpty ? key == other.key : self == other
  }

  /// A development release comes before the pre-releases, these before the release, and a
  /// post-release after it.
  private var key: [[UInt64]] {
    let phase: [UInt64] =
      if let pre { [UInt64(pre.phase.rawValue) + 1, pre.number] } else {
        [post == nil && dev != nil ? 0 : 4]
      }
    return [[epoch], release, phase, post.map { [1, $0] } ?? [0], dev.map { [0, $0] } ?? [1]]
  }
}

extension ReleaseVersion: Comparable {
  static func == (left: ReleaseVersion, right: ReleaseVersion) -> Bool {
    left.key == right.key && left.local == right.local
  }

  static func < (left: ReleaseVersion, right: ReleaseVersion) -> Bool {
    for (one, other) in zip(left.key, right.key) where one != other {
      return one.lexicographicallyPrecedes(other)
    }
    return left.local.lexicographicallyPrecedes(right.local, by: localPrecedes)
  }

  /// A number comes after every word.
  private static func localPrecedes(_ left: String, _ right: String) -> Bool {
    switch (UInt64(left), UInt64(right)) {
    case (let left?, let right?): left < right
    case (nil, nil): Array(left.utf8).lexicographicallyPrecedes(Array(right.utf8))
    case (nil, _?): true
    case (_?, nil): false
    }
  }
}

/// Takes a version apart from left to right, in lower case.
private struct VersionScanner {
  private let bytes: [UInt8]
  private var index = 0

  init(_ text: String) {
    bytes = text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
  }

  var isAtEnd: Bool { index == bytes.count }

  mutating func take(_ word: String) -> Bool {
    guard bytes[index...].starts(with: word.utf8) else { return false }
    index += word.utf8.count
    return true
  }

  /// The number here; nil where there is none, or one that no release has.
  mutating func number() -> UInt64? {
    let digits = bytes[index...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let number = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
    index += digits.count
    return number
  }

  mutating func numberAfterDot() -> UInt64? {
    let start = index
    if take("."), let number = number() { return number }
    index = start
    return nil
  }

  mutating func preRelease() -> (phase: ReleaseVersion.Phase, number: UInt64)? {
    let words = ["alpha", "a", "beta", "b", "preview", "pre", "rc", "c"]
    guard let (word, number) = marked(words) else { return nil }
    return (word < 2 ? .alpha : word < 4 ? .beta : .candidate, number)
  }

  mutating func postRelease() -> UInt64? {
    let start = index
    if take("-"), let number = number() { return number }
    index = start
    return marked(["post", "rev", "r"]).map(\.number)
  }

  /// One of the words with its number, which may be missing, and separators where they may be.
  mutating func marked(_ words: [String]) -> (word: Int, number: UInt64)? {
    let start = index
    takeSeparator()
    for (word, text) in words.enumerated() where take(text) {
      let end = index
      takeSeparator()
      if let number = number() { return (word, number) }
      index = end
      return (word, 0)
    }
    index = start
    return nil
  }

  /// The parts of a local version; nil for a `+` with nothing that is one behind it.
  mutating func local() -> [String]? {
    guard take("+") else { return [] }
    let parts = bytes[index...].split(
      omittingEmptySubsequences: false, whereSeparator: Self.isSeparator)
    index = bytes.count
    guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isLocalByte) }) else { return nil }
    return parts.map { String(decoding: $0, as: UTF8.self) }
  }

  private mutating func takeSeparator() {
    if index < bytes.count, Self.isSeparator(bytes[index]) { index += 1 }
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  private static func isLocalByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
