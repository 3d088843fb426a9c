import Patches
import TestSupport
import Testing
import Workspace

/// git refuses to read a delta of fewer than four bytes (`DELTA_SIZE_MIN` in its delta.h), which is
/// what a delta to an empty file would be.
@Suite struct EmptiedFileTests {
  @Test func aFileThatAPatchEmptiesIsStoredSoThatGitReadsIt() throws {
    let directory = try TemporaryDirectory()
    let repository = directory.path
    try git(["init", "-q", "-b", "main"], in: repository)
    try directory.write("list", "one\n")
    try git(["add", "."], in: repository)
    try git(["commit", "-q", "-m", "base"], in: repository)
    try git(["tag", "base"], in: repository)
    for content in ["one\ntwo\n", "", "three\n"] {
      try directory.write("list", content)
      try git(["commit", "-q", "-a", "-m", "next"], in: repository)
    }
    try git(["format-patch", "-q", "--full-index", "-o", "out", "base"], in: repository)
    let fresh = directory.file("fresh")
    try git(
      ["clone", "-q", "--no-local", "--bare", "-b", "base", "file://\(repository)", fresh],
      in: repository)
    let files = ["1", "2", "3"].map { directory.file("out/000\($0)-next.patch") }
    let job = ReplayJob(onto: "base", source: .patches(files))
    let report = try Replayer(repository: fresh).run(job, effect: .ref("refs/heads/out"))
    #expect(report.isApplied)
    #expect(try git(["fsck", "--strict"], in: fresh) == "")
    #expect(
      try git(["rev-parse", "out^{tree}"], in: fresh)
        == git(["rev-parse", "main^{tree}"], in: repository))
  }
}
