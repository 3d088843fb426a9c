import PatchEngine
import Patches

/// Patches down, releases across: what the grids for terminals and for pages show. Nothing in it is
/// escaped for any medium.
struct PatchGrid {
  let projects: [Project]

  struct Project {
    let name: String
    /// Upstream's version or ref of each release whose stack has a tree.
    let versions: [Release: String]
    /// A row a patch, whatever its text, in the order of the first release that lists it.
    let rows: [Row]
  }

  struct Row {
    /// The patch's name without a release.
    let name: String
    let cells: [Release: Cell]
    /// The files of its texts, the living one first.
    let texts: [String]

    /// The letter of a release's text; nil where all releases share one.
    func letter(_ cell: Cell) -> String? {
      guard texts.count > 1, let place = texts.firstIndex(of: cell.file) else { return nil }
      return place < 26 ? String(UnicodeScalar(UInt8(ascii: "a") + UInt8(place))) : "\(place + 1)"
    }
  }

  /// A patch of one release's stack.
  struct Cell {
    let verdict: StackVerdict
    /// The patch's place in the stack, counted from 0.
    let index: Int

    var file: String { verdict.patches[index] }

    /// How it fared; nil where it was not tried.
    var outcome: Outcome? {
      guard verdict.state == .tried, index < verdict.steps.count else { return nil }
      return verdict.steps[index].outcome
    }
  }

  /// - Parameter verdicts: the stacks; projects stand in the order in which they come.
  init(_ verdicts: [StackVerdict]) {
    var order: [String] = []
    for verdict in verdicts where !order.contains(verdict.stack.project) {
      order.append(verdict.stack.project)
    }
    let groups = Dictionary(grouping: verdicts, by: \.stack.project)
    projects = order.map { Project($0, groups[$0] ?? []) }
  }
}

extension PatchGrid.Project {
  fileprivate init(_ name: String, _ stacks: [StackVerdict]) {
    var order: [String] = []
    var cells: [String: [Release: PatchGrid.Cell]] = [:]
    for verdict in stacks {
      for (index, file) in verdict.patches.enumerated() {
        let name = patchName(file)
        if cells[name] == nil { order.append(name) }
        cells[name, default: [:]][verdict.stack.release] = .init(verdict: verdict, index: index)
      }
    }
    let versions = stacks.compactMap { verdict in
      verdict.version.map { (verdict.stack.release, $0) }
    }
    self.init(
      name: name, versions: Dictionary(versions) { first, _ in first },
      rows: order.map { PatchGrid.Row($0, cells[$0] ?? [:]) })
  }
}

extension PatchGrid.Row {
  fileprivate init(_ name: String, _ cells: [Release: PatchGrid.Cell]) {
    // Newest release first: its text is the living one.
    let files = cells.sorted { $0.key > $1.key }.map(\.value.file)
    let texts = files.reduce(into: [String]()) { texts, file in
      if !texts.contains(file) { texts.append(file) }
    }
    self.init(name: name, cells: cells, texts: texts)
  }
}

extension StackVerdict {
  /// The version or the ref of its tree; nil where it has none.
  var version: String? {
    switch upstream?.source {
    case .sdist(let version): version
    case .git(let ref): ref
    case nil: nil
    }
  }
}
