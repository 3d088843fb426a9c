import Foundation
import Git
import Patches
import Testing

@testable import Upstream

@Suite struct ImportTests {
  private static let entries: [TarEntry] = [
    .directory("p-1"), .file("p-1/a.b", "1\n"), .file("p-1/a/z", "2\n", mode: 0o755),
    .file("p-1/a-b", "1\n"), .symlink("p-1/link", to: "a/z"), .file("p-1/é", ""),
  ]

  private func importing(_ entries: [TarEntry], into repository: String) async throws
    -> ImportedTree
  {
    _ = try Repository(creatingBareAt: repository)
    let archive = try await tarball(entries)
    let tree = try ArchiveTree(surveyArchive(archive, limits: ArchiveLimits()))
    return try importArchive(tree, from: archive, title: "p 1", digest: "0", into: repository)
  }

  @Test func theImportIsTheTreeThatGitMakes() async throws {
    let world = try World()
    let repository = world.path + "/imported.git"
    let imported = try await importing(Self.entries, into: repository)

    let other = try world.makeRepository()
    try world.git("rm", "--quiet", "file", in: other)
    try FileManager.default.createDirectory(
      atPath: other + "/a", withIntermediateDirectories: true)
    for (name, text) in [("a.b", "1\n"), ("a-b", "1\n"), ("a/z", "2\n"), ("é", "")] {
      try text.write(toFile: "\(other)/\(name)", atomically: true, encoding: .utf8)
    }
    chmod(other + "/a/z", 0o755)
    symlink("a/z", other + "/link")
    try world.git("add", "--all", in: other)
    #expect(try world.git("write-tree", in: other) == "\(imported.tree)")
    try world.git("fsck", "--strict", "--full", in: repository)
  }

  @Test func theCommitDependsOnTheArchiveAlone() async throws {
    let world = try World()
    let mask = umask(0o077)
    setenv("TZ", "Pacific/Auckland", 1)
    defer {
      umask(mask)
      unsetenv("TZ")
    }
    let first = try await importing(Self.entries, into: world.path + "/1.git")
    umask(0o022)
    setenv("TZ", "UTC", 1)
    let second = try await importing(Self.entries.reversed(), into: world.path + "/2.git")
    #expect(first == second)
    #expect("\(first.commit)" == "a567fa9a8d4e3a692503f9604b7235bf58e1e39d")
    let text = try world.git(
      "cat-file", "commit", "\(first.commit)", in: world.path + "/1.git")
    #expect(
      text == """
        tree \(first.tree)
        author kerb <kerb@localhost> 946684800 +0000
        committer kerb <kerb@localhost> 946684800 +0000

        p 1 (released archive)

        sha256: 0
        """)
  }
}
