import Foundation
import TestSupport
import Testing

@testable import Upstream

@Suite struct IndexPageTests {
  private let digest = String(repeating: "0a", count: 32)

  private func links(
    _ body: String, type: String = "text/html", at address: String = "https://h/simple/demo/"
  ) throws -> [IndexLink] {
    let page = IndexPage(
      body: Array(body.utf8), contentType: type, address: try #require(WebAddress(address)))
    return try page.links()
  }

  private let json = "application/vnd.pypi.simple.v1+json"

  @Test func aLinkInHTMLHasItsDigestInTheFragment() throws {
    let found = try links(
      """
      <!DOCTYPE html><html><head><title>a < b</title></head><body>
      <!-- <a href="no.tar.gz"></a> -->
      <A class='x' HREF = "../../p/demo-1.0.tar.gz?a=1&amp;b=2#egg=x&sha256=\(digest.uppercased())"
        data-requires-python="&gt;=3">demo</A>
      <a href=demo-2.0.tar.gz#md5=00 data-yanked="bad">two</a><a name="x">none</a>
      """)
    #expect(
      found == [
        IndexLink(
          fileName: "demo-1.0.tar.gz",
          address: try #require(WebAddress("https://h/p/demo-1.0.tar.gz?a=1&b=2")), digest: digest,
          isYanked: false),
        IndexLink(
          fileName: "demo-2.0.tar.gz",
          address: try #require(WebAddress("https://h/simple/demo/demo-2.0.tar.gz")), digest: nil,
          isYanked: true),
      ])
  }

  @Test func theBaseOfAPageCounts() throws {
    let found = try links("<base href='https://other/x/'><a href='a%2B1.tar.gz'></a>")
    #expect(found.map { "\($0.address)" } == ["https://other/x/a%2B1.tar.gz"])
    #expect(found.map(\.fileName) == ["a+1.tar.gz"])
  }

  @Test func aLinkInJSONHasItsFields() throws {
    let found = try links(
      """
      {"files": [{"filename": "demo-1.0.tar.gz", "url": "https://f/x#frag", "yanked": true,
        "hashes": {"sha256": "\(digest)"}, "size": 1, "unknown": [1]},
        {"filename": "demo-2.0.tar.gz", "url": "file:///x", "hashes": {}}]}
      """, type: json + "; charset=utf-8")
    #expect(
      found == [
        IndexLink(
          fileName: "demo-1.0.tar.gz", address: try #require(WebAddress("https://f/x")),
          digest: digest, isYanked: true)
      ])
  }

  @Test(arguments: ["application/vnd.pypi.simple.v2+json", "text/plain", "", "application/json"])
  func anotherKindOfPageIsRefused(type: String) {
    #expect(throws: IndexPageProblem.self) { try links("", type: type) }
  }

  @Test func aPageHasLimits() {
    let many = String(repeating: "<a href=x>", count: IndexPage.maximumLinks + 1)
    #expect(throws: IndexPageProblem.self) { try links(many) }
    let large = String(repeating: " ", count: IndexPage.maximumSize + 1)
    #expect(throws: IndexPageProblem.self) { try links(large) }
    let deep = String(repeating: "[", count: 1 << 20)
    #expect(throws: IndexPageProblem.self) { try links(deep, type: json) }
  }

  @Test(arguments: ["<", "<a ", "<!--", "<a href='", "<a =", "&#x41;", "<a href=\"&", "<b x=", "a"])
  func nonsenseIsReadInOnePass(piece: String) {
    for count in [2_000, 20_000] {
      let bytes = Array(String(repeating: piece, count: count).utf8)
      #expect(HTMLPage(bytes).work <= 3 * bytes.count)
    }
  }

  @Test func anyBytesAreReadWithoutATrap() throws {
    var random = SeededGenerator(seed: 41)
    let seeds = [
      "<a href=\"../x-1.0.tar.gz#sha256=\(digest)\" data-yanked>&#65;&amp;</a><!-- - -->",
      "{\"files\": [{\"filename\": \"x\", \"url\": \"//h/%41\", \"yanked\": \"\"}]}",
    ]
    for round in 0..<4000 {
      var bytes = Array(seeds[round % 2].utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
        }
      }
      let page = IndexPage(
        body: bytes, contentType: round % 2 == 0 ? "text/html" : json,
        address: try #require(WebAddress("https://h/simple/x/")))
      for link in (try? page.links()) ?? [] {
        #expect("\(link.address)".hasPrefix("http"))
        _ = ReleasedFile(project: "x", fileName: link.fileName, place: .folder("/"))
      }
    }
  }
}

