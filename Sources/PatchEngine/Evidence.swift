import Patches

/// How an upstream commit was found that is, or may be, a patch of a stack.
public enum LandingEvidence: String, Hashable, Sendable, CaseIterable {
  /// It has the patch's `Change-Id`.
  case changeID = "change-id"
  /// It has the patch's patch id.
  case patchID = "patch-id"
  /// The patch's `Upstream` trailer names it.
  case trailer
  /// It brought the patch's lines.
  case content
  /// Its subject is similar, and it brought lines of the patch.
  case subject

  /// True where the commit is the patch, whatever became of its text.
  public var isIdentity: Bool {
    switch self {
    case .changeID, .patchID: true
    case .trailer, .content, .subject: false
    }
  }
}

extension PatchHeader {
  /// The last `Change-Id` of the message, as Gerrit takes it: `I` and 40 hexadecimal digits.
  public var changeID: [UInt8]? { changeIDs(in: body).last }

  /// The name of the commit, 7 to 40 hexadecimal digits, in the `Upstream` trailer; nil where it
  /// names none.
  public var upstreamCommit: String? {
    guard let value = trailer("Upstream"), let range = value.range(of: "/commit/") else {
      return nil
    }
    let digits = value[range.upperBound...].prefix { $0.isHexDigit && $0.isASCII }
    return (7...40).contains(digits.count) ? digits.lowercased() : nil
  }
}

extension String {
  /// The first place of a word.
  fileprivate func range(of word: String) -> Range<String.Index>? { firstRange(of: word) }
}

/// The ids of all lines `Change-Id: I…` in a message.
public func changeIDs(in message: [UInt8]) -> [[UInt8]] {
  values(of: Array("Change-Id: I".utf8), digits: 40, in: message).map { [UInt8(ascii: "I")] + $0 }
}

/// The commits that a message says it reverts, as `git revert` writes it.
public func revertedCommits(in message: [UInt8]) -> [ObjectID] {
  values(of: Array("This reverts commit ".utf8), digits: 40, in: message).compactMap {
    ObjectID(hex: $0)
  }
}

/// The hexadecimal digits behind a word at the start of lines.
private func values(of word: [UInt8], digits count: Int, in message: [UInt8]) -> [[UInt8]] {
  var result: [[UInt8]] = []
  var start = 0
  let span = message.span
  while start < message.count {
    var index = 0
    while index < word.count, start + index < message.count, span[start + index] == word[index] {
      index += 1
    }
    if index == word.count {
      let digits = message[(start + index)...].prefix { isHexDigit($0) }
      if digits.count == count { result.append(Array(digits)) }
    }
    while start < message.count, span[start] != UInt8(ascii: "\n") { start += 1 }
    start += 1
  }
  return result
}

private func isHexDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
    UInt8(ascii: "A")...UInt8(ascii: "F"):
    true
  default: false
  }
}

/// The words of a subject that say something, in lower case.
public func subjectWords(_ subject: [UInt8]) -> Set<[UInt8]> {
  let words = subject.map { (65...90).contains($0) ? $0 | 0x20 : $0 }.split { byte in
    !((97...122).contains(byte) || (48...57).contains(byte) || byte >= 0x80)
  }
  return Set(words.filter { $0.count >= 3 }.map(Array.init)).subtracting(commonWords)
}

private let commonWords: Set<[UInt8]> = Set(
  ["add", "and", "for", "from", "the", "with", "when", "not", "use", "fix"].map { Array($0.utf8) })

/// True where two subjects share at least three words, and half of all that they have.
public func isSimilar(_ left: Set<[UInt8]>, _ right: Set<[UInt8]>) -> Bool {
  let shared = left.intersection(right).count
  return shared >= 3 && shared * 2 >= left.union(right).count
}
