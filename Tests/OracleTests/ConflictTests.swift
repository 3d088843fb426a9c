import Foundation
import TestSupport
import Testing

/// What a stopped stack leaves in its work tree, beside what `git cherry-pick` leaves of the same change.
@Suite struct ConflictTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let base: String
    let ours: String
    let theirs: String

    init(_ name: String, _ base: String, _ ours: String, _ theirs: String) {
      (testDescription, self.base, self.ours, self.theirs) = (name, base, ours, theirs)
    }
  }

  private static let lines = "seq 100 120 > a"
  private static let binary = #"printf '\0ooooooooooooooooooooooooooooooooo\n' > a"#

  static let cases = [
    Case("both change a line", lines, "sed -i s/101/x/ a", "sed -i s/101/y/ a"),
    Case("and the patch the mode", lines, "sed -i s/101/x/ a", "sed -i s/101/y/ a; chmod +x a"),
    Case("and upstream the mode", lines, "sed -i s/101/x/ a; chmod +x a", "sed -i s/101/y/ a"),
    Case("upstream deletes", lines, "git rm -q a", "sed -i s/105/x/ a"),
    Case("upstream deletes, mode", lines, "git rm -q a", "chmod +x a"),
    Case("the patch deletes", lines, "sed -i s/105/x/ a", "git rm -q a"),
    Case("both rename", lines, "git mv a b; sed -i s/118/y/ b", "git mv a c; sed -i s/101/x/ c"),
    Case(
      "both rename, one line", lines, "git mv a b; sed -i s/101/y/ b",
      "git mv a c; sed -i s/101/x/ c"),
    Case("rename, upstream deletes", lines, "git rm -q a", "git mv a c; sed -i s/101/x/ c"),
    Case("delete, upstream renames", lines, "git mv a c; sed -i s/101/x/ c", "git rm -q a"),
    Case("delete, upstream only renames", lines, "git mv a c", "git rm -q a"),
    Case("rename and edit", lines, "sed -i s/101/x/ a", "git mv a c; sed -i s/101/y/ c"),
    Case("upstream renames and edits", lines, "git mv a c; sed -i s/101/x/ c", "sed -i s/101/y/ a"),
    Case("both add", "true", "seq 100 120 > a", "seq 100 120 | sed s/101/y/ > a"),
    Case("both add, one executable", "true", "seq 3 > a", "seq 4 > a; chmod +x a"),
    Case("both add a binary file", "true", #"printf '\0a' > a"#, #"printf '\0b' > a"#),
    Case("binary", binary, #"printf '\0a' > a"#, #"printf '\0b' > a; chmod +x a"#),
    Case("binary, upstream deletes", binary, "git rm -q a", #"printf '\0b' > a"#),
    Case("binary, the patch deletes", binary, #"printf '\0a' > a"#, "git rm -q a"),
    Case("a text that becomes binary", lines, #"printf '\0' >> a"#, "sed -i s/101/x/ a"),
    Case("a renamed binary", binary, "printf x >> a", "git mv a c; printf y >> c"),
    Case("links", "ln -s o a", "ln -sfn x a", "ln -sfn y a"),
    Case("upstream makes a link of it", lines, "rm a; ln -s keep a", "sed -i s/105/x/ a"),
    Case("the patch makes a link of it", lines, "sed -i s/105/x/ a", "rm a; ln -s keep a"),
    Case("both add, upstream a link", "true", "ln -s keep a", "seq 3 > a"),
    Case("both add, the patch a link", "true", "seq 3 > a", "ln -s keep a"),
    Case("upstream adds a directory", "true", "mkdir a; seq 3 > a/b", "seq 5 > a"),
    Case("the patch adds a directory", "true", "seq 5 > a", "mkdir a; seq 30 40 > a/b"),
    Case(
      "a file becomes a directory", lines, "git rm -q a; mkdir a; seq 3 > a/b", "sed -i s/105/x/ a"),
    Case(
      "a rename meets a new file", lines, "seq 50 70 > c; sed -i s/119/z/ a",
      "git mv a c; sed -i s/101/x/ c"),
    Case(
      "two files", "\(lines); seq 30 > b", "sed -i s/101/x/ a",
      "sed -i s/101/y/ a; echo 31 >> b; seq 4 > new"),
  ]

  /// The stages, the files and what git says of them; labels and names that git makes of a commit's are alike.
  private func picture(_ folder: String) throws -> String {
    let script = """
      cd \(folder)
      git ls-files -u | while IFS="$(printf '\\t')" read -r what name; do
        set -- $what; printf '%s %s %s %s\\n' "$1" "$3" "$name" "$(git cat-file blob $2 | sum_of)"; done
      git status --porcelain
      find . -name .git -prune -o \\( -type f -printf '%p %m ' -exec sh -c 'sum_of < "$1"' - {} \\; \\) \
        -o -type l -printf '%p -> %l\\n' | sort
      """
    let sum =
      "sum_of() { sed -E 's/^(<<<<<<<|>>>>>>>|[|]{7})[<>|]? .*/\\1/; s/^=======\\W*$/=======/' | sha1sum; }; export -f sum_of"
    let outcome = try shell(
      "\(sum)\n\(script.replacing("sh -c 'sum_of", with: "bash -c 'sum_of"))", in: "/")
    #expect(outcome.errors == "")
    return outcome.text.replacing("~one", with: "~theirs")
      .replacing(#/"?(\w+)~[0-9a-f]{7} \((\w+)\)"?/#) { "\($0.1)~theirs" }
  }

  @Test(arguments: cases) func isAsGitLeavesIt(item: Case) throws {
    let world = try ConflictWorld(base: item.base, ours: item.ours, theirs: item.theirs)
    try world.pick()
    let outcome = try world.rebase("--resolve", "none")
    #expect(outcome.status == 3)
    let expected = try picture(world.folder.file("ref"))
    let found = try picture(world.tree)
    #expect(found == expected)
    // Nothing was done: nothing goes on.
    let patch = world.patch
    #expect(try world.kerb("continue").status == 3)
    #expect(world.patch == patch)
    #expect(try picture(world.tree) == expected)
    #expect(try world.kerb("abort").status == 0)
    #expect(try git(["status", "--porcelain"], in: world.tree) == "")
  }
}
