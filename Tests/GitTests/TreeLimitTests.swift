import Git
import Patches
import TestSupport
import Testing

/// Trees that no checkout makes: they end in a message that names them.
@Suite struct TreeLimitTests {
  private let small: SmallRepository
  private let blob: ObjectID

  init() throws {
    small = try SmallRepository(files: ["f": "1\n"])
    try small.commit()
    blob = try small.id("HEAD:f")
  }

  /// A tree of folders in folders, each level with the same folder under each of the names.
  private func nested(_ depth: Int, folders: [String] = ["d"]) throws -> ObjectID {
    let pack = try PackWriter(objectsDirectory: small.objects)
    var encoder = ObjectEncoder()
    var id = blob
    for level in 0...depth {
      let names = level == 0 ? ["f"] : folders
      let mode = level == 0 ? "100644" : "40000"
      let raw = id.raw
      let bytes = names.flatMap { name -> [UInt8] in "\(mode) \(name)".bytes + [0] + raw }
      id = try objectID(.tree, bytes)
      try pack.append(encoder.whole(.tree, bytes, id: id))
    }
    _ = try pack.finish()
    return id
  }

  private func expectRefusal(_ tree: ObjectID, _ reason: String) throws {
    let repository = try Repository(opening: small.path)
    func isMeant(_ error: any Error) -> Bool {
      "\(error)".contains("\(tree)") && "\(error)".contains(reason)
    }
    #expect { try repository.files(inTree: tree) } throws: { isMeant($0) }
    #expect { try repository.changes(from: nil, to: tree) } throws: { isMeant($0) }
    #expect { try repository.changes(from: tree, to: nil) } throws: { isMeant($0) }
  }

  @Test func aTreeIsListedDownToTheDeepestPathThatThereIs() throws {
    let tree = try nested(RepoPath.maximumDepth - 1)
    let files = try Repository(opening: small.path).files(inTree: tree)
    #expect(try files.count == 1 && RepoPath(files[0].path).components.count == 512)
  }

  @Test func aTreeThatIsTooDeepIsRefused() throws {
    try expectRefusal(nested(10_000), "more than 512 folders deep")
  }

  @Test func aFewObjectsThatStandForManyFilesAreRefused() throws {
    let bomb = try nested(9, folders: (0..<10).map { "d\($0)" })
    let repository = try Repository(opening: small.path)
    #expect {
      try repository.files(inTree: bomb)
    } throws: {
      "\($0)" == "list tree \(bomb): it has more than 1048576 files and folders"
    }
    #expect(throws: GitError.self) { try repository.changes(from: bomb, to: nil) }
  }

  @Test func aTreeThatHasItselfIsRefused() throws {
    let loop = try #require(ObjectID(String(repeating: "c", count: 40)))
    let pack = try PackWriter(objectsDirectory: small.objects)
    var encoder = ObjectEncoder()
    try pack.append(encoder.whole(.tree, "40000 a".bytes + [0] + loop.raw, id: loop))
    _ = try pack.finish()
    let repository = try Repository(opening: small.path)
    #expect(throws: GitError.self) { try repository.files(inTree: loop) }
    #expect(throws: GitError.self) { try repository.changes(from: nil, to: loop) }
    let other = try repository.tree(of: "HEAD")
    #expect(throws: GitError.self) { try repository.changes(from: loop, to: other) }
  }

  @Test func packsOfATreeThatIsTooDeepAreNotGathered() throws {
    let commit = try small.git("commit-tree", "-m", "deep", "\(nested(700))")
    try small.git("update-ref", "refs/heads/deep", commit)
    let repository = try Repository(opening: small.path)
    #expect(throws: GitError.self) {
      try repository.gatherPacks(reachableFrom: small.id("deep"), atMost: 0)
    }
    try small.git("cat-file", "-e", "deep:d/d/d")
  }
}
