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
  let patch: Patch

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
    let words = prose.split { isSpace($0) }.count
    guard words < Self.fewestWords else { return [] }
    let found = words == 0 ? "nothing" : "\(words) word\(words == 1 ? "" : "s")"
    return [
      warning(
        line { $0.lowercased().hasPrefix("subject:") } ?? 1,
        "the message has \(found) below its subject; say why the patch exists", "message-thin")
    ]
  }

  /// The message below the subject without its trailers.
  private var prose: [UInt8] {
    let paragraphs = patch.header.body.paragraphs
    guard let last = paragraphs.last, last.isTrailers else {
      return Array(paragraphs.joined(separator: [newline]))
    }
    return Array(paragraphs.dropLast().joined(separator: [newline]))
  }

  private var trailers: [Diagnostic] {
    let header = patch.header
    var findings: [Diagnostic] = []
    for name in ["Upstream", "Change-Id"] {
      let values = header.trailers(name)
      let start = "\(name):"
      if values.count > 1 {
        findings.append(
          warning(line(startingWith: start), "\(values.count) trailers '\(name)'", "trailer-twice"))
      }
      if values.isEmpty, let line = line({ $0.hasPrefix(start) }) {
        findings.append(
          warning(
            line, "'\(name)' is not among the trailers, the last paragraph, so no tool reads it",
            "trailer-place"))
      }
    }
    if let upstream = header.trailer("Upstream") {
      if UpstreamStanding(upstream) == nil {
        findings.append(
          warning(
            line(startingWith: "Upstream:"), "'Upstream' is \(UpstreamStanding.forms)",
            "upstream-form"))
      }
    } else if !findings.contains(where: { $0.message.contains("'Upstream'") }) {
      findings.append(
        warning(
          1, "no trailer 'Upstream' says where the patch stands: \(UpstreamStanding.forms)",
          "upstream-missing"))
    }
    if let id = header.trailer("Change-Id"), !isChangeID(id) {
      findings.append(
        warning(
          line(startingWith: "Change-Id:"), "a 'Change-Id' is an I and 40 hexadecimal digits",
          "change-id-form"))
    }
    return findings
  }

  private func isChangeID(_ text: String) -> Bool {
    text.utf8.count == 41 && text.hasPrefix("I")
      && text.utf8.dropFirst().allSatisfy {
        hexValue($0) != nil
      }
  }

  private func line(startingWith start: String) -> Int { line { $0.hasPrefix(start) } ?? 1 }

  /// The first line of the header that fits, counted from 1.
  private func line(_ fits: (String) -> Bool) -> Int? {
    let lines = patch.bytes[..<patch.header.range.upperBound].split(
      separator: newline, omittingEmptySubsequences: false)
    return lines.firstIndex { fits(String(decoding: $0, as: UTF8.self)) }.map { $0 + 1 }
  }

  private func warning(_ line: Int, _ message: String, _ rule: String) -> Diagnostic {
    Diagnostic(Location(patch.name, line: line), message, severity: .warning, rule: rule)
  }
}
