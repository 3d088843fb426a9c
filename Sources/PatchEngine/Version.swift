/// A released version that a tag names: `29.0.1`, `v2.39.5`, `31.0.0.0rc1`.
public struct Version: Hashable, Sendable {
  /// The tag's name.
  public let name: String
  private let numbers: [Int]
  /// The letters and number of a version before the release, such as `rc` and 1.
  private let stage: (letters: String, number: Int)?

  public var isPreRelease: Bool { stage != nil }

  /// - Returns: nil for a tag that names no version, such as `2024.1-eom`.
  public init?(tag name: String) {
    self.name = name
    let text = name.hasPrefix("v") ? name.dropFirst() : name[...]
    let numeric = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let parts = numeric.split(separator: ".", omittingEmptySubsequences: false)
    var numbers = parts.compactMap { $0.utf8.count <= 9 ? Int($0) : nil }
    guard numbers.count == parts.count || (parts.last == "" && numbers.count == parts.count - 1)
    else { return nil }
    let rest = text.dropFirst(numeric.count).drop { $0 == "-" || $0 == "." }
    if rest.isEmpty {
      guard parts.last != "", numbers.count >= 2 else { return nil }
      stage = nil
    } else {
      let letters = rest.prefix { $0.isLetter }.lowercased()
      let number = rest.dropFirst(letters.count).drop { $0 == "." || $0 == "-" }
      guard ["a", "b", "rc", "alpha", "beta", "dev"].contains(letters), numbers.count >= 2,
        let stageNumber = number.isEmpty ? 0 : Int(number)
      else { return nil }
      // OpenStack writes the first candidate of 31.0.0 as 31.0.0.0rc1.
      if numbers.count > 3, parts.last == "0" { numbers.removeLast() }
      stage = (letters, stageNumber)
    }
    while numbers.last == 0, numbers.count > 1 { numbers.removeLast() }
    self.numbers = numbers
  }

  public static func == (left: Version, right: Version) -> Bool { left.name == right.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Version: Comparable {
  /// Older before newer. Versions that begin with a year come first: OpenStack's projects counted in
  /// years up to 2015 and in small numbers after it. A candidate comes before its release.
  public static func < (left: Version, right: Version) -> Bool {
    let years = (left.isOfYear ? 0 : 1, right.isOfYear ? 0 : 1)
    if years.0 != years.1 { return years.0 < years.1 }
    if left.numbers != right.numbers {
      return left.numbers.lexicographicallyPrecedes(right.numbers)
    }
    switch (left.stage, right.stage) {
    case (let one?, let other?): return one < other
    case (_?, nil): return true
    case (nil, _?): return false
    case (nil, nil): return left.name < right.name
    }
  }

  private var isOfYear: Bool { numbers[0] >= 1_900 }
}
