import Foundation
import Processes

/// The index of released archives, as pip is set up to reach it on this machine. kerb names no
/// index of its own.
struct PackageIndex: Sendable {
  /// Where archives are put while they come; each download has a folder of its own there.
  let scratch: String
  /// The interpreter whose pip is used.
  var python = "python3"

  /// Downloads the source archive of a version.
  ///
  /// - Parameter version: nil for the newest that is no pre-release.
  func download(
    _ name: String, version: String?, progress: @Sendable (FetchProgress) -> Void
  ) async throws -> ReceivedArchive {
    let requirement = version.map { "\(name)==\($0)" } ?? name
    progress(.downloading(requirement, percent: nil))
    return try await withScratchFolder { folder in
      let backend = folder.appendingPathComponent("backend")
      let target = folder.appendingPathComponent("archive")
      try MetadataBackend.install(in: backend)
      var output = try await pip(
        ["--no-build-isolation", "--use-pep517"], requirement, folder, modules: backend.path)
      if !output.succeeded, blamesMetadata(output) {
        output = try await pip([], requirement, folder, modules: nil)
      }
      guard output.succeeded else { throw failure(output, name: name, version: version) }
      return try received(in: target, requirement)
    }
  }

  private func pip(
    _ options: [String], _ requirement: String, _ folder: URL, modules: String?
  ) async throws -> Output {
    var environment: [String: String?] = [
      "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "TMPDIR": folder.path,
      "LC_ALL": "C.UTF-8",
    ]
    if let modules {
      let inherited = ProcessInfo.processInfo.environment["PYTHONPATH"].map { ":" + $0 } ?? ""
      environment["PYTHONPATH"] = modules + inherited
    }
    let common = [
      "-m", "pip", "download", "--quiet", "--no-color", "--progress-bar", "off",
      "--ignore-requires-python", "--no-deps", "--no-binary", ":all:", "--dest", "archive",
    ]
    // Python looks for modules in the directory it starts in: it must be one of ours.
    let program = Program(
      python, common + options + ["--", requirement], environment: environment,
      directory: folder.path)
    return try await inUsersWords { try await program.run() }
  }

  private func received(in folder: URL, _ requirement: String) throws -> ReceivedArchive {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    guard files.count == 1 else {
      throw UpstreamError(
        .environment, "pip brought \(files.count) files for \(requirement) and not one",
        hint: "look for options in pip's configuration that change 'pip download'")
    }
    return try ReceivedArchive(path: folder.appendingPathComponent(files[0]).path)
  }

  private func withScratchFolder<Result>(_ body: (URL) async throws -> Result) async throws
    -> Result
  {
    let folder = URL(fileURLWithPath: scratch).appendingPathComponent(UUID().uuidString)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw UpstreamError(
        .environment, "\(folder.path) cannot be made: \(error.localizedDescription)",
        hint: "check the permissions and the space of the workspace's disk")
    }
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
  }
}

/// True if pip stopped because the archive's metadata could not be had from our modules: its build
/// back end has another name, or it has no `PKG-INFO`.
private func blamesMetadata(_ output: Output) -> Bool {
  let text = String(decoding: output.standardError, as: UTF8.self)
  return ["metadata", "BackendUnavailable", "build backend", "Cannot import"].contains {
    text.contains($0)
  }
}

/// The error for a download that pip gave up.
private func failure(_ output: Output, name: String, version: String?) -> UpstreamError {
  let text = String(decoding: output.standardError, as: UTF8.self)
  func says(_ phrases: String...) -> Bool { phrases.contains { text.contains($0) } }
  if says("No module named pip") {
    return UpstreamError(
      .environment, "python3 has no pip, which fetches released archives",
      hint: "install it (Debian: apt install python3-pip), or take the project from git: --from git"
    )
  }
  if says("No space left", "Permission denied", "Read-only file system") {
    return UpstreamError(
      .environment, "pip could not write \(name): \(summary(of: output.standardError))",
      hint: "check the permissions and the space of the workspace's disk")
  }
  let known = versions(in: text)
  if says("Could not find a version"), !known.isEmpty || !says("Retrying (") {
    return notFound(name, version, known: known)
  }
  return UpstreamError(
    .network, "pip could not download \(name): \(summary(of: output.standardError))",
    hint: "check the connection, and pip's index and proxy settings (pip config list)")
}

private func notFound(_ name: String, _ version: String?, known: [String]) -> UpstreamError {
  guard let version, !known.isEmpty else {
    return UpstreamError(
      .notFound, "the package index has no source archive of \(name)",
      hint: "check the name in kerb.yaml and pip's index settings (pip config list), or use "
        + "--from git")
  }
  let major = version.prefix { $0 != "." } + "."
  let near = known.filter { $0.hasPrefix(major) }.suffix(8).joined(separator: ", ")
  return UpstreamError(
    .notFound, "version \(version) of \(name) has no source archive",
    hint: near.isEmpty
      ? "the newest is \(known[known.count - 1])" : "these have one: \(near)")
}

/// The versions in pip's `(from versions: 1.0, 1.1)`, oldest first.
private func versions(in text: String) -> [String] {
  guard let start = text.range(of: "(from versions: "),
    let end = text[start.upperBound...].firstIndex(of: ")")
  else { return [] }
  let list = text[start.upperBound..<end]
  return list == "none" ? [] : list.components(separatedBy: ", ")
}
