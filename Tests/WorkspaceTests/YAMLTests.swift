import Patches
import Testing

@testable import Workspace

/// What `kerb.yaml` may be made of, judged by the parser's events.
@Suite struct YAMLTests {
  private func finding(_ bytes: [UInt8]) -> String {
    do throws(Diagnostics) {
      _ = try Configuration(parsing: bytes, file: "kerb.yaml")
      return ""
    } catch {
      return "\(error)"
    }
  }

  private func finding(_ text: String) -> String { finding(Array(text.utf8)) }

  private let valid = """
    version: 1
    releases: ["2024.1", master]
    projects:
      demo: {git: "https://example.org/demo"}

    """

  @Test(arguments: [
    ("a: &x 1\n", 1), ("a:\t&x 1\n", 1), ("a:\n  - 1\n  - &x\n", 3), ("a: *x\n", 1),
    ("a: 1\n*x : 2\n", 2), ("a: {*x : 2}\n", 1), ("a: 1\n? *x\n: 2\n", 2), ("a: [b,*x]\n", 1),
    ("&x a: 1\n", 1), ("--- &x\na: 1\n", 1), ("a: !!str &x b\n", 1), ("a: 1\n<<: {b: 2}\n", 2),
    ("a: {<<: {b: 2}}\n", 1),
  ])
  func anchorsAliasesAndMergeKeysAreRefused(_ text: String, _ line: Int) {
    #expect(finding(text).hasPrefix("kerb.yaml:\(line): error: "))
    #expect(finding(text).hasSuffix("are not taken; write it out [config-anchor]"))
  }

  @Test func whatOnlyLooksLikeAnAnchorIsText() {
    #expect(finding(valid + "# a & b, *c, &d\n") == "")
    let text =
      "projects: {demo: {git: 'https://example.org/demo', verify: [{run: ['&a', \"*b\"]}]}}"
    #expect(finding("version: 1\nreleases: [master]\n\(text)\n") == "")
    #expect(finding(valid + "'<<': 1\n").contains("'<<' is none of version"))
  }

  @Test(arguments: [
    ("a: !x 1\n", "tags ('!…') are not taken; remove it [config-tag]"),
    ("a: !!python/object:os.system []\n", "tags ('!…') are not taken; remove it [config-tag]"),
    ("a: ! 1\n", "tags ('!…') are not taken; remove it [config-tag]"),
    ("%TAG ! tag:x,2000:\n---\na: 1\n", "'%TAG' is not taken; remove the line [config-tag]"),
    ("# a\n\n%FOO x\n---\na: 1\n", "'%FOO' is not taken; remove the line [config-tag]"),
    ("a: 1\n---\nb: 2\n", "a second document; the file is one, remove it [config-document]"),
    ("a: 1\n...\n# x\n--- b\n", "a second document; the file is one, remove it [config-document]"),
    ("a: 1\n...\n%TAG ! x\n", "a second document; the file is one, remove it [config-document]"),
    ("[ä] b\n", "text behind the end of the document; remove it [config-document]"),
    ("a: 1\na: 2\n", "'a' is on line 1 already; keep one of them [config-twice]"),
    ("a: {b: 1, 'b': 2}\n", "'b' is on line 1 already; keep one of them [config-twice]"),
    ("? [a]\n: 1\n", "a key is a text; put it in quotes [config]"),
    ("a: {{b}}\n", "a key is a text; put it in quotes [config]"),
    (
      "a: " + String(repeating: "[", count: 900),
      "more than 16 lists and mappings in each other [config-size]"
    ),
    (
      String(repeating: "- ", count: 900),
      "more than 16 lists and mappings in each other [config-size]"
    ),
    (
      "a: " + String(repeating: "x", count: 70_000),
      "a text of 70000 bytes; 65536 is the most [config-size]"
    ),
    (
      "a: [" + String(repeating: "1,", count: 60_000) + "]",
      "more than 50000 texts, lists and mappings [config-size]"
    ),
  ])
  func whatKerbDoesNotTakeIsRefused(_ text: String, _ message: String) {
    #expect(finding(text).hasSuffix(": error: \(message)"), "\(finding(text))")
  }

  @Test(
    arguments: [
      (Array("a: \0".utf8), "kerb.yaml:1: error: a NUL byte; save the file as UTF-8 text"),
      (
        [0x61, 0x3a, 0x0a, 0xff],
        "kerb.yaml:2: error: the line is not UTF-8; save the file as UTF-8"
      ),
      ([0x61, 0xc0, 0xaf], "kerb.yaml:1: error: the line is not UTF-8; save the file as UTF-8"),
      ([0xed, 0xa0, 0x80], "kerb.yaml:1: error: the line is not UTF-8; save the file as UTF-8"),
      (
        [0xff, 0xfe, 0x61, 0],
        "kerb.yaml:1: error: the file begins with UTF-16's byte order mark; save it as UTF-8"
      ),
      (
        [0xfe, 0xff, 0, 0x61],
        "kerb.yaml:1: error: the file begins with UTF-16's byte order mark; save it as UTF-8"
      ),
      ([0, 0, 0xfe, 0xff], "kerb.yaml:1: error: a NUL byte; save the file as UTF-8 text"),
      (
        Array("a: 1\n\u{feff}b: 2\n".utf8),
        "kerb.yaml:2: error: a byte order mark within the file; remove it"
      ),
      (
        Array("# a\u{2028}b: 2\n".utf8),
        "kerb.yaml:1: error: the character U+2028, which most editors do not show; remove it"
      ),
      (
        Array("# a\u{85}%TAG ! x\n".utf8),
        "kerb.yaml:1: error: the character U+0085, which most editors do not show; remove it"
      ),
      (
        Array("# a\rb: 2\n".utf8),
        "kerb.yaml:1: error: a carriage return that ends no line; end lines in LF"
      ),
    ] as [([UInt8], String)])
  func charactersThatReadersTakeDifferently(_ bytes: [UInt8], _ message: String) {
    #expect(finding(bytes) == "\(message) [encoding]")
  }

