import Patches
import Testing

@testable import Claims

@Suite struct RenumberingTests {
  private func renumbering(_ pairs: (String, String)...) -> Renumbering {
    Renumbering(
      Dictionary(pairs.map { (CounterValue($0.0), CounterValue($0.1)) }) { first, _ in first })
  }

  private func line(_ text: String, _ renumbering: Renumbering) -> String {
    let bytes = Array(text.utf8)
    let olds = Set(renumbering.values.keys)
    return ClaimsTests.text(
      renumbering.rewritten(bytes, Renumbering.tokens(in: bytes, of: olds)))
  }

  private func renumbered(
    _ patches: [Patch], _ renumbering: Renumbering, of counters: [Counter] = Counter.renumbered,
    isClient: Bool = false
  ) throws -> (patches: [String], findings: [String]) {
    var work = StackRenumbering(renumbering, of: counters, isClient: isClient)
    var result: [String] = []
    for patch in patches { result.append(text(try work.next(patch).bytes)) }
    return (
      result,
      work.findings.map { "\($0.location.line.map { "\($0)" } ?? ""): \($0.rule)" }
    )
  }

  @Test(arguments: [
    ("min_version='2.96'", "min_version='2.97'"),
    ("`2.96`, v2.96 (2.96).", "`2.97`, v2.97 (2.97)."),
    ("create_v296, v2_96, V296", "create_v297, v2_97, V297"), ("query_296", "query_297"),
    ("12.96 2.960 2.96.1 1.2.96", "12.96 2.960 2.96.1 1.2.96"),
    ("pip==2.96 pip>=2.96 <2.96 ~=2.96", "pip==2.96 pip>=2.96 <2.96 ~=2.96"),
    ("x=\"32.96\" d=\"M2.9,6\"", "x=\"32.96\" d=\"M2.9,6\""),
    ("v2961 w296 2_96", "v2961 w296 2_96"),
    ("52961296-4bee-2.96a", "52961296-4bee-2.97a"),
  ])
  func numbersThatStandForAMicroversion(_ before: String, _ after: String) {
    #expect(line(before, renumbering(("2.96", "2.97"))) == after)
  }

