import Foundation
import Patches

/// A format in which CI reads findings.
public enum CIFormat: String, Sendable, CaseIterable {
  /// Annotations: commands to GitHub's runner on standard output.
  case github
  /// GitLab's code quality report, a JSON list.
  case gitlab
  /// JUnit's XML.
  case junit
  /// SARIF 2.1.0.
  case sarif
}

extension FindingReport {
  /// The report in a format for CI, with a final newline.
  ///
  /// - Parameter version: kerb's.
  public func formatted(_ format: CIFormat, version: String) -> String {
    switch format {
    case .github: annotations
    case .gitlab: json(QualityForm.list(findings)) + "\n"
    case .junit: JUnitText(self).text
    case .sarif: json(SARIFForm(self, version: version), snakeCase: false) + "\n"
    }
  }

  /// A command a finding, and the sum.
  private var annotations: String {
    var lines = findings.map { finding in
      var properties = ["file=\(runnerProperty(finding.location.file))"]
      if let line = finding.location.line { properties.append("line=\(line)") }
      properties.append("title=\(runnerProperty(finding.rule))")
      return "::\(finding.severity.rawValue) \(properties.joined(separator: ","))::"
        + runnerData(finding.message)
    }
    lines.append(terminalSafe("\(command): \(total)"))
    return lines.map { $0 + "\n" }.joined()
  }
}

/// A finding in GitLab's code quality report.
struct QualityForm: Encodable {
  struct Place: Encodable {
    struct Lines: Encodable {
      let begin: Int
    }

    let path: String
    let lines: Lines
  }

  let description: String
  let checkName: String
  let fingerprint: String
  let severity: String
  let location: Place

  /// A form for each finding. Fingerprints stay when lines move, and no two are the same.
  static func list(_ findings: [Diagnostic]) -> [QualityForm] {
    fingerprints(findings).map { finding, print in
      QualityForm(
        description: terminalSafe(finding.message), checkName: finding.rule, fingerprint: print,
        severity: finding.severity == .error ? "major" : "minor",
        location: Place(
          path: terminalSafe(finding.location.file),
          lines: Place.Lines(begin: finding.location.line ?? 1)))
    }
  }
}

/// Findings with a name for each that does not depend on the line: the same finding has it again after
/// lines above were added.
func fingerprints(_ findings: [Diagnostic]) -> [(Diagnostic, String)] {
  var seen: [String: Int] = [:]
  return findings.map { finding in
    let key = "\(finding.rule)\n\(finding.location.file)\n\(finding.message)"
    let count = seen[key, default: 0]
    seen[key] = count + 1
    return (finding, digest("\(key)\n\(count)"))
  }
}

/// A name for a text (FNV-1a, twice 64 bits): it names findings and protects nothing.
private func digest(_ text: String) -> String {
  func hash(_ start: UInt64) -> String {
    let value = text.utf8.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
  return hash(0xcbf2_9ce4_8422_2325) + hash(0x8422_2325_cbf2_9ce4)
}

/// JUnit's XML, as Jenkins and GitLab read it.
private struct JUnitText {
  private let report: FindingReport

  init(_ report: FindingReport) {
    self.report = report
  }

  var text: String {
    var lines = [
      #"<?xml version="1.0" encoding="UTF-8"?>"#,
      "<testsuites name=\"\(xmlSafe(report.command))\" \(counts(report.suites.flatMap(\.cases)))>",
    ]
    for suite in report.suites {
      lines.append(
        "  <testsuite name=\"\(xmlSafe(suite.name))\" \(counts(suite.cases)) skipped="
          + "\"\(suite.cases.count(where: \.isSkipped))\" time=\"0\">")
      for one in suite.cases { lines += self.lines(one, suite) }
      lines.append("  </testsuite>")
    }
    lines.append("</testsuites>")
    return lines.map { $0 + "\n" }.joined()
  }

  private func counts(_ cases: [FindingReport.Case]) -> String {
    "tests=\"\(cases.count)\" failures=\"\(cases.count { !$0.failures.isEmpty })\" errors=\"0\""
  }

  private func lines(_ one: FindingReport.Case, _ suite: FindingReport.Suite) -> [String] {
    let file = xmlSafe(one.file)
    let start =
      "    <testcase name=\"\(file)\" classname=\"\(xmlSafe(suite.name))\" file=\"\(file)\" time=\"0\""
    guard one.isSkipped || !one.failures.isEmpty || !one.remarks.isEmpty else {
      return ["\(start)/>"]
    }
    var lines = ["\(start)>"]
    if one.isSkipped { lines.append("      <skipped message=\"\(xmlSafe(one.summary))\"/>") }
    for failure in one.failures {
      lines.append(
        "      <failure type=\"\(xmlSafe(failure.rule))\" message=\"\(xmlSafe(failure.message))\">"
          + "\(xmlSafe("\(failure)"))</failure>")
    }
    if !one.remarks.isEmpty {
      let text = one.remarks.map { xmlSafe("\($0)") }.joined(separator: "\n")
      lines.append("      <system-out>\(text)</system-out>")
    }
    return lines + ["    </testcase>"]
  }
}
