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
    var isStale = false
    if let html { isStale = try write(state(workspace, to: html), to: html, workspace) }
    if let markdown {
      isStale = try write(page(workspace).markdown, to: markdown, workspace) || isStale
    }
    if markdown == nil, html == nil { print(try page(workspace).markdown, terminator: "") }
    if isStale { throw ExitCode.findings }
  }

  /// - Returns: true where the file is not up to date and only to be checked.
  private func write(_ text: String, to file: String, _ workspace: Workspace) throws -> Bool {
    guard check else {
      try workspace.write(text, to: file)
      return false
    }
    let present = FileManager.default.contents(atPath: file).map { Array($0) }
    guard present != Array(text.utf8) else { return false }
    Terminal.error("\(terminalSafe(file)): error: not up to date; run 'kerb report'")
    return true
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
    return HTMLReport(title: title, stacks, since: try previous(file)).page
  }

  private func previous(_ file: String) throws -> ReportState? {
    if since == nil, !FileManager.default.fileExists(atPath: file) { return nil }
    let name = since ?? file
    let state = ReportState(page: try readFile(name, name: name, limit: ReportState.maximumPage))
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
