import PatchEngine
import Patches

/// Patches down, releases across: a symbol for each verdict, readable without colour, and for patches
/// with several texts a letter for each.
public struct StatusGrid {
  private let verdicts: [StackVerdict]
  private let painter: Painter

  public init(_ verdicts: [StackVerdict], _ painter: Painter) {
    self.verdicts = verdicts
    self.painter = painter
  }

  /// The lines, safe to print.
  ///
  /// - Parameter width: the characters that a line may have; names are shortened and releases put below
  ///   each other where it needs that. Nil for any number.
  public func lines(width: Int? = nil) -> [String] {
    let projects = projects
    guard !projects.isEmpty else { return ["no patches"] }
    let columns = columns
    let longest = projects.flatMap(\.rows).map { $0.name.count + 2 }.max() ?? 0
    let names = projects.map(\.name.count).max() ?? 0
    var nameWidth = max(longest, names)
    if let width {
      let rest = width - columns.reduce(0) { $0 + $1.width + 2 }
      nameWidth = min(nameWidth, max(Self.narrowestName, rest))
    }
    var lines: [String] = []
    for block in blocks(columns, nameWidth, width) {
      if !lines.isEmpty { lines.append("") }
      lines += self.lines(projects, block, nameWidth)
    }
    return lines + [""] + legend(projects)
  }

  private static let narrowestName = 18
  private static let widestVersion = 12

  private struct Column {
    let release: Release
    let width: Int
  }

  private struct Project {
    let name: String
    let versions: [Release: String]
    var rows: [Row] = []
  }

  private struct Row {
    let name: String
    /// The releases' texts by file, the living one first.
    var texts: [String] = []
    var cells: [Release: (verdict: StackVerdict, index: Int, file: String)] = [:]
  }

  private func lines(_ projects: [Project], _ columns: [Column], _ width: Int) -> [String] {
    var lines = [line("", columns.map { ($0.release.name, $0.release.name.count) }, columns, width)]
    for project in projects {
      let versions = columns.map { column in
        let version = project.versions[column.release] ?? ""
        return (painter.faint(version), version.count)
      }
      lines.append(line(project.name, versions, columns, width))
      for row in project.rows {
        let cells = columns.map { column in cell(row, column.release) }
        lines.append(line("  " + row.name, cells, columns, width))
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
  private func cell(_ row: Row, _ release: Release) -> (text: String, width: Int) {
    guard let cell = row.cells[release] else { return (painter.faint("."), 1) }
    let mark = mark(cell.verdict, cell.index)
    guard row.texts.count > 1, let place = row.texts.firstIndex(of: cell.file) else {
      return (mark, 1)
    }
    return (mark + " " + painter.faint(Self.letter(place)), 2 + Self.letter(place).count)
  }

  /// `a` for the first, `z` for the 26th, then numbers.
  private static func letter(_ place: Int) -> String {
    place < 26 ? String(UnicodeScalar(UInt8(ascii: "a") + UInt8(place))) : "\(place + 1)"
  }

  private func mark(_ verdict: StackVerdict, _ index: Int) -> String {
    guard verdict.state == .tried, index < verdict.steps.count else { return painter.notable("?") }
    let outcome = verdict.steps[index].outcome
    let mark =
      switch outcome {
      case .clean, .landed: "="
      case .moved, .merged, .resolved: "~"
      case .partlyLanded, .conflicted: "x"
      case .blocked: "-"
      }
    return painter.outcome(outcome, mark)
  }

  private var columns: [Column] {
    Set(verdicts.filter { !$0.patches.isEmpty }.map(\.stack.release)).sorted().map { release in
      let versions = verdicts.filter { $0.stack.release == release && !$0.patches.isEmpty }.map {
        version(of: $0).count
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

  private func version(of verdict: StackVerdict) -> String {
    switch verdict.upstream?.source {
    case .sdist(let version): version.shortened(to: Self.widestVersion)
    case .git(let ref): ref.shortened(to: Self.widestVersion)
    case nil: ""
    }
  }

  /// A row a patch, whatever its text, in the order of the first release that lists it.
  private var projects: [Project] {
    var projects: [Project] = []
    for (name, stacks) in grouped {
      let versions = stacks.map { ($0.stack.release, version(of: $0)) }
      var project = Project(
        name: terminalSafe(name), versions: Dictionary(versions) { first, _ in first })
      for verdict in stacks {
        for (index, file) in verdict.patches.enumerated() {
          let name = terminalSafe(patchName(file))
          let place = project.rows.firstIndex { $0.name == name } ?? project.rows.count
          if place == project.rows.count { project.rows.append(Row(name: name)) }
          project.rows[place].cells[verdict.stack.release] = (verdict, index, file)
        }
      }
      for index in project.rows.indices {
        // Newest release first: its text is the living one.
        let files = project.rows[index].cells.sorted { $0.key > $1.key }.map(\.value.file)
        project.rows[index].texts = files.reduce(into: []) { texts, file in
          if !texts.contains(file) { texts.append(file) }
        }
      }
      if !project.rows.isEmpty { projects.append(project) }
    }
    return projects
  }

  private var grouped: [(String, [StackVerdict])] {
    var order: [String] = []
    for verdict in verdicts where !order.contains(verdict.stack.project) {
      order.append(verdict.stack.project)
    }
    let groups = Dictionary(grouping: verdicts, by: \.stack.project)
    return order.map { ($0, groups[$0] ?? []) }
  }

  private func legend(_ projects: [Project]) -> [String] {
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
