import Foundation

/// What a program left behind.
public struct Outcome: Sendable {
  public let status: Int32
  public let output: [UInt8]
  public let errors: String

  /// The output as text, without its last line feed.
  public var text: String {
    let text = String(decoding: output, as: UTF8.self)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}

/// A git command that failed.
public struct GitFailure: Error, CustomStringConvertible {
  public let arguments: [String]
  public let outcome: Outcome

  public var description: String {
    "git \(arguments.joined(separator: " ")) gave \(outcome.status): \(outcome.errors)"
  }
}

/// Runs git, whatever it says.
///
/// Nothing of the machine's configuration is read, and names and dates are fixed.
public func tryGit(
  _ arguments: [String], in directory: String, input: [UInt8] = [],
  environment extra: [String: String] = [:]
) throws -> Outcome {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/git")
  process.arguments = arguments
  process.currentDirectoryURL = URL(filePath: directory)
  process.environment = gitEnvironment.merging(extra) { $1 }
  // Files, not pipes: neither side can wait for the other.
  let scratch = try TemporaryDirectory(inMemory: true)
  try scratch.write("in", input)
  try scratch.write("out", "")
  try scratch.write("err", "")
  process.standardInput = FileHandle(forReadingAtPath: scratch.file("in"))
  process.standardOutput = FileHandle(forWritingAtPath: scratch.file("out"))
  process.standardError = FileHandle(forWritingAtPath: scratch.file("err"))
  try process.run()
  process.waitUntilExit()
  return Outcome(
    status: process.terminationStatus,
    output: Array(FileManager.default.contents(atPath: scratch.file("out")) ?? Data()),
    errors: scratch.read("err") ?? "")
}

/// Runs git and gives its output as text, without the last line feed.
///
/// - Throws: if git fails.
@discardableResult
public func git(
  _ arguments: [String], in directory: String, input: [UInt8] = [],
  environment: [String: String] = [:]
) throws -> String {
  let outcome = try tryGit(arguments, in: directory, input: input, environment: environment)
  guard outcome.status == 0 else { throw GitFailure(arguments: arguments, outcome: outcome) }
  return outcome.text
}

private let gitEnvironment = [
  "PATH": "/usr/bin:/bin",
  "HOME": "/nonexistent",
  "LC_ALL": "C",
  "GIT_CONFIG_GLOBAL": "/dev/null",
  "GIT_CONFIG_NOSYSTEM": "1",
  "GIT_AUTHOR_NAME": "A. Author",
  "GIT_AUTHOR_EMAIL": "author@example.org",
  "GIT_AUTHOR_DATE": "1700000000 +0130",
  "GIT_COMMITTER_NAME": "C. Committer",
  "GIT_COMMITTER_EMAIL": "committer@example.org",
  "GIT_COMMITTER_DATE": "1700000001 -0800",
]
