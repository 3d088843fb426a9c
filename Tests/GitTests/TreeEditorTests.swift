import Git
import Patches
import TestSupport
import Testing

@Suite struct TreeEditorTests {
  @Test func aDirectoryIsSortedAsIfItsNameEndedInASlash() throws {
    let small = try SmallRepository(files: ["a/x": "1\n", "a.b": "2\n", "a0": "3\n", "a-": "4\n"])
    try small.commit()
    let repository = try Repository(opening: small.path)
    var editor = TreeEditor(base: nil)
    for (path, entry) in try repository.files(inTree: repository.tree(of: "HEAD")).reversed() {
      try editor.set(RepoPath(path), rawMode: entry.rawMode, id: entry.id, reader: repository)
    }
    var encoder = ObjectEncoder()
    let tree = try editor.write(reader: repository, encoder: &encoder, into: nil)
    #expect(try tree == repository.tree(of: "HEAD"))
  }

  @Test func twoThousandEditsGiveTheTreesOfWriteTree() throws {
    var files: [String: String] = [:]
    for index in 0..<60 { files["d\(index % 5)/e\(index % 3)/f\(index)"] = "\(index)\n" }
    let small = try SmallRepository(files: files)
    try small.commit()
    let repository = try Repository(opening: small.path)
    let pack = try PackWriter(objectsDirectory: small.objects)
    var encoder = ObjectEncoder()
    var editor = TreeEditor(base: try repository.tree(of: "HEAD"))
    for number in 0..<50 {
      let content = "\(number)".bytes
      try pack.append(encoder.whole(.blob, content, id: objectID(.blob, content)))
    }
    var edits = RandomEdits(present: Set(files.keys))
    for _ in 0..<100 {
      var lines = ""
      for _ in 0..<20 { lines += try edits.next(in: &editor, repository) }
      try small.git("update-index", "--index-info", input: lines.bytes)
      let tree = try editor.write(reader: repository, encoder: &encoder, into: pack)
      #expect(try tree.description == small.git("write-tree", "--missing-ok"))
    }
    _ = try pack.finish()
    try small.git("fsck", "--strict", "--full")
    #expect(edits.removals > 200)
  }

  @Test func removingEverythingGivesTheEmptyTree() throws {
    let small = try SmallRepository(files: ["a/b/c": "1\n"])
    try small.commit()
    let repository = try Repository(opening: small.path)
    var editor = TreeEditor(base: try repository.tree(of: "HEAD"))
    var encoder = ObjectEncoder()
    try editor.remove("a/b/c", reader: repository)
    let empty = try editor.write(reader: repository, encoder: &encoder, into: nil)
    #expect(empty.description == "4b825dc642cb6eb9a060e54bf8d69288fbee4904")
  }

