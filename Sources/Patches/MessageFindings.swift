extension Patch {
  /// What a reader misses in the patch's message: an author, a reason, and where upstream stands.
  ///
  /// - Returns: a warning for each, at the line of the header that it is about.
  public var messageFindings: [Diagnostic] {
    MessageRules(patch: self).findings
  }
}

/// What an `Upstream` trailer says.
public enum UpstreamStanding: Hashable, Sendable {
  /// An address, of a review or of the commit that it landed as.
  case address(String)
  /// It stays here, for this reason.
  case never(String)
  /// It was not sent yet, for this reason.
  case notYet(String)

  /// - Returns: nil where the text is of none of the three forms.
  public init?(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 1)
    if let first = words.first, first.hasPrefix("https://") || first.hasPrefix("http://"),
      first.split(separator: "/").count > 1
    {
      self = .address(String(first))
    } else if let reason = Self.reason(text, after: "never, because ") {
      self = .never(reason)
    } else if let reason = Self.reason(text, after: "not submitted yet: ") {
      self = .notYet(reason)
    } else {
      return nil
    }
  }

  private static func reason(_ text: String, after words: String) -> String? {
    guard text.hasPrefix(words), text.utf8.count > words.utf8.count else { return nil }
    return String(text.dropFirst(words.count))
  }

  /// How a trailer is written, for messages.
  public static let forms =
    "an address, 'never, because REASON' or 'not submitted yet: REASON'"
}

private struct MessageRules {
  private let patch: Patch
  private let block: TrailerBlock?

  init(patch: Patch) {
    self.patch = patch
    block = TrailerBlock(patch.header.body)
  }

  /// A reason has at least as many words.
  private static let fewestWords = 5

  var findings: [Diagnostic] {
    let header = patch.header
    guard !header.subject.isEmpty, header.author != nil else {
      return [
        warning(
          1, "the patch needs an author and a message that says why it exists", "patch-header")
      ]
    }
    return thin + trailers
  }

  private var thin: [Diagnostic] {
    let words = wordCount(prose)
    guard words < Self.fewestWords else { return [] }
    let found = words == 0 ? "nothing" : "\(words) word\(words == 1 ? "" : "s")"
    return [
      warning(
        line("Subject") ?? 1,
        "the message has \(found) below its subject; say why the patch exists", "message-thin")
    ]
  }

  /// The message below the subject without its trailers.
  private var prose: [UInt8] {
    guard let block else { return patch.header.body }
    return block.items.reduce(into: Array(block.above)) { prose, item in
      if case .prose = item.kind { prose += item.lines.joined(separator: [newline]) + [newline] }
    }
  }

  private var trailers: [Diagnostic] {
    let upstream = judge("Upstream", form: UpstreamStanding.forms, "upstream-form") {
      UpstreamStanding($0) != nil
    }
    let id = judge("Change-Id", form: "an I and 40 hexadecimal digits", "change-id-form") {
      isChangeID($0)
    }
    guard upstream.isEmpty, patch.header.trailer("Upstream") == nil else { return upstream + id }
    let missing = warning(
      1, "no trailer 'Upstream' says where the patch stands: \(UpstreamStanding.forms)",
      "upstream-missing")
    return [missing] + id
  }

  /// What is wrong with the trailers of a name: their number, their place, their form.
  private func judge(
    _ name: String, form: String, _ rule: String, isGood: (String) -> Bool
  ) -> [Diagnostic] {
    let items = block?.items.filter { $0.isNamed(name) } ?? []
    guard let first = items.first, let value = patch.header.trailer(name) else {
      guard let line = line(name, below: endOfFields) else { return [] }
      return [
        warning(
          line, "'\(name)' is not among the trailers, the last paragraph, so no tool reads it",
          "trailer-place")
      ]
    }
    var findings: [Diagnostic] = []
    if items.count > 1 {
      findings.append(
        warning(line(of: first), "\(items.count) trailers '\(name)'", "trailer-twice"))
    }
    if !isGood(value) {
      findings.append(warning(line(of: first), "'\(name)' is \(form)", rule))
    }
    return findings
  }

  private func isChangeID(_ text: String) -> Bool {
    text.utf8.count == 41 && text.hasPrefix("I")
      && text.utf8.dropFirst().allSatisfy {
        hexValue($0) != nil
      }
  }

  /// The lines of the header.
  private var lines: [ArraySlice<UInt8>] {
    patch.bytes[..<patch.header.range.upperBound].split(
      separator: newline, omittingEmptySubsequences: false)
  }

  /// The line of a trailer, counted from 1. From the end of the message upwards, no line of the last
  /// paragraph was cleaned away.
  private func line(of item: TrailerBlock.Item) -> Int {
    let last = lines.lastIndex { !$0.allSatisfy(isSpace) } ?? 0
    return last + 1 - (patch.header.body.count { $0 == newline } - item.line)
  }

  /// The number of lines of a mail's fields; 0 for other forms.
  private var endOfFields: Int {
    guard patch.header.form == .mail else { return 0 }
    let first = lines.firstIndex { !$0.allSatisfy(isSpace) } ?? 0
    return lines[first...].firstIndex { $0.allSatisfy(isSpace) } ?? 0
  }

  /// The first line of the header that begins with a name and a colon, counted from 1.
  private func line(_ name: String, below start: Int = 0) -> Int? {
    lines.indices.dropFirst(start).first {
      String(decoding: lines[$0], as: UTF8.self).lowercased().hasPrefix("\(name.lowercased()):")
    }.map { $0 + 1 }
  }

  private func warning(_ line: Int, _ message: String, _ rule: String) -> Diagnostic {
    Diagnostic(Location(patch.name, line: line), message, severity: .warning, rule: rule)
  }
}

/// The number of words of a text. In scripts without spaces between words, two characters are one.
private func wordCount(_ text: [UInt8]) -> Int {
  text.split(whereSeparator: isSpace).reduce(0) { count, run in
    let dense = String(decoding: run, as: UTF8.self).unicodeScalars.count(where: standsAlone)
    return count + max(1, (dense + 1) / 2)
  }
}

/// True for characters of Chinese, Japanese, Thai, Lao, Burmese and Khmer.
private func standsAlone(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x0e01...0x0eff, 0x1000...0x109f, 0x1780...0x17ff, 0x3041...0x30ff, 0x3400...0x9fff,
    0xf900...0xfaff, 0x20000...0x3ffff:
    true
  default: false
  }
}
