import Git
import PatchEngine
import Patches
import TestSupport
import Testing

/// Which file was renamed to which, beside `git diff -M`, where many are alike.
@Suite struct RenameTests {
  /// Files that are made of few different lines, so that scores are the same often.
  private func files(
    _ count: Int, in folder: String, _ random: inout SeededGenerator
  ) -> [String: String] {
    var made: [String: String] = [:]
    for number in 0..<count {
      // Every third has a name that the other tree may have too.
      let name = number % 3 == 0 ? "same\(random.below(4))" : "\(folder)\(number)"
      let lines = (0..<8).map { _ in "a line that is one of two: \(random.below(2))\n" }
      made["\(folder)/\(name)"] = lines.joined() + "\(folder) \(number) is told by this\n"
    }
    return made
  }

  @Test(arguments: 0..<100) func ofFilesThatAreAlikeTheSameOneIsTakenAsByGit(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let olds = files(3 + random.below(9), in: "old", &random)
    let news = files(3 + random.below(9), in: "new", &random)
    let directory = try TemporaryDirectory()
    try git(["init", "-q", "-b", "main", "."], in: directory.path)
    var ids: [String: ObjectID] = [:]
    var contents: [ObjectID: [UInt8]] = [:]
    for (made, other) in [(olds, "new"), (news, "old")] {
      try git(["rm", "-rfq", "--ignore-unmatch", other], in: directory.path)
      for (path, text) in made {
        try directory.write(path, text)
        let id = try objectID(.blob, Array(text.utf8))
        (ids[path], contents[id]) = (id, Array(text.utf8))
      }
      try git(["add", "-A"], in: directory.path)
      try git(["commit", "-q", "-m", other], in: directory.path)
    }
    let listed = try git(
      [
        "-c", "diff.renameLimit=0", "diff", "-M", "--name-status", "--diff-filter=R", "HEAD~",
        "HEAD",
      ],
      in: directory.path)
    var expected: [String: String] = [:]
    for line in listed.split(separator: "\n") {
      let words = line.split(separator: "\t").map(String.init)
      expected[words[1]] = words[2]
    }
    func lone(_ files: [String: String]) throws -> [LoneFile] {
      try files.keys.map { LoneFile(path: try RepoPath($0), id: ids[$0]!) }
    }
    let gone = try lone(olds)
    let found = try renames(gone: gone, come: lone(news), wanted: Set(gone.map(\.path))) {
      contents[$0]!
    }.found
    #expect(
      Dictionary(uniqueKeysWithValues: found.map { ("\($0.key)", "\($0.value)") }) == expected)
    #expect(seed > 0 || !expected.isEmpty)
  }
}
