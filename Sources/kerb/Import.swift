import ArgumentParser
import Patches
import Workspace

/// `kerb import`.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take patches from elsewhere into a stack.",
    discussion: """
      Patch files (as git format-patch, git show or diff write them; a mailbox may hold several), a \
      commit or a range of a clone (--from-repo), a series file of quilt (--quilt, with -p0 and other \
      -pN), or a list of patch files (--order). They get canonical form, are named after their files or \
      subjects, and have to apply, each behind the one before it. Nothing is written unless all do.
      """)

  @Option(
    help: ArgumentHelp(
      "A clone; what is imported are then its commits, REV or A..B.", valueName: "dir"))
  var fromRepo: String?

  @Flag(help: "The file is a series file of quilt.")
  var quilt = false

  @Flag(help: "The file is a list of patch files, named from its folder.")
  var order = false

  @Option(help: "The name of the patch, where it is one.")
  var name: String?

  @Option(
    help: ArgumentHelp("The patch that they go behind; by default on top.", valueName: "patch"))
  var after: String?

  @Option(
    name: [.customShort("p"), .customLong("strip")],
    help: ArgumentHelp("Drop N components of the names in the patches.", valueName: "n"))
  var strip = 1

  @OptionGroup var author: AuthorOptions
  @OptionGroup var options: AuthoringOptions
  @OptionGroup var stacks: EditedStacks

  @Argument(help: ArgumentHelp("Files, or revisions with --from-repo.", valueName: "source"))
  var sources: [String]

  func validate() throws {
    guard [fromRepo != nil, quilt, order].filter({ $0 }).count <= 1 else {
      throw ValidationError("give one of --from-repo, --quilt and --order")
    }
    guard sources.count == 1 || !(fromRepo != nil || quilt || order) else {
      throw ValidationError("one source at a time with --from-repo, --quilt and --order")
    }
    guard (0...9).contains(strip) else { throw ValidationError("-p takes a number from 0 to 9") }
  }

  private var source: ImportSource {
    if let fromRepo { return .commits(repository: fromRepo, sources[0]) }
    if quilt { return .quilt(sources[0]) }
    return order ? .order(sources[0]) : .files(sources)
  }

  func run() throws {
    let workspace = try options.open()
    let names = try stacks.names(workspace)
    var taking = ImportOptions()
    (taking.name, taking.after, taking.strip) = (name, after, strip)
    (taking.author, taking.dryRun) = (try author.named(), options.dryRun)
    try options.show {
      try workspace.importing(source, into: names, taking)
    }
  }
}
