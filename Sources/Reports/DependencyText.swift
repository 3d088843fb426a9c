import PatchEngine

/// Which patches need which, as text.
public struct DependencyText {
  private let title: String
  private let names: [String]
  private let dependencies: Dependencies
  private let painter: Painter

  /// - Parameter title: the stack's name.
  public init(
    _ title: String, _ names: [String], _ dependencies: Dependencies, _ painter: Painter
  ) {
    self.title = title
    self.names = names
    self.dependencies = dependencies
    self.painter = painter
  }

  /// A line a patch, with a column for each patch that others need: `*` is the patch, `o` one that
  /// needs it, `|` leads to the next. Behind the name stand the numbers of what it needs.
  public var lines: [String] {
    let lanes = lanes
    let width = String(dependencies.count).count
    let longest = names.map(\.count).max() ?? 0
    var lines = (0..<dependencies.count).map { patch in
      let number = String(repeating: " ", count: width - "\(patch + 1)".count) + "\(patch + 1)"
      let needs = dependencies.needs(of: patch).map { "\($0 + 1)" }.joined(separator: ", ")
      let drawing = lanes.map { $0.mark(patch) }.joined(separator: " ")
      let lane = lanes.isEmpty ? "" : painter.notable(drawing) + "  "
      guard !needs.isEmpty else { return "\(lane)\(number)  \(terminalSafe(names[patch]))" }
      return "\(lane)\(number)  \(terminalSafe(names[patch]).padding(to: longest))  needs \(needs)"
    }
    let tied = Set(dependencies.edges.flatMap { [$0.patch, $0.needs] })
    let free = dependencies.count - tied.count
    lines.append(
      "\(title): \(counted(dependencies.count, "patch", "patches")), "
        + "\(counted(dependencies.edges.count, "dependency", "dependencies")), \(free) on their own"
    )
    return lines
  }

  /// The graph for Graphviz: an arrow from each patch to those that it needs.
  public var dot: [String] {
    var lines = ["digraph \(quoted(title)) {", "  rankdir=RL;", "  node [shape=box];"]
    for name in names { lines.append("  \(quoted(name));") }
    for edge in dependencies.edges {
      let paths = edge.paths.map(\.description).joined(separator: "\n")
      lines.append(
        "  \(quoted(names[edge.patch])) -> \(quoted(names[edge.needs])) [tooltip=\(quoted(paths))];"
      )
    }
    return lines + ["}"]
  }

  /// A column of the drawing: one patch and those that need it, as long as it is not free for another.
  private struct Lane {
    var spans: [(patch: Int, needing: [Int])]

    func mark(_ patch: Int) -> String {
      for span in spans {
        if span.patch == patch { return "*" }
        if span.needing.contains(patch) { return "o" }
        if span.patch < patch, patch < span.needing.last! { return "|" }
      }
      return " "
    }
  }

  private var lanes: [Lane] {
    var lanes: [Lane] = []
    let edges = Dictionary(grouping: dependencies.edges, by: \.needs)
    for patch in 0..<dependencies.count {
      let needing = (edges[patch] ?? []).map(\.patch)
      guard !needing.isEmpty else { continue }
      if let free = lanes.firstIndex(where: { $0.spans.last!.needing.last! < patch }) {
        lanes[free].spans.append((patch, needing))
      } else {
        lanes.append(Lane(spans: [(patch, needing)]))
      }
    }
    return lanes
  }
}

/// A text in quotes, as Graphviz reads it.
private func quoted(_ text: String) -> String {
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
    terminalSafe(String($0)).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  }
  return "\"\(lines.joined(separator: "\\n"))\""
}
