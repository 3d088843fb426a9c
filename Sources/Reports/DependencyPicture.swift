import PatchEngine

/// Which patches need which, as a picture: the patches below each other, an arc from each to those that
/// it needs.
struct DependencyPicture {
  /// A picture of more is no picture.
  static let mostPatches = 200
  private static let row = 24

  private let title: String
  private let names: [String]
  private let dependencies: Dependencies
  private let id: String

  init(title: String, _ names: [String], _ dependencies: Dependencies, id: String) {
    (self.title, self.names, self.dependencies, self.id) = (title, names, dependencies, id)
  }

  var svg: String {
    let arcs = dependencies.edges.map { (from: $0.patch, to: $0.needs) }
    let depth = arcs.map { self.depth($0.from - $0.to) }.max() ?? 0
    let left = depth + 16
    // The widest character of a monospaced face of 13 pixels has 8.
    let width = left + 16 + (names.map { $0.count + 4 }.max() ?? 0) * 8
    let height = names.count * Self.row + 8
    var lines = [
      "<svg role=\"img\" aria-labelledby=\"\(id)\" width=\"\(width)\" height=\"\(height)\" "
        + "viewBox=\"0 0 \(width) \(height)\">",
      "<title id=\"\(id)\">\(htmlSafe(title)): \(htmlSafe(words))</title>",
    ]
    for arc in arcs {
      let (start, end) = (center(arc.from), center(arc.to))
      let bend = left - self.depth(arc.from - arc.to) * 4 / 3
      lines.append("<path d=\"M\(left) \(start)C\(bend) \(start) \(bend) \(end) \(left) \(end)\"/>")
    }
    for (index, name) in names.enumerated() {
      lines.append("<circle cx=\"\(left)\" cy=\"\(center(index))\" r=\"3.5\"/>")
      lines.append(
        "<text x=\"\(left + 12)\" y=\"\(center(index) + 4)\">\(index + 1) \(htmlSafe(name))</text>")
    }
    return (lines + ["</svg>"]).joined(separator: "\n")
  }

  /// What the picture says, for who does not see it.
  private var words: String {
    dependencies.edges.map { "\($0.patch + 1) needs \($0.needs + 1)" }.joined(separator: ", ")
  }

  private func center(_ index: Int) -> Int { index * Self.row + Self.row / 2 + 4 }

  /// How far out an arc over so many rows goes.
  private func depth(_ rows: Int) -> Int { min(160, 14 + 10 * rows) }
}
