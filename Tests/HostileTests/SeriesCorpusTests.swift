import Foundation
import Patches
import TestSupport
import Testing

/// The hostile series and configuration files of `Tests/Hostile`.
@Suite struct SeriesCorpusTests {
  private static let folder = "\(testsFolder)/Hostile"

  /// The exit code of `kerb series master/demo` and the words of its message.
  private static let series: [(name: String, exit: Int32, message: String)] = [
    ("q02-abs", 2, "series/master:1: error: '/etc/passwd': the path is absolute"),
    ("q05-opt-p0", 2, "series/master:1: error: '-p0': the only option"),
    ("q07-opt-o", 2, "series/master:1: error: '-o': the only option"),
    ("q10-dir", 2, "series/master:1: error: 'adir': a patch's name ends in .patch"),
    ("q11-nul", 2, "series/master:1: error: 'ok01.patch\\u{0}.evil': the path has a control"),
    ("q12-crlf", 2, "series/master:1: error: the line ends in CR LF"),
    ("q13-bom", 2, "series/master:1: error: the file begins with a byte order mark"),
    ("q14-esc", 2, "series/master:1: error: 'ok\\u{1b}[2J.patch': the path has a control"),
    ("q17-shell", 2, "series/master:1: error: '$(touch${IFS}SH_PWN).patch': a patch's name has"),
    ("q18-comment", 0, ""),
    ("q20-fifo", 0, ""),
    ("q22-dash", 2, "series/master:1: error: '--help.patch': a patch's name ends in .patch and"),
  ]

  private func workspace(_ series: String) throws -> TemporaryDirectory {
    let root = try TemporaryDirectory()
    try root.write(
      "kerb.yaml",
      "version: 1\nreleases: [master]\nprojects: {demo: {git: 'https://example.org/demo'}}\n")
    let bytes = FileManager.default.contents(atPath: "\(Self.folder)/\(series).series") ?? Data()
    try root.write("series/master", bytes)
    let patch = FileManager.default.contents(atPath: "\(Self.folder)/ok01-plain.patch") ?? Data()
    try root.write("patches/ok01.patch", patch)
    try FileManager.default.createDirectory(
      atPath: root.file("patches/adir"), withIntermediateDirectories: true)
    #expect(mkfifo(root.file("patches/fifo.patch"), 0o644) == 0)
    return root
  }

  @Test(arguments: series) func eachSeriesHasItsOutcome(
    _ item: (name: String, exit: Int32, message: String)
  ) throws {
    let root = try workspace(item.name)
    let outcome = try kerb(["series", "master/demo"], in: root.path)
    #expect(outcome.status == item.exit)
    #expect(outcome.errors.hasPrefix(item.message))
    #expect(!FileManager.default.fileExists(atPath: root.file("SH_PWN")))
  }

  @Test func aFIFOIsRefusedAndNothingHangs() throws {
    let root = try workspace("q20-fifo")
    let outcome = try kerb(["check"], in: root.path)
    #expect(outcome.status == 2)
    #expect(outcome.text.contains("series/master:1: error: patches/fifo.patch: not a regular file"))
  }

  @Test func anchorsInAConfigurationAreRefused() throws {
    let root = try workspace("q18-comment")
    let yaml = FileManager.default.contents(atPath: "\(Self.folder)/c01-yaml-bomb.yaml") ?? Data()
    try root.write("kerb.yaml", yaml)
    let outcome = try kerb(["check"], in: root.path)
    #expect(outcome.status == 2)
    #expect(
      outcome.errors
        == "kerb.yaml:1: error: anchors and aliases are not taken; write it out [config-anchor]\n")
  }

  @Test(arguments: ["c02-json-deep", "c08-int"]) func aHostileJobGivesAnErrorAndTheBatchGoesOn(
    _ name: String
  ) throws {
    let fixture = try Fixture()
    let job = FileManager.default.contents(atPath: "\(Self.folder)/\(name).json") ?? Data()
    let good = #"{"onto": "main", "patches": ["\#(Self.folder)/ok01-plain.patch"]}"#
    let outcome = try kerb(
      ["replay", "--repo", "tree", "--batch"], in: fixture.path,
      input: Array(job) + Array("\n\(good)\n".utf8))
    #expect(outcome.status == 2)
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].contains("\"error\":\"the line is no job: not readable as JSON\""))
    #expect(lines[1].contains("\"outcome\":\"clean\""))
  }

  @Test func addressesThatRunCommandsOrLeaveTheListAreRefused() throws {
    let text = try String(contentsOfFile: "\(Self.folder)/c04-url.txt", encoding: .utf8)
    // The address that is divided over two lines is one with a line feed in it.
    var addresses = text.split(separator: "\n").map(String.init)
    if let index = addresses.firstIndex(of: "Host: evil") {
      addresses[index] = addresses.remove(at: index - 1) + "\nHost: evil"
      addresses.removeAll { $0 == "Host: evil" }
    }
    #expect(addresses.count > 10)
    for address in addresses {
      #expect(throws: AddressProblem.self, "\(address)") { try checkRepositoryAddress(address) }
    }
    #expect(throws: Never.self) { try checkRepositoryAddress("https://example.org/a/b.git") }
  }
}
