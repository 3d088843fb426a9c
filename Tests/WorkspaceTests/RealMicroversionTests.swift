import Claims
import Foundation
import Git
import PatchEngine
import Patches
import TestSupport
import Testing

@testable import Workspace

/// This repository's stacks of Nova on Nova's own history.
@Suite(.enabled(if: Clones.folder != nil)) struct RealMicroversionTests {
  /// A workspace with this repository's patches of Nova, locked to tags of the clone.
  private func workspace(without release: String? = nil) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    let repository = try Clones.open("nova")
    let tags = ["2023.1": "27.5.1", "2023.2": "28.3.1", "2024.1": "29.4.0"]
    let root = URL(filePath: testsFolder).deletingLastPathComponent().path
    folder.writeText(
      "kerb.yaml",
      """
      version: 1
      releases: ["2023.1", "2023.2", "2024.1"]
      projects:
        nova:
          git: https://opendev.org/openstack/nova

      """)
    var lock = ""
    for (name, tag) in tags.sorted(by: { $0.key < $1.key }) {
      let commit = try repository.resolve(tag)
      lock += "\(name) nova git:\(tag) \(commit) \(try repository.commit(commit).tree)\n"
      let series = try String(contentsOfFile: "\(root)/series/\(name)", encoding: .utf8)
      let own = series.split(separator: "\n").filter { $0.hasPrefix("nova/") }
      folder.writeText(
        "series/\(name)", name == release ? "" : own.joined(separator: "\n") + "\n")
    }
    folder.writeText("series/upstream.lock", lock)
    try FileManager.default.createDirectory(
      atPath: folder.file("patches"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: "\(root)/patches/nova", toPath: folder.file("patches/nova"))
    let fetched = try kerb(
      ["fetch", "--from", try Clones.path("nova")] + tags.keys.sorted(), in: folder.path)
    try #require(fetched.status == 0, "\(fetched.errors)")
    return folder
  }

  private func open(_ folder: TemporaryDirectory) throws -> Workspace {
    try Workspace(containing: folder.path)
  }

  private func counters(
    _ folder: TemporaryDirectory, _ stack: String, onto: String?, since: String? = nil
  ) throws -> StackCounters {
    let workspace = try open(folder)
    return try workspace.counters(
      try workspace.stacks(named: [stack]),
      CounterOptions(
        target: TargetChoice(onto: onto, clone: try Clones.path("nova")), since: since))[0]
  }

  @Test func everyNumberWithItsCommitAndMerge() throws {
    let folder = try workspace()
    let found = try counters(folder, "2024.1/nova", onto: "latest", since: "25.0.0")
    let lines = found.history.map { taken in
      let (commit, merge) = ("\(taken.commit)".prefix(12), "\(taken.merged)".prefix(10))
      let release = taken.release ?? "-"
      return
        "\(taken.value) \(commit) \(taken.authored.day) \(merge) \(taken.mergedAt.day) \(release)"
    }
    #expect(
      lines == [
        "2.91 09239fc2eadc 2022-06-13 0bea7f6b6b 2022-07-27 26.0.0",
        "2.92 a755e5d9f25c 2022-07-08 1a32196074 2022-07-28 26.0.0",
        "2.93 45c5b80fd076 2022-02-24 bcdf5988f6 2022-09-01 26.0.0",
        "2.94 9980b9ad52a2 2023-01-11 d8b4b7bebd 2023-01-21 27.0.0",
        "2.95 d732ee38a1c5 2022-10-27 f01a90ccb8 2023-02-01 27.0.0",
        "2.96 c98c8d84eec6 2024-01-03 39de10777b 2024-03-01 29.0.0",
        "2.97 5e508a09b392 2022-03-22 a5997aa10f 2024-12-06 31.0.0",
        "2.98 05c6b6cdbb0c 2025-01-20 707967b4ae 2025-02-17 31.0.0",
        "2.99 cbc263f6bc74 2025-02-22 d9f72b2432 2025-02-25 31.0.0",
        "2.100 2db8af71dd67 2025-01-07 a933c7fbab 2025-02-28 31.0.0",
        "2.101 2a51df27603c 2025-12-15 889e3d83f6 2026-02-26 33.0.0",
        "2.102 e73a0bc84bb8 2025-01-30 296d8aad76 2026-02-27 33.0.0",
        "2.103 da0482aad814 2025-06-05 66dc4174ff 2026-03-01 33.0.0",
        "2.104 4bb7256f6084 2026-05-26 9e069e30b3 2026-06-17 \(try firstRelease(of: "4bb7256f6084"))",
      ])
  }

  /// The first release that has a commit, as git finds it in the clone: what is no release yet when
  /// this is written will be one.
  private func firstRelease(of commit: String) throws -> String {
    let tags = try git(
      ["tag", "--sort=v:refname", "--contains", commit], in: try Clones.path("nova")
    ).split(separator: "\n").map(String.init)
    return tags.first { $0.wholeMatch(of: #/\d+\.\d+\.\d+/#) != nil }
      ?? tags.first { $0.wholeMatch(of: #/\d+\.\d+\.\d+\.0rc\d+/#) != nil } ?? "-"
  }

  @Test func aCollisionNamesTheCommit() throws {
    let found = try counters(try workspace(), "2023.1/nova", onto: "29.4.0")
    #expect(found.findings.map(\.rule) == ["claim-collision"])
    let message = try #require(found.findings.first?.message)
    #expect(message.contains("pinned_availability_zone"))
    #expect(
      message.contains(
        "c98c8d84eec6 \"Add support for showing requested az in output\", merged 2024-03-01, "
          + "first in 29.0.0"))
  }

  @Test func whatHasLandedIsNotRenumbered() throws {
    let folder = try workspace()
    let found = try counters(folder, "2024.1/nova", onto: "31.0.0")
    #expect(found.findings.map(\.rule) == ["claim-landed"])
    let verdict = try #require(found.counters.first)
    #expect(verdict.claims.map { "\($0.claim.value)" } == ["2.97"])
    guard case .landed(let entry) = verdict.claims[0].standing else {
      Issue.record("\(verdict.claims[0].standing)")
      return
    }
    #expect("\(entry.value)" == "2.99")
    #expect(Renumbering(automaticFor: verdict).isEmpty)
    // By the texts alone as well.
    let workspace = try open(folder)
    let outcome = try kerb(
      [
        "rebase", "2024.1/nova", "--onto", "31.0.0", "--repo", try Clones.path("nova"),
        "--renumber", "auto", "--dry-run",
      ], in: folder.path)
    #expect(outcome.text.contains("has it as 2.99"))
    #expect(!outcome.text.contains("renumbered"))
    // Without the patches that have landed nothing is claimed.
    let landed = try workspace.landings(
      try workspace.stacks(named: ["2024.1/nova"]),
      LandingOptions(target: TargetChoice(onto: "31.0.0", clone: try Clones.path("nova"))))[0]
    let gone = Set(
      landed.patches.filter { $0.extent == .reworked || $0.extent == .whole }.map(\.file))
    #expect(gone.contains { $0.contains("spice-direct-api") })
    let series = try String(contentsOfFile: folder.file("series/2024.1"), encoding: .utf8)
    folder.writeText(
      "series/2024.1",
      series.split(separator: "\n").filter { line in
        !gone.contains("patches/" + line.prefix { $0 != " " })
      }.joined(separator: "\n") + "\n")
    let rest = try counters(folder, "2024.1/nova", onto: "31.0.0")
    #expect(rest.counters.map(\.claims.count) == [0])
    #expect(rest.isGood)
  }

  @Test func theSilentCollision() throws {
    let folder = try workspace(without: "2024.1")
    let clean = ["doc/api_samples/versions/v21", "doc/api_samples/versions/versions"]
    let plain = try kerb(
      ["port", "2023.1", "2024.1", "--renumber", "none", "--dry-run"], in: folder.path)
    #expect(plain.text.contains("[claim-collision]"))
    // The merge itself finds nothing in the samples, and in the file of the maximum only the prose.
    for file in clean { #expect(!plain.text.contains("src/2024.1/nova/\(file)")) }

    let refused = try kerb(["port", "2023.1", "2024.1"], in: folder.path)
    #expect(refused.status == 1)
    #expect(refused.text.contains("'--renumber auto' makes 2.96 to 2.97"))
    #expect(try String(contentsOfFile: folder.file("series/2024.1"), encoding: .utf8) == "")

    let ported = try kerb(["port", "2023.1", "2024.1", "--renumber", "auto"], in: folder.path)
    #expect(ported.status == 3)
    let open = ported.text.split(separator: "\n").filter { $0.hasPrefix("    src/") }
    #expect(
      open.map { $0.dropFirst("    src/2024.1/nova/".count).prefix { $0 != ":" } } == [
        "nova/tests/unit/api/openstack/compute/test_console_auth_tokens.py"
      ])
    try resolve(
      folder.file(
        "src/2024.1/nova/nova/tests/unit/api/openstack/compute/test_console_auth_tokens.py")
    ) { ours, theirs in ours + theirs }
    let through = try kerb(["continue"], in: folder.path)
    try #require(through.status == 0, "\(through.text)\(through.errors)")

    let found = try counters(folder, "2024.1/nova", onto: nil)
    #expect(found.isGood)
    #expect(found.claimed == ["claims API microversion 2.97: free"])
    let made = try String(
      contentsOfFile: folder.file("patches/nova/spice-direct-api.patch"), encoding: .utf8)
    let byHand = try String(
      contentsOfFile: folder.file("patches/nova/spice-direct-api@2024.1.patch"), encoding: .utf8)
    let (mine, theirs) = (lines(made), lines(byHand))
    #expect(
      mine.subtracting(theirs) == [
        // The message and the note, which tell what upstream made of the number.
        "has the feature in 2.99, and from 29.0.0 (2024.1) on 2.96 is the pinned",
        "availability zone, so whoever asks for the number has to change it together", "with Nova.",
        "+    From 29.0.0 (2024.1) on, the number of this release means the pinned",
        "+    availability zone in the answers of the servers API. So change the number",
        "+    that clients and proxies ask for together with Nova. Consoles and the",
        "+    option stay as they are.",
        // Tests of the version before, which warnings name.
        "+                         self._show('2.95', port=0))",
        "+        shown = [version for version in ('2.31', '2.95', '2.97')",
        "+        for version in ('2.6', '2.8', '2.95', '2.97'):",
      ])
  }

  @Test func numbersThatAreNoneAreLeftAlone() throws {
    let repository = try Clones.open("nova")
    let tree = try repository.tree(of: "29.4.0")
    let needle = Array("2.96".utf8)
    let numbers = Renumbering([CounterValue("2.96"): CounterValue("2.97")])
    var (files, uses) = (0, 0)
    // What would be found in the same lines if every number of every file were a value.
    let anywhere = Counter(
      "anywhere", title: "number", order: .ascending,
      readings: [.init("number", .entry, files: "{}", lines: ["{}{value}"])])
    var claimed = 0
    for (name, entry) in try repository.files(inTree: tree) where entry.mode.isFile {
      let path = try RepoPath(name)
      let isFalse =
        [".svg", ".po"].contains { "\(path)".hasSuffix($0) } || "\(path)".contains("requirements")
        || "\(path)".hasSuffix("setup.cfg")
      guard isFalse else { continue }
      let bytes = try repository.blob(entry.id)
      guard bytes.firstRange(of: needle) != nil else { continue }
      files += 1
      uses += bytes.ranges(of: needle).count
      let patch = try making(path, bytes)
      // In a file that may have microversions these are none either.
      for patch in [patch, try making(try RepoPath("\(path).txt"), bytes)] {
        var work = StackRenumbering(numbers, of: Counter.renumbered)
        #expect(try work.next(patch).bytes == patch.bytes)
        #expect(work.findings.isEmpty)
      }
      for counter in Counter.renumbered {
        let base = try repository.upstreamCounter(counter, inTree: tree)
        #expect(StackClaims(counter, of: [patch], base: base).claims.isEmpty, "\(path)")
      }
      let base = UpstreamCounter(anywhere, entries: [])
      claimed += StackClaims(anywhere, of: [patch], base: base).claims.count
    }
    #expect(files >= 6)
    #expect(uses >= 40)
    #expect(claimed >= 40)
  }

  /// A patch that makes a file.
  private func making(_ path: RepoPath, _ bytes: [UInt8]) throws -> Patch {
    let file = FileChange(
      path, .create, oldMode: nil, newMode: .regular,
      content: .hunks(hunks(from: Text([]), to: Text(bytes))))
    let made = Patch(
      name: "p.patch", header: PatchHeader(author: nil, subject: [], body: []), files: [file])
    return try Patch(parsing: made.canonicalText, name: "p.patch")
  }

  private func lines(_ patch: String) -> Set<String> {
    Set(
      patch.split(separator: "\n").map(String.init).filter {
        !$0.hasPrefix("index ") && !$0.hasPrefix("@@ ") && !$0.hasPrefix(" ")
      })
  }

  /// Ends the one conflict of a file.
  private func resolve(_ path: String, _ end: (String, String) -> String) throws {
    var text = try String(contentsOfFile: path, encoding: .utf8)
    let conflict = #/(?s)<<<<<<<[^\n]*\n(.*?)\|\|\|\|\|\|\|.*?=======\n(.*?)>>>>>>>[^\n]*\n/#
    text.replace(conflict) { end(String($0.1), String($0.2)) }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }
}

extension TemporaryDirectory {
  fileprivate func writeText(_ name: String, _ text: String) {
    do {
      try write(name, text.utf8)
    } catch {
      Issue.record("\(error)")
    }
  }
}

extension Patch {
  /// The text of a patch that was made and not read.
  fileprivate var canonicalText: [UInt8] { diff }
}