  @Test func allNumbersChangeAtOnce() {
    #expect(
      line("2.96 2.97 v297", renumbering(("2.96", "2.97"), ("2.97", "2.98"))) == "2.97 2.98 v298")
  }

  @Test func threeDigitsMakeTitlesAndUnderlinesLonger() throws {
    let patch = try patch(
      newFile(
        "doc/x.rst", ".. _microversion 2.99:", "", "2.99", "----", "", "**Example (2.99)**",
        "not a line of dashes", "----")
        + newFile("nova/a.py", "def create_v299():", "    pass"))
    let result = try renumbered([patch], renumbering(("2.99", "2.100")))
    #expect(
      result.patches[0].contains(
        """
        +.. _microversion 2.100:
        +
        +2.100
        +-----
        +
        +**Example (2.100)**
        +not a line of dashes
        +----

        """))
    #expect(result.patches[0].contains("+def create_v2100():\n"))
  }

  @Test func onlyWhatThePatchAddsChanges() throws {
    let patch = try patch(
      section(
        "nova/x.py",
        """
        @@ -1,3 +1,3 @@
         # 2.96 is upstream's
        -old = '2.96'
        +new = '2.96'
         # end
        """))
    let result = try renumbered([patch], renumbering(("2.96", "2.97")))
    #expect(result.patches[0].contains(" # 2.96 is upstream's\n-old = '2.96'\n+new = '2.97'\n"))
  }

  @Test func upperBoundsFollow() throws {
    let patch = try patch(
      section(
        "nova/x.py",
        """
        @@ -1,4 +1,8 @@
         a
        -    @validation.schema(schema.create, "2.8")
        +    @validation.schema(schema.create, "2.8", "2.95")
        +    @validation.schema(schema.create_v296, "2.96")
        +    @api_versions.wraps('2.6', '2.95')
        +    if is_supported(req, max_version='2.95'):
        +    lowest = '2.95'
         b
         c
        """))
    let result = try renumbered([patch], renumbering(("2.96", "2.97")))
    #expect(
      result.patches[0].contains(
        """
        +    @validation.schema(schema.create, "2.8", "2.96")
        +    @validation.schema(schema.create_v297, "2.97")
        +    @api_versions.wraps('2.6', '2.96')
        +    if is_supported(req, max_version='2.96'):
        +    lowest = '2.95'

        """))
    #expect(result.findings == ["11: renumber-previous"])
  }

  @Test func theCountersOwnLineChangesOnBothSides() throws {
    let result = try renumbered(
      [try SmallNova.claim("2.96", after: "2.95", text: "x")], renumbering(("2.96", "2.97")))
    #expect(
      result.patches[0].contains("-_MAX_API_VERSION = '2.96'\n+_MAX_API_VERSION = '2.97'\n"))
    #expect(result.patches[0].contains("-  \"version\": \"2.96\",\n+  \"version\": \"2.97\",\n"))
    #expect(result.patches[0].contains("     * 2.95 - x\n+    * 2.97 - x\n"))
  }

  @Test func theLinesOfACounterOfOnesOwnChangeOnBothSides() throws {
    let own = Counter(
      "microversion", title: "API version", order: .ascending,
      readings: [
        .init(
          "constant", .maximum, files: "demo/version.py", lines: ["MAX = {quote}{value}{quote}"])
      ])
    let patch = try patch(
      section("demo/version.py", "@@ -1,2 +1,2 @@\n-MAX = '1.2'\n+MAX = '1.3'\n DEFAULT = 1")
        + section(
          SmallNova.versionFile,
          "@@ -1,2 +1,2 @@\n-_MAX_API_VERSION = '1.2'\n+_MAX_API_VERSION = '1.3'\n DEFAULT = 1"))
    let result = try renumbered([patch], renumbering(("1.3", "1.4")), of: [own])
    #expect(result.patches[0].contains("-MAX = '1.3'\n+MAX = '1.4'\n"))
    #expect(
      result.patches[0].contains("-_MAX_API_VERSION = '1.2'\n+_MAX_API_VERSION = '1.4'\n"))
  }

  @Test func aClientsOwnMaximumIsAClaim() throws {
    let own = Counter(
      "client-maximum", title: "maximum", order: .ascending,
      readings: [
        .init("constant", .maximum, files: "shell/api.py", lines: ["MAX = {quote}{value}{quote}"])
      ])
    let patch = try patch(
      section(
        "shell/api.py",
        "@@ -1,1 +1,2 @@\n-MAX = '1.2'\n+MAX = '1.3'\n+ALL = ('1.3', '1.4')"))
    let result = try renumbered([patch], renumbering(("1.3", "1.4")), of: [own], isClient: true)
    #expect(result.patches[0].contains("-MAX = '1.3'\n+MAX = '1.4'\n+ALL = ('1.4', '1.4')\n"))
    #expect(result.findings == [])
  }

  @Test func foldersThatThePatchMakesAreRenamed() throws {
    let first = try patch(newFile("doc/api_samples/x/v2.96/a.json", "{}"))
    let second = try patch(
      section("doc/api_samples/x/v2.96/a.json", "@@ -1,1 +1,1 @@\n-{}\n+{\"a\": 1}")
        + section("doc/api_samples/x/v2.96/theirs.json", "@@ -1,1 +1,1 @@\n-{}\n+{\"a\": 1}"))
    let result = try renumbered([first, second], renumbering(("2.96", "2.97")))
    #expect(result.patches[0].contains("+++ b/doc/api_samples/x/v2.97/a.json\n"))
    #expect(result.patches[1].contains("--- a/doc/api_samples/x/v2.97/a.json\n"))
    #expect(result.patches[1].contains("--- a/doc/api_samples/x/v2.96/theirs.json\n"))
  }

  @Test func releaseNotesKeepTheirNames() throws {
    let path = "releasenotes/notes/microversion-v2.96-4bee40633633c971.yaml"
    let result = try renumbered(
      [try patch(newFile(path, "features:", "  - With 2.96 there are consoles."))],
      renumbering(("2.96", "2.97")))
    #expect(result.patches[0].contains("+++ b/\(path)\n"))
    #expect(result.patches[0].contains("+  - With 2.97 there are consoles.\n"))
  }

  @Test func laterPatchesHaveTheNewLinesAsContext() throws {
    let first = try patch(newFile("nova/x.py", "a", "V = '2.96'", "b"))
    let second = try patch(
      section("nova/x.py", "@@ -1,3 +1,3 @@\n a\n-V = '2.96'\n+V = min('2.96', x)\n b")
        + section("nova/y.py", "@@ -1,2 +1,3 @@\n V = '2.96'\n+c\n b"))
    let result = try renumbered([first, second], renumbering(("2.96", "2.97")))
    #expect(result.patches[1].contains("-V = '2.97'\n+V = min('2.97', x)\n"))
    #expect(result.patches[1].contains(" V = '2.96'\n+c\n"))
  }

  @Test(arguments: [
    "requirements.txt", "test-requirements.txt", "upper-constraints.txt", "setup.cfg",
    "pyproject.toml", "tox.ini", "doc/source/_static/images/flow.svg",
  ])
  func filesWithOtherNumbersAreLeftAlone(_ path: String) throws {
    let patch = try patch(newFile(path, "x = 2.96", "v296"))
    let result = try renumbered([patch], renumbering(("2.96", "2.97")))
    #expect(result.patches == [text(patch.bytes)])
    #expect(result.findings == [])
  }

  @Test func whatTellsOfReleasesIsLeftForAPerson() throws {
    let patch = try patch(
      newFile(
        "releasenotes/notes/a-4bee40633633c971.yaml", "With 2.96 there is more.",
        "From 29.0.0 (2024.1) on 2.96 is something else."),
      message:
        "api: 2.96, consoles\n\nTakes 2.96 after 2.95.\nIn Nova 29.0.0 it is 2.96.\n\nUpstream: never, because 2.96"
    )
    let result = try renumbered([patch], renumbering(("2.96", "2.97")))
    #expect(result.patches[0].contains("Subject: [PATCH] api: 2.97, consoles\n"))
    #expect(result.patches[0].contains("Takes 2.97 after 2.95.\nIn Nova 29.0.0 it is 2.96.\n"))
    #expect(result.patches[0].contains("Upstream: never, because 2.96\n"))
    #expect(
      result.patches[0].contains(
        "+With 2.97 there is more.\n+From 29.0.0 (2024.1) on 2.96 is something else.\n"))
    #expect(
      result.findings == [
        "17: renumber-prose", "6: renumber-previous", "7: renumber-prose", "9: renumber-prose",
      ])
  }

  @Test func aLongLineIsSaid() throws {
    let line = "x = '2.99'  # " + String(repeating: "a", count: 65)
    let result = try renumbered(
      [try patch(newFile("nova/x.py", line))], renumbering(("2.99", "2.100")))
    #expect(result.findings == ["6: renumber-length"])
  }

  @Test func aClientThatKnowsBothNumbersIsLeftAlone() throws {
    let both = try patch(newFile("openstack/x.py", "LOWEST = '2.96'", "ALL = ('2.96', '2.97')"))
    let one = try patch(newFile("openstack/y.py", "LOWEST = '2.96'"))
    let result = try renumbered([both, one], renumbering(("2.96", "2.97")), isClient: true)
    #expect(result.patches[0] == text(both.bytes))
    #expect(result.patches[1].contains("+LOWEST = '2.97'\n"))
    #expect(result.findings == ["6: renumber-known"])
  }

  @Test func novaclientsMaximumAndItsListFollow() throws {
    let patch = try patch(
      section(
        "novaclient/__init__.py",
        """
        @@ -1,1 +1,1 @@
        -API_MAX_VERSION = api_versions.APIVersion("2.95")
        +API_MAX_VERSION = api_versions.APIVersion("2.96")
        """)
        + section(
          "novaclient/tests/unit/v2/test_shell.py",
          "@@ -1,2 +1,3 @@\n             95,  # none\n+            96,  # none\n         ])"))
    let result = try renumbered([patch], renumbering(("2.96", "2.97")), isClient: true)
    #expect(result.patches[0].contains("-API_MAX_VERSION = api_versions.APIVersion(\"2.96\")\n"))
    #expect(result.patches[0].contains("+API_MAX_VERSION = api_versions.APIVersion(\"2.97\")\n"))
    #expect(result.patches[0].contains("             95,  # none\n+            97,  # none\n"))
  }
}

