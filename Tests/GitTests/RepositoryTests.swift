import Git
import Patches
import TestSupport
import Testing

@Suite struct RepositoryTests {
  @Test func revisionsNameCommitsAndTrees() throws {
    let small = try SmallRepository(files: ["a": "1\n"])
    let commit = try small.commit()
    try small.git("tag", "-a", "-m", "tag", "v1")
    let repository = try Repository(opening: small.path)
    #expect(try repository.resolve("v1") == commit)
    #expect(try repository.resolve("main~0") == commit)
    #expect(try repository.tree(of: "v1") == small.id("HEAD^{tree}"))
    let tree = try small.id("HEAD^{tree}")
    #expect(try repository.tree(of: "\(tree)") == tree)
    #expect(throws: GitError.self) { try repository.resolve("\(tree)") }
    #expect(throws: GitError.self) { try repository.resolve("absent") }
  }

  @Test func settingsAreNotReadWhereTheyAreNotWanted() throws {
    let small = try SmallRepository(files: ["a": "1\n"])
    let commit = try small.commit()
    let tree = try small.id("HEAD^{tree}")
    let beside = try TemporaryDirectory()
    try small.git("worktree", "add", "-q", "\(beside.path)/w")
    try small.git("pack-refs", "--all")
    // What is no setting is refused by whoever reads it.
    try beside.write("included", "[broken\n")
    try small.directory.write(
      ".git/config", "[core]\nbare = false\n[include]\npath = \(beside.file("included"))\n")
    #expect(throws: GitError.self) { _ = try Repository(opening: small.path).resolve("main") }
    for path in [small.path, small.path + "/.git", "\(beside.path)/w"] {
      let repository = try Repository(withoutSettings: path)
      #expect(try repository.resolve("main") == commit)
      #expect(try repository.tree(of: "HEAD") == tree)
      #expect(repository.gitDirectory == small.path + "/.git")
    }
    #expect(throws: GitError.self) { _ = try Repository(withoutSettings: beside.path) }
  }

  @Test func directoriesAboveAreNotSearched() throws {
    let small = try SmallRepository(files: ["below/a": "1\n"])
    #expect(throws: GitError.self) { _ = try Repository(opening: small.path + "/below") }
  }

