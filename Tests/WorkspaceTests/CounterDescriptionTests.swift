import Claims
import Patches
import TestSupport
import Testing

@testable import Workspace

/// Counters that `kerb.yaml` describes.
@Suite struct CounterDescriptionTests {
  private let start = """
    version: 1
    releases: [master]
    projects:
      demo: {git: "https://example.org/demo.git"}
    counters:

    """

  private func findings(_ counters: String) -> [String] {
    do throws(Diagnostics) {
      _ = try Configuration(parsing: Array((start + counters).utf8), file: "kerb.yaml")
      return []
    } catch {
      return error.all.map { "\($0.location.line ?? 0): \($0.message)" }
    }
  }

  private func workspace(_ counters: String) throws -> (TemporaryDirectory, Workspace) {
    let folder = try TemporaryDirectory()
    try folder.write("kerb.yaml", (start + counters).utf8)
    return (folder, try Workspace(containing: folder.path))
  }

  @Test func oneOfItsOwnIsAddedAndAKnownOneChanged() throws {
    let (_, workspace) = try workspace(
      """
        library-floor: {limits: "pins/{project}-{release}.txt"}
        service-api:
          title: version of the service
          order: ascending
          projects: [demo]
          readings:
            - name: constant
              role: maximum
              files: demo/version.py
              lines: ["VERSION = {quote}{value}{quote}"]
              required: true
      """)
    let all = workspace.allCounters
    #expect(all.count == Counter.builtIn.count + 1)
    let floors = try #require(all.first { $0.name == "library-floor" })
    #expect(floors.limits == "pins/{project}-{release}.txt")
    #expect(floors.readings == Counter.builtIn.first { $0.name == "library-floor" }?.readings)
    let own = try #require(all.last)
    #expect(own.order == .ascending)
    #expect(own.applies(to: "demo"))
    #expect(!own.applies(to: "nova"))
    #expect(own.readings.map(\.isRequired) == [true])
    let entries = own.entries(in: try RepoPath("demo/version.py")) {
      Array("VERSION = '1.4'\n".utf8)
    }
    #expect(entries.map { "\($0.value)" } == ["1.4"])
  }

  @Test func aMicroversionOfOnesOwnIsTheOneThatIsRenumbered() throws {
    let (_, workspace) = try workspace(
      """
        microversion:
          title: API version
          projects: [demo]
          clients: [demo]
          readings:
            - {name: constant, role: maximum, files: v.py, lines: ["V = {quote}{value}{quote}"]}
      """)
    let own = workspace.microversion
    #expect(own.title == "API version")
    #expect(own.clients == ["demo"])
    #expect(workspace.renumberedCounters(of: "demo").map(\.readings.count) == [1, 2])
    #expect(workspace.renumberedCounters(of: "nova").map(\.name) == ["client-maximum"])
    #expect(workspace.isClient(StackName(.master, "demo")))
    #expect(!workspace.isClient(StackName(.master, "openstacksdk")))
  }

  @Test func withoutOneOfOnesOwnItIsNovas() throws {
    let (_, workspace) = try workspace("  library-floor: {limits: pins.txt}\n")
    #expect(workspace.microversion == .microversion)
    #expect(workspace.isClient(StackName(.master, "openstacksdk")))
  }

