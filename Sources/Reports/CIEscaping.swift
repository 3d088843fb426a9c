/// Text as an attribute or content of XML: markup is escaped, and what XML cannot hold is shown
/// by its number, as what would act on a terminal is.
func xmlSafe(_ text: String) -> String {
  var result = ""
  for scalar in terminalSafe(text).unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\u{fffe}", "\u{ffff}": result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// The message of a command to GitHub's runner (`escapeData` in its toolkit).
func runnerData(_ text: String) -> String {
  terminalSafe(text).replacing("%", with: "%25").replacing("\r", with: "%0D")
    .replacing("\n", with: "%0A")
}

/// A property of a command to GitHub's runner (`escapeProperty` in its toolkit).
func runnerProperty(_ text: String) -> String {
  runnerData(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
}

/// A path as a relative URI: bytes other than letters, digits, `-._~/` are encoded.
func uriPath(_ path: String) -> String {
  let digits = Array("0123456789ABCDEF")
  var result = ""
  for byte in path.utf8 {
    let scalar = UnicodeScalar(byte)
    let isPlain =
      (byte < 0x80 && scalar.properties.isAlphabetic) || ("0"..."9").contains(Character(scalar))
      || "-._~/".utf8.contains(byte)
    if isPlain {
      result.unicodeScalars.append(scalar)
    } else {
      result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }
  }
  return result
}

/// Text in a table of Markdown as GitHub and GitLab show it: nothing in it is markup, HTML, an entity,
/// a mention or a reference.
func markdownCode(_ text: String) -> String {
  guard !text.isEmpty else { return "" }
  let safe = markdownSafe(text).replacing("&", with: "&amp;").replacing("~", with: "\\~")
  return "<code>\(safe)</code>"
}
