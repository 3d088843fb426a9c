import Foundation

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
  try run(
    "/usr/bin/git", arguments, in: directory, input: input,
    environment: gitEnvironment.merging(extra) { $1 })
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

/// Fixed names, dates and configuration for git.
public let gitEnvironment = [
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
