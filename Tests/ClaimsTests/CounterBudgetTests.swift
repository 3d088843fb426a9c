import Claims
import Patches
import Testing

/// `kerb.yaml` gives the patterns and a patch the lines: the cost is their product, and it has an end.
@Suite struct CounterBudgetTests {
  private func counter(_ files: LinePattern, _ lines: [LinePattern]) -> Counter {
    Counter(
      "pages", title: "page", order: .unique,
      readings: [Counter.Reading("line", .entry, files: files, lines: lines)])
  }

  private func looks(_ counter: Counter, _ lines: Int) throws -> Int {
    var budget = CounterBudget()
    let line = String(repeating: "a", count: 100)
    try budget.spend(
      on: counter,
      patches: [try patch(newFile("docs/page", Array(repeating: line, count: lines)))])
    return budget.looks
  }

  @Test func looksGrowWithPartsThatHaveAChoiceTimesBytes() throws {
    let two = counter("docs/{name}", ["{}a{value}", "{}b{value}"])
    #expect(try looks(two, 10) == 2 * 3 * 1_010)
    #expect(try looks(two, 20) == 2 * 3 * 2_020)
    let four = counter("docs/{name}", ["{}a{value}", "{}b{value}", "x {}a{value}", "{}{}{value}"])
    #expect(try looks(four, 10) == 4 * 3 * 1_010)
  }

  @Test func whatFitsInOnePlaceOnlyIsNotCounted() throws {
    #expect(try looks(counter("docs/{name}", ["version = {value}", "{value:number}"]), 10) == 0)
    #expect(try looks(counter("other/{name}", ["{}a{value}"]), 10) == 0)
    // The last part of a pattern takes the rest: it has no choice either.
    #expect(try looks(counter("docs/{name}", ["v {value:text}"]), 10) == 0)
  }

  @Test func pathsAreLookedAtToo() throws {
    var budget = CounterBudget()
    try budget.spend(on: counter("{}/a/{name}/b", ["{value}"]), paths: 1_000)
    #expect(budget.looks == 4_000)
  }

  @Test func aBudgetThatIsUsedUpNamesTheCounter() throws {
    var budget = CounterBudget(most: 10_000)
    let pages = counter("docs/{name}", ["{}a{value}"])
    let one = try patch(newFile("docs/page", String(repeating: "a", count: 3_000)))
    try budget.spend(on: pages, patches: [one])
    let problem = #expect(throws: Diagnostics.self) {
      try budget.spend(on: pages, patches: [one])
    }
    #expect(
      problem?.description
        == "kerb.yaml: error: the patterns of counters, up to those of 'pages', would be held against too "
        + "much of one stack: over 10000 looks; let 'files' and 'lines' begin with text instead of {} "
        + "[counter-cost]")
    let deep = counter("{}/a/{name}/b", ["{value}"])
    #expect(throws: Diagnostics.self) { try budget.spend(on: deep, paths: .max) }
  }
}
