import Foundation
import Patches
import Testing

@testable import Upstream

@Suite struct ArchiveTests {
  private func files(
    _ entries: TarEntry..., limits: ArchiveLimits = ArchiveLimits()
  ) async throws -> [String] {
    let tree = try ArchiveTree(readArchive(try await tarball(entries), limits: limits))
    return tree.files.map { "\($0.mode.digits) \($0.path)" }
  }

  /// The reason why an archive with these entries beside a good file is refused.
  private func refusal(
    _ entries: TarEntry..., limits: ArchiveLimits = ArchiveLimits()
  ) async throws -> String? {
    let archive = try await tarball([.directory("p-1"), .file("p-1/good")] + entries)
    do {
      _ = try ArchiveTree(readArchive(archive, limits: limits))
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

  @Test func anArchiveLargerThanTheLimitsIsRefused() async throws {
    let bomb = TarEntry.file("p-1/zeros", String(repeating: "0", count: 1 << 20))
    #expect(
      try await refusal(bomb, limits: ArchiveLimits(entries: 10, totalSize: 1 << 20))
        == "its files are larger than the limit; it ends at 'p-1/zeros'")
    #expect(
      try await refusal(.file("p-1/x"), limits: ArchiveLimits(entries: 2, totalSize: 1 << 20))
        == "it has more than 2 entries")
  }

  @Test func aDamagedArchiveIsRefused() async throws {
    let whole = try await tarball([.file("p/a", String(repeating: "abc", count: 9999))])
    for damaged in [whole.prefix(whole.count / 2), Data("no archive".utf8), Data()] {
      #expect(throws: ArchiveProblem.self) {
        try ArchiveTree(readArchive(Data(damaged), limits: ArchiveLimits()))
      }
    }
  }
}
