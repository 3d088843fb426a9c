import Foundation
import Patches
import Synchronization
import Testing

@testable import Upstream

/// A directory of archives stands for the index; each test has a package name of its own there.
@Suite struct FetchArchiveTests {
  private func project(_ name: String, version: String?) -> Configuration.Project {
    Configuration.Project(
      name: "p", git: nil, sdist: name, versions: version.map { [.master: $0] } ?? [:])
  }

  private func entries(_ name: String, _ version: String, text: String = "text\n") -> [TarEntry] {
    let info = "Metadata-Version: 2.1\nName: \(name)\nVersion: \(version)\n"
    let top = "\(name)-\(version)"
    return [.file("\(top)/PKG-INFO", info), .file("\(top)/setup.py", text)]
  }

  private func fetch(
    _ store: UpstreamStore, _ project: Configuration.Project, locked: UpstreamLock.Entry? = nil,
    from choice: Choice = .automatic
  ) async throws -> Fetched {
    try await store.fetch(
      project, release: .master, locked: locked, update: false, from: choice, progress: { _ in })
  }

  @Test func aReleasedArchiveIsImportedAndItsCodeDoesNotRun() async throws {
    let world = try World()
    let trap = "open('\(world.path)/ran', 'w')\n"
    let own = "[build-system]\nrequires = []\nbuild-backend = 'own'\nbackend-path = ['.']\n"
    let more = [
      TarEntry.file("kerb-one-1.2/pyproject.toml", own), .file("kerb-one-1.2/own.py", trap),
      .file("kerb-one-1.2/own.pth", "import own\n"),
    ]
    let archive = try await world.publish(
      entries("kerb-one", "1.2", text: trap) + more, as: "kerb-one-1.2.tar.gz")
    let steps = Mutex<[FetchProgress]>([])
    let fetched = try await world.store.fetch(
      project("kerb-one", version: "1.2"), release: .master, locked: nil, update: false,
      from: .automatic, progress: { step in steps.withLock { $0.append(step) } })
    #expect(fetched.entry.source == .sdist(version: "1.2"))
    #expect(
      fetched.entry.archiveDigest == ReceivedArchive(fileName: "", content: archive).digest)
    #expect(fetched.tookFrom == "the released archive kerb-one-1.2.tar.gz")
    #expect(
      steps.withLock { $0 }
        == [.resolving, .downloading("kerb-one==1.2", percent: nil), .importing(files: 5), .done])
    let repository = world.store.repositoryPath(project: "p")
    #expect(
      try world.git("ls-tree", "--name-only", "refs/kerb/upstream/master", in: repository)
        == "PKG-INFO\nown.pth\nown.py\npyproject.toml\nsetup.py")
    #expect(!FileManager.default.fileExists(atPath: world.path + "/ran"))
  }

  @Test func theNewestArchiveIsTaken() async throws {
    let world = try World()
    for version in ["9.1", "10.0", "11.0rc1"] {
      _ = try await world.publish(
        entries("kerb-two", version), as: "kerb-two-\(version).tar.gz")
    }
    let fetched = try await fetch(world.store, project("kerb-two", version: "latest"))
    #expect(fetched.entry.source == .sdist(version: "10.0"))
  }

  @Test func aLockedArchiveComesAgainWithoutTheIndex() async throws {
    let world = try World()
    let name = "kerb-three-1.0.tar.gz"
    _ = try await world.publish(entries("kerb-three", "1.0"), as: name)
    let project = project("kerb-three", version: "1.0")
    let locked = try await fetch(world.store, project).entry
    try FileManager.default.removeItem(atPath: World.links + "/" + name)
    try FileManager.default.removeItem(atPath: world.store.repositoryPath(project: "p"))
    let again = try await fetch(world.store, project, locked: locked)
    #expect(again.entry == locked)
    #expect(again.tookFrom == "the kept archive kerb-three-1.0.tar.gz")
  }

  @Test func anArchiveThatChangedIsAMismatchAndNothingIsKept() async throws {
    let world = try World()
    let name = "kerb-four-1.0.tar.gz"
    _ = try await world.publish(entries("kerb-four", "1.0"), as: name)
    let project = project("kerb-four", version: "1.0")
    let locked = try await fetch(world.store, project).entry
    _ = try await world.publish(entries("kerb-four", "1.0", text: "changed\n"), as: name)
    try FileManager.default.removeItem(atPath: world.store.root)
    let error = await #expect(throws: UpstreamError.self) {
      try await fetch(world.store, project, locked: locked)
    }
    #expect(error?.kind == .mismatch)
    #expect(!FileManager.default.fileExists(atPath: world.store.root))
  }

  @Test func aKeptArchiveThatWasDamagedIsFetchedAgain() async throws {
    let world = try World()
    _ = try await world.publish(entries("kerb-five", "1.0"), as: "kerb-five-1.0.tar.gz")
    let project = project("kerb-five", version: "1.0")
    let locked = try await fetch(world.store, project).entry
    try FileManager.default.removeItem(atPath: world.store.repositoryPath(project: "p"))
    let kept = "\(world.store.root)/archives/\(locked.archiveDigest!)/kerb-five-1.0.tar.gz"
    try Data("damaged".utf8).write(to: URL(fileURLWithPath: kept))
    let again = try await fetch(world.store, project, locked: locked)
    #expect(again.entry == locked)
    #expect(again.tookFrom == "the released archive kerb-five-1.0.tar.gz")
  }

  @Test func aVersionWithoutAnArchiveNamesThoseThatHaveOne() async throws {
    let world = try World()
    for version in ["28.0.0", "29.0.1", "29.0.2"] {
      _ = try await world.publish(entries("kerb-six", version), as: "kerb-six-\(version).tar.gz")
    }
    let error = await #expect(throws: UpstreamError.self) {
      try await fetch(world.store, project("kerb-six", version: "29.0.0"))
    }
    #expect(
      error
        == UpstreamError(
          .notFound, "version 29.0.0 of kerb-six has no source archive",
          hint: "these have one: 29.0.1, 29.0.2"))
  }

  @Test func aNameThatTheIndexDoesNotKnowIsNotFound() async throws {
    let world = try World()
    let error = await #expect(throws: UpstreamError.self) {
      try await fetch(world.store, project("kerb-unknown", version: "1.0"))
    }
    #expect(error?.message == "the package index has no source archive of kerb-unknown")
  }

  @Test func aHostileArchiveIsRefusedWithItsReason() async throws {
    let world = try World()
    let link = TarEntry.symlink("kerb-seven-1.0/link", to: "../../etc")
    _ = try await world.publish(entries("kerb-seven", "1.0") + [link], as: "kerb-seven-1.0.tar.gz")
    let error = await #expect(throws: UpstreamError.self) {
      try await fetch(world.store, project("kerb-seven", version: "1.0"))
    }
    #expect(error?.kind == .mismatch)
    #expect(
      error?.message == "the released archive kerb-seven-1.0.tar.gz is not taken: the symbolic "
        + "link 'kerb-seven-1.0/link' leads out of the tree")
    #expect(!FileManager.default.fileExists(atPath: world.store.repositoryPath(project: "p")))
  }

  @Test func theNamesInAnArchivesMetadataAreNotPaths() async throws {
    let world = try World()
    let info = "Metadata-Version: 2.1\nName: ../../../../x\nVersion: ../9\n"
    _ = try await world.publish(
      [.file("kerb-nine-1.0/PKG-INFO", info)], as: "kerb-nine-1.0.tar.gz")
    let fetched = try await fetch(world.store, project("kerb-nine", version: "latest"))
    #expect(fetched.entry.source == .sdist(version: "1.0"))
  }

  @Test func aLockWithoutADigestTakesNoArchive() async throws {
    let world = try World()
    let entry = UpstreamLock.Entry(
      StackName(.master, "p"), source: .sdist(version: "1.0"), commit: .zero, tree: .zero,
      archiveDigest: nil)
    let error = await #expect(throws: UpstreamError.self) {
      try await fetch(world.store, project("kerb-none", version: "1.0"), locked: entry)
    }
    #expect(error?.kind == .mismatch)
  }

  @Test(arguments: ["1.0 --index-url=x", "--pre", "../1.0"])
  func aVersionThatIsNoneNeverReachesPip(version: String) async throws {
    let world = try World()
    let error = await #expect(throws: UpstreamError.self) {
      try await fetch(world.store, project("kerb-eight", version: version))
    }
    #expect(error?.kind == .mismatch)
  }

  @Test func aLockedArchiveIsNotToBeHadFromGit() async throws {
    let world = try World()
    let entry = UpstreamLock.Entry(
      StackName(.master, "p"), source: .sdist(version: "1.0"), commit: .zero, tree: .zero,
      archiveDigest: nil)
    let error = await #expect(throws: UpstreamError.self) {
      try await fetch(world.store, project("p", version: "1.0"), locked: entry, from: .git)
    }
    #expect(
      error?.message == "master/p is locked to sdist:1.0, which that source does not have")
  }

  @Test func aProjectWithoutAVersionOrARepositorySaysWhatToAdd() async throws {
    let world = try World()
    let error = await #expect(throws: UpstreamError.self) {
      try await fetch(world.store, project("p", version: nil))
    }
    #expect(error?.message == "kerb.yaml names no version of p for master")
  }
}
