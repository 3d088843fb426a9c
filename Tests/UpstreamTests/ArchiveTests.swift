import Foundation
import Patches
import Testing

@testable import Upstream

@Suite struct ArchiveTests {
  private func files(
    _ entries: TarEntry..., limits: ArchiveLimits = ArchiveLimits()
  ) async throws -> [String] {
    let tree = try ArchiveTree(surveyArchive(try await tarball(entries), limits: limits))
    return tree.files.map { "\($0.mode.digits) \($0.path)" }
  }

  /// The reason why an archive with these entries beside a good file is refused.
  private func refusal(
    _ entries: TarEntry..., limits: ArchiveLimits = ArchiveLimits()
  ) async throws -> String? {
    let archive = try await tarball([.directory("p-1"), .file("p-1/good")] + entries)
    do {
      _ = try ArchiveTree(surveyArchive(archive, limits: limits))
      return nil
    } catch {
      return error.description
    }
  }

  @Test func theTopFolderIsTakenOff() async throws {
    #expect(
      try await files(
        .directory("p-1/"), .file("p-1/a"), .directory("p-1/empty"),
        .file("p-1/b/run", mode: 0o755), .symlink("p-1/b/link", to: "../a"))
        == ["100644 a", "100755 b/run", "120000 b/link"])
  }

  @Test func onlyTheOwnersExecutableBitCounts() async throws {
    #expect(
      try await files(.file("p/a", mode: 0o655), .file("p/b", mode: 0o4700))
        == ["100644 a", "100755 b"])
  }

  @Test func namesKeepTheirBytes() async throws {
    let long = String(repeating: "é", count: 90)
    #expect(
      try await files(.file("p/é/\(long)"), .file("p/日本")) == ["100644 é/\(long)", "100644 日本"])
  }

  @Test(arguments: [
    ("../x", "'../x': the path has a '.' or '..' component; it must lie inside the tree"),
    (
      "p-1/../../x",
      "'p-1/../../x': the path has a '.' or '..' component; it must lie inside the tree"
    ),
    ("/etc/x", "'/etc/x': the path is absolute; it must lie inside the tree"),
    ("p-1/.git/hooks/x", "'p-1/.git/hooks/x': the path names a .git directory"),
    ("p-1/a/.GIT/x", "'p-1/a/.GIT/x': the path names a .git directory"),
    ("p-1/git~1/x", "'p-1/git~1/x': the path names a .git directory"),
    ("p-1//x", "'p-1//x': the path has an empty component ('//' or a final '/')"),
    ("p-1/a\\b", "'p-1/a\\b': the path has a backslash"),
    ("q-1/x", "'q-1/x' is outside its top folder"),
    ("x", "'x' is outside its top folder"),
    ("p-1", "'p-1' is in no folder"),
    ("p-1/good", "'good' comes twice"),
    ("p-1/good/x", "'good/x' lies below a file or a symbolic link"),
  ])
  func aHostileNameIsRefused(name: String, reason: String) async throws {
    #expect(try await refusal(.file(name)) == reason)
  }

  @Test(arguments: ["/etc/passwd", "..", "../x", "a/../../x", "good/../x", ".git/config", ""])
  func aSymbolicLinkThatLeadsOutIsRefused(target: String) async throws {
    #expect(
      try await refusal(.symlink("p-1/link", to: target))
        == "the symbolic link 'p-1/link' leads out of the tree")
  }

  @Test func aSymbolicLinkMayClimbToTheTop() async throws {
    #expect(
      try await files(.file("p/a"), .symlink("p/b/c/up", to: "../.."), .symlink("p/d", to: "./a"))
        == ["100644 a", "120000 b/c/up", "120000 d"])
  }

  @Test func aFileBelowASymbolicLinkIsRefused() async throws {
    #expect(
      try await refusal(.symlink("p-1/link", to: "good"), .file("p-1/link/x"))
        == "'link/x' lies below a file or a symbolic link")
  }

  @Test func aFileWhereADirectoryIsIsRefused() async throws {
    #expect(try await refusal(.file("p-1/d/x"), .file("p-1/d")) == "'d' comes twice")
  }

  @Test func hardLinksAndPipesAreRefused() async throws {
    #expect(
      try await refusal(.hardLink("p-1/hard", to: "p-1/good")) == "'p-1/hard' is a hard link")
    #expect(try await refusal(.pipe("p-1/pipe")) == "'p-1/pipe' is a device, a pipe or the like")
  }

  @Test func aDirectoryWhereAFileOrLinkIsIsRefused() async throws {
    #expect(try await refusal(.directory("p-1/good")) == "'good' comes twice")
    #expect(
      try await refusal(.symlink("p-1/link", to: "good"), .directory("p-1/link/x"))
        == "'link/x' lies below a file or a symbolic link")
  }

  @Test func aDirectoryMayComeTwiceAndAfterItsFiles() async throws {
    #expect(
      try await refusal(.file("p-1/d/x"), .directory("p-1/d"), .directory("p-1/d/")) == nil)
  }

  @Test func aFileWithHolesIsRefused() async throws {
    let map = ["GNU.sparse.size": "1073741824", "GNU.sparse.numblocks": "0"]
    var entry = TarEntry.file("p-1/hole", "")
    entry.fields = map.merging(["GNU.sparse.map": "1073741824,0"]) { $1 }
    #expect(try await refusal(entry) == "'p-1/hole' is a file with holes")
    entry.fields = ["GNU.sparse.name": "../out", "GNU.sparse.realsize": "9"]
    #expect(try await refusal(entry) != nil)
  }

  @Test func theNameOfAPAXHeaderIsTheOneThatCounts() async throws {
    var entry = TarEntry.file("p-1/x")
    entry.fields = ["path": "p-1/../../x"]
    #expect(try await refusal(entry)?.hasPrefix("'p-1/../../x': ") == true)
    entry = .symlink("p-1/x", to: "good")
    entry.fields = ["linkpath": "../../x"]
    #expect(
      try await refusal(entry) == "the symbolic link 'p-1/x' leads out of the tree")
  }

  @Test func namesHaveALimitOfLengthAndDepth() async throws {
    let deep = String(repeating: "d/", count: 65) + "x"
    #expect(
      try await refusal(.file("p-1/" + deep))?.hasSuffix("is in more than 64 folders") == true)
    let long = Array(repeating: String(repeating: "n", count: 200), count: 6).joined(separator: "/")
    #expect(
      try await refusal(.file("p-1/" + long))?.hasSuffix("has 1209 bytes; 1024 is the most") == true
    )
  }

  @Test func anArchiveWithMoreEntriesThanTheLimitIsRefused() async throws {
    #expect(
      try await refusal(.file("p-1/x"), limits: ArchiveLimits(entries: 2))
        == "it has more than 2 entries")
  }

  /// The size stands in a file's header: nothing of the file is unpacked.
  @Test func aLargeFileIsRefusedByItsHeader() async throws {
    var bomb = TarEntry.file("p-1/zeros", "")
    bomb.zeros = 8 << 20
    let archive = try await tarball([.file("p-1/a"), bomb])
    let error = #expect(throws: ArchiveProblem.self) {
      try surveyArchive(archive, limits: ArchiveLimits(fileSize: 1 << 20))
    }
    #expect(error?.description == "'p-1/zeros' has 8388608 bytes; 1048576 is the most")
    #expect(try #require(error).unpacked < 1 << 20)
  }

  /// An archive of 32 KB that becomes 32 MB: only what the limit allows is unpacked.
  @Test func anArchiveThatGrowsTooMuchIsRefusedBeforeItIsUnpacked() async throws {
    let bomb = (0..<32).map { number in
      var entry = TarEntry.file("p-1/\(number)", "")
      entry.zeros = 1 << 20
      return entry
    }
    let archive = try await tarball(bomb)
    #expect(archive.count < 40 << 10)
    let limits = ArchiveLimits(ratio: 64, freeSize: 1 << 20)
    let error = #expect(throws: ArchiveProblem.self) { try surveyArchive(archive, limits: limits) }
    #expect(error?.description.hasPrefix("unpacked it is larger than the limit of") == true)
    #expect(try #require(error).unpacked < 5 << 20)
    #expect(limits.expandedSize(of: 1 << 40) == limits.totalSize)
  }

  @Test func anArchiveWithinAnArchiveIsRefused() async throws {
    for packings in [0, 2, 3] {
      let archive = try await tarball([.file("p-1/a")], packings: packings)
      let error = #expect(throws: ArchiveProblem.self) {
        try surveyArchive(archive, limits: ArchiveLimits())
      }
      #expect(error?.description == "it is not packed with gzip, once")
    }
  }

  @Test func aDamagedArchiveIsRefused() async throws {
    let whole = try await tarball([.file("p/a", String(repeating: "abc", count: 9999))])
    for damaged in [Array(whole.prefix(whole.count / 2)), Array("no archive".utf8), []] {
      #expect(throws: ArchiveProblem.self) {
        try ArchiveTree(surveyArchive(damaged, limits: ArchiveLimits()))
      }
    }
  }
}