  @Test func aFileIsOneMebibyteAtMost() {
    let text = valid + String(repeating: "#", count: 1 << 20)
    #expect(finding(text).hasSuffix("bytes; 1048576 is the most [file-size]"))
  }

  @Test(arguments: [
    "%YAML 1.1\n---\n", "%YAML 1.2\n---\n", "---\n", "# a\r\n\r\n", "\u{feff}", "\n  \n",
  ])
  func whatMayStandAboveTheDocument(_ start: String) {
    #expect(finding(start + valid) == "")
    #expect(finding(start + valid + "...\n# the end\n") == "")
  }

  @Test func aMistakeOfYAMLHasLibyamlsReason() {
    #expect(
      finding("version: 1\nprojects:\n  demo: [a\nreleases: b\n")
        == "kerb.yaml:4: error: not readable as YAML: did not find expected ',' or ']', while "
        + "parsing a flow sequence that begins on line 3 [config]")
    #expect(
      finding("a: \"b\n")
        == "kerb.yaml:2: error: not readable as YAML: found unexpected end of stream, while "
        + "scanning a quoted scalar that begins on line 1 [config]")
    #expect(
      finding("a:\n\tb: 1\n")
        == "kerb.yaml:2: error: not readable as YAML: found character that cannot start any "
        + "token, while scanning for the next token [config]")
  }

  @Test func anAddressThatIsWrongIsTheOnlyMistake() {
    #expect(
      finding("version: 1\nreleases: [master]\nprojects:\n  demo:\n    git: file:///srv/demo\n")
        == "kerb.yaml:5: error: only https://, ssh:// and git:// addresses are taken [config]")
  }

  @Test func aSecretIsNotRepeated() {
    let start = "version: 1\nreleases: [master]\nprojects:\n  demo:\n"
    for address in ["https://joe:s3cret@example.org/x", "https://s3cret@example.org/x"] {
      #expect(finding("\(start)    git: \(address)\n").hasPrefix("kerb.yaml:5: error: the address"))
      for text in [
        "    git: \(address)\n", "    ? \(address)\n    : a\n", "    sdist: \(address)\n",
      ] {
        #expect(!finding(start + text).contains("s3cret"))
        #expect(finding(start + text) != "")
      }
    }
  }

  @Test func thereIsAnEndToReleasesAndProjects() {
    let releases = (0..<101).map { "\"1.\($0)\"" }.joined(separator: ", ")
    let projects = (0..<1_001).map { "  p\($0): {sdist: a}\n" }.joined()
    let found = finding("version: 1\nreleases: [\(releases)]\nprojects:\n\(projects)")
    #expect(
      found == "kerb.yaml:2: error: 101 releases; 100 is the most [config]\n"
        + "kerb.yaml:4: error: 'projects' has 1001 keys; 1000 is the most [config]")
  }

  /// How many events are read of a file, and what ends the reading.
  private func work(_ text: String) throws(Diagnostic) -> (events: Int, end: String) {
    var reader = try YAMLReader(Array(text.utf8), file: "kerb.yaml")
    do throws(Diagnostic) {
      _ = try reader.document()
      return (reader.events, "")
    } catch {
      return (reader.events, error.rule)
    }
  }

  @Test(arguments: [
    ("[", "", "config-size"), ("{a: ", "", "config-size"), ("- ", "", "config-size"),
    ("? ", "", "config"), ("&x ", "a", "config-anchor"), ("[*x, ", "", "config-anchor"),
    ("{*x : ", "", "config-anchor"), ("!a ", "b", "config-tag"), ("--- a\n", "", "config-document"),
    ("a: &x b\n", "", "config-anchor"), ("<<: *x\n", "", "config-anchor"),
    ("%TAG !a! b\n", "--- a", "config-tag"), ("a: b\n", "", "config-twice"),
  ])
  func whatIsRefusedIsRefusedAtOnce(_ unit: String, _ rest: String, _ rule: String) throws {
    for count in [20, 1_000, 10_000] {
      do throws(Diagnostic) {
        let (events, end) = try work(String(repeating: unit, count: count) + rest)
        #expect(end == rule)
        #expect(events < 40, "\(count) times '\(unit)': \(events) events")
      } catch {
        #expect(error.rule == rule)
      }
    }
  }

  @Test func eventsGrowAsTheFileDoes() throws {
    for make in [
      { (n: Int) in (0..<n).map { "k\($0): v\n" }.joined() },
      { (n: Int) in "a:\n" + String(repeating: "- [b, c]\n", count: n) },
      { (n: Int) in "{" + (0..<n).map { "k\($0): {a: [b]}, " }.joined() + "}" },
      { (n: Int) in "a: |\n" + String(repeating: "  b\n", count: n) },
    ] {
      let (small, end) = try work(make(1_000))
      let (large, other) = try work(make(4_000))
      #expect(end == "" && other == "")
      #expect(large <= 4 * small)
    }
  }
}
