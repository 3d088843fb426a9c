import PatchEngine
import Patches

/// Patches down, releases across: one sign for each verdict, readable without colour. Where a patch has
/// several texts, a letter behind the sign says which releases share one.
public struct StatusGrid {
  private let verdicts: [StackVerdict]
  private let painter: Painter

  public init(_ verdicts: [StackVerdict], _ painter: Painter) {
    self.verdicts = verdicts
    self.painter = painter
  }

  /// The lines, safe to print.
  public var lines: [String] {
    let releases = Set(verdicts.map(\.stack.release)).sorted()
    let rows = rows()
    guard !rows.isEmpty else { return ["no patches"] }
    let width = rows.map(\.name.count).max() ?? 0
    let widths = releases.map { max(6, $0.name.count) }
    let heads = zip(releases, widths).map { $0.name.padding(to: $1) }.joined(separator: "  ")
    var lines = ["\("patch".padding(to: width))  \(heads)"]
    for row in rows {
      let cells = zip(releases, widths).map { release, width in
        let cell = row.cells[release]
        let mark = cell.map(\.mark) ?? painter.faint(".")
        let letter = row.letter(of: release)
        return mark + letter + String(repeating: " ", count: width - 1 - letter.count)
      }
      lines.append("\(row.name.padding(to: width))  \(cells.joined(separator: "  "))")
    }
    let hasLetters = rows.contains { $0.texts.count > 1 }
    return lines.map { String($0.reversed().drop { $0 == " " }.reversed()) } + [legend]
      + (hasLetters ? ["a, b, ...: releases with the same letter share a text of the patch"] : [])
  }

  private let legend = "= clean  ~ moved  x does not apply  - blocked  ? not tried  . not in it"

  private struct Row {
    let name: String
    var cells: [Release: Cell] = [:]

    /// The patch's files, that of the newest release first.
    var texts: [String] {
      cells.sorted { $0.key > $1.key }.reduce(into: []) { files, cell in
        if !files.contains(cell.value.file) { files.append(cell.value.file) }
      }
    }

    /// The letter of a release's text; none where all releases share one.
    func letter(of release: Release) -> String {
      let texts = texts
      guard texts.count > 1, let file = cells[release]?.file,
        let index = texts.firstIndex(of: file)
      else { return "" }
      return index < 26 ? String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index))) : "+"
    }
  }

  private struct Cell {
    let mark: String
    let file: String
  }

  /// A row a patch, whatever its variant, in the order of the first release that lists it.
  private func rows() -> [Row] {
    var rows: [Row] = []
    for verdict in verdicts {
      for (index, file) in verdict.patches.enumerated() {
        let name = terminalSafe(patchName(file))
        let place = rows.firstIndex { $0.name == name } ?? rows.count
        if place == rows.count { rows.append(Row(name: name)) }
        rows[place].cells[verdict.stack.release] = cell(verdict, index)
      }
    }
    return rows
  }

  /// `nova/require-secure` of `patches/nova/require-secure@2024.1.patch`.
  private func patchName(_ file: String) -> String {
    let path = file.split(separator: "/").dropFirst().joined(separator: "/")
    return String(path.prefix { $0 != "@" }).replacing(".patch", with: "")
  }

  private func cell(_ verdict: StackVerdict, _ index: Int) -> Cell {
    let file = verdict.patches[index]
    guard verdict.state == .tried, index < verdict.steps.count else {
      return Cell(mark: painter.notable("?"), file: file)
    }
    let outcome = verdict.steps[index].outcome
    let mark =
      switch outcome {
      case .clean, .landed: "="
      case .moved, .merged, .resolved: "~"
      case .partlyLanded, .conflicted: "x"
      case .blocked: "-"
      }
    return Cell(mark: painter.outcome(outcome, mark), file: file)
  }
}
