import Foundation
import PatchEngine
import Patches
import TestSupport
import Testing

/// Differences of small and larger texts, against `git diff`.
@Suite struct DiffTests {
  /// Pairs of texts, and the edits that git finds in each.
  private struct Corpus {
    let pairs: [(old: String, new: String)]
    let edits: [[Edit]]
  }

  /// Asks git once for all pairs: a file each in two folders.
  private func corpus(
    _ pairs: [(old: String, new: String)], _ options: [String]
  ) throws -> Corpus {
    let directory = try TemporaryDirectory(inMemory: true)
    for (index, pair) in pairs.enumerated() {
      try directory.write("old/\(10_000 + index)", pair.old)
      try directory.write("new/\(10_000 + index)", pair.new)
    }
    let outcome = try tryGit(
      ["diff", "--no-index", "--no-prefix", "--text", "-U1", "--inter-hunk-context=0"] + options + [
        "old", "new",
      ],
      in: directory.path)
    var edits = [[Edit]](repeating: [], count: pairs.count)
    for patch in try mailbox(parsing: outcome.output, name: "diff") {
      for file in patch.files {
        let index = Int(String(decoding: file.path.components.last!, as: UTF8.self))! - 10_000
        if case .hunks(let hunks) = file.content { edits[index] = hunks.flatMap(self.edits) }
      }
    }
    return Corpus(pairs: pairs, edits: edits)
  }

  private func edits(_ hunk: Hunk) -> [Edit] {
    var result: [Edit] = []
    var (old, new) = (hunk.oldStart - (hunk.oldCount > 0 ? 1 : 0), hunk.newStart - 1)
    if hunk.newCount == 0 { new += 1 }
    var (startOld, startNew) = (old, new)
    func close() {
      if old > startOld || new > startNew {
        result.append(Edit(old: startOld..<old, new: startNew..<new))
      }
    }
    hunk.forEachLine { kind, _ in
      switch kind {
      case .context:
        close()
        (old, new) = (old + 1, new + 1)
        (startOld, startNew) = (old, new)
      case .removed: old += 1
      case .added: new += 1
      }
    }
    close()
    return result
  }

