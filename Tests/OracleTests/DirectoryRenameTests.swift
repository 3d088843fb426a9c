import Foundation
import TestSupport
import Testing

/// Where a replay follows upstream's renames, beside `git merge-tree`.
@Suite struct DirectoryRenameTests {
  /// The tree that kerb makes of a commit on top of another, and git's.
  private func trees(base: String, ours: String, theirs: String) throws -> (
    kerb: String, git: String
  ) {
    let folder = try TemporaryDirectory(inMemory: true)
    let line = """
      set -e; git init -q -b main r; cd r; \(base)
      git add -A; git commit -qm base; git branch theirs; \(ours)
      git add -A; git commit -qm ours; git checkout -q theirs; \(theirs)
      git add -A; git commit -qm theirs; git format-patch -q -1 --full-index --binary --stdout > ../p.patch
      kerb replay --repo . --onto main --base theirs~ --ref refs/heads/k ../p.patch > /dev/null
      git rev-parse 'k^{tree}'
      git -c merge.directoryRenames=true merge-tree --write-tree main theirs | head -1
      """
    let outcome = try shell(line, in: folder.path)
    #expect(outcome.errors == "" && outcome.status == 0)
    let words = outcome.text.split(separator: "\n").map(String.init)
    return (words[0], words[1])
  }

  private static let two = "mkdir d; seq 1 30 > d/one; seq 101 130 > d/two; seq 201 230 > d/three"

  @Test(arguments: [
    // An empty file goes, another comes: nothing was renamed.
    (
      "mkdir a; : > a/__init__.py; seq 9 > a/x",
      "git rm -q a/__init__.py; mkdir b; : > b/__init__.py", "seq 3 > new"
    ),
    ("\(two)", "git mv d e", "seq 3 > d/new"),
    ("\(two)", "mkdir e f; git mv d/one d/two e; git mv d/three f", "seq 3 > d/new"),
    // As many went to each: nobody knows where the new one belongs.
    (
      "\(two); git add .; git rm -qf d/three", "mkdir e f; git mv d/one e; git mv d/two f",
      "seq 3 > d/new"
    ),
    ("\(two)", "git mv d e", "sed -i s/115/x/ d/two"),
  ])
  func isWhereGitPutsIt(base: String, ours: String, theirs: String) throws {
    let trees = try trees(base: base, ours: ours, theirs: theirs)
    #expect(trees.kerb == trees.git)
  }

  @Test func anEditOfAnEmptyFileDoesNotGoIntoAnother() throws {
    let world = try ConflictWorld(
      base: "mkdir a; : > a/__init__.py",
      ours: "git rm -q a/__init__.py; mkdir b; : > b/__init__.py",
      theirs: "echo x > a/__init__.py")
    #expect(try world.rebase().status == 3)
    #expect(
      try world.run("ls work/src/master/demo/b && wc -c < work/src/master/demo/b/__init__.py")
        == "__init__.py\n0")
  }
}
