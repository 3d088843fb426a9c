import Foundation

/// A file that a package index names.
struct IndexLink: Hashable, Sendable {
  let fileName: String
  let address: WebAddress
  /// The SHA-256 in 64 lower-case hexadecimal digits, where the index says it.
  let digest: String?
  /// True for a file that its owner has taken back: only those who ask for its version get it.
  let isYanked: Bool
}

/// Why a page of a package index is not taken.
struct IndexPageProblem: Error, CustomStringConvertible {
  let description: String
}

/// A project's page of the Simple API as it came: JSON (PEP 691) or HTML (PEP 503).
struct IndexPage: Sendable {
  /// The most bytes of a page.
  static let maximumSize = 16 << 20
  /// The most links of a page.
  static let maximumLinks = 100_000

  let body: [UInt8]
  let contentType: String
  /// Where the page came from, at the end of every redirection.
  let address: WebAddress

  /// The files that the page names, in its order. What has no usable address, such as `file:`, is
  /// left out.
  func links() throws(IndexPageProblem) -> [IndexLink] {
    guard body.count <= Self.maximumSize else {
      throw IndexPageProblem(description: "it has more than \(Self.maximumSize) bytes")
    }
    let type = contentType.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    switch type {
    case "application/vnd.pypi.simple.v1+json": return try linksOfJSON()
    case "application/vnd.pypi.simple.v1+html", "text/html": return try linksOfHTML()
    default:
      throw IndexPageProblem(description: "'\(type.prefix(80))' is no page of the Simple API")
    }
  }

  private func linksOfJSON() throws(IndexPageProblem) -> [IndexLink] {
    let page: JSONPage
    do {
      page = try JSONDecoder().decode(JSONPage.self, from: Data(body))
    } catch {
      throw IndexPageProblem(description: "it is no JSON of the Simple API")
    }
    try checkCount(page.files.count)
    return page.files.compactMap { file in
      address.resolving(file.url).map {
        IndexLink(
          fileName: file.filename, address: $0,
          digest: file.hashes?["sha256"].flatMap(checkedDigest),
          isYanked: file.yanked?.isSet ?? false
        )
      }
    }
  }

  private func linksOfHTML() throws(IndexPageProblem) -> [IndexLink] {
    let page = HTMLPage(body)
    try checkCount(page.anchors.count)
    let base = page.base.flatMap(address.resolving) ?? address
    return page.anchors.compactMap { anchor in
      guard let target = base.resolving(anchor.reference), let name = target.fileName else {
        return nil
      }
      let fragment = anchor.reference.split(separator: "#", maxSplits: 1).dropFirst().first ?? ""
      let digest = fragment.split(separator: "&").first { $0.hasPrefix("sha256=") }
      return IndexLink(
        fileName: name, address: target,
        digest: digest.flatMap { checkedDigest(String($0.dropFirst(7))) },
        isYanked: anchor.isYanked)
    }
  }

  private func checkCount(_ count: Int) throws(IndexPageProblem) {
    guard count <= Self.maximumLinks else {
      throw IndexPageProblem(description: "it has more than \(Self.maximumLinks) links")
    }
  }
}

/// A SHA-256 in lower-case digits, or nil for what is none.
func checkedDigest(_ text: String) -> String? {
  let digest = text.lowercased()
  return digest.utf8.count == 64 && digest.allSatisfy { $0.isHexDigit && $0.isASCII } ? digest : nil
}

private struct JSONPage: Decodable {
  struct File: Decodable {
    let filename: String
    let url: String
    let hashes: [String: String]?
    let yanked: Yanked?
  }

  let files: [File]
}

/// `true`, `false`, or the reason as a text.
private struct Yanked: Decodable {
  let isSet: Bool

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      isSet = flag
    } else {
      _ = try container.decode(String.self)
      isSet = true
    }
  }
}
