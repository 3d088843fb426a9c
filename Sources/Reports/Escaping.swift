/// Text that is safe to print on a terminal: control characters and marks that reorder text are
/// shown as `\u{…}`, so that nothing from a patch can act.
public func terminalSafe(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: acts) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    if acts(scalar) {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Bytes as text that is safe to print on a terminal; what is no UTF-8 is replaced.
public func terminalSafe(_ bytes: [UInt8]) -> String {
  terminalSafe(String(decoding: bytes, as: UTF8.self))
}

private func acts(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
  default: false
  }
}
