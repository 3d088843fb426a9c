/// A program to start, with everything it is given. There is no shell: each argument reaches the
/// program as it stands here.
public struct Program: Sendable {
  /// A command's name, looked up in `PATH`, or the path of an executable (it has a slash).
  public let name: String
  /// The arguments after the program's own name.
  public var arguments: [String]
  /// Changes to the inherited environment; nil removes a variable.
  public var environment: [String: String?]
  /// The directory to start in; nil for this process's own.
  public var directory: String?
  /// What the program reads from its standard input; nil for an empty one.
  public var input: [UInt8]?
  /// How long the program may run; nil for as long as it likes.
  public var timeout: Duration?

  public init(
    _ name: String, _ arguments: [String] = [], environment: [String: String?] = [:],
    directory: String? = nil, input: [UInt8]? = nil, timeout: Duration? = nil
  ) {
    self.name = name
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
    self.input = input
    self.timeout = timeout
  }
}

/// What a program did.
public struct Output: Sendable {
  /// How a program ended.
  public enum Status: Hashable, Sendable {
    /// It ended by itself, with this status.
    case exited(Int32)
    /// It was ended by this signal.
    case signalled(Int32)
  }

  public let status: Status
  public let standardOutput: [UInt8]
  /// The standard error; of a very long one its last part.
  public let standardError: [UInt8]

  /// True if the program ended with status 0.
  public var succeeded: Bool { status == .exited(0) }
}

/// Why a program could not be run to its end. A program that ends with another status than 0 is no
/// error: the status is part of its ``Output``.
public enum ProgramError: Error, Hashable, Sendable {
  /// There is no such command in `PATH`.
  case notFound(name: String)
  /// It ran longer than its ``Program/timeout`` and was ended.
  case timedOut(name: String, after: Duration)
  /// It printed more than the limit of its standard output and was ended.
  case tooMuchOutput(name: String, limit: Int)
  /// The system did not start it or lost contact with it.
  case failed(name: String, reason: String)
}

extension ProgramError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notFound(let name):
      "the command '\(name)' was not found; install it (Debian: apt install \(package(of: name)))"
    case .timedOut(let name, let limit): "\(name) did not end within \(limit) and was stopped"
    case .tooMuchOutput(let name, let limit):
      "\(name) printed more than \(limit) bytes and was stopped"
    case .failed(let name, let reason): "\(name) could not be run: \(reason)"
    }
  }
}

/// The Debian package that brings a command.
private func package(of command: String) -> String {
  switch command {
  case "python", "python3": "python3"
  case "ssh": "openssh-client"
  default: command
  }
}
