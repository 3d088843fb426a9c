/// A place in a file of the workspace.
public struct Location: Hashable, Sendable, CustomStringConvertible {
  /// The file's name as the user gave it.
  public let file: String
  /// The line, counted from 1; nil where the whole file is meant.
  public let line: Int?

  public init(_ file: String, line: Int? = nil) {
    self.file = file
    self.line = line
  }

  /// `file:line`, or the file alone.
  public var description: String { line.map { "\(file):\($0)" } ?? file }
}

/// One finding about an input: where, what is wrong, and what to do.
public struct Diagnostic: Error, Hashable, Sendable {
  public enum Severity: String, Sendable {
    case error, warning
  }

  public let location: Location
  public let severity: Severity
  /// What is wrong, in the user's words, without the place and without credentials.
  public let message: String
  /// The rule's stable name, as the documentation lists it: `hunk-count`, `path-outside`.
  public let rule: String

  public init(
    _ location: Location, _ message: String, severity: Severity = .error, rule: String
  ) {
    self.location = location
    self.severity = severity
    self.message = withoutCredentials(message)
    self.rule = rule
  }
}

extension Diagnostic: CustomStringConvertible {
  /// `path:line: severity: message [rule]`; not escaped for any medium.
  public var description: String {
    "\(location): \(severity.rawValue): \(message) [\(rule)]"
  }
}

/// The mistakes in an input, all that were found, in the order of their places.
public struct Diagnostics: Error, Hashable, Sendable {
  public let all: [Diagnostic]

  /// So many mistakes are enough: a file with more is not read to its end.
  static let most = 1_000

  /// - Precondition: there is at least one.
  public init(_ all: [Diagnostic]) {
    precondition(!all.isEmpty)
    self.all = all
  }

  public init(_ one: Diagnostic) {
    self.all = [one]
  }
}

extension Diagnostics: CustomStringConvertible {
  public var description: String { all.map(\.description).joined(separator: "\n") }
}
