import PatchEngine
import Patches

/// Text in a page: nothing in it is markup, and what would act is shown by its number.
func htmlSafe(_ text: String) -> String { xmlSafe(text) }

/// Lines of a file in a page: line ends and tabs stay.
func htmlLines(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    line.split(separator: "\t", omittingEmptySubsequences: false).map { htmlSafe(String($0)) }
      .joined(separator: "\t")
  }.joined(separator: "\n")
}

/// A text in which the address that it begins with is a link, if it is a web address.
func htmlLinked(_ text: String) -> String {
  guard let standing = UpstreamStanding(text), case .address(let address) = standing,
    address.utf8.allSatisfy({ (0x21..<0x7f).contains($0) && !"\"'<>`\\".utf8.contains($0) })
  else { return htmlSafe(text) }
  let rest = text.dropFirst(address.count)
  return "<a href=\"\(htmlSafe(address))\" rel=\"noopener noreferrer\">"
    + "\(htmlSafe(shortAddress(address)))</a>" + htmlSafe(String(rest))
}

/// An address as a reader needs it: the host, and of a long path its end.
private func shortAddress(_ address: String) -> String {
  let bare = address.split(separator: "://", maxSplits: 1).last.map(String.init) ?? address
  let parts = bare.split(separator: "/")
  guard bare.count > 36, parts.count > 3 else { return bare }
  return "\(parts[0])/…/\(parts[parts.count - 1])"
}

extension Outcome {
  /// The word for it, the symbol in the grid, and the class that colours it.
  var shown: (word: String, symbol: String, style: String) {
    switch self {
    case .clean: ("clean", "=", "good")
    case .landed: ("landed", "=", "good")
    case .moved: ("moved", "~", "note")
    case .merged: ("merged", "~", "note")
    case .resolved: ("resolved", "~", "note")
    case .partlyLanded: ("landed in part", "x", "bad")
    case .conflicted: ("does not apply", "x", "bad")
    case .blocked: ("blocked", "-", "bad")
    }
  }
}

/// A name for an element: letters, digits and dashes, the same for the same text only.
func htmlID(_ text: String) -> String {
  text.unicodeScalars.map { scalar in
    let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
    return isPlain ? String(scalar) : "-\(String(scalar.value, radix: 16))-"
  }.joined()
}
