import Foundation
import Git
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
    do {
      try refuseEndlessFiles(ofRepository: absolute)
    } catch {
      throw UpstreamError(.environment, error.description, hint: "give --from another clone")
    }
    self.location = absolute
    self.protocols = "file"
    self.isLocal = true
  }
}

extension Remote {
  /// The repository's refs.
  ///
  /// - Parameters:
  ///   - patterns: What to ask a remote repository for; of a clone all refs are listed.
  ///   - fresh: where git is started.
  func refs(matching patterns: [String], from fresh: FreshRepository) async throws -> [ListedRef] {
    let filter = isLocal ? [] : patterns
    let output = try await git(["ls-remote", "--quiet", "--", location] + filter, in: fresh)
    guard output.succeeded else { throw failure(output, doing: "list the refs of") }
    return listedRefs(output.standardOutput)
  }

  /// Brings one commit with its tree, without its history, into a fresh repository. No ref is written.
  func fetch(
    _ commit: ObjectID, into fresh: FreshRepository, name: String,
    progress: @Sendable (FetchProgress) -> Void
  ) async throws {
    let options = [
      "--depth=1", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
      "--no-auto-maintenance", "--progress",
    ]
    let arguments = ["fetch"] + options + ["--", location, "\(commit)"]
    let output = try await git(arguments, in: fresh) { line in
      if let percent = receivedPercent(line) { progress(.downloading(name, percent: percent)) }
    }
    guard output.succeeded else { throw failure(output, doing: "fetch \(name) from") }
  }

  private func git(
    _ arguments: [String], in fresh: FreshRepository,
    onErrorLine: @Sendable ([UInt8]) -> Void = { _ in }
  ) async throws -> Output {
    let program = gitProgram(arguments, in: fresh.path, protocols: protocols)
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
