import PatchEngine
import Patches

/// Patches down, releases across: one letter for each verdict, readable without colour.
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
        return mark + String(repeating: " ", count: width - 1)
      }
      lines.append("\(row.name.padding(to: width))  \(cells.joined(separator: "  "))")
    }
    return lines.map { String($0.reversed().drop { $0 == " " }.reversed()) } + [legend]
  }

  private let legend = "= clean  ~ moved  x does not apply  - blocked  ? not tried  . not in it"

  private struct Row {
    let name: String
    var cells: [Release: Cell] = [:]
  }

  private struct Cell {
    let mark: String
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
    guard verdict.state == .tried, index < verdict.steps.count else {
      return Cell(mark: painter.notable("?"))
    }
    let outcome = verdict.steps[index].outcome
    let mark =
      switch outcome {
      case .clean, .landed: "="
      case .moved, .merged, .resolved: "~"
      case .partlyLanded, .conflicted: "x"
      case .blocked: "-"
      }
    return Cell(mark: painter.outcome(outcome, mark))
  }
}
