import Processes

/// A git command in a repository that kerb has just made: it runs no hook, asks nobody, starts no
/// maintenance in the background, keeps what it fetches as a pack, and gives up on a server that has sent
/// next to nothing for a minute.
func gitProgram(
  _ arguments: [String], in repository: String, protocols: String = "none"
) -> Program {
  let settings = [
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "gc.auto=0", "maintenance.auto=false",
    "core.alternateRefsCommand=", "fetch.unpackLimit=1", "transfer.unpackLimit=1",
    "protocol.version=2", "http.lowSpeedLimit=1000", "http.lowSpeedTime=60",
  ]
  return Program(
    "git", settings.flatMap { ["-c", $0] } + ["--git-dir", repository] + arguments,
    environment: ProgramEnvironment.git(protocols: protocols), directory: repository)
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
      let package = name == "python3" ? "python3-pip" : name
      throw UpstreamError(
        .environment, "the command '\(name)' was not found",
        hint: "install it (Debian: apt install \(package)) and run fetch again")
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

/// The line of a program's standard error that says most: one that says whose a repository is, else the
/// last that it marks as an error, else the last that is not blank; at most 300 characters of it. Its full
/// stop is left out.
func summary(of standardError: [UInt8]) -> String {
  let lines = standardError.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    .map { String(decoding: $0, as: UTF8.self) }
    .filter { !$0.allSatisfy(\.isWhitespace) }
  let marks = ["fatal: ", "error: ", "ERROR: ", "remote: "]
  // What git says behind it is that it could not read the repository.
  let owner = lines.first { $0.contains("dubious ownership") }
  let marked = owner ?? lines.last { line in marks.contains { line.hasPrefix($0) } }
  guard var line = marked ?? lines.last else { return "it gave no reason" }
  for mark in marks where line.hasPrefix(mark) { line.removeFirst(mark.count) }
  if line.hasSuffix(".") { line.removeLast() }
  return line.count > 300 ? line.prefix(300) + "…" : line
}
