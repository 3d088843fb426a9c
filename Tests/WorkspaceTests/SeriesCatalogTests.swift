import Patches
import TestSupport
import Testing

@testable import Workspace

/// Asking for every patch of every release reads each series once.
@Suite struct SeriesCatalogTests {
  private let folder: TemporaryDirectory
  private let releases = ["2023.2", "2024.1", "master"]

  init() throws {
    folder = try TemporaryDirectory()
    try folder.write(
      "kerb.yaml",
      "version: 1\nreleases: [\"2023.2\", \"2024.1\", master]\nprojects:\n  demo:\n"
        + "    git: https://example.org/demo.git\n")
  }

  private func catalog(_ patches: Int) throws -> SeriesCatalog {
    for number in 0..<patches {
      try folder.write(
        "patches/demo/p\(number).patch", "--- a/f\n+++ b/f\n@@ -1,1 +1,2 @@\n a\n+\(number)\n")
    }
    let series = (0..<patches).map { "demo/p\($0).patch\n" }.joined()
    for release in releases { try folder.write("series/\(release)", series) }
    try folder.write("series/2023.2", "demo/p1.patch\n")
    return SeriesCatalog(try Workspace(containing: folder.path))
  }

  @Test(arguments: [20, 40])
  func seriesAreReadOnceHoweverManyPatchesAreAskedFor(patches: Int) throws {
    var catalog = try catalog(patches)
    for number in 0..<patches {
      let sharing = try catalog.sharing(of: "p\(number)", project: "demo")
      #expect(sharing.groups.count == 1)
      #expect(sharing.groups[0].releases.count == (number == 1 ? 3 : 2))
    }
    #expect(catalog.reads == releases.count)
  }

  @Test func aPatchThatAReleaseDoesNotHaveIsNoEntryOfIt() throws {
    var catalog = try catalog(3)
    let oldest = try #require(Release("2023.2"))
    #expect(try catalog.entry("p0", of: "demo", in: oldest) == nil)
    #expect(try catalog.entry("p1", of: "demo", in: oldest)?.path == "demo/p1.patch")
    #expect(try catalog.entry("p1", of: "other", in: oldest) == nil)
    #expect(try catalog.sharing(of: "p9", project: "demo").groups.isEmpty)
  }
}
