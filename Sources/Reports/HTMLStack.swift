import PatchEngine
import Patches

/// One stack of the page: its patches with verdicts, its conflicts, its graph.
struct StackSection {
  private let stack: HTMLReport.Stack
  private let report: HTMLReport
  private let landings: [String: PatchLanding]
  private var verdict: StackVerdict { stack.verdict }

  init(_ stack: HTMLReport.Stack, _ report: HTMLReport) {
    (self.stack, self.report) = (stack, report)
    let found = (stack.landings?.patches ?? []).map { ($0.file, $0) }
    landings = Dictionary(found) { first, _ in first }
  }

  var html: String {
    let text = VerdictText(Painter(false)).summary(verdict)
    let style = verdict.isGood ? "good" : "bad"
    let mark = verdict.isGood ? "applies" : "does not apply"
    return """
      <details\(verdict.isGood ? "" : " open")>
      <summary><h3>\(htmlSafe("\(verdict.stack)"))</h3> <span class="word \(style)">\(mark)</span> \
      <span class="soft">\(htmlSafe(text))</span></summary>
      <div>
      \(notes)\(problems)\(table)\(conflicts)\(graph)</div>
      </details>

      """
  }

  private var notes: String {
    guard !verdict.notes.isEmpty else { return "" }
    return "<ul>\(verdict.notes.map { "<li>\(htmlSafe($0))</li>" }.joined())</ul>\n"
  }

  /// Mistakes and warnings in the stack's files.
  private var problems: String {
    guard !verdict.diagnostics.isEmpty else { return "" }
    let items = verdict.diagnostics.map { "<li class=\"name\">\(htmlSafe("\($0)"))</li>" }
    return "<ul>\(items.joined())</ul>\n"
  }

  private var table: String {
    guard !verdict.patches.isEmpty else { return "" }
    let rows = verdict.patches.indices.map(row).joined(separator: "\n")
    return """
      <table class="stack">
      <thead><tr><th scope="col">#</th><th scope="col">patch</th><th scope="col">verdict</th>\
      <th scope="col">upstream</th></tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table>

      """
  }

  private func row(_ index: Int) -> String {
    let file = verdict.patches[index]
    let name = file.split(separator: "/").last.map(String.init) ?? file
    let subject =
      index < verdict.subjects.count
      ? String(decoding: verdict.subjects[index], as: UTF8.self) : ""
    let needs = stack.dependencies?.needs(of: index) ?? []
    let links = needs.map { "<a href=\"#\(report.patchID(verdict, $0))\">\($0 + 1)</a>" }
    let needing =
      links.isEmpty ? "" : "<br><span class=\"soft\">needs \(links.joined(separator: ", "))</span>"
    return "<tr id=\"\(report.patchID(verdict, index))\"><td>\(index + 1)</td>"
      + "<th scope=\"row\"><span class=\"name\">\(htmlSafe(name))</span><br>\(htmlSafe(subject))</th>"
      + "<td>\(outcome(index))\(needing)</td><td>\(upstream(index))</td></tr>"
  }

  private func outcome(_ index: Int) -> String {
    guard verdict.state == .tried else { return "<span class=\"word none\">not tried</span>" }
    let step = verdict.steps[index]
    let (word, _, style) = step.outcome.shown
    let offset = step.greatestOffset
    let far = offset == 0 ? "" : " <span class=\"soft\">\(distance(offset, minus: "−"))</span>"
    return "<span class=\"word \(style)\">\(word)</span>\(far)"
  }

  /// What the trailer says, and what the tree has already.
  private func upstream(_ index: Int) -> String {
    var parts: [String] = []
    if index < stack.patches.count, let trailer = stack.patches[index].header.trailer("Upstream") {
      parts.append(htmlLinked(trailer))
    }
    if let landing = landings[verdict.patches[index]] {
      switch landing.extent {
      case .not: break
      case .whole: parts.append("<span class=\"word bad\">landed: drop it</span>")
      case .inPart: parts.append("<span class=\"word note\">landed in part</span>")
      case .reworked: parts.append("<span class=\"word note\">there in another form</span>")
      }
      if let commit = landing.commit {
        let release = commit.release.map { ", first in \($0)" } ?? ""
        parts.append(
          "<code>\(commit.id.short)</code> "
            + htmlSafe(String(decoding: commit.subject, as: UTF8.self) + release))
      }
    }
    return parts.joined(separator: "<br>")
  }

  private var conflicts: String {
    var html = ""
    for step in verdict.steps where !step.outcome.isApplied {
      let file = verdict.patches[step.patch]
      for path in step.paths where !path.outcome.isApplied {
        html += conflict(PathForm(path, patch: file), in: file, step.patch)
      }
    }
    return html
  }

  private func conflict(_ path: PathForm, in file: String, _ patch: Int) -> String {
    let place = path.line.map { "\(file):\($0)" } ?? file
    let reason = path.blockedBy.map {
      "not tried: \(verdict.patches[$0]) left the file in conflict"
    }
    var html =
      "<h4 class=\"name\">\(htmlSafe(path.path))</h4>\n"
      + "<p>\(htmlSafe(reason ?? path.reason ?? "")) <span class=\"soft name\">\(htmlSafe(place))</span></p>\n"
    for chunk in path.conflict?.chunks ?? [] {
      html += "<div class=\"sides\">\n"
      let sides = [
        ("upstream, line \(chunk.line)", chunk.ours), ("before both", chunk.base),
        ("the patch", chunk.theirs),
      ]
      for (title, text) in sides {
        let shown = text.hasSuffix("\n") ? String(text.dropLast()) : text
        html +=
          "<div><h5>\(htmlSafe(title))</h5><pre>"
          + (shown.isEmpty ? "<span class=\"soft\">(nothing)</span>" : htmlLines(shown))
          + "</pre></div>\n"
      }
      html += "</div>\n"
    }
    return html
  }

  private var graph: String {
    guard let dependencies = stack.dependencies, !dependencies.edges.isEmpty,
      dependencies.count <= DependencyPicture.mostPatches
    else { return "" }
    let names = verdict.patches.map(patchName)
    let picture = DependencyPicture(
      title: "Which patches of \(verdict.stack) need which", names, dependencies,
      id: "g-\(htmlID("\(verdict.stack)"))")
    return "<h4>What needs what</h4>\n\(picture.svg)\n"
  }
}
