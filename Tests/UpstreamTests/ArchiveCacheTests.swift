import Foundation
import Patches
import TestSupport
import Testing

@testable import Upstream

/// A workspace whose `.kerb` came with a clone.
@Suite struct ArchiveCacheTests {
  private let directory: TemporaryDirectory
  private let cache: ArchiveCache
  private let archive = ReceivedArchive(fileName: "p-1.tar.gz", content: Array("text".utf8))

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("outside/kept", "precious")
    try directory.write("workspace/kerb.yaml", "")
    cache = ArchiveCache(store: directory.path + "/workspace/.kerb/upstream")
  }

  private var kept: String { "workspace/.kerb/upstream/archives/\(archive.digest)/p-1.tar.gz" }

  private func link(_ path: String, to target: String) throws {
    let path = directory.file("workspace/" + path)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: path, withDestinationPath: directory.path + "/" + target)
  }

  @Test func anArchiveIsKeptUnderItsDigest() throws {
    #expect(cache.archive(digest: archive.digest) == nil)
    cache.keep(archive)
    cache.keep(archive)
    #expect(directory.read(kept) == "text")
    #expect(cache.archive(digest: archive.digest.uppercased())?.content == archive.content)
    let folder = (directory.file(kept) as NSString).deletingLastPathComponent
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["p-1.tar.gz"])
  }

  @Test(arguments: [".kerb", ".kerb/upstream", ".kerb/upstream/archives"])
  func aLinkInTheWayIsRefusedAndNothingBehindItIsTouched(path: String) throws {
    try link(path, to: "outside")
    let error = #expect(throws: UpstreamError.self) { try cache.check() }
    #expect(
      error?.message.hasSuffix("is a symbolic link, and kerb keeps its archives there") == true)
    cache.keep(archive)
    #expect(cache.archive(digest: archive.digest) == nil)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory.path + "/outside") == ["kept"])
  }

  @Test func aFolderOfADigestThatIsALinkIsNotEntered() throws {
    try directory.write("outside/p-1.tar.gz", "another")
    try link(".kerb/upstream/archives/" + archive.digest, to: "outside")
    try cache.check()
    #expect(cache.archive(digest: archive.digest) == nil)
    cache.keep(archive)
    #expect(directory.read("outside/p-1.tar.gz") == "another")
  }

  @Test func aKeptArchiveThatIsALinkIsReplaced() throws {
    try link(".kerb/upstream/archives/\(archive.digest)/p-1.tar.gz", to: "outside/kept")
    #expect(cache.archive(digest: archive.digest) == nil)
    cache.keep(archive)
    #expect(directory.read(kept) == "text")
    #expect(directory.read("outside/kept") == "precious")
  }

  @Test func ofAnArchiveWithAnotherContentOnlyTheFileGoes() throws {
    try directory.write(kept, "other")
    try directory.write(kept + ".note", "mine")
    #expect(cache.archive(digest: archive.digest) == nil)
    #expect(directory.read(kept) == nil)
    #expect(directory.read(kept + ".note") == "mine")
  }

  @Test func aPipeIsNotOpenedAndAHoleIsNotRead() throws {
    try directory.write(kept, "")
    try FileManager.default.removeItem(atPath: directory.file(kept))
    #expect(mkfifo(directory.file(kept), 0o644) == 0)
    #expect(cache.archive(digest: archive.digest) == nil)
    try FileManager.default.removeItem(atPath: directory.file(kept))
    try directory.write(kept, "")
    #expect(truncate(directory.file(kept), 3 << 30) == 0)
    #expect(cache.archive(digest: archive.digest) == nil)
  }
}
