import Git
import PatchEngine
import Patches
import Testing

/// Links, binary files and modes where the base is known: git's rules, which merge no lines of them.
@Suite struct WholeFileTests {
  private func replay(
    _ patch: String, onto files: [String: String], madeOn base: [String: String],
    _ resolvers: Resolvers = Resolvers(Resolvers.eager), leftOpen: Set<Int> = []
  ) throws -> (line: String, file: String?) {
    let stack = [try Patch(parsing: patch.bytes, name: "p")]
    var means = ReplayMeans(primitives: .real, resolvers: resolvers)
    means.leftOpen = leftOpen
    let tree = try FakeTree(files, base: base)
    var versions = Versions()
    var (lines, file) = ([String](), String?.none)
    for group in Plan(stack).groups {
      let result = try PatchEngine.replay(
        group, of: stack, onto: tree, using: means, into: &versions)
      lines += result.results.map { "\($0.path) \($0.outcome) \($0.conflict?.rule ?? "")" }
      for edit in result.edits {
        guard let id = edit.entry?.id else { continue }
        file = (try versions.contents[id] ?? tree.content(of: id)).text
      }
    }
    return (lines.joined(separator: ", "), file)
  }

  private func change(_ old: String, _ new: String, mode: String = "100644") -> String {
    func lines(_ sign: String, _ text: String) -> String {
      text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        .map { "\(sign)\($0)\n" }.joined()
    }
    let count = old.split(separator: "\n").count
    return "diff --git a/a b/a\nindex 1111111..2222222 \(mode)\n--- a/a\n+++ b/a\n"
      + "@@ -1,\(count) +1,\(count) @@\n" + lines("-", old) + lines("+", new)
  }

  private func link(_ old: String, _ new: String) -> String {
    "diff --git a/a b/a\nindex 1111111..2222222 120000\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-\(old)\n"
      + "\\ No newline at end of file\n+\(new)\n\\ No newline at end of file\n"
  }

  @Test func theTargetsOfLinksAreNotMergedByWords() throws {
    let replayed = try replay(
      link("foo/bar", "foo/bar2"), onto: ["120000 a": "foo2/bar"], madeOn: ["120000 a": "foo/bar"])
    #expect(replayed.line == "a conflicted content-differs")
  }

  @Test func aLinkThatUpstreamHasMadeTheSameHasLanded() throws {
    let replayed = try replay(
      link("foo", "bar"), onto: ["120000 a": "bar"], madeOn: ["120000 a": "foo"])
    #expect(replayed.line == "a landed ")
  }

  @Test func linesDoNotGoIntoAFileThatHasBecomeBinary() throws {
    let base = numbered(9)
    let patch = change(numbered(9), numbered(9, [2: "two"]))
    let replayed = try replay(patch, onto: ["a": base + "\0"], madeOn: ["a": base])
    #expect(replayed.line == "a conflicted content-differs")
    // Where both have the NUL there is nothing that a person would have to look at.
    let text = try replay(patch, onto: ["a": base + "10\n"], madeOn: ["a": base])
    #expect(text.line.hasPrefix("a merged") || text.line.hasPrefix("a clean"))
  }

  @Test func aResolverThatLeavesNothingOfTheFileEndsNothing() throws {
    let replayed = try replay(
      change("call(b, 5)\n", "call(b, 9)\n"), onto: ["a": "call(c, 9)\n"],
      madeOn: ["a": "call(b, 5)\n"])
    #expect(replayed.line == "a conflicted merge-conflict")
    let other = try replay(
      change("call(b, 5)\n", "call(b, 9)\n"), onto: ["a": "call(c, 5)\n"],
      madeOn: ["a": "call(b, 5)\n"])
    #expect(other.line == "a resolved ")
    #expect(other.file == "call(c, 9)\n")
  }

  @Test func aLandedContentWithANewModeHasNotLanded() throws {
    let patch = change("1\n2\n", "1\nx\n").replacing(
      "index 1111111..2222222 100644", with: "old mode 100644\nnew mode 100755")
    let replayed = try replay(patch, onto: ["a": "1\nx\n"], madeOn: ["a": "1\n2\n"])
    #expect(replayed.line == "a clean ")
    #expect(replayed.file == "1\nx\n")
  }

  @Test func aFileStaysDeletedUnlessThePatchIsLeftOpen() throws {
    let patch = change("1\n", "2\n")
    #expect(try replay(patch, onto: [:], madeOn: ["a": "1\n"]).line == "a resolved ")
    let open = try replay(patch, onto: [:], madeOn: ["a": "1\n"], leftOpen: [0])
    #expect(open.line == "a conflicted file-missing")
  }
}
