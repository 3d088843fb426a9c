import Patches
import TestSupport
import Testing

/// Entries that come into a series stand behind those that they follow.
@Suite struct SeriesRevisionTests {
  private func revised(
    _ text: String, _ added: [(path: String, after: String?)], project: String = "p"
  ) throws -> String {
    let release = try #require(Release("2024.1"))
    let series = try Series(parsing: Array(text.utf8), release: release, file: "series/2024.1")
    var revision = Series.Revision()
    revision.added = added
    return String(decoding: series.revised(revision, project: project), as: UTF8.self)
  }

  @Test func anEntryStandsDirectlyBehindTheOneThatItFollows() throws {
    let text = "p/a.patch\n# a note\nq/x.patch\np/b.patch\n"
    #expect(
      try revised(text, [("p/c.patch", "p/a.patch"), ("p/d.patch", "p/a.patch")])
        == "p/a.patch\np/d.patch\np/c.patch\n# a note\nq/x.patch\np/b.patch\n")
    #expect(
      try revised(text, [("p/c.patch", "p/a.patch"), ("p/d.patch", "p/c.patch")])
        == "p/a.patch\np/c.patch\np/d.patch\n# a note\nq/x.patch\np/b.patch\n")
  }

  @Test func entriesThatFollowNoneComeToTheEndOfTheProject() throws {
    let text = "p/a.patch\nq/x.patch\n"
    #expect(
      try revised(text, [("p/b.patch", nil), ("p/c.patch", nil), ("p/d.patch", "p/b.patch")])
        == "p/a.patch\np/b.patch\np/d.patch\np/c.patch\nq/x.patch\n")
    #expect(
      try revised(text, [("p/b.patch", "p/a.patch"), ("p/c.patch", nil)])
        == "p/a.patch\np/b.patch\np/c.patch\nq/x.patch\n")
  }

  @Test func theFirstEntriesOfAProjectComeToTheEndOfTheFile() throws {
    let added: [(path: String, after: String?)] = [("r/a.patch", nil), ("r/b.patch", "r/a.patch")]
    #expect(try revised("", added, project: "r") == "r/a.patch\nr/b.patch\n")
    #expect(
      try revised("# note\np/a.patch", added, project: "r")
        == "# note\np/a.patch\nr/a.patch\nr/b.patch\n")
  }

  /// The rule as it is told, with a list in which everything behind a new line moves.
  @Test(arguments: 1...60)
  func manyEntriesStandWhereTheyStandOneByOne(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let start = (0..<Int.random(in: 0...4, using: &random)).map { "p/s\($0).patch" }
    var text = start.map { $0 + "\n" }.joined()
    if Bool.random(using: &random) { text = "# note\n" + text }
    if Bool.random(using: &random) { text += "q/x.patch\n" }
    var added: [(path: String, after: String?)] = []
    for number in 0..<Int.random(in: 1...9, using: &random) {
      let all = start + added.map(\.path) + ["p/none.patch"]
      let after = Bool.random(using: &random) ? all.randomElement(using: &random) : nil
      added.append(("p/n\(number).patch", after))
    }
    var wanted = text
    for entry in added { wanted = try oneByOne(wanted, entry) }
    #expect(try revised(text, added) == wanted)
  }

  private func oneByOne(_ text: String, _ entry: (path: String, after: String?)) throws -> String {
    var lines = text.split(separator: "\n").map(String.init)
    let last = lines.lastIndex { $0.hasPrefix("p/") }
    let place = entry.after.flatMap { lines.lastIndex(of: $0) } ?? last
    lines.insert(entry.path, at: (place ?? lines.count - 1) + 1)
    return lines.map { $0 + "\n" }.joined()
  }
}
