/// Series files without what says nothing: white space at the ends of lines, a last line without
/// its newline.
extension Series {
  /// The series as `fmt` writes it; every line says what it said.
  public var canonical: [UInt8] {
    var result: [UInt8] = []
    for line in formatted.split(separator: newline, omittingEmptySubsequences: false) {
      result += withoutTrailingSpace(line) + [newline]
    }
    while result.suffix(2).elementsEqual([newline, newline]) { result.removeLast() }
    return result == [newline] ? [] : result
  }

  /// A warning at the first line that is not as `fmt` writes it.
  public var formFindings: [Diagnostic] {
    let (written, wanted) = (formatted, canonical)
    guard written != wanted else { return [] }
    let same = zip(written, wanted).prefix { $0 == $1 }
    let line = same.filter { $0.0 == newline }.count + 1
    return [
      Diagnostic(
        Location(file, line: line),
        "white space at the end of a line or of the file; 'kerb fmt' removes it",
        severity: .warning, rule: "series-form")
    ]
  }
}

private func withoutTrailingSpace(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  var line = line
  while let last = line.last, isSpace(last) { line.removeLast() }
  return line
}