  @Test func aFileTakesThePlaceOfADirectoryThatWasEmptied() throws {
    let small = try SmallRepository(files: ["a/b/c": "1\n", "d": "2\n"])
    try small.commit()
    let repository = try Repository(opening: small.path)
    let (blob, head) = (try small.id("HEAD:d"), try repository.tree(of: "HEAD"))
    var editor = TreeEditor(base: head)
    #expect(throws: GitError.self) {
      try editor.set("a/b", rawMode: 0o100644, id: blob, reader: repository)
    }
    #expect(throws: GitError.self) {
      try editor.set("d/e", rawMode: 0o100644, id: blob, reader: repository)
    }
    #expect(throws: GitError.self) { try editor.remove("a/b", reader: repository) }
    #expect(throws: GitError.self) { try editor.remove("d/e", reader: repository) }
    var encoder = ObjectEncoder()
    #expect(try editor.write(reader: repository, encoder: &encoder, into: nil) == head)
    try editor.remove("a/b/c", reader: repository)
    try editor.set("a", rawMode: 0o100755, id: blob, reader: repository)
    try editor.remove("d", reader: repository)
    try editor.set("d/e", rawMode: 0o120000, id: blob, reader: repository)
    let tree = try editor.write(reader: repository, encoder: &encoder, into: nil)
    try small.git("rm", "-rq", "--cached", ".")
    let lines = "100755 \(blob)\ta\n120000 \(blob)\td/e\n"
    try small.git("update-index", "--index-info", input: lines.bytes)
    #expect(try tree.description == small.git("write-tree"))
  }

  @Test func aChangedDirectoryIsStoredAsADelta() throws {
    var files: [String: String] = [:]
    for index in 0..<300 { files["d/file\(index)"] = "\(index)\n" }
    let small = try SmallRepository(files: files)
    try small.commit()
    let repository = try Repository(opening: small.path)
    let pack = try PackWriter(objectsDirectory: small.objects)
    var encoder = ObjectEncoder()
    var editor = TreeEditor(base: try repository.tree(of: "HEAD"))
    for step in 0..<120 {
      let id = try small.id("HEAD:d/file\(step)")
      try editor.set(RepoPath("d/file\(step + 1)"), rawMode: 0o100644, id: id, reader: repository)
      _ = try editor.write(reader: repository, encoder: &encoder, into: pack)
    }
    let path = try #require(try pack.finish())
    let listing = try small.git("verify-pack", "-v", path + ".idx")
    #expect(listing.contains("chain length = 50: 4 objects"))
    #expect(!listing.contains("chain length = 51"))
    #expect(listing.contains("non delta: 6 objects"))
  }

  @Test func deltasOfOverwrittenAndOfReshapedDirectoriesUnpack() throws {
    var files: [String: String] = [:]
    for index in 0..<120 { files["d/file\(index)"] = "\(index)\n" }
    let small = try SmallRepository(files: files)
    try small.commit()
    let repository = try Repository(opening: small.path)
    let pack = try PackWriter(objectsDirectory: small.objects)
    var encoder = ObjectEncoder()
    var editor = TreeEditor(base: try repository.tree(of: "HEAD"))
    var random = SeededGenerator(seed: 6)
    let blobs = try (0..<120).map { try small.id("HEAD:d/file\($0)") }
    var trees: [ObjectID] = []
    for step in 0..<40 {
      for _ in 0..<[1, 2, 30, 70, 100][step % 5] {
        let path = try RepoPath("d/file\(random.next() % (step % 3 == 0 ? 200 : 120))")
        let blob = blobs.randomElement(using: &random)!
        try editor.set(path, rawMode: 0o100644, id: blob, reader: repository)
      }
      trees.append(try editor.write(reader: repository, encoder: &encoder, into: pack))
    }
    let path = try #require(try pack.finish())
    try small.git("verify-pack", path + ".idx")
    #expect(Set(trees).count > 30)
    for tree in trees { try small.git("ls-tree", "-r", "\(tree)") }
  }

  @Test func whatTheRepositoryHasIsNotStoredAgain() throws {
    let small = try SmallRepository(files: ["a/b": "1\n", "c": "2\n"])
    try small.commit()
    let repository = try Repository(opening: small.path)
    let pack = try PackWriter(objectsDirectory: small.objects)
    var encoder = ObjectEncoder()
    var editor = TreeEditor(base: nil)
    for (path, entry) in try repository.files(inTree: repository.tree(of: "HEAD")) {
      try editor.set(RepoPath(path), rawMode: entry.rawMode, id: entry.id, reader: repository)
    }
    _ = try editor.write(reader: repository, encoder: &encoder, into: pack)
    #expect(pack.count == 0)
  }
}

/// Additions, replacements and removals, told to an editor and as lines for `--index-info`.
private struct RandomEdits {
  var present: Set<String>
  var removals = 0
  private var random = SeededGenerator(seed: 5)

  init(present: Set<String>) {
    self.present = present
  }

  mutating func next(
    in editor: inout TreeEditor, _ reader: borrowing Repository
  ) throws -> String {
    if random.next() % 3 == 0, let path = present.sorted().randomElement(using: &random) {
      present.remove(path)
      removals += 1
      try editor.remove(RepoPath(path), reader: reader)
      return "0 \(ObjectID.zero)\t\(path)\n"
    }
    let path = newPath()
    present.insert(path)
    let mode = [0o100644, 0o100755, 0o120000, 0o160000].randomElement(using: &random)! as UInt32
    let id = try objectID(.blob, "\(random.next() % 50)".bytes)
    try editor.set(RepoPath(path), rawMode: mode, id: id, reader: reader)
    return "\(String(mode, radix: 8)) \(id)\t\(path)\n"
  }

  /// A path that neither lies below a file nor names a directory.
  private mutating func newPath() -> String {
    while true {
      let depth = Int(random.next() % 4)
      let names = ["a", "a.b", "a-c", "d0", "e1", "f7", "z"]
      let path = (0...depth).map { _ in names.randomElement(using: &random)! }.joined(
        separator: "/")
      let clash = present.contains { path.hasPrefix($0 + "/") || $0.hasPrefix(path + "/") }
      if !clash { return path }
    }
  }
}
