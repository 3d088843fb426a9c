import Patches

/// One patch for a terminal.
public struct PatchText {
  private let painter: Painter

  public init(_ painter: Painter) {
    self.painter = painter
  }

  /// The patch's bytes as lines, safe to print, sections coloured as git does.
  public func lines(_ patch: Patch) -> [String] {
    let start = patch.firstSection
    var position = 0
    var lines: [String] = []
    for line in patch.bytes.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    {
      let text = terminalSafe(keepingTabs: line)
      lines.append(position >= start ? painted(text, line) : text)
      position += line.count + 1
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// Author, date and message; safe to print.
  public func header(_ patch: Patch) -> [String] {
    var lines: [String] = []
    if let author = patch.header.author {
      let name = terminalSafe(author.name)
      lines.append(painter.faint("Author:") + " \(name) <\(terminalSafe(author.email))>")
      if let date = author.date {
        lines.append(
          painter.faint("Date:") + "   \(isoDate(seconds: date.seconds, offset: date.offset))")
      }
      lines.append("")
    }
    let message = patch.header.message.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    lines += message.dropLast().map { terminalSafe(keepingTabs: $0) }
    return lines
  }

  /// What the patch does to each file: `A path`, `M path`, `D path`, `R old -> new`, `C old -> new`.
  public func files(_ patch: Patch) -> [String] {
    patch.files.map { file in
      let path = terminalSafe("\(file.path)")
      switch file.kind {
      case .modify: return painter.notable("M") + " \(path)"
      case .create: return painter.good("A") + " \(path)"
      case .delete: return painter.bad("D") + " \(path)"
      case .rename(let from, _):
        return painter.notable("R") + " \(terminalSafe("\(from)")) -> \(path)"
      case .copy(let from, _): return painter.good("C") + " \(terminalSafe("\(from)")) -> \(path)"
      }
    }
  }

  private func painted(_ text: String, _ line: ArraySlice<UInt8>) -> String {
    switch line.first {
    case UInt8(ascii: "+"): painter.good(text)
    case UInt8(ascii: "-"): painter.bad(text)
    case UInt8(ascii: "@"): painter.notable(text)
    default: text
    }
  }
}
