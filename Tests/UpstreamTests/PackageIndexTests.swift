import Foundation
import Patches
import Testing

@testable import Upstream

/// Loopback servers stand for the indexes that pip is set up to use.
@Suite struct PackageIndexTests {
  private let content = Array("no archive yet".utf8)
  private var digest: String { ReceivedArchive(fileName: "", content: content).digest }

  private func download(
    _ server: IndexServer, _ name: String = "demo", version: String? = "1.0",
    locked: String? = nil, with settings: [String: String?] = [:], limit: Int = 1 << 20
  ) async throws -> (archive: ReceivedArchive, version: String) {
    let index = PackageIndex(environment: server.settings(settings), limit: limit)
    let entry = locked.map {
      UpstreamLock.Entry(
        StackName(.master, "p"), source: .sdist(version: "1.0"), commit: .zero, tree: .zero,
        archiveDigest: $0)
    }
    return try await index.download(name, version: version, locked: entry, progress: { _ in })
  }

  private func error(
    _ server: IndexServer, version: String? = "1.0", locked: String? = nil,
    with settings: [String: String?] = [:], limit: Int = 1 << 20
  ) async throws -> UpstreamError? {
    await #expect(throws: UpstreamError.self) {
      try await download(server, version: version, locked: locked, with: settings, limit: limit)
    }
  }

  /// An index with `demo-1.0.tar.gz`.
  private func demo(user: String? = nil, fragment: String = "") throws -> IndexServer {
    let server = try IndexServer(user: user)
    let link = "../../files/demo-1.0.tar.gz\(fragment)"
    try server.putPage("demo", html: "<a href=\"\(link)\">demo-1.0.tar.gz</a>")
    try server.put("files/demo-1.0.tar.gz", content)
    return server
  }

  @Test func anArchiveOfAPageInHTMLComesByItsAddress() async throws {
    let server = try demo(fragment: "#sha256=\(digest)")
    let (archive, version) = try await download(server)
    #expect(archive.content == content)
    #expect(archive.fileName == "demo-1.0.tar.gz")
    #expect(version == "1.0")
    #expect(server.requests.map(\.path) == ["/simple/demo/", "/files/demo-1.0.tar.gz"])
  }

  @Test func thePageInJSONComesBeforeTheOneInHTML() async throws {
    let server = try demo()
    let json = """
      {"meta": {"api-version": "1.1"}, "name": "demo", "files": [
        {"filename": "demo-3.0.tar.gz", "url": "/files/3", "hashes": {}, "yanked": "bad"},
        {"filename": "demo-2.0.tar.gz", "url": "/files/2?x=1", "hashes": {"sha256": "\(digest)"},
         "requires-python": ">=9", "yanked": false},
        {"filename": "demo-2.1-py3-none-any.whl", "url": "/files/4", "hashes": {}}]}
      """
    try server.putPage("demo", json: json)
    try server.put("files/2", content)
    let (archive, version) = try await download(server, version: nil)
    #expect(archive.fileName == "demo-2.0.tar.gz")
    #expect(version == "2.0")
    #expect(server.requests.map(\.path) == ["/simple/demo/", "/files/2?x=1"])
  }

  @Test func whatWasTakenBackComesOnlyByItsVersion() async throws {
    let server = try demo()
    try server.putPage(
      "demo", html: "<a data-yanked='' href='demo-1.0.tar.gz'></a><a href='demo-0.9.tar.gz'></a>")
    try server.put("simple/demo/demo-1.0.tar.gz", content)
    try server.put("simple/demo/demo-0.9.tar.gz", content)
    #expect(try await download(server, version: nil).version == "0.9")
    #expect(try await download(server, version: "1.0").version == "1.0")
  }

  @Test func severalIndexesAreAskedInPipsOrder() async throws {
    let (first, second) = (try demo(), try demo())
    try second.putPage(
      "demo", html: "<a href='demo-2.0.tar.gz'></a><a href='demo-1.0.tar.gz'></a>")
    try second.put("simple/demo/demo-2.0.tar.gz", content)
    let settings = ["PIP_EXTRA_INDEX_URL": second.index]
    #expect(try await download(first, version: nil, with: settings).version == "2.0")
    #expect(try await download(first, version: "1.0", with: settings).version == "1.0")
    #expect(first.requests.map(\.path).last == "/files/demo-1.0.tar.gz")
  }

  @Test func whereTheIndexSaysAnotherDigestThanTheLockNothingIsDownloaded() async throws {
    let server = try demo(fragment: "#sha256=\(digest)")
    let other = String(repeating: "a", count: 64)
    let error = try await error(server, locked: other)
    #expect(error?.kind == .mismatch)
    #expect(
      error?.message
        == "demo-1.0.tar.gz has the SHA-256 \(digest), and master/p is locked to \(other)")
    #expect(server.requests.map(\.path) == ["/simple/demo/"])
  }

  @Test func ofSeveralFilesTheLockedOneIsTaken() async throws {
    let server = try demo(fragment: "#sha256=" + String(repeating: "b", count: 64))
    let second = try demo(fragment: "#sha256=\(digest)")
    _ = try await download(
      server, locked: digest.uppercased(), with: ["PIP_EXTRA_INDEX_URL": second.index])
    #expect(server.requests.count == 1)
    #expect(second.requests.count == 2)
  }

  @Test func anArchiveWithAnotherDigestThanTheIndexSaysIsAMismatch() async throws {
    let said = String(repeating: "c", count: 64)
    let error = try await error(try demo(fragment: "#sha256=\(said)"))
    #expect(error?.kind == .mismatch)
    #expect(
      error?.message == "demo-1.0.tar.gz has the SHA-256 \(digest), and the index says \(said)")
  }

  @Test func credentialsReachTheirIndexAndNoMessage() async throws {
    let server = try demo(user: "me:hidden-word")
    let settings = ["PIP_INDEX_URL": "http://me:hidden-word@127.0.0.1:\(server.port)/simple"]
    _ = try await download(server, with: settings)
    let expected = "Basic " + Data("me:hidden-word".utf8).base64EncodedString()
    #expect(server.requests.last?.path == "/files/demo-1.0.tar.gz")
    #expect(server.requests.last?.authorization == expected)

    let denied = try await error(
      server, with: ["PIP_INDEX_URL": "http://me:wrong-word@127.0.0.1:\(server.port)/simple"])
    #expect(denied?.kind == .environment)
    #expect(
      denied?.message == "demo could not be fetched from \(server.index): 401 Unauthorized")
    let broken = try await error(
      server, with: ["PIP_INDEX_URL": "http://me:hidden-word@127.0.0.1:1/simple"])
    #expect(broken?.kind == .network)
    #expect(broken.map { "\($0)".contains("hidden") } == false)
  }

  @Test func whatWasTakenIsToldWithoutCredentials() {
    let entry = UpstreamLock.Entry(
      StackName(.master, "p"), source: .sdist(version: "1.0"), commit: .zero, tree: .zero,
      archiveDigest: nil)
    #expect(
      Fetched(entry: entry, tookFrom: "branch x of https://token@host/p").tookFrom
        == "branch x of https://***@host/p")
  }

  @Test func credentialsOfANetrcReachTheirIndex() async throws {
    let server = try demo(user: "me:hidden-word")
    let world = try World()
    try "machine 127.0.0.1 login me password hidden-word\n"
      .write(toFile: world.path + "/netrc", atomically: true, encoding: .utf8)
    _ = try await download(server, with: ["NETRC": world.path + "/netrc"])
  }

  @Test func aRedirectionIsFollowedWithoutTheCredentials() async throws {
    let server = try demo(user: "me:hidden-word")
    let other = try IndexServer()
    try other.put("there/demo-1.0.tar.gz", content)
    try server.put(
      "files/demo-1.0.tar.gz.redirect", "http://localhost:\(other.port)/there/demo-1.0.tar.gz".utf8)
    _ = try await download(
      server, with: ["PIP_INDEX_URL": "http://me:hidden-word@127.0.0.1:\(server.port)/simple"])
    #expect(
      other.requests
        == [.init(path: "/there/demo-1.0.tar.gz", authorization: nil, proxyAuthorization: nil)])
  }

  @Test(arguments: [
    ("file:///etc/passwd", "an address with file: is not followed"),
    ("http://index.invalid/x", "index.invalid is reached by http and pip does not trust it"),
  ])
  func aRedirectionToNoSecureHostIsRefused(target: String, reason: String) async throws {
    let server = try demo()
    try server.put("files/demo-1.0.tar.gz.redirect", target.utf8)
    let error = try await error(server)
    #expect(
      error?.message == "demo-1.0.tar.gz could not be fetched from \(server.index): \(reason)")
  }

  @Test func aFileOfThisMachineThatAPageNamesIsNoArchive() async throws {
    let server = try IndexServer()
    try server.putPage("demo", html: "<a href='file:///srv/demo-1.0.tar.gz'></a>")
    #expect(try await error(server)?.message == "the package index has no source archive of demo")
  }

  @Test func anIndexWithoutHttpsMustBeTrusted() async throws {
    let server = try demo()
    let settings = ["PIP_INDEX_URL": "http://index.invalid/simple"]
    let error = try await error(server, with: settings)
    #expect(error?.kind == .environment)
    #expect(
      error?.message == "demo could not be fetched from http://index.invalid/simple: "
        + "index.invalid is reached by http and pip does not trust it")
  }

  @Test func theProxyOfPipsSettingsIsUsed() async throws {
    let server = try demo()
    let settings = [
      "PIP_INDEX_URL": "http://index.invalid/simple", "PIP_TRUSTED_HOST": "index.invalid",
      "PIP_PROXY": "http://me:hidden-word@127.0.0.1:\(server.port)",
    ]
    _ = try await download(server, with: settings)
    let expected = "Basic " + Data("me:hidden-word".utf8).base64EncodedString()
    #expect(
      server.requests.map(\.path)
        == ["http://index.invalid/simple/demo/", "http://index.invalid/files/demo-1.0.tar.gz"])
    #expect(server.requests.allSatisfy { $0.proxyAuthorization == expected })
  }

  @Test func pipsConfigurationFileIsRead() async throws {
    let server = try demo()
    let world = try World()
    let file = world.path + "/pip.conf"
    try "[global]\nindex-url = \(server.index)\n[download]\nretries = 0\n"
      .write(toFile: file, atomically: true, encoding: .utf8)
    _ = try await download(server, with: ["PIP_CONFIG_FILE": file, "PIP_INDEX_URL": nil])
  }

  @Test func anArchiveThatIsTooLargeIsRefusedWhileItComes() async throws {
    let server = try demo()
    let whole = try await error(server, limit: 10)
    #expect(whole?.kind == .mismatch)
    #expect(
      whole?.message == "demo-1.0.tar.gz at \(server.index) is too large: 14 bytes")
    try server.put(
      "files/demo-1.0.tar.gz.redirect", "http://127.0.0.1:\(server.port)/endless".utf8)
    let endless = try await error(server)
    #expect(
      endless?.message
        == "demo-1.0.tar.gz at \(server.index) is too large: more than 1048576 bytes")
  }

  @Test func modulesOfPYTHONPATHAreNotImported() async throws {
    let server = try demo()
    let world = try World()
    let trap = "open('\(world.path)/ran', 'w')\n"
    for name in ["pip", "json", "urllib"] {
      let folder = "\(world.path)/modules/\(name)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try trap.write(toFile: folder + "/__init__.py", atomically: true, encoding: .utf8)
    }
    try trap.write(
      toFile: world.path + "/modules/sitecustomize.py", atomically: true, encoding: .utf8)
    _ = try await download(
      server,
      with: ["PYTHONPATH": world.path + "/modules", "PYTHONSTARTUP": world.path + "/modules"])
    #expect(!FileManager.default.fileExists(atPath: world.path + "/ran"))
  }

  @Test func anIndexThatIsNotReachedIsANetworkError() async throws {
    let server = try demo()
    let error = try await error(server, with: ["PIP_INDEX_URL": "http://127.0.0.1:1/simple"])
    #expect(error?.kind == .network)
    #expect(error?.message.hasSuffix("Connection refused") == true)
  }

  @Test func aPageThatIsNoneIsToldWithItsIndex() async throws {
    let server = try IndexServer()
    try server.putPage("demo", json: "{\"files\": 7}")
    let error = try await error(server)
    #expect(
      error?.message
        == "the page of demo at \(server.index) is not taken: it is no JSON of the Simple API")
  }
}