  @Test(arguments: [
    ("  own: {title: x}\n", "6: 'own' is no counter that kerb knows"),
    (
      "  own: {title: x, order: up, readings: [{name: a, files: f, lines: ['{value}']}]}\n",
      "6: 'up' is no order"
    ),
    (
      "  microversion: {readings: [{name: a, role: most, files: f, lines: ['{value}']}]}\n",
      "6: 'most' is no role"
    ),
    (
      "  microversion: {readings: [{name: a, extent: far, files: f, lines: ['{value}']}]}\n",
      "6: 'far' is no extent"
    ),
    ("  microversion: {readings: [{files: f, lines: ['{value}']}]}\n", "6: a reading needs"),
    (
      "  microversion: {readings: [{name: a, files: f, lines: ['x']}]}\n",
      "6: no pattern of 'a' has a {value}"
    ),
    (
      "  microversion: {readings: [{name: a, files: 'f-{name}'}]}\n",
      "6: no pattern of 'a' has a {value}"
    ),
    (
      "  microversion: {readings: [{name: a, files: '{', lines: ['{value}']}]}\n",
      "6: '{': '{' has no '}'"
    ),
    (
      "  microversion: {limits: ../../etc/passwd}\n",
      "6: 'limits' is the path of a file in the workspace; the path has a '.' or '..' component"
    ),
    (
      "  library-floor:\n    limits: /etc/passwd\n",
      "7: 'limits' is the path of a file in the workspace; the path is absolute"
    ),
    (
      "  library-floor: {limits: a/.git/config}\n",
      "6: 'limits' is the path of a file in the workspace; the path names a .git directory"
    ),
    ("  microversion: {colour: red}\n", "6: a counter has 'title'"),
    ("  ../x: {title: x}\n", "6: a counter's name has"),
    ("  microversion: {projects: [demo, nova]}\n", "6: 'nova' is no project of this file"),
    ("  microversion: {clients: [nova]}\n", "6: 'nova' is no project of this file"),
    ("  port: {clients: [demo]}\n", "6: only 'microversion' has 'clients'"),
    ("  microversion: {projects: [[demo]]}\n", "6: a project's name is a text"),
    (
      "  microversion:\n    readings:\n      - name: a\n        files: {value}\n",
      "9: 'files' is a text; put it in quotes"
    ),
    (
      "  microversion:\n    readings:\n      - name: a\n        files: f\n"
        + "        lines:\n          - \"{value}\"\n          - {value}\n",
      "12: a pattern is a text; put it in quotes"
    ),
    (
      "  microversion:\n    readings:\n      - name: a\n        files: \"{value}\"\n"
        + "        lines:\n          - x\n",
      "11: no pattern of 'a' has a {value}; one of 'lines' needs one"
    ),
    (
      "  microversion:\n    readings:\n      - name: a\n        files: f\n"
        + "        lines: [\"{value}\", \"x {name}\"]\n",
      "10: 'x {name}' has none of {value}, {identity} and {fingerprint}"
    ),
  ])
  func mistakesAreNamedWithTheirLine(_ counters: String, _ message: String) {
    let found = findings(counters)
    #expect(found.contains { $0.hasPrefix(message) }, "\(found)")
  }

  @Test func aPathOfLimitsStaysInTheWorkspaceWhateverTheProject() throws {
    let (folder, workspace) = try workspace("  library-floor: {limits: \".{project}/config\"}\n")
    let counter = try #require(workspace.allCounters.first { $0.name == "library-floor" })
    try folder.write(".demo/config", "demo==1.0\n")
    #expect(try workspace.limits(of: counter, for: StackName(.master, "demo")).count == 1)
    let error = #expect(throws: Diagnostics.self) {
      try workspace.limits(of: counter, for: StackName(.master, "git"))
    }
    #expect(error?.all.map(\.message) == ["not a path of the workspace"])
    #expect(error?.all.first?.location.file == ".git/config")
  }

  @Test func thereIsAnEndToThePatterns() {
    let reading = "      - {name: a, files: f, lines: ['{value}', '{value:hex}', '{value:word}']}\n"
    func counters(_ count: Int) -> String {
      "  microversion:\n    readings:\n" + String(repeating: reading, count: count)
    }
    #expect(findings(counters(125)) == [])
    #expect(findings(counters(130)) == ["133: more than 500 patterns of counters"])
    let long = String(repeating: "x", count: 4_001)
    #expect(
      findings("  microversion: {readings: [{name: a, files: '\(long)', lines: ['{value}']}]}\n")
        .first?.hasSuffix("…': the pattern has more than 4000 bytes") == true)
  }

  @Test func projectsMayComeBehindTheCounters() {
    let text = """
      version: 1
      releases: [master]
      counters:
        microversion: {projects: [demo, other]}
      projects:
        demo: {git: "https://example.org/demo.git"}

      """
    do throws(Diagnostics) {
      _ = try Configuration(parsing: Array(text.utf8), file: "kerb.yaml")
      Issue.record("'other' was taken")
    } catch {
      #expect(
        error.all.map { "\($0)" } == [
          "kerb.yaml:4: error: 'other' is no project of this file; list it in 'projects', or take it "
            + "out here [config]"
        ])
    }
  }

  @Test func aWordOfAProofThatIsNoTextIsAMistake() {
    let text = """
      version: 1
      releases: [master]
      projects:
        demo:
          git: "https://example.org/demo.git"
          verify:
            - {run: [python3, {workspace}]}

      """
    do throws(Diagnostics) {
      _ = try Configuration(parsing: Array(text.utf8), file: "kerb.yaml")
      Issue.record("the word was dropped")
    } catch {
      #expect(
        error.all.map { "\($0)" } == [
          "kerb.yaml:7: error: a word of 'run' is a text; put it in quotes [config]"
        ])
    }
  }
}
