import ArgumentParser
import Foundation
import Patches
import Reports
import Workspace

/// `kerb report`: pages about the workspace.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the page of patches: which release has which, why, and where it stands.",
    discussion: """
      The page is made from patches/ and series/ alone, so it needs no upstream tree. Without \
      --markdown it is printed.
      """)

  @Option(help: ArgumentHelp("Write the page to this file.", valueName: "file"))
  var markdown: String?

  @Flag(help: "Write nothing; exit with 1 if the file is not what would be written.")
  var check = false

  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    guard markdown != nil || !check else { throw ValidationError("--check needs --markdown FILE") }
  }

  func run() throws {
    let workspace = try workspace.open()
    let text = try page(workspace).markdown
    guard let file = markdown else { return print(text, terminator: "") }
    guard check else { return try workspace.write(text, to: file) }
    let present = FileManager.default.contents(atPath: file).map { Array($0) }
    guard present == Array(text.utf8) else {
      Terminal.error("\(terminalSafe(file)): error: not up to date; run 'kerb report --markdown'")
      throw ExitCode.findings
    }
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
