import Foundation
import PatchEngine
import Patches
import Reports
import TestSupport
import Testing

/// Comparisons of made-up branches, to the letter those of `git range-diff`.
@Suite struct RangeDiffTests {
  /// One change of some lines of a file.
  private struct Change {
    var file: Int
    var line: Int
    var text: String
    var message: String
  }

  /// A repository with a branch, and another that was made of it by hand: commits in another order,
  /// left out, added, changed a little, or with another message.
  private struct Branches {
    let directory: TemporaryDirectory

    init(seed: UInt64, count: Int) throws {
      directory = try TemporaryDirectory(inMemory: true)
      var random = SeededGenerator(seed: seed)
      let ones = (0..<count).map { Self.change($0, &random) }
      let others = Self.reworked(ones, &random)
      let files = (0..<6).map { file in (1...40).map { "line \($0) of \(file)" } }
      var stream = Self.commit("base", onto: nil, files, branch: "base", number: 0)
      for (branch, changes) in [("one", ones), ("other", others)] {
        var state = files
        var parent: String? = "refs/heads/base"
        for (number, change) in changes.enumerated() {
          Self.put(change, into: &state)
          stream += Self.commit(
            change.message, onto: parent, state, branch: branch, number: number + 1)
          parent = nil
        }
      }
      try git(["init", "-q", "-b", "main"], in: directory.path)
      try git(["fast-import", "--quiet"], in: directory.path, input: Array(stream.utf8))
    }

    private static func change(_ number: Int, _ random: inout SeededGenerator) -> Change {
      Change(
        file: random.below(6), line: random.below(40), text: "text \(random.below(1_000))",
        message: "change \(number)\n\n"
          + random.one(["Because.", "It is\n\n\tindented\nhere.", "No"]))
    }

    private static func reworked(_ ones: [Change], _ random: inout SeededGenerator) -> [Change] {
      var others = ones.filter { _ in random.below(5) > 0 }
      for index in others.indices {
        switch random.below(6) {
        case 0: others[index].text += " and more"
        case 1: others[index].message = "other \(index)\n"
        case 2: others[index].line = min(39, others[index].line + 1)
        default: break
        }
      }
      for number in 0..<4 {
        others.insert(change(1_000 + number, &random), at: random.below(others.count + 1))
      }
      for _ in 0..<4 { others.swapAt(random.below(others.count), random.below(others.count)) }
      return others
    }

    private static func put(_ change: Change, into files: inout [[String]]) {
      let index = min(change.line, files[change.file].count - 1)
      files[change.file][index] += " " + change.text
      if change.line % 3 == 0 { files[change.file].insert("more of \(change.text)", at: index) }
      if change.line % 5 == 0 { files[(change.file + 1) % 6].insert(change.text, at: 7) }
    }

    private static func commit(
      _ message: String, onto parent: String?, _ files: [[String]], branch: String, number: Int
    ) -> String {
      let who = "A. Author <author@example.org> \(1_700_000_000 + number * 60) +0000"
      var text = "commit refs/heads/\(branch)\nauthor \(who)\ncommitter \(who)\n"
      text += "data \(message.utf8.count)\n\(message)\n"
      if let parent { text += "from \(parent)\n" }
      for (index, lines) in files.enumerated() {
        let content = lines.map { $0 + "\n" }.joined()
        text += "M 100644 inline f\(index)\ndata \(content.utf8.count)\n\(content)\n"
      }
      return text
    }

    /// The patches of a branch, with the ids that git shows for its commits.
    func patches(_ branch: String) throws -> (ids: [String], patches: [Patch]) {
      let list = ["log", "--reverse", "--format=%h", "base..\(branch)"]
      let ids = try git(list, in: directory.path).split(separator: "\n").map(String.init)
      let patches = try ids.map { id in
        let mail = try tryGit(
          ["format-patch", "--stdout", "-1", "--full-index", id], in: directory.path)
        return try Patch(parsing: mail.output, name: id)
      }
      return (ids, patches)
    }
  }

  @Test(arguments: 1...8) func theComparisonIsThatOfGit(seed: Int) throws {
    let branches = try Branches(seed: UInt64(seed), count: 4 + seed * 3)
    let (one, other) = (try branches.patches("one"), try branches.patches("other"))
    let text = RangeDiffText(
      lefts: PatchLabels(names: one.ids, subjects: one.patches.map(\.header.subject)),
      rights: PatchLabels(names: other.ids, subjects: other.patches.map(\.header.subject)),
      Painter(false))
    let diff = RangeDiff(one.patches, other.patches)
    let own = text.lines(diff, withDifferences: true)
    let gits = try git(
      ["range-diff", "--no-color", "base..one", "base..other"], in: branches.directory.path)
    #expect(own == gits.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    let statuses = Set(diff.pairs.map(\.status))
    #expect(statuses == [.same, .changed, .removed, .added] || seed < 3, "\(statuses)")
  }
}
