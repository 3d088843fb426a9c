import ArgumentParser
import Foundation
import PatchEngine
import Patches
import Reports
import Workspace

/// `kerb report`: pages about the workspace.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write pages about the stacks, for people.",
    discussion: """
      --markdown: the page of patches: which release has which, why each exists, and where it stands. It \
      is made from patches/ and series/ alone, so it needs no upstream tree. Without options it is \
      printed.

      --html: the state of every stack as one page that needs no network and no script: verdicts, \
      conflicts side by side, what has landed, claimed microversions, a picture of what needs what. \
      Where the file is there already, the page also says what has changed since it was written.

      The same workspace gives the same bytes.
      """)

  @Option(help: ArgumentHelp("Write the page of patches to this file.", valueName: "file"))
  var markdown: String?

  @Option(help: ArgumentHelp("Write the state of every stack to this file.", valueName: "file"))
  var html: String?

  @Option(help: ArgumentHelp("The heading of the page that --html writes.", valueName: "text"))
  var title = "Patch stacks"

  @Option(
    help: ArgumentHelp(
      "Say what has changed since this page; by default since the file that is overwritten.",
      valueName: "file"))
  var since: String?

  @Flag(help: "Write nothing; exit with 1 if a file is not what would be written.")
  var check = false

  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    guard markdown != nil || html != nil || !check else {
      throw ValidationError("--check needs --markdown FILE or --html FILE")
    }
    guard html != nil || since == nil else { throw ValidationError("--since needs --html FILE") }
  }

  func run() throws {
    let workspace = try workspace.open()
    if markdown == nil, html == nil { Terminal.print(try page(workspace).markdown, terminator: "") }
    let pages = try pages(workspace)
    guard check else {
      Reading.end()
      return try workspace.write(pages)
    }
    var isStale = false
    for page in pages {
      let present = try workspace.contents(of: page.file, limit: ReportState.maximumPage)
      guard present != Array(page.text.utf8) else { continue }
      Terminal.error("\(terminalSafe(page.file)): error: not up to date; run 'kerb report'")
      isStale = true
    }
    if isStale { throw ExitCode.findings }
  }

  private func pages(_ workspace: Workspace) throws -> [(file: String, text: String)] {
    var pages: [(file: String, text: String)] = []
    if let html { pages.append((html, try state(workspace, to: html))) }
    if let markdown { pages.append((markdown, try page(workspace).markdown)) }
    return pages
  }

  private func state(_ workspace: Workspace, to file: String) throws -> String {
    let names = try workspace.stacks(named: [])
    let verdicts = try workspace.check(names) { Progress.show($0) }
    Progress.clear()
    let landings = try workspace.landings(names)
    let stacks = try zip(verdicts, landings).map { verdict, landings in
      let patches = (try? workspace.patches(of: verdict.stack))?.map(\.patch) ?? []
      let isGraph = verdict.isGood && verdict.state == .tried
      return HTMLReport.Stack(
        verdict, patches: patches, landings: landings,
        dependencies: isGraph ? try workspace.graph(of: verdict.stack).dependencies : nil)
    }
    return HTMLReport(title: title, stacks, since: try previous(file, workspace)).page
  }

  private func previous(_ file: String, _ workspace: Workspace) throws -> ReportState? {
    if since == nil, try workspace.isStream(file) { return nil }
    let name = since ?? file
    guard let page = try workspace.contents(of: name, limit: ReportState.maximumPage) else {
      guard since != nil else { return nil }
      throw UsageError("--since \(name): no such file")
    }
    let state = ReportState(page: page)
    guard state != nil || since == nil else {
      throw UsageError("--since \(name): holds no report of kerb's")
    }
    return state
  }

  private func page(_ workspace: Workspace) throws -> PatchPage {
    let uses = try workspace.patchUses()
    let notes = try workspace.notes()
    let projects = workspace.configuration.projects.map { project in
      PatchPage.Project(
        name: project.name,
        uses: uses.filter { $0.stack.project == project.name }.map {
          PatchPage.Use(release: $0.stack.release, entry: $0.entry, patch: $0.patch)
        },
        notes: workspace.configuration.releases.flatMap { release in
          (notes[StackName(release, project.name)] ?? []).map { (release: release, text: $0) }
        })
    }
    return PatchPage(releases: workspace.configuration.releases, projects: projects)
  }
}
