import PatchEngine
import Patches
import TestSupport
import Testing

/// Which patch brought each line.
@Suite struct AnnotationTests {
  /// The lines of a file after a stack, each with its patch: `1 line`, `- line` for upstream's.
  private func annotated(
    _ path: String, _ patches: [String], on files: [String: String]
  ) throws -> [String]? {
    let found = try annotation(
      of: try RepoPath(path), after: try parsed(patches), on: try FakeTree(files),
      using: ReplayMeans(primitives: .real))
    return found.map { annotation in
      annotation.origins.enumerated().map { index, origin in
        let line = Array(annotation.text[line: index]).text
        return "\(origin.map { "\($0 + 1)" } ?? "-") \(line.replacing("\n", with: ""))"
      }
    }
  }

  @Test func aFileThatNoPatchTouchesIsUpstreams() throws {
    #expect(try annotated("f", [], on: ["f": "a\nb\n"]) == ["- a", "- b"])
  }

  @Test func aFileThatIsNotThereHasNoLines() throws {
    #expect(try annotated("g", [diff("f", "a\n", "b\n")], on: ["f": "a\n"]) == nil)
    let gone =
      "diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
    #expect(try annotated("f", [gone], on: ["f": "a\n"]) == nil)
  }

  @Test func eachLineIsThePatchsThatAddedItLast() throws {
    let (one, two, three) = ("a\nb\nc\n", "a\nB\nc\nd\n", "a\nB\nC\nd\n")
    #expect(
      try annotated("f", [diff("f", one, two), diff("f", two, three)], on: ["f": one])
        == ["- a", "1 B", "2 C", "1 d"])
  }

  @Test func aNewFileIsAllThePatchs() throws {
    let new =
      "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1,2 @@\n+a\n+b\n"
    #expect(
      try annotated("n", [new, diff("n", "a\nb\n", "a\nc\n")], on: [:]) == ["1 a", "2 c"])
  }

  @Test func ofLinesThatRepeatTheHunkSaysWhichOneIsNew() throws {
    // A difference of the two texts would say that the last line is new.
    let patch = "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n+x\n x\n x\n"
    #expect(try annotated("f", [patch], on: ["f": "x\nx\n"]) == ["1 x", "- x", "- x"])
  }

  @Test func aRenamedFileKeepsTheOriginsOfItsLines() throws {
    let move =
      "diff --git a/f b/g\nsimilarity index 50%\nrename from f\nrename to g\n--- a/f\n+++ b/g\n"
      + "@@ -1,3 +1,3 @@\n a\n-B\n+C\n z\n"
    let stack = [diff("f", "a\nb\nz\n", "A\nb\nz\n"), diff("f", "A\nb\nz\n", "a\nB\nz\n"), move]
    #expect(try annotated("g", stack, on: ["f": "a\nb\nz\n"]) == ["2 a", "3 C", "- z"])
    #expect(try annotated("f", stack, on: ["f": "a\nb\nz\n"]) == nil)
  }

  @Test func twoFilesThatSwapNamesSwapOrigins() throws {
    let swap =
      "diff --git a/f b/g\nrename from f\nrename to g\ndiff --git a/g b/f\nrename from g\nrename to f\n"
    let stack = [diff("f", "a\n", "A\n"), swap]
    let files = ["f": "a\n", "g": "b\n"]
    #expect(try annotated("g", stack, on: files) == ["1 A"])
    #expect(try annotated("f", stack, on: files) == ["- b"])
  }

  @Test func aCopyHasTheOriginsOfItsSource() throws {
    let copy = "diff --git a/f b/g\ncopy from f\ncopy to g\n"
    let stack = [diff("f", "a\nb\n", "a\nB\n"), copy, diff("f", "a\nB\n", "c\nB\n")]
    #expect(try annotated("g", stack, on: ["f": "a\nb\n"]) == ["- a", "1 B"])
    #expect(try annotated("f", stack, on: ["f": "a\nb\n"]) == ["3 c", "1 B"])
  }

  @Test(arguments: 0..<300)
  func whatAPatchBroughtIsAmongItsAddedLines(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let base = random.lines(most: 8, letters: 3)
    var texts = [base]
    for _ in 0..<4 {
      let next = random.edited(texts[texts.count - 1], letters: 3)
      if !next.isEmpty, next != texts[texts.count - 1] { texts.append(next) }
    }
    guard !base.isEmpty else { return }
    let stack = try parsed(zip(texts, texts.dropFirst()).map { diff("f", $0, $1) })
    let found = try annotation(
      of: try RepoPath("f"), after: stack, on: try FakeTree(["f": base]),
      using: ReplayMeans(primitives: .real))
    let annotation = try #require(found)
    #expect(annotation.text.bytes.text == texts[texts.count - 1])
    for (index, origin) in annotation.origins.enumerated() {
      let line = Array(annotation.text[line: index])
      guard let origin else {
        #expect(base.bytes.split(separator: 10).contains { line.starts(with: $0) })
        continue
      }
      #expect(added(stack[origin]).contains(line))
    }
    // The lines that are upstream's stand in upstream's order.
    let kept = annotation.origins.indices.filter { annotation.origins[$0] == nil }.map {
      Array(annotation.text[line: $0])
    }
    var lines = text(base).lines.indices.map { Array(text(base)[line: $0]) }[...]
    for line in kept {
      lines = lines.drop { $0 != line }.dropFirst()
    }
    #expect(kept.count <= text(base).lines.count - lines.count)
  }

  private func added(_ patch: Patch) -> Set<[UInt8]> {
    var lines: Set<[UInt8]> = []
    for case .hunks(let hunks) in patch.files.map(\.content) {
      for hunk in hunks {
        hunk.forEachLine { kind, range in
          if kind == .added { lines.insert(Array(hunk.source[range])) }
        }
      }
    }
    return lines
  }
}
