import PatchEngine
import Patches

extension HTMLReport {
  /// Patches down, releases across; each verdict is a link to the patch in its stack.
  var grid: String {
    let releases = Set(stacks.map(\.verdict.stack.release)).sorted()
    let heads = releases.map { "<th scope=\"col\">\(htmlSafe($0.name))</th>" }.joined()
    let body = PatchGrid(stacks.map(\.verdict)).projects.flatMap { rows(of: $0, releases) }
      .joined(separator: "\n")
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

  private func rows(of project: PatchGrid.Project, _ releases: [Release]) -> [String] {
    let versions = releases.map { "<td>\(htmlSafe(project.versions[$0] ?? ""))</td>" }.joined()
    let head =
      "<tr class=\"project\"><th scope=\"row\">\(htmlSafe(project.name))</th>\(versions)</tr>"
    return [head]
      + project.rows.map { row in
        let cells = releases.map { cell(row, $0) }.joined()
        return "<tr><th scope=\"row\" class=\"name\">\(htmlSafe(row.name))</th>\(cells)</tr>"
      }
  }

  private func cell(_ row: PatchGrid.Row, _ release: Release) -> String {
    guard let cell = row.cells[release] else { return "<td></td>" }
    let (word, symbol, style) = cell.outcome?.shown ?? ("not tried", "?", "none")
    let letter =
      row.letter(cell).map {
        " <span class=\"soft\"><span class=\"hidden\">text </span>\($0)</span>"
      } ?? ""
    return "<td><a class=\"mark \(style)\" href=\"#\(patchID(cell.verdict, cell.index))\">"
      + "<span aria-hidden=\"true\">\(symbol)</span><span class=\"hidden\">\(word)</span></a>"
      + "\(letter)</td>"
  }
}
