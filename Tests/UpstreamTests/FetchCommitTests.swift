import Foundation
import Patches
import TestSupport
import Testing

@testable import Upstream

/// Local repositories stand for upstream's.
@Suite struct FetchCommitTests {
  private let release = Release("2024.1")!
  private let project = Configuration.Project(
    name: "p", git: "https://example.org/p", sdist: nil, versions: [Release("2024.1")!: "29.4.0"])

  private func fetch(
    _ world: World, from path: String, locked: UpstreamLock.Entry? = nil, update: Bool = false,
    release: Release? = nil
  ) async throws -> Fetched {
    try await world.store.fetch(
      project, release: release ?? self.release, locked: locked, update: update,
      from: .clone(path: path), progress: { _ in })
  }

  @Test(arguments: ["HEAD", "config", "packed-refs", "shallow"])
  func aCloneWithAPipeIsNotWaitedFor(_ name: String) async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    let pipe = "\(upstream)/.git/\(name)"
    try? FileManager.default.removeItem(atPath: pipe)
    #expect(mkfifo(pipe, 0o600) == 0)
    let error = await #expect(throws: UpstreamError.self) {
      _ = try await fetch(world, from: upstream)
    }
    #expect(error?.description.contains("\(name) is no regular file") == true, "\(error!)")
  }

  @Test func aReleaseIsFoundWhereverItsLifeHasBroughtIt() async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    try world.git("tag", "29.4.0", in: upstream)
    var taken: [String] = []
    for command in [
      ["tag", "-m", "end", "2024.1-eom"], ["tag", "-m", "end", "2024.1-eol"],
      ["branch", "unmaintained/2024.1"], ["branch", "stable/2024.1"],
    ] {
      try world.commit("\(command)", in: upstream)
      try git(command, in: upstream)
      let head = try world.git("rev-parse", "HEAD", in: upstream)
      let fetched = try await fetch(world, from: upstream)
      #expect("\(fetched.entry.commit)" == head)
      taken.append("\(fetched.entry.source)")
    }
    #expect(
      taken == [
        "git:2024.1-eom", "git:2024.1-eol", "git:unmaintained/2024.1", "git:stable/2024.1",
      ])
  }

  @Test func onlyTheNewestCommitComesAndNothingOfTheCloneIsNeededAfterwards() async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    let head = try world.commit("second", in: upstream)
    let fetched = try await fetch(world, from: upstream, release: .master)
    try FileManager.default.removeItem(atPath: upstream)

    let ours = world.store.repositoryPath(project: "p")
    #expect(try world.git("rev-list", "--all", in: ours) == head)
    #expect(
      try world.git("for-each-ref", in: ours) == "\(head) commit\trefs/kerb/upstream/master")
    #expect(!FileManager.default.fileExists(atPath: ours + "/objects/info/alternates"))
    #expect(!FileManager.default.fileExists(atPath: ours + "/FETCH_HEAD"))
    try world.git("fsck", "--strict", in: ours)
    #expect(try world.store.has(fetched.entry))
    #expect(fetched.tookFrom == "branch master of \(upstream)")
  }

  @Test func gitSeesNothingOfTheStoresOwnConfiguration() async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    _ = try await fetch(world, from: upstream, release: .master)
    let ours = world.store.repositoryPath(project: "p")
    let ran = world.path + "/ran"
    for (name, value) in [
      ("url.ssh://localhost:1/.insteadOf", upstream), ("core.sshCommand", "touch \(ran); false"),
      ("core.fsmonitor", "touch \(ran)"), ("core.alternateRefsCommand", "touch \(ran)"),
    ] {
      try world.git("config", name, value, in: ours)
    }
    let head = try world.commit("second", in: upstream)
    let fetched = try await fetch(world, from: upstream, update: true, release: .master)
    #expect("\(fetched.entry.commit)" == head)
    #expect(!FileManager.default.fileExists(atPath: ran))
  }

  @Test func whatIsHereNeedNotComeAgain() async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    for number in 0..<50 {
      try "\(number)\n".write(
        toFile: "\(upstream)/many-\(number)", atomically: true, encoding: .utf8)
    }
    try world.git("add", ".", in: upstream)
    try world.commit("many", in: upstream)
    _ = try await fetch(world, from: upstream, release: .master)
    try world.commit("one more", in: upstream)
    let fetched = try await fetch(world, from: upstream, update: true, release: .master)
    let ours = world.store.repositoryPath(project: "p")
    let packs = try FileManager.default.contentsOfDirectory(atPath: ours + "/objects/pack")
      .filter { $0.hasSuffix(".idx") }
    let counts = try packs.map { pack in
      try world.git("verify-pack", "-v", "objects/pack/\(pack)", in: ours).split(separator: "\n")
        .filter { $0.contains(" blob ") || $0.contains(" tree ") || $0.contains(" commit ") }.count
    }
    #expect(counts.min().map { $0 < 10 } == true, "\(counts)")
    try world.git("fsck", "--strict", in: ours)
    try world.git("rev-list", "--objects", "\(fetched.entry.commit)", in: ours)
    #expect(!FileManager.default.fileExists(atPath: ours + "/objects/info/alternates"))
    let fetching = world.path + "/upstream/fetching"
    #expect(try FileManager.default.contentsOfDirectory(atPath: fetching).isEmpty)
  }

  @Test func aLockThatAKilledGitLeftStopsNobody() async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    _ = try await fetch(world, from: upstream, release: .master)
    let ours = world.store.repositoryPath(project: "p")
    try "".write(toFile: ours + "/shallow.lock", atomically: true, encoding: .utf8)
    let left = world.path + "/upstream/fetching/left"
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
    let head = try world.commit("second", in: upstream)
    let fetched = try await fetch(world, from: upstream, update: true, release: .master)
    #expect("\(fetched.entry.commit)" == head)
    #expect(!FileManager.default.fileExists(atPath: left))
  }

  @Test func theCloneIsNotWrittenTo() async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    func state() throws -> [String] {
      let files = FileManager.default.enumerator(atPath: upstream + "/.git")
      return try (files?.compactMap { $0 as? String } ?? []).sorted().map { file in
        let path = upstream + "/.git/" + file
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return "\(file) \(attributes[.modificationDate]!) \(attributes[.size]!)"
      }
    }
    let before = try state()
    _ = try await fetch(world, from: upstream, release: .master)
    #expect(try state() == before)
  }

  @Test func aLockedCommitIsFetchedByItsIdWhenItsBranchHasMovedOn() async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    let locked = try await fetch(world, from: upstream, release: .master).entry
    try world.commit("second", in: upstream)
    try FileManager.default.removeItem(atPath: world.store.root)

    let again = try await fetch(world, from: upstream, locked: locked, release: .master)
    #expect(again.entry == locked)
    #expect(try world.store.has(locked))
    let updated = try await fetch(
      world, from: upstream, locked: locked, update: true, release: .master)
    #expect(updated.entry.commit != locked.commit)
  }

  @Test func aLockedTreeThatIsHereNeedsNobody() async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    let locked = try await fetch(world, from: upstream, release: .master).entry
    try FileManager.default.removeItem(atPath: upstream)
    let again = try await world.store.fetch(
      project, release: .master, locked: locked, update: false, from: .automatic,
      progress: { _ in })
    #expect(again.entry == locked)
    #expect(again.tookFrom == "what is here already")
  }

  @Test func aTreeThatIsNotTheLockedOneIsAMismatch() async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    let entry = try await fetch(world, from: upstream, release: .master).entry
    try FileManager.default.removeItem(atPath: world.store.root)
    let forged = UpstreamLock.Entry(
      entry.stack, source: entry.source, commit: entry.commit, tree: .zero, archiveDigest: nil)
    let error = await #expect(throws: UpstreamError.self) {
      try await fetch(world, from: upstream, locked: forged, release: .master)
    }
    #expect(error?.kind == .mismatch)
    #expect(
      try world.git("for-each-ref", in: world.store.repositoryPath(project: "p")) == "")
    #expect(try !world.store.has(forged))
  }

  @Test func aCommitThatUpstreamDroppedIsNotFound() async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    let entry = UpstreamLock.Entry(
      StackName(.master, "p"), source: .git(ref: "master"),
      commit: ObjectID(String(repeating: "a", count: 40))!, tree: .zero, archiveDigest: nil)
    let error = await #expect(throws: UpstreamError.self) {
      try await fetch(world, from: upstream, locked: entry, release: .master)
    }
    #expect(error?.kind == .notFound)
    #expect(error?.hint.contains("--update") == true)
  }

  @Test func aRepositoryWithoutTheReleaseSaysWhatWasTried() async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    let error = await #expect(throws: UpstreamError.self) {
      try await fetch(world, from: upstream)
    }
    #expect(
      error?.message == "\(upstream) has nothing for 2024.1: tried stable/2024.1, "
        + "unmaintained/2024.1, 2024.1-eol, 2024.1-eom, 29.4.0")
  }

  @Test func aDirectoryThatIsNoRepositoryIsNotFound() async throws {
    let world = try World()
    for path in [world.path, world.path + "/missing"] {
      let error = await #expect(throws: UpstreamError.self) { try await fetch(world, from: path) }
      #expect(error?.kind == .notFound)
    }
  }

  @Test func aRemoteIsAskedForTheReleasesRefsOnly() async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    let head = try world.git("rev-parse", "HEAD", in: upstream)
    for name in ["old/stable/2024.1", "unmaintained/2024.1", "other"] {
      try world.git("branch", name, in: upstream)
    }
    try world.git("tag", "-m", "end", "2024.1-eol", in: upstream)
    let remote = Remote(location: upstream, protocols: "file", isLocal: false)
    let fresh = try FreshRepository(in: world.path + "/fetching")
    let refs = try await remote.refs(
      matching: ReleaseRefs(release, version: nil).patterns, from: fresh)
    #expect(
      refs
        == ["refs/heads/unmaintained/2024.1", "refs/tags/2024.1-eol"].map {
          ListedRef(name: $0, commit: ObjectID(head)!)
        })
  }

  @Test(arguments: ["ext::sh -c id", "file:///etc", "/etc", "--upload-pack=x", "https://a:b@c/d"])
  func anAddressThatIsNoAddressNeverReachesGit(address: String) async throws {
    let world = try World()
    let project = Configuration.Project(name: "p", git: address, sdist: nil, versions: [:])
    let error = await #expect(throws: UpstreamError.self) {
      try await world.store.fetch(
        project, release: .master, locked: nil, update: false, from: .git, progress: { _ in })
    }
    #expect(error?.kind == .mismatch)
  }

  @Test func aServerThatIsNotThereIsANetworkError() async throws {
    let world = try World()
    let project = Configuration.Project(
      name: "p", git: "git://localhost:1/p", sdist: nil, versions: [:])
    let error = await #expect(throws: UpstreamError.self) {
      try await world.store.fetch(
        project, release: .master, locked: nil, update: false, from: .git, progress: { _ in })
    }
    #expect(error?.kind == .network)
  }

  @Test func releasesOfOneProjectMayBeFetchedAtOnce() async throws {
    let world = try World()
    let upstream = try world.makeRepository()
    let releases = (1...6).map { Release("2024.\($0)")! }
    for release in releases {
      try world.commit("\(release)", in: upstream)
      try world.git("branch", "stable/\(release)", in: upstream)
    }
    let store = world.store
    try await withThrowingTaskGroup(of: UpstreamLock.Entry.self) { group in
      for release in releases {
        group.addTask {
          try await store.fetch(
            project, release: release, locked: nil, update: false, from: .clone(path: upstream),
            progress: { _ in }
          ).entry
        }
      }
      for try await entry in group { #expect(try store.has(entry)) }
    }
  }
}
