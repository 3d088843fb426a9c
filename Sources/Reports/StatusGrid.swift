import PatchEngine
import Patches

/// Patches down, releases across: a symbol for each verdict, readable without colour, and for patches
/// with several texts a letter for each.
public struct StatusGrid {
  private let verdicts: [StackVerdict]
  /// The verdicts, and the stacks that are being ported.
  private let shown: [StackVerdict]
  private let projects: [PatchGrid.Project]
  private let painter: Painter

  /// - Parameter ported: stacks that a stopped port makes, with the patches that they are to have.
  public init(_ verdicts: [StackVerdict], _ painter: Painter, ported: [StackVerdict] = []) {
    self.verdicts = verdicts
    let coming = Set(ported.map(\.stack))
    shown = verdicts.filter { !coming.contains($0.stack) } + ported
    projects = PatchGrid(shown).projects.filter { !$0.rows.isEmpty }
    self.painter = painter
  }

  /// The lines, safe to print.
  ///
  /// - Parameter width: the characters that a line may have; names are shortened and releases put below
  ///   each other where it needs that. Nil for any number.
  public func lines(width: Int? = nil) -> [String] {
    guard !projects.isEmpty else { return ["no patches"] }
    let columns = columns
    let longest = projects.flatMap(\.rows).map { terminalSafe($0.name).count + 2 }.max() ?? 0
    let names = projects.map { terminalSafe($0.name).count }.max() ?? 0
    var nameWidth = max(longest, names)
    if let width {
      let rest = width - columns.reduce(0) { $0 + $1.width + 2 }
      nameWidth = min(nameWidth, max(Self.narrowestName, rest))
    }
    var lines: [String] = []
    for block in blocks(columns, nameWidth, width) {
      if !lines.isEmpty { lines.append("") }
      lines += self.lines(block, nameWidth)
    }
    return lines + [""] + legend
  }

  private static let narrowestName = 18
  private static let widestVersion = 12

  private struct Column {
    let release: Release
    let width: Int
  }

  private func lines(_ columns: [Column], _ width: Int) -> [String] {
    var lines = [line("", columns.map { ($0.release.name, $0.release.name.count) }, columns, width)]
    for project in projects {
      let versions = columns.map { column in
        let version = shown(project.versions[column.release])
        return (painter.faint(version), version.count)
      }
      lines.append(line(terminalSafe(project.name), versions, columns, width))
      for row in project.rows {
        let cells = columns.map { column in cell(row, column.release) }
        lines.append(line("  " + terminalSafe(row.name), cells, columns, width))
      }
    }
    return lines
  }

  private func line(
    _ name: String, _ cells: [(text: String, width: Int)], _ columns: [Column], _ width: Int
  ) -> String {
    var line = name.shortened(to: width).padding(to: width)
    var gap = 0
    for (cell, column) in zip(cells, columns) {
      guard cell.width > 0 else {
        gap += column.width + 2
        continue
      }
      line += String(repeating: " ", count: gap + 2) + cell.text
      gap = column.width - cell.width
    }
    return cells.allSatisfy { $0.width == 0 } ? name.shortened(to: width) : line
  }

  /// The symbol, and the text's letter where there are several.
  private func cell(_ row: PatchGrid.Row, _ release: Release) -> (text: String, width: Int) {
    guard let cell = row.cells[release] else { return (painter.faint("."), 1) }
    let mark = mark(cell.outcome)
    guard let letter = row.letter(cell) else { return (mark, 1) }
    return (mark + " " + painter.faint(letter), 2 + letter.count)
  }

  private func mark(_ outcome: Outcome?) -> String {
    guard let outcome else { return painter.notable("?") }
    return painter.outcome(outcome, outcome.shown.symbol)
  }

  private var columns: [Column] {
    Set(shown.filter { !$0.patches.isEmpty }.map(\.stack.release)).sorted().map { release in
      let versions = shown.filter { $0.stack.release == release && !$0.patches.isEmpty }.map {
        shown($0.version).count
      }
      return Column(release: release, width: max(release.name.count, versions.max() ?? 0, 3))
    }
  }

  /// The columns that stand side by side.
  private func blocks(_ columns: [Column], _ name: Int, _ width: Int?) -> [[Column]] {
    guard let width else { return [columns] }
    var blocks: [[Column]] = []
    var used = 0
    for column in columns {
      if blocks.isEmpty || used + column.width + 2 > width {
        blocks.append([])
        used = name
      }
      blocks[blocks.count - 1].append(column)
      used += column.width + 2
    }
    return blocks
  }

  private func shown(_ version: String?) -> String {
    (version ?? "").shortened(to: Self.widestVersion)
  }

  private var legend: [String] {
    var lines = ["= clean  ~ moved  x does not apply  - blocked  ? not tried  . not in it"]
    if projects.flatMap(\.rows).contains(where: { $0.texts.count > 1 }) {
      lines.append("a, b, …: releases with the same letter share a text of the patch")
    }
    return lines + [VerdictText(painter).total(verdicts)]
  }
}

extension String {
  /// The text, or its beginning and an ellipsis, up to a width in characters.
  func shortened(to width: Int) -> String {
    count <= width ? self : String(prefix(max(0, width - 1))) + "…"
  }
}