@Suite struct WebAddressTests {
  /// The examples of RFC 3986, section 5.4, as far as an index uses them.
  @Test(arguments: [
    ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"),
    ("/g", "http://a/g"), ("//g", "http://g/"), ("g?y", "http://a/b/c/g?y"),
    ("g#s", "http://a/b/c/g"), (".", "http://a/b/c/"), ("..", "http://a/b/"),
    ("../g", "http://a/b/g"), ("../../g", "http://a/g"), ("../../../g", "http://a/g"),
    ("/./g", "http://a/g"), ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."),
    ("g;x=1/../y", "http://a/b/c/y"), ("g?y/../x", "http://a/b/c/g?y/../x"),
    ("HTTPS://u:p@h:1/x", "https://u:p@h:1/x"),
  ])
  func aReferenceIsResolved(reference: String, address: String) throws {
    let base = try #require(WebAddress("http://a/b/c/d;p?q"))
    #expect(base.resolving(reference)?.description == address)
  }

  @Test(arguments: [
    "", "#x", "?x", "file:///etc/passwd", "ftp://h/x", "javascript:1", "https:x", "https://",
    "https:///x", "https://u@/x", "https://:1/x", "a b", "é", "a\\b", "a\u{0}b",
  ])
  func whatIsNoAddressIsNone(reference: String) throws {
    let base = try #require(WebAddress("https://a/b/"))
    #expect(base.resolving(reference) == nil)
  }
}

@Suite struct ReleasedFileTests {
  private func file(_ name: String, of project: String = "Kolla.Ansible") -> ReleasedFile? {
    ReleasedFile(project: project, fileName: name, place: .folder("/"))
  }

  @Test func aProjectIsNamedInManyWays() {
    #expect(file("kolla-ansible-16.7.0.tar.gz")?.version == "16.7.0")
    #expect(file("kolla_ansible-17.9.0.tar.gz")?.version == "17.9.0")
    #expect(file("KOLLA--ansible-1.0.dev1.tar.gz")?.version == "1.0.dev1")
    #expect(normalizedProjectName("A__b.-C") == "a-b-c")
  }

  @Test(arguments: [
    "kolla-1.0.tar.gz", "kolla-ansible.tar.gz", "kolla-ansible-.tar.gz", "kolla-ansible-1.0.zip",
    "kolla_ansible-1.0-py3-none-any.whl", "kolla-ansible-1.0.tar.bz2", "../kolla-ansible-1.tar.gz",
    "kolla-ansible-1 0.tar.gz", "kolla-ansible-1\n.tar.gz",
  ])
  func anotherFileIsNone(name: String) {
    #expect(file(name) == nil)
  }

  @Test func theNewestIsTheFirstOfTheHighestFinalRelease() throws {
    let names = ["9.1", "10.0.0", "10.0", "11.0rc1", "12.dev1", "odd-1"]
    let files = names.compactMap { file("x-\($0).tar.gz", of: "x") }
    #expect(files.newest?.version == "10.0.0")
    #expect(files.versions == ["9.1", "10.0.0", "10.0", "11.0rc1", "12.dev1"])
    #expect(files.filter { $0.hasVersion("10") }.count == 2)
    #expect(files.filter { $0.hasVersion("odd-1") }.count == 1)
  }
}
