/// An address with `http` or `https`, a host and a path.
struct WebAddress: Hashable, Sendable {
  /// The longest address that is taken.
  static let maximumLength = 8192

  let isSecure: Bool
  /// Host and port, with what stands before the `@` where there is something.
  let authority: String
  /// From the first slash on, without `.` and `..`; percent signs stay.
  let path: String
  /// From the `?` on; empty where there is none.
  let query: String

  /// Reads an absolute address, with whatever fragment it has taken off.
  init?(_ text: String) {
    guard let rest = Self.afterScheme(text) else { return nil }
    let end = rest.text.firstIndex { "/?#".contains($0) } ?? rest.text.endIndex
    self.init(
      isSecure: rest.isSecure, authority: String(rest.text[..<end]), rest: rest.text[end...])
  }

  /// The address that a reference on this page stands for (RFC 3986, section 5.2).
  ///
  /// - Returns: nil for another scheme, for a reference to this page itself, and for one that is
  ///   too long.
  func resolving(_ reference: String) -> WebAddress? {
    guard reference.utf8.count <= Self.maximumLength else { return nil }
    if reference.hasPrefix("//") {
      return WebAddress((isSecure ? "https:" : "http:") + reference)
    }
    if reference.hasPrefix("/") {
      return WebAddress(isSecure: isSecure, authority: authority, rest: reference[...])
    }
    let head = reference.prefix { !"/?#".contains($0) }
    if head.contains(":") { return WebAddress(reference) }
    guard let first = reference.first, first != "?", first != "#" else { return nil }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
    return WebAddress(isSecure: isSecure, authority: authority, rest: (folder + reference)[...])
  }

  /// The last part of the path, with its percent signs undone; nil where that is no text.
  var fileName: String? {
    let name = path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]
    return percentDecoded(name)
  }

  private init?(isSecure: Bool, authority: String, rest: Substring) {
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    guard !host.isEmpty, host.first != ":", isPrintable(authority), isPrintable(rest) else {
      return nil
    }
    let text = rest.prefix { $0 != "#" }
    let end = text.firstIndex(of: "?") ?? text.endIndex
    self.isSecure = isSecure
    self.authority = authority
    self.path = "/" + Self.withoutDots(text[..<end])
    self.query = String(text[end...])
  }

  private static func afterScheme(_ text: String) -> (isSecure: Bool, text: Substring)? {
    guard text.utf8.count <= maximumLength, let colon = text.firstIndex(of: ":") else { return nil }
    let rest = text[text.index(after: colon)...]
    guard rest.hasPrefix("//") else { return nil }
    switch text[..<colon].lowercased() {
    case "https": return (true, rest.dropFirst(2))
    case "http": return (false, rest.dropFirst(2))
    default: return nil
    }
  }

  /// The parts of a path; one that climbs above the top stays there.
  private static func withoutDots(_ path: Substring) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    var kept: [Substring] = []
    for (index, part) in parts.enumerated() {
      if part == ".." { _ = kept.popLast() }
      if part != "." && part != ".." {
        kept.append(part)
      } else if index == parts.count - 1 {
        kept.append("")
      }
    }
    return kept.joined(separator: "/")
  }
}

extension WebAddress: CustomStringConvertible {
  var description: String { "\(isSecure ? "https" : "http")://\(authority)\(path)\(query)" }
}

/// True for what stands in an address as it is: ASCII without blanks and control characters.
private func isPrintable(_ text: some StringProtocol) -> Bool {
  text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }
}

private func percentDecoded(_ text: Substring) -> String? {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    guard byte == UInt8(ascii: "%") else {
      bytes.append(byte)
      continue
    }
    let digits = String(decoding: rest.prefix(2), as: UTF8.self)
    guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
      let value = UInt8(digits, radix: 16)
    else { return nil }
    bytes.append(value)
    rest = rest.dropFirst(2)
  }
  return String(validating: bytes, as: UTF8.self)
}
