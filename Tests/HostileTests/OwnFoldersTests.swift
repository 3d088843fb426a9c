import Foundation
import TestSupport
import Testing

/// `.kerb/` and `src/` are kerb's own: what somebody else put there is not used.
@Suite struct OwnFoldersTests {
  private let root: TemporaryDirectory

  init() throws {
    root = try TemporaryDirectory()
    try root.write(
      "kerb.yaml",
      """
      version: 1
      releases: [master]
      projects:
        demo:
          git: https://example.org/demo

      """)
    try root.write("series/master", "")
    try git(["init", "-q", "."], in: root.path)
  }

  /// Every verb of the command line, with words that are enough to come to the workspace.
  private static let verbs: [[String]] = [
    ["fetch"], ["check"], ["apply", "demo"], ["status"], ["landed"], ["microversion"],
    ["series", "master/demo"], ["show", "master/demo", "a"], ["files", "master/demo"],
    ["header", "master/demo", "a"], ["annotate", "master/demo", "a"], ["lint"], ["fmt"],
    ["rebase", "master/demo", "--update"], ["port", "master", "master"], ["continue"],
    ["skip", "master/demo"], ["abort"],
    ["refresh", "master/demo"], ["new", "master/demo", "a", "-m", "a"],
    ["edit", "master/demo", "a"], ["rename", "master/demo", "a", "b"],
    ["delete", "master/demo", "a"], ["reorder", "master/demo", "a", "--float"],
    ["fold", "master/demo", "a", "b"], ["split", "master/demo", "a", "b", "f"],
    ["import", "master/demo", "a.patch"], ["fork", "master/demo", "a"],
    ["sync", "demo", "a"], ["resolve"],
    ["bisect", "master/demo", "--good", "a", "--bad", "b"],
    ["diff", "master/demo", "master/demo"], ["graph", "master/demo"], ["log"], ["undo"], ["redo"],
    ["exec", "master/demo", "--", "touch", "ran"], ["export", "master/demo", "-o", "out"],
    ["images", "master"], ["report"],
  ]

  @Test(arguments: [
    ".kerb/upstream/demo.git/config", "src/master/demo/file", ".KERB/x", ".\u{212a}erb/x",
    "\u{17f}rc/x",
    "SRC.",
  ])
  func noVerbWorksWhereGitTracksWhatIsKerbs(_ path: String) throws {
    try root.write(path, "x\n")
    try git(["add", "-f", path], in: root.path)
    for words in path.hasPrefix("src/") ? Self.verbs : [["check"], ["fetch"], ["apply", "demo"]] {
      let outcome = try kerb(words, in: root.path)
      #expect(outcome.status == 2, "\(words): \(outcome.errors)")
      #expect(outcome.errors.contains("\(path): error: git tracks this path"), "\(words)")
      #expect(outcome.errors.contains("[tracked-state]"))
    }
    #expect(root.read("ran") == nil)
  }

  @Test func theListHasEveryVerbThatOpensAWorkspace() throws {
    let help = try kerb(["--help"], in: root.path).text
    let lines = help.components(separatedBy: "SUBCOMMANDS:").last?.split(separator: "\n") ?? []
    let named = lines.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
    let others = ["init", "replay", "completion", "help", "See"]
    #expect(Set(named).subtracting(others).subtracting(Self.verbs.map { $0[0] }) == [])
    #expect(named.count > 30)
  }

  @Test func aWorkspaceBelowItsRepositoryIsJudgedByItsOwnFolder() throws {
    try root.write("src/ok", "a file of the repository's, above the workspace\n")
    try root.write("deep/kerb.yaml", root.read("kerb.yaml") ?? "")
    try root.write("deep/series/master", "")
    try git(["add", "-f", "src/ok", "deep"], in: root.path)
    #expect(try kerb(["lint"], in: root.file("deep")).status != 2)
    try root.write("deep/src/x", "x\n")
    try git(["add", "-f", "deep/src/x"], in: root.path)
    let outcome = try kerb(["lint"], in: root.file("deep"))
    #expect(outcome.status == 2 && outcome.errors.contains("src/x: error: git tracks this path"))
  }

