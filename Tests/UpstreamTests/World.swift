import Foundation
import Patches
import Processes
import Testing

@testable import Upstream

/// A temporary directory with a store in it, removed at the end. A class, so that it can be.
final class World: Sendable {
  let path: String
  var store: UpstreamStore { UpstreamStore(root: path + "/upstream") }

  init() throws {
    _ = Self.environment
    path = FileManager.default.temporaryDirectory.path + "/kerb-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// What pip finds instead of an index: one directory for all tests, since the environment is one.
  static let links = FileManager.default.temporaryDirectory.path + "/kerb-links-\(getpid())"

  /// Keeps git and pip away from this machine's settings and from the network.
  private static let environment: Void = {
    try? FileManager.default.createDirectory(atPath: links, withIntermediateDirectories: true)
    for (name, value) in [
      "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PIP_CONFIG_FILE": "/dev/null",
      "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": links,
    ] {
      setenv(name, value, 1)
    }
    atexit { try? FileManager.default.removeItem(atPath: World.links) }
  }()

  /// Runs git and expects it to succeed.
  @discardableResult
  func git(_ arguments: String..., in directory: String) async throws -> String {
    try await run(arguments, in: directory)
  }

  @discardableResult
  func run(_ arguments: [String], in directory: String) async throws -> String {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    let program = Program(
      "git", identity + arguments, environment: ["GIT_AUTHOR_DATE": "@0 +0000", "GIT_COMMITTER_DATE": "@0 +0000"],
      directory: directory)
    let output = try await program.run()
    try #require(output.succeeded, "\(String(decoding: output.standardError, as: UTF8.self))")
    return String(decoding: output.standardOutput, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Makes a repository with one commit on `master`.
  func makeRepository() async throws -> String {
    let repository = path + "/repository-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: repository, withIntermediateDirectories: true)
    try await git("init", "--quiet", "--initial-branch=master", in: repository)
    try await commit("first", in: repository)
    return repository
  }

  /// Commits a file.
  ///
  /// - Returns: the commit's id.
  @discardableResult
  func commit(_ text: String, in repository: String) async throws -> String {
    try text.write(toFile: repository + "/file", atomically: true, encoding: .utf8)
    try await git("add", "file", in: repository)
    try await git("commit", "--quiet", "-m", text, in: repository)
    return try await git("rev-parse", "HEAD", in: repository)
  }

  /// Puts an archive where pip finds it.
  func publish(_ entries: [TarEntry], as name: String) async throws -> Data {
    let archive = try await tarball(entries)
    try archive.write(to: URL(fileURLWithPath: "\(Self.links)/\(name)"))
    return archive
  }
}

/// An entry of a tar archive as a test wants it, safe or not.
struct TarEntry: Encodable {
  var name: String
  var content = ""
  var type = "0"
  var target = ""
  var mode = 0o644

  static func file(_ name: String, _ content: String = "text\n", mode: Int = 0o644) -> TarEntry {
    TarEntry(name: name, content: content, mode: mode)
  }
  static func directory(_ name: String) -> TarEntry { TarEntry(name: name, type: "5", mode: 0o755) }
  static func symlink(_ name: String, to target: String) -> TarEntry {
    TarEntry(name: name, type: "2", target: target)
  }
  static func hardLink(_ name: String, to target: String) -> TarEntry {
    TarEntry(name: name, type: "1", target: target)
  }
  static func pipe(_ name: String) -> TarEntry { TarEntry(name: name, type: "6") }
}

/// A `.tar.gz` with these entries, written by Python's tarfile, which does not ask what they are for.
func tarball(_ entries: [TarEntry]) async throws -> Data {
  let script = """
    import io, json, sys, tarfile
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for entry in json.load(sys.stdin):
            info = tarfile.TarInfo(entry["name"])
            data = entry["content"].encode()
            info.type, info.linkname = entry["type"].encode(), entry["target"]
            info.size, info.mode = len(data), entry["mode"]
            tar.addfile(info, io.BytesIO(data))
    sys.stdout.buffer.write(out.getvalue())
    """
  let input = Array(try JSONEncoder().encode(entries))
  let output = try await Program("python3", ["-c", script], input: input).run()
  try #require(output.succeeded, "\(String(decoding: output.standardError, as: UTF8.self))")
  return Data(output.standardOutput)
}
