import PatchEngine
import Patches
import TestSupport
import Testing

/// Three-way merges of small texts, against `git merge-file`.
@Suite struct MergeFileTests {
  /// What git and this engine make of three texts.
  private struct Case {
    let base: String
    let ours: String
    let theirs: String
    let own: String?
    let git: String?
  }

  /// Runs git once for each case, after all files are written.
  private func cases(_ count: Int, letters: Int, seed: UInt64) throws -> [Case] {
    var random = SeededGenerator(seed: seed)
    let directory = try TemporaryDirectory(inMemory: true)
    var cases: [Case] = []
    for _ in 0..<count {
      let base = text(&random, letters: letters)
      let ours = edited(base, &random, letters: letters)
      let theirs = edited(base, &random, letters: letters)
      for (name, content) in [("base", base), ("ours", ours), ("theirs", theirs)] {
        try directory.write(name, content)
      }
      let outcome = try tryGit(
        ["merge-file", "-p", "--diff3", "-q", "ours", "base", "theirs"], in: directory.path)
      let merged = mergeApart(
        base: Text(Array(base.utf8)), ours: Text(Array(ours.utf8)), theirs: Text(Array(theirs.utf8))
      )
      cases.append(
        Case(
          base: base, ours: ours, theirs: theirs,
          own: merged.map { String(decoding: $0.bytes, as: UTF8.self) },
          git: outcome.status == 0 ? String(decoding: outcome.output, as: UTF8.self) : nil))
    }
    return cases
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

  /// Where lines repeat, a text can have several shortest differences from another, and git and this
  /// engine may choose different ones: one may find edits that touch where the other finds them
  /// apart. Where there is only one to choose, both do the same.
  @Test(arguments: [(20, 1_200), (3, 1_200)])
  func aMergeIsThatOfGit(letters: Int, count: Int) throws {
    var same = 0
    var agreed = 0
    for item in try cases(count, letters: letters, seed: UInt64(letters)) {
      if item.own == item.git {
        if item.own != nil { same += 1 }
      } else {
        let isOpen =
          alignments(item.base, item.ours) > 1 || alignments(item.base, item.theirs) > 1
        #expect(isOpen, "\(item)")
        agreed += 1
      }
    }
    #expect(same > count / 5)
    #expect(agreed < count / 20, "\(agreed)")
  }

  /// The number of ways to match the most lines of two texts.
  private func alignments(_ old: String, _ new: String) -> Int {
    let olds = old.split(separator: "\n", omittingEmptySubsequences: false)
    let news = new.split(separator: "\n", omittingEmptySubsequences: false)
    var table = [[(length: Int, ways: Int)]](
      repeating: Array(repeating: (0, 1), count: news.count + 1), count: olds.count + 1)
    for i in olds.indices.reversed() {
      for j in news.indices.reversed() {
        // Sum over the first pair of lines that is matched.
        var best = (length: 0, ways: 1)
        for x in i..<olds.count {
          for y in j..<news.count where olds[x] == news[y] {
            let rest = table[x + 1][y + 1]
            if rest.length + 1 > best.length {
              best = (rest.length + 1, rest.ways)
            } else if rest.length + 1 == best.length {
              best.ways += rest.ways
            }
          }
        }
        table[i][j] = best
      }
    }
    return table[0][0].ways
  }
}
