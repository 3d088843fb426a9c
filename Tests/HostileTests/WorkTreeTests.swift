import Foundation
import TestSupport
import Testing

/// What a work tree holds of the user's is never overwritten.
@Suite struct WorkTreeTests {
  /// A workspace with one stack of one patch on the fixture's tree.
  private struct Place {
    let fixture: Fixture
    let root: TemporaryDirectory

    init(_ patch: String) throws {
      fixture = try Fixture()
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
      try root.write("series/master", "demo/first.patch\n")
      try setPatch(patch)
      try git(["branch", "-q", "-m", "main", "master"], in: fixture.path + "/tree")
      let fetched = try kerb(
        ["fetch", "--from", fixture.path + "/tree", "master/demo"], in: root.path)
      guard fetched.status == 0 else {
        throw Fixture.FixtureError(description: fetched.errors)
      }
    }

    func setPatch(_ name: String) throws {
      let bytes = FileManager.default.contents(atPath: "\(testsFolder)/Hostile/\(name).patch")
      try root.write("patches/demo/first.patch", bytes ?? Data())
    }

    func apply() throws -> Outcome { try kerb(["apply", "master/demo"], in: root.path) }
  }

  @Test func aFileThatGitDoesNotKnowIsNotOverwritten() throws {
    let place = try Place("ok01-plain")
    #expect(try place.apply().status == 0)
    try place.root.write("src/master/demo/untracked.txt", "precious\n")
    try place.setPatch("f02-create-untracked")
    let outcome = try place.apply()
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("untracked.txt"))
    #expect(place.root.read("src/master/demo/untracked.txt") == "precious\n")
  }

  @Test func aWorkTreeWithChangesIsNotTouched() throws {
    let place = try Place("ok01-plain")
    #expect(try place.apply().status == 0)
    try place.root.write("src/master/demo/other.txt", "mine\n")
    try place.setPatch("f23-dirty-target")
    let outcome = try place.apply()
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("other.txt"))
    #expect(place.root.read("src/master/demo/other.txt") == "mine\n")
  }

  @Test func aBranchWithCommitsOfTheUsersStaysWhereItIs() throws {
    let place = try Place("ok01-plain")
    #expect(try place.apply().status == 0)
    let tree = place.root.file("src/master/demo")
    try git(["commit", "-q", "--allow-empty", "-m", "mine"], in: tree)
    let mine = try git(["rev-parse", "HEAD"], in: tree)
    let outcome = try place.apply()
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("kerb/master has commits that kerb did not make"))
    #expect(try git(["rev-parse", "HEAD"], in: tree) == mine)
  }

  /// The author of a new patch: a name that the clone has for itself counts, one that it includes does
  /// not, and the user's own settings are read whole.
  @Test func whatAClonesConfigurationIncludesIsNotTheAuthor() throws {
    let place = try Place("ok01-plain")
    #expect(try place.apply().status == 0)
    let outside = try TemporaryDirectory()
    try outside.write("theirs", "[user]\n\tname = Theirs\n\temail = t@example.org\n")
    try outside.write("mine", "[user]\n\tname = Mine\n\temail = m@example.org\n")
    try outside.write("home/.gitconfig", "[include]\n\tpath = \(outside.file("mine"))\n")
    try git(["init", "-q", "."], in: place.root.path)
    try git(["config", "include.path", outside.file("theirs")], in: place.root.path)
    func author(_ name: String) throws -> String? {
      try place.root.write("src/master/demo/other.txt", "\(name)\n")
      let outcome = try kerb(
        ["new", "master/demo", name, "-m", "subject"], in: place.root.path,
        environment: [
          "HOME": outside.file("home"), "GIT_AUTHOR_NAME": "", "GIT_AUTHOR_EMAIL": "",
          "GIT_CONFIG_GLOBAL": outside.file("home/.gitconfig"),
        ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return place.root.read("patches/demo/\(name).patch")?.split(separator: "\n")
        .first { $0.hasPrefix("From: ") }.map(String.init)
    }
    #expect(try author("one") == "From: Mine <m@example.org>")
    try git(["config", "user.name", "Clone"], in: place.root.path)
    #expect(try author("two") == "From: Clone <m@example.org>")
  }

  @Test func theSameStackGivesTheSameCommitForAnotherUserClockAndUmask() throws {
    let place = try Place("ok01-plain")
    func commit(_ environment: [String: String], umask: String) throws -> String {
      try? FileManager.default.removeItem(atPath: place.root.file("src"))
      let store = place.root.file(".kerb/upstream/demo.git")
      for ref in ["refs/heads/kerb/master", "refs/kerb/applied/kerb/master"] {
        try git(["update-ref", "-d", ref], in: store)
      }
      let command = "umask \(umask) && exec \"\(kerbProgram)\" apply --json master/demo"
      let outcome = try run(
        "/bin/bash", ["-c", command], in: place.root.path,
        environment: ["PATH": "/usr/bin:/bin", "HOME": place.root.path].merging(environment) { $1 })
      #expect(outcome.status == 0)
      return try git(["rev-parse", "HEAD"], in: place.root.file("src/master/demo"))
    }
    let first = try commit(["TZ": "UTC"], umask: "022")
    let second = try commit(
      [
        "TZ": "Asia/Tokyo", "LC_ALL": "C", "GIT_AUTHOR_NAME": "other", "USER": "other",
        "GIT_COMMITTER_EMAIL": "other@example.org", "GIT_COMMITTER_DATE": "1000000000 +0000",
      ], umask: "077")
    #expect(first == second)
  }

  @Test func aStackThatDoesNotApplyIsNotWrittenAtAll() throws {
    let place = try Place("f16-good-then-bad")
    let outcome = try place.apply()
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("patches/demo/first.patch:18: error: master/demo: other.txt"))
    #expect(!FileManager.default.fileExists(atPath: place.root.file("src")))
    let refs = try git(
      ["for-each-ref", "--format=%(refname)"],
      in: place.root.file(".kerb/upstream/demo.git"))
    #expect(refs == "refs/kerb/upstream/master")
  }

  @Test func aWorkTreeThatWasRemovedIsMadeAgain() throws {
    let place = try Place("ok01-plain")
    #expect(try place.apply().status == 0)
    try FileManager.default.removeItem(atPath: place.root.file("src"))
    #expect(try place.apply().status == 0)
    let tree = place.root.file("src/master/demo")
    #expect(try git(["status", "--porcelain"], in: tree) == "")
  }
}