@Suite struct AutomaticRenumberingTests {
  private func automatic(
    _ claimed: [(String, String)], on target: [(String, String)]
  ) throws -> String {
    let base = try SmallNova.upstream([("2.95", "x")])
    var last = "2.95"
    var patches: [Patch] = []
    for (number, text) in claimed {
      patches.append(try SmallNova.claim(number, after: last, text: text))
      last = number
    }
    return Renumbering(
      automaticFor: CounterVerdict(
        StackClaims(.microversion, of: patches, base: base), base: base,
        target: try SmallNova.upstream(target))
    ).description
  }

  @Test func aCollisionTakesTheNextNumberAndPushesTheOthers() throws {
    let zones = [("2.95", "x"), ("2.96", "pinned zones")]
    #expect(try automatic([("2.96", "one")], on: zones) == "2.96 to 2.97")
    #expect(
      try automatic([("2.96", "one"), ("2.97", "two")], on: zones) == "2.96 to 2.97, 2.97 to 2.98")
  }

  @Test func aGapIsClosed() throws {
    #expect(try automatic([("2.99", "one")], on: [("2.95", "x")]) == "2.99 to 2.96")
  }

  @Test func whatStandsOrHasLandedIsNotRenumbered() throws {
    #expect(try automatic([("2.96", "one")], on: [("2.95", "x")]) == "")
    #expect(
      try automatic(
        [("2.96", "Add direct spice consoles for servers")],
        on: [("2.95", "x"), ("2.96", "zones"), ("2.97", "Add direct spice consoles for all")]) == ""
    )
  }
}
