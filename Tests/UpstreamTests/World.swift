import Foundation
import Patches
import Processes
import TestSupport
import Testing

@testable import Upstream

/// A temporary directory with a store in it.
struct World: Sendable {
  private let directory: TemporaryDirectory
  let store: UpstreamStore
  var path: String { directory.path }

  init() throws {
    _ = Self.environment
    directory = try TemporaryDirectory()
    store = UpstreamStore(root: directory.file("upstream"))
  }

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
  ///
  /// - Returns: its output without the last line feed.
  @discardableResult
  func git(_ arguments: String..., in directory: String) throws -> String {
    try TestSupport.git(arguments, in: directory)
  }

  /// Makes a repository with one commit on `master`.
  func makeRepository() throws -> String {
    let repository = directory.file("repository-\(UUID().uuidString)")
    try FileManager.default.createDirectory(atPath: repository, withIntermediateDirectories: true)
    try git("init", "--quiet", "--initial-branch=master", in: repository)
    try commit("first", in: repository)
    return repository
  }

  /// Commits a file.
  ///
  /// - Returns: the commit's id.
  @discardableResult
  func commit(_ text: String, in repository: String) throws -> String {
    try text.write(toFile: repository + "/file", atomically: true, encoding: .utf8)
    try git("add", "file", in: repository)
    try git("commit", "--quiet", "-m", text, in: repository)
    return try git("rev-parse", "HEAD", in: repository)
  }

  /// Puts an archive where pip finds it.
  func publish(_ entries: [TarEntry], as name: String) async throws -> [UInt8] {
    let archive = try await tarball(entries)
    try Data(archive).write(to: URL(fileURLWithPath: "\(Self.links)/\(name)"))
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
  /// The fields of a PAX header before the entry.
  var fields: [String: String] = [:]
  /// This many zeros follow the content.
  var zeros = 0

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

/// A `.tar.gz` with these entries, written by Python's tarfile, which does not ask what for.
///
/// - Parameter packings: how often it is packed with gzip.
func tarball(_ entries: [TarEntry], packings: Int = 1) async throws -> [UInt8] {
  let script = """
    import gzip, io, json, sys, tarfile
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in json.load(sys.stdin):
            info = tarfile.TarInfo(entry["name"])
            data = entry["content"].encode() + bytes(entry["zeros"])
            info.type, info.linkname = entry["type"].encode(), entry["target"]
            info.size, info.mode = len(data), entry["mode"]
            info.pax_headers = entry["fields"]
            tar.addfile(info, io.BytesIO(data))
    data = out.getvalue()
    for _ in range(int(sys.argv[1])): data = gzip.compress(data)
    sys.stdout.buffer.write(data)
    """
  let input = Array(try JSONEncoder().encode(entries))
  let output = try await Program("python3", ["-c", script, "\(packings)"], input: input).run()
  try #require(output.succeeded, "\(String(decoding: output.standardError, as: UTF8.self))")
  return output.standardOutput
}