  @Test(arguments: [
    ".kerb", ".kerb/journal", ".kerb/upstream", ".kerb/upstream/demo.git", ".kerb/stopped",
    ".kerb/proofs", ".kerb/exec", ".kerb/exec/master", ".kerb/exec/master/demo", "src",
    "src/master", "src/master/demo", ".kerb/journal/lock", ".kerb/journal/committed",
    ".kerb/journal/operations.git/config", ".kerb/upstream/demo.git/objects",
    ".kerb/upstream/demo.git/kerb-writes", ".kerb/upstream/archives",
    ".kerb/stopped/master-demo.json",
  ])
  func aLinkInAnOwnFolderIsRefusedAndNothingBehindItChanges(_ name: String) throws {
    let outside = try TemporaryDirectory()
    try outside.write("keys/id", "precious\n")
    let place = root.file(name)
    try FileManager.default.createDirectory(
      atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    for (target, words) in [
      (outside.file("keys"), ["check"]), (outside.file("keys/id"), ["apply", "demo"]),
      (outside.file("nowhere"), ["fetch"]),
    ] {
      try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: target)
      let outcome = try kerb(words, in: root.path)
      #expect(outcome.status == 5, "\(words): \(outcome.errors)")
      #expect(outcome.errors.contains("\(name): "), "\(words): \(outcome.errors)")
      #expect(outside.read("keys/id") == "precious\n")
      #expect(outside.read("nowhere") == nil)
      let left = try FileManager.default.contentsOfDirectory(atPath: outside.file("keys"))
      #expect(left == ["id"])
      try FileManager.default.removeItem(atPath: place)
    }
  }

  @Test func noMessageRepeatsACredential() throws {
    try root.write("series/master", "x https://joe:s3cret@h/x\n")
    for words in [
      ["check"], ["lint"], ["check", "https://joe:s3cret@h/x"],
      ["replay", "--repo", "https://joe:s3cret@h/x", "--onto", "a", "b"],
      ["show", "https://joe:s3cret@h/x", "a"], ["nonsense", "https://joe:s3cret@h/x"],
    ] {
      let outcome = try kerb(words, in: root.path)
      #expect(outcome.status != 0)
      #expect(!(outcome.errors + outcome.text).contains("s3cret"), "\(words): \(outcome.errors)")
    }
  }

  @Test func aStoresConfigurationStartsNothing() throws {
    try git(["init", "-q", "--bare", root.file(".kerb/upstream/demo.git")], in: root.path)
    try git(
      [
        "--git-dir", root.file(".kerb/upstream/demo.git"), "config", "core.sshCommand", "touch ran",
      ],
      in: root.path)
    for words in [
      ["fetch"], ["check"], ["apply", "demo"], ["export", "demo", "-o", "o"],
    ] {
      let outcome = try kerb(words, in: root.path)
      #expect(outcome.status == 5, "\(words): \(outcome.errors)")
      #expect(outcome.errors.contains("'core.sshcommand' is none of the settings"), "\(words)")
    }
    #expect(root.read("ran") == nil)
  }

  @Test(arguments: [
    #"{"stack": "master/demo", "open": [{"path": "../../../../etc/passwd", "reason": "x"}]}"#,
    "[", "{}", String(repeating: "[", count: 100_000),
    #"{"stack": "master/other"}"#,
  ])
  func aStoppedStateMadeByHandIsRefused(_ text: String) throws {
    try root.write(".kerb/stopped/master-demo.json", text)
    for words in [["resolve"], ["continue"], ["resolve", "--take", "1"]] {
      let outcome = try kerb(words, in: root.path)
      #expect(outcome.status == 2, "\(words): \(outcome.status) \(outcome.errors)")
      #expect(outcome.errors.contains(".kerb/stopped/master-demo.json"))
    }
  }
}
