import Patches

extension FindingReport {
  /// The most findings that a summary lists; CI systems cut off what is longer.
  private static var mostFindings: Int { 200 }

  /// The report for the page of a CI run, in Markdown: the whole, a row a suite, the findings.
  public var summary: String {
    var text = "## \(isGood ? "✅" : "❌") \(markdownSafe(command))\n\n\(markdownSafe(total))\n"
    if !suites.isEmpty {
      text += "\n| | | examined | bad |\n| --- | --- | ---: | ---: |\n"
      for suite in suites {
        let bad = suite.cases.count { !$0.failures.isEmpty }
        let skipped = suite.cases.count(where: \.isSkipped)
        let mark = bad > 0 ? "❌" : skipped > 0 ? "❔" : "✅"
        text +=
          "| \(mark) | \(markdownCode(suite.name)) | \(suite.cases.count - skipped) | \(bad) |\n"
      }
    }
    let findings = self.findings
    guard !findings.isEmpty else { return text }
    text += "\n| place | finding | rule |\n| --- | --- | --- |\n"
    for finding in findings.prefix(Self.mostFindings) {
      text +=
        "| \(markdownCode("\(finding.location)")) | \(markdownCode(finding.message)) "
        + "| \(markdownCode(finding.rule)) |\n"
    }
    let rest = findings.count - Self.mostFindings
    if rest > 0 { text += "\nand \(counted(rest, "finding", "findings")) more\n" }
    return text
  }
}
