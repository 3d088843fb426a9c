import Patches
import Testing

@Suite struct NameTests {
  static let problems: [(String, RepoPath.Problem)] = [
    ("", .empty), ("/", .absolute), ("/etc/passwd", .absolute), (".", .dotComponent),
    ("..", .dotComponent), ("../x", .dotComponent), ("a/../../x", .dotComponent),
    ("a/..", .dotComponent), ("./a", .dotComponent), ("a//b", .emptyComponent),
    ("a/", .emptyComponent), ("a\n", .controlByte), ("a\u{7f}", .controlByte),
    ("a\0b", .controlByte), ("a\\b", .backslash), ("c:/x", .driveLetter), ("C:x", .driveLetter),
    (".git", .gitDirectory), (".git/config", .gitDirectory), ("a/.git/b", .gitDirectory),
    (".GIT", .gitDirectory), (".GiT/x", .gitDirectory), (".git.", .gitDirectory),
    (".git ", .gitDirectory), (".git . .", .gitDirectory),
    (".git::$INDEX_ALLOCATION", .gitDirectory),
    ("git~1", .gitDirectory), ("GIT~1/x", .gitDirectory), (".g\u{200c}it", .gitDirectory),
    ("\u{200d}.git", .gitDirectory), (".git\u{feff}", .gitDirectory),
    (".gi\u{202a}t", .gitDirectory), (".gi\u{206f}t", .gitDirectory),
    ("\u{200e}g\u{200f}it~1", .gitDirectory),
    (String(repeating: "a", count: 256), .longComponent(256)),
    ("x/" + String(repeating: "a", count: 300) + "/y", .longComponent(300)),
    (String(repeating: "a/", count: 2_048), .longPath(4_096)),
    (String(repeating: "a/", count: 512) + "a", .deepPath(513)),
    (String(repeating: "a/", count: 2_047) + "a", .deepPath(2_048)),
  ]

  @Test(arguments: problems)
  func unsafePathsAreRefused(text: String, problem: RepoPath.Problem) {
    #expect(throws: problem) { () throws(RepoPath.Problem) in try RepoPath(text) }
  }

  @Test(
    arguments: [
      "a", ".a", "...", "..a", "a..", ".gitignore", ".gitmodules", "git", "git~2", "agit", ".gitx",
      "ab:c", "1:x", "a b", "ä", "a/b/c", "\u{200c}", "-", String(repeating: "a", count: 255),
      String(repeating: "a/", count: 511) + "a",
    ])
  func otherPathsAreTaken(text: String) throws {
    #expect(try RepoPath(text).description == text)
  }

  @Test func bytesThatAreNoUTF8AreAPath() throws {
    #expect(try RepoPath([0xff, 0x2f, 0x80]).bytes == [0xff, 0x2f, 0x80])
  }

  @Test func aPathHasAParentANameAndComponents() throws {
    let path = try RepoPath("a/b/c")
    #expect(path.parent?.description == "a/b")
    #expect(path.parent?.parent?.parent == nil)
    #expect(Array(path.name).text == "c")
    #expect(path.components.map { Array($0).text } == ["a", "b", "c"])
    #expect(Array(try RepoPath("a").name).text == "a")
  }

  @Test func aDirectoryContainsWhatIsBelowIt() throws {
    let directory = try RepoPath("a/b")
    #expect(directory.contains(try RepoPath("a/b/c")))
    #expect(directory.contains(try RepoPath("a/b/c/d")))
    #expect(!directory.contains(directory))
    #expect(!directory.contains(try RepoPath("a/bc/d")))
    #expect(!directory.contains(try RepoPath("a")))
  }

  @Test(
    arguments: [
      ("aux", true), ("a/CON.txt", true), ("nul/x", true), ("prn.", true), ("com1", true),
      ("LPT9.x", true), ("com0", false), ("com", false), ("auxiliary", false), ("com10", false),
      ("xaux", false),
    ])
  func namesOfDevicesAreKnown(text: String, isDevice: Bool) throws {
    #expect(try RepoPath(text).namesDevice == isDevice)
  }

  @Test func pathsAreInByteOrder() throws {
    let paths = try ["b", "a/b", "a.b", "a", "ä"].map { try RepoPath($0) }
    #expect(paths.sorted().map(\.description) == ["a", "a.b", "a/b", "b", "ä"])
  }

  @Test func anObjectNameIsTwentyBytesOrFortyDigits() throws {
    let digits = "0123456789abcdef0123456789abcdef01234567"
    let raw: [UInt8] = [
      0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd,
      0xef,
      0x01, 0x23, 0x45, 0x67,
    ]
    let id = try #require(ObjectID(digits))
    #expect(id.raw == raw)
    #expect(id.hex.text == digits)
    #expect(id.description == digits)
    #expect(ObjectID(raw: raw) == id)
    #expect(ObjectID(digits.uppercased()) == id)
    #expect(ObjectID.zero.description == String(repeating: "0", count: 40))
  }

  @Test(
    arguments: [
      "", "0", String(repeating: "0", count: 39), String(repeating: "0", count: 41),
      String(repeating: "g", count: 40), " " + String(repeating: "0", count: 39),
    ])
  func otherTextsAreNoObjectName(text: String) {
    #expect(ObjectID(text) == nil)
  }

  @Test func otherCountsOfBytesAreNoObjectName() {
    #expect(ObjectID(raw: [UInt8](repeating: 0, count: 19)) == nil)
    #expect(ObjectID(raw: [UInt8](repeating: 0, count: 21)) == nil)
  }

