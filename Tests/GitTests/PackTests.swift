import Foundation
import Git
import Patches
import TestSupport
import Testing

@Suite struct PackTests {
  @Test func gitAcceptsThePackAndItsObjects() throws {
    let small = try SmallRepository()
    let pack = try PackWriter(objectsDirectory: small.objects)
    var encoder = ObjectEncoder()
    var random = SeededGenerator(seed: 3)
    var contents: [ObjectID: [UInt8]] = [:]
    for size in [0, 1, 15, 16, 17, 2047, 2048, 70_000, 1_500_000] {
      let content = random.bytes(size)
      let id = try objectID(.blob, content)
      contents[id] = content
      try pack.append(encoder.whole(.blob, content, id: id))
      try pack.append(encoder.whole(.blob, content, id: id))
      #expect(pack.contains(id))
    }
    let path = try #require(try pack.finish())
    #expect(pack.count == contents.count)
    try expectSound(path, in: small)
    for (id, content) in contents {
      #expect(try tryGit(["cat-file", "blob", "\(id)"], in: small.path).output == content)
      #expect(try Repository(opening: small.path).blob(id) == content)
    }
  }

  @Test func aChainOfDeltasIsReadByGit() throws {
    let small = try SmallRepository()
    let pack = try PackWriter(objectsDirectory: small.objects)
    var encoder = ObjectEncoder()
    var random = SeededGenerator(seed: 4)
    var versions = [random.bytes(50_000)]
    var ids = [try objectID(.blob, versions[0])]
    try pack.append(encoder.whole(.blob, versions[0], id: ids[0]))
    for step in 1...30 {
      let (old, new) = (versions[step - 1], random.bytes(step * 10))
      let place = Int(random.next() % 40_000)
      var delta = Delta(baseSize: old.count, resultSize: old.count - 7 + new.count)
      delta.copy(offset: 0, count: place)
      delta.insert(new.span)
      delta.copy(offset: place + 7, count: old.count - place - 7)
      versions.append(Array(old[..<place]) + new + old[(place + 7)...])
      ids.append(try objectID(.blob, versions[step]))
      try pack.append(
        encoder.delta(delta, base: ids[step - 1], id: ids[step], kind: .blob))
    }
    let path = try #require(try pack.finish())
    try expectSound(path, in: small)
    #expect(
      try small.git("verify-pack", "-v", path + ".idx").contains("chain length = 30: 1 object"))
    for (id, content) in zip(ids, versions) {
      #expect(try tryGit(["cat-file", "blob", "\(id)"], in: small.path).output == content)
    }
  }

  @Test func severalThreadsFillOnePack() async throws {
    let small = try SmallRepository()
    let pack = try PackWriter(objectsDirectory: small.objects)
    try await withThrowingTaskGroup { group in
      for seed in 0..<4 {
        group.addTask {
          var encoder = ObjectEncoder()
          var random = SeededGenerator(seed: UInt64(seed / 2))
          for _ in 0..<500 {
            let content = random.bytes(3000)
            try pack.append(encoder.whole(.blob, content, id: objectID(.blob, content)))
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(pack.count == 1000)
    try expectSound(#require(try pack.finish()), in: small)
  }

  @Test func anEmptyPackLeavesNothing() throws {
    let small = try SmallRepository()
    #expect(try PackWriter(objectsDirectory: small.objects).finish() == nil)
    #expect(try packFiles(small) == [])
  }

  @Test func anUnfinishedPackLeavesNothing() throws {
    let small = try SmallRepository()
    var pack: PackWriter? = try PackWriter(objectsDirectory: small.objects)
    #expect(try packFiles(small).count == 1)
    #expect(try packFiles(small)[0].hasPrefix("tmp_pack_"))
    pack = nil
    #expect(pack == nil)
    #expect(try packFiles(small) == [])
  }

  @Test func aPackThatCannotBeWrittenIsAnError() throws {
    let small = try SmallRepository()
    let pack = try PackWriter(objectsDirectory: small.objects)
    var encoder = ObjectEncoder()
    try pack.append(encoder.whole(.blob, "x".bytes, id: objectID(.blob, "x".bytes)))
    try FileManager.default.removeItem(atPath: small.objects + "/pack")
    #expect(throws: GitError.self) { try pack.finish() }
    try small.directory.write(".git/objects/pack", "no directory")
    #expect(throws: GitError.self) { _ = try PackWriter(objectsDirectory: small.objects) }
  }

  @Test func theSamePackIsWrittenOnce() throws {
    let small = try SmallRepository()
    var encoder = ObjectEncoder()
    var paths: Set<String> = []
    for _ in 0..<2 {
      let pack = try PackWriter(objectsDirectory: small.objects)
      let id = try objectID(.blob, "x".bytes)
      try pack.append(encoder.whole(.blob, "x".bytes, id: id))
      paths.insert(try #require(try pack.finish()))
    }
    #expect(paths.count == 1)
    #expect(try packFiles(small).count == 2)
  }

  @Test func aCommitIsThatOfCommitTree() throws {
    let small = try SmallRepository(files: ["a": "1\n"])
    let tree = ObjectID(try small.git("write-tree"))!
    let parent = try small.commit()
    let message = "subject\n\nbody\n"
    for (name, email) in [
      ("A. Author", "a@example.org"), (" \"J. R.\" <x>\n y. ", "<a@b.>"), ("'x'", "x"),
      ("Ünï", " a b "),
    ] {
      let oracle = try git(
        ["commit-tree", "\(tree)", "-p", "\(parent)"], in: small.path, input: message.bytes,
        environment: ["GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email])
      let record = CommitRecord(
        tree: tree, parents: [parent],
        author: Signature(
          name: name.bytes, email: email.bytes, seconds: 1_700_000_000, offset: 90),
        committer: Signature(
          name: "C. Committer".bytes, email: "committer@example.org".bytes,
          seconds: 1_700_000_001, offset: -480),
        message: message.bytes)
      #expect(try objectID(.commit, record.bytes).description == oracle)
    }
  }

  /// `fsck` and `verify-pack` pass, and `index-pack` makes the same index.
  private func expectSound(_ path: String, in small: SmallRepository) throws {
    try small.git("fsck", "--strict", "--full")
    try small.git("verify-pack", path + ".idx")
    let other = small.directory.file("other.idx")
    let checksum = try small.git("index-pack", "-o", other, path + ".pack")
    #expect(path.hasSuffix("/pack-" + checksum))
    let (ours, oracle) = (
      FileManager.default.contents(atPath: path + ".idx"),
      FileManager.default.contents(atPath: other)
    )
    #expect(oracle != nil)
    #expect(ours == oracle)
  }

  private func packFiles(_ small: SmallRepository) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: small.objects + "/pack")
  }
}
