import PatchEngine
import Patches
import TestSupport
import Testing

/// Three-way merges of small texts, against `git merge-file`.
@Suite struct MergeFileTests {
  /// What git makes of three texts: the merge, and its form with markers.
  private struct Case {
    let base: String
    let ours: String
    let theirs: String
    let git: String?
    let marked: String

    var merge: Merge {
      Merge(
        base: Text(Array(base.utf8)), ours: Text(Array(ours.utf8)),
        theirs: Text(Array(theirs.utf8)),
        algorithm: .myers)
    }
  }

  /// Runs git twice for each case.
  private func cases(_ count: Int, letters: Int, seed: UInt64) throws -> [Case] {
    var random = SeededGenerator(seed: seed)
    let directory = try TemporaryDirectory(inMemory: true)
    return try (0..<count).map { _ in
      let base = text(&random, letters: letters)
      let ours = edited(base, &random, letters: letters)
      let theirs = edited(base, &random, letters: letters)
      for (name, content) in [("base", base), ("ours", ours), ("theirs", theirs)] {
        try directory.write(name, content)
      }
      let names = ["-p", "-q", "-L", "o", "-L", "b", "-L", "t", "ours", "base", "theirs"]
      let plain = try tryGit(["merge-file"] + names, in: directory.path)
      let marked = try tryGit(["merge-file", "--diff3"] + names, in: directory.path)
      return Case(
        base: base, ours: ours, theirs: theirs,
        git: plain.status == 0 ? String(decoding: plain.output, as: UTF8.self) : nil,
        marked: String(decoding: marked.output, as: UTF8.self))
    }
  }

  private func text(_ random: inout SeededGenerator, letters: Int) -> String {
    let lines = (0..<random.below(11)).map { _ in letter(&random, letters) }
    return joined(lines, &random)
  }

  private func edited(_ text: String, _ random: inout SeededGenerator, letters: Int) -> String {
    var lines = text.split(separator: "\n").map(String.init)
    for _ in 0..<random.below(4) {
      let index = random.below(lines.count + 1)
      switch random.below(3) {
      case 0 where index < lines.count: lines.remove(at: index)
      case 1 where index < lines.count: lines[index] = letter(&random, letters)
      default: lines.insert(letter(&random, letters), at: index)
      }
    }
    return joined(lines, &random)
  }

  private func joined(_ lines: [String], _ random: inout SeededGenerator) -> String {
    lines.joined(separator: "\n") + (lines.isEmpty || random.below(8) == 0 ? "" : "\n")
  }

  private func letter(_ random: inout SeededGenerator, _ letters: Int) -> String {
    String(UnicodeScalar(UInt8(97 + random.below(letters))))
  }

  @Test(arguments: [(20, 1_000), (3, 1_000)])
  func aMergeIsThatOfGit(letters: Int, count: Int) throws {
    var clean = 0
    var marked = 0
    for item in try cases(count, letters: letters, seed: UInt64(letters)) {
      let merge = item.merge
      #expect(merge.text().map { String(decoding: $0.bytes, as: UTF8.self) } == item.git, "\(item)")
      if merge.isClean {
        clean += 1
      } else if !merge.chunks.contains(where: { $0.kind == .both }) {
        // With --diff3, git also marks what both sides came to by other edits.
        marked += 1
        let labels = ConflictLabels(ours: "o", base: "b", theirs: "t")
        #expect(String(decoding: merge.marked(labels), as: UTF8.self) == item.marked, "\(item)")
      }
    }
    #expect(clean > count / 5 && marked > count / 5, "\(clean) \(marked)")
  }
}
