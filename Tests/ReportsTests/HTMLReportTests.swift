import Patches
import Testing

@testable import PatchEngine
@testable import Reports

/// The page of stacks, from values written out.
@Suite struct HTMLReportTests {
  private static let hostile = "<script>alert(1)</script>\"'&\u{202e}\u{1b}"

  private func verdict(
    _ release: String, _ patches: [String], upstream: String = "1.0", fetched: Bool = true
  ) throws -> StackVerdict {
    let stack = StackName(try #require(Release(release)), "demo")
    let entry = UpstreamLock.Entry(
      stack, source: .sdist(version: upstream), commit: .zero, tree: .zero, archiveDigest: nil)
    return StackVerdict(
      stack, fetched ? .tried : .notFetched, upstream: entry,
      patches: patches.map { "patches/demo/\($0).patch" },
      subjects: patches.map { _ in Array(Self.hostile.utf8) },
      steps: fetched ? patches.indices.map { Step(patch: $0, paths: []) } : [],
      notes: ["demo/x \(Self.hostile)"])
  }

  private func page(_ verdicts: [StackVerdict], since previous: ReportState? = nil) -> String {
    let stacks = verdicts.map { verdict in
      let found: [[Int: [RepoPath]]] = verdict.patches.indices.map { $0 > 0 ? [$0 - 1: []] : [:] }
      return HTMLReport.Stack(
        verdict, patches: [], landings: nil,
        dependencies: Dependencies(count: verdict.patches.count, found))
    }
    return HTMLReport(title: Self.hostile, stacks, since: previous).page
  }

  @Test func nothingOfAPatchIsMarkup() throws {
    let page = page([try verdict("master", ["a", "b"])])
    #expect(!page.contains("<script>"))
    #expect(page.components("<script").count == 2)
    #expect(!page.unicodeScalars.contains("\u{202e}") && !page.unicodeScalars.contains("\u{1b}"))
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\u{202e}\\u{1b}"))
  }

  @Test func thePageNeedsNothingElse() throws {
    let page = page([try verdict("master", ["a", "b"])])
    for word in ["src=", "@import", "url(", "<link", "<iframe", "javascript:", "onclick"] {
      #expect(!page.contains(word))
    }
    #expect(page.contains("default-src 'none'"))
  }

  @Test func aStepSaysHowFarItsFurthestHunkHasMoved() throws {
    let placements = [Placement(hunk: 1, line: 3, offset: 2), .init(hunk: 2, line: 9, offset: -3)]
    let path = PathResult(
      path: try RepoPath("f"), source: nil, line: 7, outcome: .moved, placements: placements,
      conflict: nil, blockedBy: nil, followedTo: nil, resolvers: [], staleWords: [])
    let verdict = StackVerdict(
      StackName(try #require(Release("master")), "demo"), .tried, upstream: nil,
      patches: ["patches/demo/a.patch"], subjects: [[]], steps: [Step(patch: 0, paths: [path])])
    #expect(page([verdict]).contains("<span class=\"soft\">up to −3 lines</span>"))
    let text = VerdictText(Painter(false)).lines([verdict])
    #expect(text.first?.hasSuffix("1 moved (up to -3 lines)") == true, "\(text)")
    let cases = FindingReport([verdict]).suites.flatMap(\.cases)
    #expect(cases.map(\.summary) == ["moved (up to -3 lines)"])
  }

  @Test func releasesThatShareATextHaveItsLetter() throws {
    let page = page([
      try verdict("2023.2", ["a@2024.1", "b"]), try verdict("2024.1", ["a@2024.1", "b"]),
      try verdict("master", ["a", "b"]),
    ])
    let letters = page.matches(of: #/<span class="hidden">text </span>(\w)</span>/#)
    #expect(letters.map { String($0.1) } == ["b", "b", "a"])
  }

  @Test func everyCellLeadsToARow() throws {
    let page = page([try verdict("2024.1", ["a", "b@2024.1"]), try verdict("master", ["b"])])
    let targets = page.matches(of: /href="#([^"]+)"/).map { String($0.1) }
    #expect(targets.count > 5)
    for target in targets { #expect(page.contains("id=\"\(target)\"")) }
    let names = page.matches(of: #/ id="([^"]+)"/#).map { String($0.1) }
    #expect(Set(names).count == names.count)
  }

  @Test func aVerdictIsAWordToo() throws {
    let page = page([try verdict("master", ["a"], fetched: false)])
    #expect(page.contains("<span class=\"hidden\">not tried</span>"))
    #expect(page.contains("not fetched; run &#39;kerb fetch master/demo&#39;"))
  }

  @Test func onlyWebAddressesAreLinks() {
    #expect(
      htmlLinked("https://example.org/a (1.0)")
        == "<a href=\"https://example.org/a\" rel=\"noopener noreferrer\">example.org/a</a> (1.0)")
    let commit = "https://opendev.org/openstack/nova/commit/e06890d101"
    #expect(htmlLinked(commit).hasSuffix(">opendev.org/…/e06890d101</a>"))
    #expect(htmlLinked("javascript:alert(1)") == "javascript:alert(1)")
    #expect(htmlLinked("https://example.org/\"onclick=x") == "https://example.org/&quot;onclick=x")
    #expect(htmlLinked("never, because <b>") == "never, because &lt;b&gt;")
  }

  @Test func idsOfDifferentTextsAreDifferent() {
    #expect(htmlID("2024.1/nova") == "2024-2e-1-2f-nova")
    #expect(htmlID("a.b") != htmlID("a-2e-b"))
  }

  @Test func aReportTellsWhatHasChangedSinceTheLast() throws {
    let first = ReportState([try verdict("master", ["a", "b"])], since: nil)
    let second = ReportState(
      [try verdict("2024.1", ["a"]), try verdict("master", ["b", "c"], upstream: "2.0")],
      since: first)
    #expect(
      second.changes == [
        "2024.1/demo: new", "master/demo: from sdist:1.0 to sdist:2.0", "master/demo: a is gone",
        "master/demo: c is new: clean",
      ])
    let third = ReportState([try verdict("master", ["b"], fetched: false)], since: second)
    #expect(
      third.changes == [
        "2024.1/demo: gone", "master/demo: from sdist:2.0 to sdist:1.0",
        "master/demo: b was clean, is not tried", "master/demo: c is gone",
      ])
  }

  @Test func theSameStacksGiveTheSamePageAgain() throws {
    let old = ReportState([try verdict("master", ["a"])], since: nil)
    let verdicts = [try verdict("master", ["a", "b"])]
    let first = page(verdicts, since: old)
    let again = page(verdicts, since: ReportState(page: Array(first.utf8)))
    #expect(first == again)
    #expect(first.contains("master/demo: b is new: clean"))
  }

  @Test func aPageWithoutStateHasNone() {
    #expect(ReportState(page: Array("<html>".utf8)) == nil)
    let broken = "<script type=\"application/json\" id=\"kerb-report\">{</script>"
    #expect(ReportState(page: Array(broken.utf8)) == nil)
  }

  private func state(_ stacks: String) -> ReportState? {
    ReportState(
      page: Array(
        ("<script type=\"application/json\" id=\"kerb-report\">"
          + "{\"version\":1,\"changes\":[],\"stacks\":{\(stacks)}}</script>").utf8))
  }

  @Test func aStateThatIsMadeToBeLargeOrDeepIsNone() {
    #expect(state(#""a/b": {"patches": {}}"#) != nil)
    #expect(state(String(repeating: " ", count: ReportState.longestState)) == nil)
    #expect(state(#""a/b": {"patches": "# + String(repeating: "[", count: 100_000)) == nil)
    #expect(state(String(repeating: #"{"a":"#, count: 100_000)) == nil)
  }

  @Test func thousandsOfChangesAreCounted() throws {
    let stacks = (0..<5_000).map { "\"s\($0)/x\":{\"patches\":{}}" }.joined(separator: ",")
    let next = ReportState([], since: try #require(state(stacks)))
    #expect(next.changes.count == ReportState.mostChanges)
    #expect(next.changes.last == "and 4001 more")
  }
}

extension String {
  fileprivate func components(_ separator: String) -> [Substring] { split(separator: separator) }
}
