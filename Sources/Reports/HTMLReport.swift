import Claims
import PatchEngine
import Patches

/// The state of every stack as one page that needs nothing else: no network, no script.
public struct HTMLReport {
  /// What is known of one stack.
  public struct Stack {
    public let verdict: StackVerdict
    /// Its patches; empty where they cannot be read.
    public let patches: [Patch]
    /// What the tree has of them already; nil where it was not looked for.
    public let landings: StackLandings?
    /// Which need which; nil where the stack does not apply.
    public let dependencies: Dependencies?

    public init(
      _ verdict: StackVerdict, patches: [Patch], landings: StackLandings?,
      dependencies: Dependencies?
    ) {
      (self.verdict, self.patches) = (verdict, patches)
      (self.landings, self.dependencies) = (landings, dependencies)
    }
  }

  let title: String
  let stacks: [Stack]
  private let state: ReportState

  /// - Parameters:
  ///   - title: the page's heading.
  ///   - stacks: those with patches, projects in order.
  ///   - previous: the state that the last page held.
  public init(title: String, _ stacks: [Stack], since previous: ReportState?) {
    self.title = title
    self.stacks = stacks.filter { !$0.verdict.patches.isEmpty || !$0.verdict.isGood }
    state = ReportState(stacks.map(\.verdict), since: previous)
  }

  /// The page.
  public var page: String {
    let total = VerdictText(Painter(false)).total(stacks.map(\.verdict))
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="referrer" content="no-referrer">
      <title>\(htmlSafe(title))</title>
      <style>
      \(reportStyle)
      </style>
      </head>
      <body>
      <a class="skip" href="#grid">Skip to the grid</a>
      <header>
      <h1>\(htmlSafe(title))</h1>
      <p><span class="word \(isGood ? "good" : "bad")">\(htmlSafe(total))</span></p>
      \(navigation)
      </header>
      <main>
      \(changes)\(grid)\(microversions)\(details)</main>
      <footer><p class="soft">Made by kerb from patches, series and lock.</p></footer>
      \(state.element)
      </body>
      </html>

      """
  }

  private var isGood: Bool { stacks.allSatisfy(\.verdict.isGood) }

  var projects: [String] {
    var names: [String] = []
    for stack in stacks where !names.contains(stack.verdict.stack.project) {
      names.append(stack.verdict.stack.project)
    }
    return names
  }

  func stacks(of project: String) -> [Stack] {
    stacks.filter { $0.verdict.stack.project == project }
  }

  private var navigation: String {
    let items = projects.map { name in
      "<li><a href=\"#p-\(htmlID(name))\">\(htmlSafe(name))</a></li>"
    }
    return "<nav aria-label=\"Projects\"><ul>\(items.joined())</ul></nav>"
  }

  private var changes: String {
    guard !state.changes.isEmpty else { return "" }
    let items = state.changes.map { "<li>\(htmlSafe($0))</li>" }.joined(separator: "\n")
    return "<section aria-labelledby=\"changes\">\n<h2 id=\"changes\">What has changed</h2>\n"
      + "<ul>\n\(items)\n</ul>\n</section>\n"
  }

  private var microversions: String {
    var rows: [String] = []
    for stack in stacks {
      for (index, patch) in stack.patches.enumerated() {
        guard let claim = MicroversionClaim(in: patch) else { continue }
        let link =
          "<a href=\"#\(patchID(stack.verdict, index))\">\(htmlSafe(patchName(patch.name)))</a>"
        rows.append(
          "<tr><th scope=\"row\">\(htmlSafe("\(stack.verdict.stack)"))</th>"
            + "<td>\(htmlSafe(claim.upstream))</td><td>\(htmlSafe(claim.claimed))</td>"
            + "<td class=\"name\">\(link)</td></tr>")
      }
    }
    guard !rows.isEmpty else { return "" }
    return """
      <section aria-labelledby="microversions">
      <h2 id="microversions">Microversions</h2>
      <p class="soft">Numbers that the stacks take; upstream gives each to something else in a later \
      release.</p>
      <div class="scroll" role="region" aria-label="Claimed microversions" tabindex="0">
      <table>
      <thead><tr><th scope="col">stack</th><th scope="col">upstream's maximum</th>\
      <th scope="col">claimed</th><th scope="col">by</th></tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody>
      </table>
      </div>
      </section>

      """
  }

  private var details: String {
    projects.map { project in
      let name = "p-\(htmlID(project))"
      let stacks = stacks(of: project).map { StackSection($0, self).html }.joined()
      return "<section aria-labelledby=\"\(name)\">\n<h2 id=\"\(name)\">\(htmlSafe(project))</h2>\n"
        + "\(stacks)</section>\n"
    }.joined()
  }

  /// The name of a patch's row in its stack.
  func patchID(_ verdict: StackVerdict, _ index: Int) -> String {
    "s-\(htmlID("\(verdict.stack)"))-\(index + 1)"
  }
}
