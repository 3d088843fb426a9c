import Foundation
import Patches
import Processes

/// A git repository to take trees from: a remote one by its address, or a clone on this machine.
struct Remote: Sendable {
  /// What git is given: a checked address, or an absolute path.
  let location: String
  /// The transports that git may use, also behind a redirection or `insteadOf`.
  let protocols: String
  /// True for a clone on this machine.
  let isLocal: Bool
}

extension Remote {
  /// A remote repository.
  ///
  /// - Throws: `mismatch` if the address is not safe to hand to git.
  init(address: String, project: String) throws(UpstreamError) {
    do {
      try checkRepositoryAddress(address)
    } catch {
      throw UpstreamError(
        .mismatch, "the git address of \(project) is not usable: \(error)",
        hint: "correct it in kerb.yaml, or name a clone on this machine with --from PATH")
    }
    self.location = address
    self.protocols = "https:ssh:git"
    self.isLocal = false
  }

  /// A clone or bare repository on this machine.
  ///
  /// - Throws: `notFound` if there is no such directory.
  init(clone path: String) throws(UpstreamError) {
    var isDirectory: ObjCBool = false
    let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
    guard FileManager.default.fileExists(atPath: absolute, isDirectory: &isDirectory),
      isDirectory.boolValue
    else {
      throw UpstreamError(
        .notFound, "there is no directory '\(path)'",
        hint: "give --from the path of a clone or of a bare repository")
    }
    self.location = absolute
    self.protocols = "file"
    self.isLocal = true
  }
}

extension Remote {
  /// The repository's refs.
  ///
  /// - Parameter patterns: What to ask a remote repository for; of a clone all refs are listed.
  func refs(matching patterns: [String]) async throws -> [ListedRef] {
    let filter = isLocal ? [] : patterns
    let output = try await git(["ls-remote", "--quiet", "--", location] + filter)
    guard output.succeeded else { throw failure(output, doing: "list the refs of") }
    return listedRefs(output.standardOutput)
  }

  /// Brings one commit with its tree, without its history, into a repository. No ref is written.
  func fetch(
    _ commit: ObjectID, into repository: String, name: String,
    progress: @Sendable (FetchProgress) -> Void
  ) async throws {
    let options = [
      "--depth=1", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
      "--no-auto-maintenance", "--progress",
    ]
    let arguments = ["fetch"] + options + ["--", location, "\(commit)"]
    let output = try await git(arguments, in: repository) { line in
      if let percent = receivedPercent(line) { progress(.downloading(name, percent: percent)) }
    }
    guard output.succeeded else { throw failure(output, doing: "fetch \(name) from") }
  }

  private func git(
    _ arguments: [String], in repository: String? = nil,
    onErrorLine: @Sendable ([UInt8]) -> Void = { _ in }
  ) async throws -> Output {
    let program = gitProgram(arguments, in: repository, protocols: protocols)
    return try await inUsersWords { try await program.run(onErrorLine: onErrorLine) }
  }

  /// The error for a git command that ended with another status than 0.
  private func failure(_ output: Output, doing action: String) -> UpstreamError {
    let text = String(decoding: output.standardError, as: UTF8.self)
    let message = "git could not \(action) \(location): \(summary(of: output.standardError))"
    func says(_ phrases: String...) -> Bool { phrases.contains { text.contains($0) } }
    if says("Authentication failed", "could not read Username", "Permission denied (publickey") {
      return UpstreamError(
        .environment, message,
        hint: "git must reach it without a prompt: set up a credential "
          + "helper or an SSH agent, or correct the address in kerb.yaml")
    }
    if says("No space left", "Permission denied", "unable to create", "dubious ownership") {
      return UpstreamError(.environment, message, hint: "mend what git names and run fetch again")
    }
    if isLocal || says("not our ref", "unadvertised object", "not found", "does not appear to be") {
      return UpstreamError(
        .notFound, message,
        hint: "check the address in kerb.yaml, or name a clone on this machine with --from PATH")
    }
    return UpstreamError(
      .network, message,
      hint: "check the connection and git's proxy settings, or name a clone on this machine with "
        + "--from PATH")
  }
}

/// A git command that runs no hook, asks nobody, starts no maintenance in the background, and is
/// not led elsewhere by the variables that git sets for its hooks.
func gitProgram(
  _ arguments: [String], in repository: String?, protocols: String = "none"
) -> Program {
  let settings = [
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "gc.auto=0", "maintenance.auto=false",
    "protocol.version=2",
  ]
  var environment: [String: String?] = [
    "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": protocols, "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
  ]
  let inherited = [
    "DIR", "WORK_TREE", "COMMON_DIR", "INDEX_FILE", "OBJECT_DIRECTORY", "NAMESPACE", "PREFIX",
    "ALTERNATE_OBJECT_DIRECTORIES", "SHALLOW_FILE", "GRAFT_FILE", "QUARANTINE_PATH",
  ]
  for variable in inherited { environment.updateValue(nil, forKey: "GIT_\(variable)") }
  return Program(
    "git",
    settings.flatMap { ["-c", $0] } + (repository.map { ["--git-dir", $0] } ?? []) + arguments,
    environment: environment)
}

/// Runs a program and turns the failure to do so into an ``UpstreamError``.
func inUsersWords<Result>(
  _ body: () async throws -> Result
) async throws -> Result {
  do {
    return try await body()
  } catch let error as ProgramError {
    switch error {
    case .notFound(let name):
      throw UpstreamError(
        .environment, "the command '\(name)' was not found",
        hint:
          "install it (Debian: apt install \(name == "python3" ? "python3-pip" : name)) and run "
          + "fetch again")
    case .timedOut:
      throw UpstreamError(.network, error.description, hint: "run fetch again")
    case .tooMuchOutput, .failed:
      throw UpstreamError(
        .environment, error.description, hint: "mend what the message names and run fetch again")
    }
  }
}

/// The number in git's line `Receiving objects:  45% (…)`.
func receivedPercent(_ line: [UInt8]) -> Int? {
  let text = String(decoding: line, as: UTF8.self)
  guard text.contains("Receiving objects:"), let sign = text.firstIndex(of: "%") else { return nil }
  return Int(text[..<sign].split { !$0.isNumber }.last ?? "")
}
