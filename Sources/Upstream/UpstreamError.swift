import Patches

/// Why an upstream tree could not be had.
public struct UpstreamError: Error, Hashable, Sendable {
  /// Whose fault it is. None of them says anything about a patch.
  public enum Kind: Hashable, Sendable {
    /// A server was not reached or broke off: trying again may help.
    case network
    /// Something on this machine: a missing command, a permission, a full disk.
    case environment
    /// Upstream has no such release, version or commit.
    case notFound
    /// What came is not what the lock says, or not fit to be taken.
    case mismatch
  }

  public let kind: Kind
  /// What is wrong, in the user's words, on one line and free of control characters and credentials.
  public let message: String
  /// What to do about it.
  public let hint: String

  public init(_ kind: Kind, _ message: String, hint: String) {
    self.kind = kind
    self.message = escapingControls(withoutCredentials(message))
    self.hint = escapingControls(withoutCredentials(hint))
  }
}

extension UpstreamError: CustomStringConvertible {
  public var description: String { "\(message); \(hint)" }
}

/// The text with every control character and every mark that reorders text written as `\u{…}`.
func escapingControls(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      escaped += "\\u{\(String(scalar.value, radix: 16))}"
    default: escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}