  private func small(_ count: Int, letters: Int, seed: UInt64) -> [(old: String, new: String)] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let old = lines(&random, 1 + random.below(14), letters)
      return (old, edited(old, &random, letters, changes: random.below(5)))
    }
  }

  /// Texts that look like programs: indented, with blank lines and lines that repeat.
  private func large(_ count: Int, seed: UInt64) -> [(old: String, new: String)] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let lines = (0..<200 + random.below(1_500)).map { _ in program(&random) }
      var changed = lines
      for _ in 0..<random.below(80) {
        let start = random.below(changed.count)
        let count = min(random.below(12), changed.count - start)
        switch random.below(3) {
        case 0: changed.removeSubrange(start..<start + count)
        case 1:
          changed.insert(
            contentsOf: changed[start..<start + count], at: random.below(changed.count))
        default: changed.insert(contentsOf: (0..<count).map { _ in program(&random) }, at: start)
        }
        if changed.isEmpty { changed = lines }
      }
      return (lines.joined(), changed.joined())
    }
  }

  private func program(_ random: inout SeededGenerator) -> String {
    let indent = String(repeating: "  ", count: random.below(4))
    switch random.below(6) {
    case 0: return "\n"
    case 1: return "\(indent)}\n"
    case 2: return "\(indent)return\n"
    default: return "\(indent)call(\(random.below(60)))\n"
    }
  }

  private func lines(_ random: inout SeededGenerator, _ count: Int, _ letters: Int) -> String {
    (0..<count).map { _ in "\(UnicodeScalar(UInt8(97 + random.below(letters))))\n" }.joined()
  }

  private func edited(
    _ text: String, _ random: inout SeededGenerator, _ letters: Int, changes: Int
  ) -> String {
    var all = text.split(separator: "\n").map { "\($0)\n" }
    for _ in 0..<changes {
      let index = random.below(all.count + 1)
      switch random.below(3) {
      case 0 where index < all.count: all.remove(at: index)
      case 1 where index < all.count: all[index] = lines(&random, 1, letters)
      default: all.insert(lines(&random, 1, letters), at: index)
      }
    }
    return all.joined()
  }

  private func compare(
    _ corpus: Corpus, _ algorithm: DiffAlgorithm, _ placement: EditPlacement
  ) -> Int {
    zip(corpus.pairs, corpus.edits).reduce(0) { sum, item in
      let (pair, expected) = item
      let own = difference(
        from: Text(Array(pair.old.utf8)), to: Text(Array(pair.new.utf8)), algorithm,
        placed: placement)
      if own != expected, sum == 0 { print("first difference:", pair, own, expected) }
      return sum + (own == expected ? 0 : 1)
    }
  }

  @Test(arguments: [(2, UInt64(1)), (3, 2), (5, 3), (12, 4)])
  func theShortestEditsAreThoseOfGit(letters: Int, seed: UInt64) throws {
    let pairs = small(3_000, letters: letters, seed: seed)
    let plain = try corpus(pairs, ["--no-indent-heuristic"])
    #expect(compare(plain, .myers, .down) == 0)
    #expect(compare(try corpus(pairs, ["--indent-heuristic"]), .myers, .byIndentation) == 0)
  }

  /// Newer versions of git compare runs that were joined once more, as this engine does; an older one
  /// finds more lines changed there.
  @Test(arguments: [(2, UInt64(5)), (3, 6), (5, 7), (12, 8)])
  func theEditsByRarityAreThoseOfGit(letters: Int, seed: UInt64) throws {
    let corpus = try corpus(
      small(3_000, letters: letters, seed: seed), ["--histogram", "--no-indent-heuristic"])
    var finer = 0
    for (pair, expected) in zip(corpus.pairs, corpus.edits) {
      let own = difference(
        from: Text(Array(pair.old.utf8)), to: Text(Array(pair.new.utf8)), .histogram)
      if own == expected { continue }
      finer += 1
      #expect(size(own) < size(expected), "\(pair) \(own) \(expected)")
    }
    #expect(finer < 100, "\(finer)")
  }

  private func size(_ edits: [Edit]) -> Int {
    edits.reduce(0) { $0 + $1.old.count + $1.new.count }
  }

  /// What stands behind the `@@` is cut after 80 bytes and before a character that is not whole.
  @Test func headingsOfManyBytesAreThoseOfGit() throws {
    let folder = try TemporaryDirectory()
    for (number, line) in [
      String(repeating: "a", count: 100), "a" + String(repeating: "ü", count: 60),
      "ab" + String(repeating: "語", count: 40), "abc" + String(repeating: "😀", count: 30),
      "plain   ",
    ].map({ Array($0.utf8) }).enumerated() {
      let old = line + Array("\n\n\n\n\n\nx\n".utf8)
      let new = line + Array("\n\n\n\n\n\ny\n".utf8)
      try folder.write("old\(number)", old)
      try folder.write("new\(number)", new)
      let outcome = try tryGit(
        ["diff", "--no-index", "old\(number)", "new\(number)"], in: folder.path)
      let wanted = outcome.output.split(separator: 10).first { $0.starts(with: Array("@@".utf8)) }
      let hunk = try #require(hunks(from: Text(old), to: Text(new)).first)
      let heading = Array(hunk.source[hunk.heading])
      #expect(wanted.map { Array($0.suffix(heading.count)) } == heading)
      #expect(wanted?.count == heading.count + "@@ -4,4 +4,4 @@".utf8.count)
    }
  }

  @Test func theEditsOfLargeTextsAreThoseOfGit() throws {
    let pairs = large(150, seed: 9)
    #expect(compare(try corpus(pairs, ["--no-indent-heuristic"]), .myers, .down) == 0)
    #expect(compare(try corpus(pairs, ["--indent-heuristic"]), .myers, .byIndentation) == 0)
    let rare = try corpus(pairs, ["--histogram", "--no-indent-heuristic"])
    #expect(compare(rare, .histogram, .down) == 0)
  }
}