  @Test func objectNamesAreInByteOrder() throws {
    let ids = [
      "ff00000000000000000000000000000000000000", "00000000000000000000000000000000000000ff",
      "0000000000000000ff0000000000000000000000", "7f00000000000000000000000000000000000000",
    ].map { ObjectID($0)! }
    #expect(ids.sorted() == [ids[1], ids[2], ids[3], ids[0]])
  }

  @Test func releasesAreInOrderOfTheirNumbers() {
    let names = ["master", "2023.10", "2024.1", "2023.2", "24.04", "2023.1"]
    let releases = names.compactMap { Release($0) }
    #expect(releases.count == 6)
    #expect(
      releases.sorted().map(\.name) == [
        "24.04", "2023.1", "2023.2", "2023.10", "2024.1", "master",
      ])
  }

  @Test func releasesOfEqualNumbersAreInSomeOrder() throws {
    let short = try #require(Release("24.4"))
    let long = try #require(Release("24.04"))
    #expect(short != long)
    #expect(short < long || long < short)
  }

  @Test(
    arguments: [
      "", "main", "Master", "2024", "2024.", ".1", "2024.1.1", "../x", "2024.1/..", "2024.x",
      "-1.0", "2024.1 ", "٢٠٢٤.1", "1234567.1",
    ])
  func otherTextsAreNoRelease(text: String) {
    #expect(Release(text) == nil)
  }

  @Test func aStackIsNamedByReleaseAndProject() throws {
    let old = StackName(try #require(Release("2023.1")), "nova")
    let new = StackName(.master, "nova")
    let other = StackName(.master, "cinder")
    #expect(old.description == "2023.1/nova")
    #expect([new, old, other].sorted() == [other, old, new])
  }

  @Test(arguments: ["https://example.org/nova", "ssh://git@example.org:22/nova.git", "git://h/x"])
  func remoteAddressesAreTaken(address: String) throws {
    try checkRepositoryAddress(address)
  }

  @Test(
    arguments: [
      ("https://example.org/a b", "a character that no plain URL needs"),
      ("https://example.org/%2e", "a character that no plain URL needs"),
      ("https://example.org/\n", "a character that no plain URL needs"),
      ("https://exämple.org/x", "a character that no plain URL needs"),
      ("ext::sh", "only https://, ssh:// and git:// addresses are taken"),
      ("file:///x", "only https://, ssh:// and git:// addresses are taken"),
      ("http://example.org/x", "only https://, ssh:// and git:// addresses are taken"),
      ("HTTPS://example.org/x", "only https://, ssh:// and git:// addresses are taken"),
      ("/srv/nova", "only https://, ssh:// and git:// addresses are taken"),
      ("../nova", "only https://, ssh:// and git:// addresses are taken"),
      ("--upload-pack/x", "only https://, ssh:// and git:// addresses are taken"),
      ("git@example.org:nova", "only https://, ssh:// and git:// addresses are taken"),
      ("https://example.org", "no host or no path"),
      ("https://example.org/", "no host or no path"),
      ("https:///x", "no host or no path"),
      ("https://a@/x", "no host"),
      ("https://a@b@c/x", "no host"),
      ("https://@example.org/x", "the host or the user begins with '-'"),
      ("ssh://-oProxyCommand/x", "the host or the user begins with '-'"),
      ("ssh://-x@example.org/x", "the host or the user begins with '-'"),
      ("ssh://x@-y/x", "the host or the user begins with '-'"),
      ("https://a:b@example.org/x", "the address has a password; write https://HOST/PATH and keep"),
      ("ssh://a:b@example.org/x", "the address has a password; remove it and use a key"),
      ("https://t0ken@example.org/x", "the address has a user or a token; write https://HOST/PATH"),
      ("git://t0ken@example.org/x", "the address has a user or a token; write git://HOST/PATH"),
      ("https://example.org/a/../b", "the address has a '..'"),
      ("git://bob:t0ken/x@example.org/x", "an '@' behind its host"),
      ("https://t0ken/@example.org/x", "an '@' behind its host"),
      ("ssh://bob:12/t0ken@h/x", "an '@' behind its host"),
      ("git://bob:t0ken/x", "no host with a port of digits"),
      ("ssh://h:-oX/y", "no host with a port of digits"), ("ssh://h:1:2/x", "no host with a port"),
      ("https://:9/x", "no host with a port"), ("https://h:/x", "no host with a port"),
    ])
  func otherAddressesAreRefused(address: String, reason: String) throws {
    let problem = try #require(throws: AddressProblem.self) { try checkRepositoryAddress(address) }
    #expect(problem.description.contains(reason))
    #expect(!problem.description.contains("t0ken"))
  }

  @Test(arguments: [
    ("https://example.org/x", "https://example.org/x"),
    ("https://t0ken@example.org/x", "https://***@example.org/x"),
    ("https://joe:p@ss@example.org:80/x@y", "https://***@example.org:80/x@y"),
    ("ssh://git@example.org/x", "ssh://git@example.org/x"),
    ("ssh://git:pw@example.org/x", "ssh://***@example.org/x"),
    (
      "fatal: 'https://a:b@c/' and http://d:e@f: 403",
      "fatal: 'https://***@c/' and http://***@f: 403"
    ),
    ("mail me@example.org", "mail me@example.org"), ("a://", "a://"), ("", ""),
  ])
  func secretsAreTakenOutOfAddresses(text: String, shown: String) {
    #expect(withoutCredentials(text) == shown)
  }

  @Test(arguments: ["nova", "kolla-ansible", "a.b", "_x", "3"])
  func theseAreProjects(name: String) {
    #expect(isProjectName(name))
  }

  @Test(arguments: [
    "", ".", "..", ".x", "-x", "a/b", "a b", "ä", String(repeating: "a", count: 101),
  ])
  func theseAreNoProjects(name: String) {
    #expect(!isProjectName(name))
  }
}
