import Patches
import Testing

@testable import Claims

@Suite struct CounterFileTests {
  private let numbers = Renumbering([CounterValue("2.96"): CounterValue("2.97")])

  private func merged(
    _ path: String, base: String, theirs: String, ours: String, _ renumbering: Renumbering? = nil
  ) throws -> String? {
    let renumbering = renumbering ?? numbers
    let file = try #require(
      CounterFile(try RepoPath(path), of: .microversion, renumbering))
    let stack = StackRenumbering(renumbering, of: [.microversion])
    return file.merged(
      base: Array(base.utf8), theirs: Array(theirs.utf8), ours: Array(ours.utf8),
      rewrite: stack.rewrittenEntry
    ).map(text)
  }

  @Test func anEntryGoesBehindUpstreamsAndTheMaximumFollows() throws {
    let result = try merged(
      SmallNova.versionFile, base: SmallNova.versions([("2.95", "x")]),
      theirs: SmallNova.versions([("2.95", "x"), ("2.96", "consoles,\n             of 2.96")]),
      ours: SmallNova.versions([("2.95", "x"), ("2.96", "zones,\n             two lines")]))
    #expect(
      result
        == SmallNova.versions([
          ("2.95", "x"), ("2.96", "zones,\n             two lines"),
          ("2.97", "consoles,\n             of 2.97"),
        ]))
  }

  @Test func otherChangesOfTheFileAreMerged() throws {
    let base = SmallNova.versions([("2.95", "x")])
    let theirs = SmallNova.versions([("2.95", "x"), ("2.96", "consoles")])
      .replacing("DEFAULT = 1", with: "DEFAULT = 2")
    let ours = "# upstream's\n" + SmallNova.versions([("2.95", "x"), ("2.96", "zones")])
    let result = try merged(SmallNova.versionFile, base: base, theirs: theirs, ours: ours)
    #expect(
      result
        == "# upstream's\n"
        + SmallNova.versions([("2.95", "x"), ("2.96", "zones"), ("2.97", "consoles")])
        .replacing("DEFAULT = 1", with: "DEFAULT = 2"))
    #expect(
      try merged(
        SmallNova.versionFile, base: base, theirs: theirs,
        ours: ours.replacing("DEFAULT = 1", with: "DEFAULT = 3")) == nil)
  }

  @Test func aSectionKeepsTheBlankLinesAroundIt() throws {
    func page(_ sections: String...) -> String {
      "Top\n===\n" + sections.map { "\n\($0)" }.joined()
    }
    func section(_ number: String, _ title: String, _ body: String) -> String {
      ".. _microversion \(number):\n\n\(title)\n\(String(repeating: "-", count: title.count))\n\n\(body)\n"
    }
    let first = section("2.95", "2.95", "x")
    let result = try merged(
      SmallNova.page, base: page(first),
      theirs: page(first, section("2.96", "2.96", "consoles of 2.96")),
      ours: page(
        section("2.95", "2.95 (Maximum in 2023.1)", "x, mended"), section("2.96", "2.96", "zones")))
    #expect(
      result
        == page(
          section("2.95", "2.95 (Maximum in 2023.1)", "x, mended"),
          section("2.96", "2.96", "zones"), section("2.97", "2.97", "consoles of 2.97")))
  }

  @Test func threeDigitsMakeTheUnderlineLonger() throws {
    let first = ".. _microversion 2.98:\n\n2.98\n----\n\nx\n"
    func next(_ number: String, _ body: String) -> String {
      "\n.. _microversion \(number):\n\n\(number)\n"
        + "\(String(repeating: "-", count: number.count))\n\n\(body)\n"
    }
    let result = try merged(
      SmallNova.page, base: first, theirs: first + next("2.99", "consoles"),
      ours: first + next("2.99", "zones"),
      Renumbering([CounterValue("2.99"): CounterValue("2.100")]))
    #expect(result == first + next("2.99", "zones") + next("2.100", "consoles"))
  }

  @Test func aPageWithoutAFinalNewlineGetsOne() throws {
    let first = ".. _microversion 2.95:\n\n2.95\n----\n\nx"
    let result = try merged(
      SmallNova.page, base: first + "\n",
      theirs: first + "\n\n.. _microversion 2.96:\n\n2.96\n----\n\ny\n", ours: first)
    #expect(result == first + "\n\n.. _microversion 2.97:\n\n2.97\n----\n\ny\n")
  }

  @Test func theSecondClaimOfAStackStandsOnTheFirst() throws {
    let both = Renumbering([
      CounterValue("2.96"): CounterValue("2.97"), CounterValue("2.97"): CounterValue("2.98"),
    ])
    let one = SmallNova.versions([("2.95", "x"), ("2.96", "first")])
    let two = SmallNova.versions([("2.95", "x"), ("2.96", "first"), ("2.97", "second")])
    let ours = SmallNova.versions([("2.95", "x"), ("2.96", "zones")])
    let after = try #require(
      try merged(
        SmallNova.versionFile, base: SmallNova.versions([("2.95", "x")]), theirs: one, ours: ours,
        both))
    #expect(
      after == SmallNova.versions([("2.95", "x"), ("2.96", "zones"), ("2.97", "first")]))
    #expect(
      try merged(SmallNova.versionFile, base: one, theirs: two, ours: after, both)
        == SmallNova.versions([
          ("2.95", "x"), ("2.96", "zones"), ("2.97", "first"), ("2.98", "second"),
        ]))
  }

  @Test func anyOtherFileIsNone() throws {
    #expect(CounterFile(try RepoPath("nova/x.py"), of: .microversion, numbers) == nil)
  }
}
