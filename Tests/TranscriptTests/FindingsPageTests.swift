import Foundation
import TestSupport
import Testing

/// Every rule that the sources name is explained in docs/findings.md.
@Suite struct FindingsPageTests {
  private static let root = (testsFolder as NSString).deletingLastPathComponent
  /// Texts that look like rules and are none.
  private static let others: Set = ["dry-run", "merge-tool", "openssh-client", "utf-8"]

  /// The rules, each with a file that names it.
  private func rules() throws -> [String: String] {
    let sources = "\(Self.root)/Sources"
    let named = /rule: "([a-z0-9-]+)"|"([a-z]+(?:-[a-z0-9]+)+)"\)|: "([a-z]+(?:-[a-z0-9]+)+)"\n/
    var rules: [String: String] = [:]
    let files = FileManager.default.enumerator(atPath: sources)?.compactMap { $0 as? String } ?? []
    for file in files where file.hasSuffix(".swift") {
      let text = try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8)
      for match in text.matches(of: named) {
        guard let rule = match.1 ?? match.2 ?? match.3 else { continue }
        rules[String(rule)] = file
      }
    }
    return rules
  }

  @Test func everyRuleIsExplained() throws {
    let page = try String(contentsOfFile: "\(Self.root)/docs/findings.md", encoding: .utf8)
    let rules = try rules().filter { !Self.others.contains($0.key) }
    #expect(rules.count > 80)
    for (rule, file) in rules {
      #expect(page.contains("`\(rule)`"), "\(file) names \(rule)")
    }
  }
}
