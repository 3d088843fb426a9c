import Testing

@testable import Claims

@Suite struct LinePatternTests {
  private func value(_ pattern: LinePattern, _ line: String, isWhole: Bool = false) -> String? {
    let bytes = Array(line.utf8)
    return pattern.match(bytes, isWhole: isWhole)?.bytes(.value, of: bytes).map(text)
  }

  @Test func aPatternIsTextWithHoles() {
    let pattern: LinePattern = "_MAX_API_VERSION = {quote}{value}{quote}"
    #expect(value(pattern, "_MAX_API_VERSION = '2.96'") == "2.96")
    #expect(value(pattern, "  _MAX_API_VERSION  =  \"2.104\"  # so far") == "2.104")
    #expect(value(pattern, "X_MAX_API_VERSION = '2.96'") == nil)
    #expect(value(pattern, "_MAX_API_VERSION = '296'") == nil)
    #expect(value(pattern, "_MAX_API_VERSION = '2.96.1'") == "2.96.1")
  }

  @Test func aHoleForAnythingGoesOnUntilTheRestFits() {
    let pattern: LinePattern = "@validation.{}, {quote}{value}{quote})"
    #expect(value(pattern, "@validation.schema(x.create, \"2.8\", \"2.95\")") == "2.95")
    #expect(value(pattern, "@validation.schema(x.create)") == nil)
  }

  @Test func kindsOfValues() {
    #expect(value("{}_v{value:joined} =", "create_v296 = {") == "2.96")
    #expect(value("{}_v{value:joined} =", "evacuate_v2_95 = {") == "2.95")
    #expect(value("{value:minor},", "            96,  # none") == "2.96")
    #expect(value("SERVICE_VERSION = {value:number}{end}", "SERVICE_VERSION = 66") == "66")
    #expect(value("SERVICE_VERSION = {value:number}{end}", "SERVICE_VERSION = 66 + 1") == nil)
    #expect(value("notes/{identity}-{value:hex16}.yaml", "notes/a-b-4bee40633633c971.yaml") != nil)
    #expect(value("notes/{identity}-{value:hex16}.yaml", "notes/a-b-4bee4063.yaml") == nil)
    #expect(value("{{{value:number}}", "{7}") == "7")
  }

  @Test func aPathIsMatchedWhole() {
    let pattern: LinePattern = "docker/{}/{value:name}/Dockerfile.j2"
    #expect(value(pattern, "docker/kerbside/kerbside-api/Dockerfile.j2", isWhole: true) != nil)
    #expect(value(pattern, "docker/base/Dockerfile.j2", isWhole: true) == nil)
    #expect(value(pattern, "kolla/docker/a/b/Dockerfile.j2", isWhole: true) == nil)
    #expect(value(pattern, "docker/a/b/Dockerfile.j2.orig", isWhole: true) == nil)
  }

  @Test func aLineThatIsMadeToBeSlowIsNot() {
    let line = String(repeating: "'a', ", count: 390)
    #expect(value("{}{}{}{quote}{value}{quote})", line) == nil)
    #expect(value("{value}", String(repeating: "1", count: 3_000) + ".1") == nil)
  }

  @Test(arguments: [
    ("", "the pattern is empty"), ("{value", "'{' has no '}'"),
    ("{value:octal}", "'octal' is no kind"), ("{number}", "'{number}' is no hole"),
    ("{value:hex0}", "'hex0' is no kind"),
  ])
  func whatIsNoPattern(_ source: String, _ message: String) {
    let problem = #expect(throws: LinePattern.Problem.self) { try LinePattern(source) }
    #expect(problem?.description.hasPrefix(message) == true)
  }
}
