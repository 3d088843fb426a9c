import PatchEngine
import Patches
import Testing

@testable import Reports

/// The grid of patches and releases.
@Suite struct StatusGridTests {
  private func verdict(
    _ release: String, _ project: String, _ patches: [String], version: String = "1.0"
  ) throws -> StackVerdict {
    let stack = StackName(try #require(Release(release)), project)
    let steps = patches.indices.map { Step(patch: $0, paths: []) }
    let upstream = UpstreamLock.Entry(
      stack, source: .sdist(version: version), commit: .zero, tree: .zero, archiveDigest: nil)
    return StackVerdict(
      stack, .tried, upstream: upstream, patches: patches.map { "patches/\(project)/\($0).patch" },
      subjects: [], steps: steps)
  }

  private func lines(_ verdicts: [StackVerdict], width: Int? = nil) -> [String] {
    StatusGrid(verdicts, Painter(false)).lines(width: width)
  }

  @Test func patchesAreBelowTheirProjectAndVersionsBesideIt() throws {
    let verdicts = [
      try verdict("2024.1", "nova", ["a", "b@2024.1"], version: "29.4.0"),
      try verdict("master", "nova", ["b"], version: "34.0.0"),
    ]
    #expect(
      lines(verdicts) == [
        "      2024.1  master",
        "nova  29.4.0  34.0.0",
        "  a   =       .",
        "  b   = b     = a",
        "",
        "= clean  ~ moved  x does not apply  - blocked  ? not tried  . not in it",
        "a, b, …: releases with the same letter share a text of the patch",
        "2 stacks, 3 patches: all apply",
      ])
  }

  @Test func whatWasNotTriedIsMarked() throws {
    let stack = StackName(try #require(Release("master")), "p")
    let missing = StackVerdict(
      stack, .notFetched, upstream: nil, patches: ["patches/p/a.patch"], subjects: [[]])
    #expect(lines([missing])[2] == "  a  ?")
  }

  @Test func aNarrowTerminalGetsShortNames() throws {
    let name = "a-patch-with-a-long-name-that-says-much"
    let verdicts = [
      try verdict("2024.1", "nova", [name]), try verdict("master", "nova", [name]),
    ]
    let found = lines(verdicts, width: 40)
    #expect(found[2] == "  a-patch-with-a-long-n…  =       =")
    #expect(found.prefix(3).allSatisfy { $0.count <= 40 })
  }

  @Test func aVeryNarrowOnePutsReleasesBelowEachOther() throws {
    let verdicts = try ["2023.1", "2023.2", "2024.1", "master"].map {
      try verdict($0, "nova", ["patch"])
    }
    let found = lines(verdicts, width: 28)
    #expect(found[0] == "         2023.1  2023.2")
    #expect(found[4] == "         2024.1  master")
    #expect(found[6] == "  patch  =       =")
  }

  @Test func withoutPatchesThereIsNoGrid() {
    #expect(lines([]) == ["no patches"])
  }
}
