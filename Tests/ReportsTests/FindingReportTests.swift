import Patches
import Testing

@testable import Reports

/// What CI reads, from values written out.
@Suite struct FindingReportTests {
  private static let report = FindingReport(
    "kerb check",
    [
      FindingReport.Suite(
        "2024.1/nova",
        [
          FindingReport.Case("patches/nova/a.patch", "clean"),
          FindingReport.Case(
            "patches/nova/b.patch", "conflicted",
            failures: [
              Diagnostic(
                Location("patches/nova/b.patch", line: 12), "2024.1/nova: x: \"<nowhere>\" & 100%",
                rule: "hunk-no-match")
            ],
            remarks: [
              Diagnostic(
                Location("patches/nova/b.patch"), "odd", severity: .warning, rule: "path-case")
            ]),
          FindingReport.Case("patches/nova/c.patch", "not tried", isSkipped: true),
        ])
    ], total: "1 stack, 3 patches: 1 patch does not apply")

  private func formatted(_ format: CIFormat) -> String {
    Self.report.formatted(format, version: "0.1.0")
  }

  @Test func gitHubGetsAnAnnotationAFindingAndTheSum() {
    #expect(
      formatted(.github) == """
        ::error file=patches/nova/b.patch,line=12,title=hunk-no-match::2024.1/nova: x: "<nowhere>" & 100%25
        ::warning file=patches/nova/b.patch,title=path-case::odd
        kerb check: 1 stack, 3 patches: 1 patch does not apply

        """)
  }

  @Test func junitHasACaseAPatch() {
    #expect(
      formatted(.junit) == """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="kerb check" tests="3" failures="1" errors="0">
          <testsuite name="2024.1/nova" tests="3" failures="1" errors="0" skipped="1" time="0">
            <testcase name="patches/nova/a.patch" classname="2024.1/nova" file="patches/nova/a.patch" time="0"/>
            <testcase name="patches/nova/b.patch" classname="2024.1/nova" file="patches/nova/b.patch" time="0">
              <failure type="hunk-no-match" message="2024.1/nova: x: &quot;&lt;nowhere&gt;&quot; &amp; 100%">patches/nova/b.patch:12: error: 2024.1/nova: x: &quot;&lt;nowhere&gt;&quot; &amp; 100% [hunk-no-match]</failure>
              <system-out>patches/nova/b.patch: warning: odd [path-case]</system-out>
            </testcase>
            <testcase name="patches/nova/c.patch" classname="2024.1/nova" file="patches/nova/c.patch" time="0">
              <skipped message="not tried"/>
            </testcase>
          </testsuite>
        </testsuites>

        """)
  }

  @Test func gitLabGetsAListWithAFingerprintEach() {
    let text = formatted(.gitlab)
    #expect(text.contains("\"check_name\" : \"hunk-no-match\""))
    #expect(text.contains("\"begin\" : 12"))
    #expect(text.contains("\"severity\" : \"major\""))
    #expect(text.contains("\"severity\" : \"minor\""))
  }

  @Test func aFingerprintStaysWhenLinesMoveAndIsNeverShared() {
    func finding(_ line: Int) -> Diagnostic {
      Diagnostic(Location("p", line: line), "m", rule: "r")
    }
    let before = fingerprints([finding(1), finding(2)]).map(\.1)
    let after = fingerprints([finding(11), finding(12)]).map(\.1)
    #expect(before == after)
    #expect(Set(before).count == 2)
  }

  @Test func sarifNamesRulesAndPlaces() {
    let text = formatted(.sarif)
    #expect(text.contains("\"version\" : \"2.1.0\""))
    #expect(text.contains("\"ruleId\" : \"hunk-no-match\""))
    #expect(text.contains("\"startLine\" : 12"))
    #expect(text.contains("\"uri\" : \"patches/nova/b.patch\""))
  }

  @Test func theSummaryHasARowASuiteAndAFinding() {
    #expect(
      Self.report.summary == """
        ## ❌ kerb check

        1 stack, 3 patches: 1 patch does not apply

        | | | examined | bad |
        | --- | --- | ---: | ---: |
        | ❌ | <code>2024.1/nova</code> | 2 | 1 |

        | place | finding | rule |
        | --- | --- | --- |
        | <code>patches/nova/b.patch:12</code> | <code>2024.1/nova: x: "\\<nowhere\\>" &amp; 100%</code> | <code>hunk-no-match</code> |
        | <code>patches/nova/b.patch</code> | <code>odd</code> | <code>path-case</code> |

        """)
  }

  @Test func aFindingOfASharedTextIsThereOnce() {
    let finding = Diagnostic(Location("p"), "m", severity: .warning, rule: "r")
    let suites = ["a", "b"].map { name in
      FindingReport.Suite(name, [FindingReport.Case("p", "clean", remarks: [finding])])
    }
    let report = FindingReport("kerb check", suites, total: "")
    #expect(report.findings == [finding])
    #expect(report.isGood)
  }

  @Test func lintHasACaseAFileEvenWithoutFindings() {
    let finding = Diagnostic(Location("patches/p/a.patch", line: 3), "m", rule: "r")
    let report = FindingReport(
      linted: ["series/master", "patches/p/a.patch"], [finding])
    #expect(report.suites.map(\.name) == ["series", "patches"])
    #expect(report.suites.flatMap(\.cases).map(\.summary) == ["clean", "1 finding"])
    #expect(report.total == "2 files, 1 finding")
  }
}
