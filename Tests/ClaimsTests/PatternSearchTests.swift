import TestSupport
import Testing

@testable import Claims

@Suite struct PatternSearchTests {
  private static let parts = [
    "{}", "{}", "{name}", "{value}", "{value:number}", "{value:hex}", "{value:hex2}",
    "{value:joined}", "{value:minor}", "{value:word}", "{value:text}", "{identity}",
    "{identity:name}", "{identity:word}", "{fingerprint}", "{fingerprint:hex}", "{quote}", "{end}",
    "{{", " ", " ", "a", "b", "/", "1", ".", "_", "ab", "-",
  ]
  private static let bytes = Array("ab/1.2_ '-f".utf8)

  private func search(_ pattern: LinePattern, _ line: [UInt8], isWhole: Bool) -> (
    match: Match?, steps: Int
  ) {
    var search = PatternSearch(pattern.tokens, line, isWhole: isWhole)
    let match = search.match(from: 0)
    return (match, search.steps)
  }

  @Test func itFindsWhatTryingFinds() throws {
    var random = SeededGenerator(seed: 7)
    var found = 0
    for _ in 0..<20_000 {
      let source = (0...Int.random(in: 0...6, using: &random)).map { _ in
        Self.parts.randomElement(using: &random)!
      }
      let pattern = try LinePattern(source.joined())
      let line = (0..<Int.random(in: 0...14, using: &random)).map { _ in
        Self.bytes.randomElement(using: &random)!
      }
      let isWhole = Bool.random(using: &random)
      var trying = BacktrackingSearch(tokens: pattern.tokens, line: line, isWhole: isWhole)
      let expected = trying.run(0, 0) ? trying.match : nil
      let match = search(pattern, line, isWhole: isWhole).match
      #expect(match == expected, "\(pattern.source) on \(String(decoding: line, as: UTF8.self))")
      if expected != nil { found += 1 }
    }
    #expect(found > 900)
  }

  @Test(arguments: [
    ("{}a{}a{}a{}a{}a{}a{}a{}a{}a{}a{}a{}a{}a{}a{}a{}a{}a{}a{}a{}a{value:word}b", "a"),
    ("{identity:text}{fingerprint:text}{}a{}a{}a{}a{value:word}{end}z", "a"),
    ("{}{}{}{quote}{value}{quote})", "'a', "), ("{}{value}{}x", "1."), ("{}{value:number}{}x", "1"),
    ("{}{name}{name}{value:hex16}", "0f"), ("{} {} {} {end}x", " "), ("{}a{value:text}", "a "),
    ("{name}/{name}/{}{value:joined}z", "1/2_3"), ("{}a{name}a{name}a{name}b", "aa/"),
  ])
  func stepsGrowAsTheLineDoes(_ source: String, _ unit: String) throws {
    let pattern = try LinePattern(source)
    let counts = [500, 1_000, 2_000].map { count in
      let line = Array(String(repeating: unit, count: count).utf8.prefix(count))
      return (count, search(pattern, line, isWhole: false).steps)
    }
    for (count, steps) in counts {
      #expect(steps <= pattern.tokens.count * (count + 2), "\(count) bytes: \(steps) steps")
    }
  }

  @Test func aLineThatBeginsOtherwiseCostsAStep() {
    let pattern: LinePattern = "_MAX_API_VERSION = {quote}{value}{quote}"
    #expect(search(pattern, Array("def index(self, req):".utf8), isWhole: false).steps == 1)
  }
}