  @Test func aCreatedRepositoryIsBareAndHasNoActiveHooks() throws {
    let directory = try TemporaryDirectory()
    let repository = try Repository(creatingBareAt: directory.file("deep/er.git"))
    #expect(repository.gitDirectory == directory.file("deep/er.git"))
    #expect(repository.objectsDirectory == directory.file("deep/er.git/objects"))
    let bare = try git(["rev-parse", "--is-bare-repository"], in: repository.gitDirectory)
    #expect(bare == "true")
    let hooks = try git(
      ["rev-parse", "--git-path", "hooks/pre-commit"], in: repository.gitDirectory)
    #expect(directory.read("deep/er.git/" + hooks) == nil)
    #expect(throws: GitError.self) {
      _ = try Repository(creatingBareAt: directory.file("deep/er.git"))
    }
  }

  @Test func aCommitIsReadAsItIs() throws {
    let small = try SmallRepository(files: ["a": "1\n"])
    let first = try small.commit("first\n\nbody")
    try small.git("-c", "i18n.commitEncoding=latin1", "commit", "-q", "--allow-empty", "-m", "ü")
    let repository = try Repository(opening: small.path)
    let commit = try repository.commit(repository.resolve("HEAD"))
    #expect(commit.parents == [first])
    #expect(try commit.tree == small.id("HEAD^{tree}"))
    #expect(commit.author.name == "A. Author".bytes)
    #expect(commit.author.email == "author@example.org".bytes)
    #expect(commit.author.seconds == 1_700_000_000)
    #expect(commit.author.offset == 90)
    #expect(commit.committer.offset == -480)
    #expect(commit.encoding == "latin1")
    #expect(try repository.commit(first).message == "first\n\nbody\n".bytes)
    #expect(try repository.commit(first).encoding == nil)
    #expect(throws: GitError.self) { try repository.commit(commit.tree) }
  }

  @Test func aSignedCommitIsReadPastItsSignature() throws {
    let small = try SmallRepository(files: ["a": "1\n"])
    try small.commit()
    let text = try small.git("cat-file", "commit", "HEAD").replacing(
      "\n\nchange", with: "\ngpgsig -----BEGIN\n author x\n \n -----END\n\nsigned")
    let id = try small.git("hash-object", "-t", "commit", "-w", "--stdin", input: text.bytes)
    let commit = try Repository(opening: small.path).commit(ObjectID(id)!)
    #expect(commit.message == "signed".bytes)
    #expect(commit.author.name == "A. Author".bytes)
  }

  @Test func entriesAreFoundByPath() throws {
    let small = try SmallRepository(files: ["a/b/c": "1\n", "a.x": "2\n", "a/b.y": "3\n"])
    try small.commit()
    let repository = try Repository(opening: small.path)
    let tree = try repository.tree(of: "HEAD")
    #expect(try repository.entry(at: "a/b/c", inTree: tree)?.id == small.id("HEAD:a/b/c"))
    #expect(try repository.entry(at: "a/b", inTree: tree)?.mode == .tree)
    #expect(try repository.entry(at: "a.x", inTree: tree)?.mode == .regular)
    #expect(try repository.entry(at: "a/c", inTree: tree) == nil)
    #expect(try repository.entry(at: "a.x/c", inTree: tree) == nil)
    #expect(try repository.entry(at: "absent/c", inTree: tree) == nil)
    #expect(try repository.blob(small.id("HEAD:a/b/c")) == "1\n".bytes)
    #expect(throws: GitError.self) { try repository.blob(tree) }
    let paths = try repository.files(inTree: tree).map { String(decoding: $0.path, as: UTF8.self) }
    #expect(
      try paths
        == small.git("ls-tree", "-r", "--name-only", "HEAD").split(separator: "\n").map(String.init)
    )
  }

  @Test func changesAreThoseOfDiffTree() throws {
    let small = try SmallRepository(files: [
      "a/b": "1\n", "c": "2\n", "d/e/f": "3\n", "same/g": "4\n",
    ])
    let first = try small.commit()
    try small.git("rm", "-rq", "c", "a", "d")
    for (name, content) in [("c/d", "5\n"), ("a", "6\n"), ("d/e/f", "7\n"), ("h", "8\n")] {
      try small.directory.write(name, content)
    }
    try small.commit()
    let repository = try Repository(opening: small.path)
    let changes = try repository.changes(
      from: repository.commit(first).tree, to: repository.tree(of: "HEAD"))
    let shown = changes.map {
      let letter = $0.old == nil ? "A" : $0.new == nil ? "D" : "M"
      return "\(letter)\t\(String(decoding: $0.path, as: UTF8.self))"
    }
    let oracle = try small.git(
      "diff-tree", "-r", "--no-renames", "--name-status", "\(first)", "HEAD")
    #expect(shown.sorted() == oracle.split(separator: "\n").map(String.init).sorted())
    #expect(shown.count == 6)
  }

  @Test func aMalformedTreeIsAnError() throws {
    let small = try SmallRepository()
    let bad = "100644 a\0tooshort".bytes
    let id = try small.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", input: bad)
    let repository = try Repository(opening: small.path)
    #expect(throws: GitError.self) { try repository.entries(ofTree: ObjectID(id)!) }
    #expect(throws: GitError.self) { try repository.entry(at: "a", inTree: ObjectID(id)!) }
  }

  @Test func objectsAreNamedAsGitNamesThem() throws {
    let small = try SmallRepository()
    for content in ["", "x", "line\n"] {
      let oracle = try small.git("hash-object", "--stdin", input: content.bytes)
      #expect(try objectID(.blob, content.bytes).description == oracle)
    }
    #expect(
      try objectID(.tree, [UInt8]()).description == "4b825dc642cb6eb9a060e54bf8d69288fbee4904")
  }
}
