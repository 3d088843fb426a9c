import Patches

/// A report as SARIF 2.1.0, which code scanning and editors read.
struct SARIFForm: Encodable {
  struct Message: Encodable {
    let text: String
  }

  struct Rule: Encodable {
    let id: String
    let shortDescription: Message
    let help: Message
  }

  struct Driver: Encodable {
    let name: String
    let version: String
    let rules: [Rule]
  }

  struct Tool: Encodable {
    let driver: Driver
  }

  struct ArtifactLocation: Encodable {
    let uri: String
    let uriBaseId: String
  }

  struct Region: Encodable {
    let startLine: Int
  }

  struct PhysicalLocation: Encodable {
    let artifactLocation: ArtifactLocation
    let region: Region?
  }

  struct Location: Encodable {
    let physicalLocation: PhysicalLocation
  }

  struct Result: Encodable {
    let ruleId: String
    let ruleIndex: Int
    let level: String
    let message: Message
    let locations: [Location]
    let partialFingerprints: [String: String]
  }

  struct Base: Encodable {
    let description: Message
  }

  struct Run: Encodable {
    let tool: Tool
    let originalUriBaseIds: [String: Base]
    let columnKind = "unicodeCodePoints"
    let results: [Result]
  }

  let version = "2.1.0"
  let schema = "https://json.schemastore.org/sarif-2.1.0.json"
  let runs: [Run]

  private enum CodingKeys: String, CodingKey {
    case version, runs
    case schema = "$schema"
  }

  private static let base = "WORKSPACE"

  /// - Parameter version: kerb's.
  init(_ report: FindingReport, version: String) {
    let findings = report.findings
    let rules = Set(findings.map(\.rule)).sorted()
    let places = Dictionary(uniqueKeysWithValues: rules.enumerated().map { ($1, $0) })
    let results = fingerprints(findings).map { finding, print in
      Result(
        ruleId: finding.rule, ruleIndex: places[finding.rule] ?? -1,
        level: finding.severity.rawValue, message: Message(text: terminalSafe(finding.message)),
        locations: [Self.location(finding.location)], partialFingerprints: ["kerb/v1": print])
    }
    runs = [
      Run(
        tool: Tool(
          driver: Driver(
            name: "kerb", version: version,
            rules: rules.map { rule in
              Rule(
                id: rule,
                shortDescription: Message(text: rule.replacing("-", with: " ")),
                help: Message(text: "docs/findings.md of kerb says what \(rule) means."))
            })),
        originalUriBaseIds: [
          Self.base: Base(description: Message(text: "The folder with kerb.yaml."))
        ], results: results)
    ]
  }

  private static func location(_ place: Patches.Location) -> Location {
    Location(
      physicalLocation: PhysicalLocation(
        artifactLocation: ArtifactLocation(uri: uriPath(place.file), uriBaseId: base),
        region: place.line.map { Region(startLine: $0) }))
  }
}
