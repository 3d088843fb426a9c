import PatchEngine
import Patches

extension HTMLReport {
  /// Patches down, releases across; each verdict is a link to the patch in its stack.
  var grid: String {
    let releases = Set(stacks.map(\.verdict.stack.release)).sorted()
    let heads = releases.map { "<th scope=\"col\">\(htmlSafe($0.name))</th>" }.joined()
    let body = projects.flatMap { rows(of: $0, releases) }.joined(separator: "\n")
    return """
      <section aria-labelledby="grid">
      <h2 id="grid">Patches and releases</h2>
      <p class="soft" id="legend">= clean, ~ moved or merged, x does not apply, - blocked by an earlier \
      patch, ? not tried. Releases with the same letter share a text of the patch.</p>
      <div class="scroll" role="region" aria-label="Grid of verdicts" tabindex="0">
      <table class="grid" aria-describedby="legend">
      <thead><tr><th scope="col">patch</th>\(heads)</tr></thead>
      <tbody>
      \(body)
      </tbody>
      </table>
      </div>
      </section>

      """
  }

  private typealias Cell = (verdict: StackVerdict, index: Int)

  private func rows(of project: String, _ releases: [Release]) -> [String] {
    let stacks = stacks(of: project)
    let versions = releases.map { release in
      let source = stacks.first { $0.verdict.stack.release == release }?.verdict.upstream?.source
      let text =
        switch source {
        case .sdist(let version): version
        case .git(let ref): ref
        case nil: ""
        }
      return "<td>\(htmlSafe(text))</td>"
    }
    var rows = [
      "<tr class=\"project\"><th scope=\"row\">\(htmlSafe(project))</th>\(versions.joined())</tr>"
    ]
    var order: [String] = []
    var cells: [String: [Release: Cell]] = [:]
    for stack in stacks {
      for (index, file) in stack.verdict.patches.enumerated() {
        let name = patchName(file)
        if cells[name] == nil { order.append(name) }
        cells[name, default: [:]][stack.verdict.stack.release] = (stack.verdict, index)
      }
    }
    for name in order {
      let found = cells[name] ?? [:]
      // Newest release first: its text is the living one.
      var texts: [String] = []
      for (_, cell) in found.sorted(by: { $0.key > $1.key })
      where !texts.contains(cell.verdict.patches[cell.index]) {
        texts.append(cell.verdict.patches[cell.index])
      }
      let row = releases.map { cell(found[$0], texts) }.joined()
      rows.append("<tr><th scope=\"row\" class=\"name\">\(htmlSafe(name))</th>\(row)</tr>")
    }
    return rows
  }

  private func cell(_ cell: Cell?, _ texts: [String]) -> String {
    guard let (verdict, index) = cell else { return "<td></td>" }
    let outcome = verdict.state == .tried ? verdict.steps[index].outcome : nil
    let (word, symbol, style) = outcome?.shown ?? ("not tried", "?", "none")
    var letter = ""
    if texts.count > 1, let place = texts.firstIndex(of: verdict.patches[index]) {
      let name = place < 26 ? String(UnicodeScalar(UInt8(97 + place))) : "\(place + 1)"
      letter = " <span class=\"soft\"><span class=\"hidden\">text </span>\(name)</span>"
    }
    return "<td><a class=\"mark \(style)\" href=\"#\(patchID(verdict, index))\">"
      + "<span aria-hidden=\"true\">\(symbol)</span><span class=\"hidden\">\(word)</span></a>"
      + "\(letter)</td>"
  }
}
