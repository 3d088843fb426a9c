import ArgumentParser
import Claims
import Foundation
import PatchEngine
import Patches
import Reports
import Workspace

/// `kerb microversion`: what stacks claim of global counters, and what upstream made of it.
struct Microversion: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say which API microversions stacks claim, and whether upstream has given them away.",
    discussion: """
      A stack that adds a microversion of Nova's API takes a number that upstream will give to \
      something else, and no merge finds it: both sides make the same change of the maximum. Each \
      stack's claims are read from what its patches add: the constant, the text of the history, the \
      samples, decorators and schemas, which have to agree. Each claim is free; landed, where \
      upstream has the same feature under this number or another; a collision, where upstream has \
      the number for something else; a gap, where upstream has not come so far; or behind, where \
      upstream is past the number and does not say what it was for.

      Stacks are held against their locked trees, or with --onto against another one: a release or \
      version of the lock, a revision of the clone that --repo names, or latest. With history at \
      hand the commit that took a number is named, when it was merged, and the first release that \
      has it; --since lists every number that was given out after REV. --all looks at all other \
      counters as well: versions of objects and notifications, database revisions, service and RPC \
      versions, user ids, names of images and profiles, ports, ids of release notes, versions of \
      libraries, and those that kerb.yaml adds.

      Exit code 1 for a collision, a gap, a claim that is behind, or evidence that disagrees.
      """)

  @Option(
    help: ArgumentHelp("Hold them against this tree instead.", valueName: "rev|latest"))
  var onto: String?

  @Option(help: ArgumentHelp("A clone of the project, for its history.", valueName: "clone"))
  var repo: String?

  @Option(
    help: ArgumentHelp("List what was given out after this commit.", valueName: "rev"))
  var since: String?

  @Flag(help: "Look at every counter.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "Give the stacks other numbers on their locked trees: auto for the next free ones, or N=M. "
        + "Clients' stacks of the same releases follow.", valueName: "auto|N=M"))
  var renumber: String?

  @Flag(help: "With --renumber, write nothing; say what would be written.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "Renew the parts of a page that are made of locked trees and, with --repo, of history since "
        + "the oldest release or --since.", valueName: "file"))
  var markdown: String?

  @Flag(help: "With --markdown, write nothing; exit with 1 if the page would change.")
  var check = false

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: FindingOptions

  @Argument(help: ArgumentHelp("Stacks, releases or projects.", valueName: "stack"))
  var stacks: [String] = []

  func validate() throws {
    guard renumber == nil || (onto == nil && repo == nil && since == nil && !all) else {
      throw ValidationError(
        "--renumber is for locked trees; 'kerb rebase --onto REV --renumber' moves to another")
    }
    guard !check || markdown != nil else { throw ValidationError("--check goes with --markdown") }
    guard markdown == nil || (renumber == nil && onto == nil && !all && stacks.isEmpty) else {
      throw ValidationError("--markdown is about all stacks, on their locked trees")
    }
    guard renumber != "none" else { throw ValidationError("--renumber none would do nothing") }
    guard !dryRun || renumber != nil else {
      throw ValidationError("--dry-run goes with --renumber")
    }
  }

  func run() throws {
    if let renumber { return try run(renumber) }
    if let markdown { return try write(markdown) }
    let workspace = try workspace.open()
    let names = try workspace.stacks(named: stacks)
    try requireOneProject(names, for: repo)
    let options = CounterOptions(
      target: TargetChoice(onto: onto, clone: repo), all: all, since: since)
    let found = try workspace.counters(names, options)
    try output.show(
      FindingReport(found), of: workspace,
      text: {
        CounterText(output.output.painter).lines(found, showsHistory: since != nil)
      }, json: { json(CountersForm(found)) })
    try leave(found)
  }

  /// The largest page that is renewed, in bytes: 16 MiB.
  private static let longestPage = 16 << 20

  private func write(_ file: String) throws {
    let workspace = try workspace.open()
    let names = try workspace.stacks(named: [])
    var run = CounterRun(workspace)
    var rows: [MicroversionPage.Row] = []
    for name in names {
      let own = try run.counters(of: name, CounterOptions(all: true))
      guard own.state == .tried || own.state == .empty else {
        throw UsageError(
          "\(own.stack) cannot be examined; run 'kerb fetch \(own.stack)' or 'kerb check'")
      }
      let isClaiming = own.counters.contains { $0.counter.isMicroversion && !$0.claims.isEmpty }
      let releases = workspace.configuration.releases.filter {
        isClaiming && $0 > own.stack.release
          && workspace.lock[StackName($0, own.stack.project)] != nil
      }
      let later = try releases.map { release in
        let options = CounterOptions(target: TargetChoice(onto: release.name))
        return (release: release, counters: try run.counters(of: own.stack, options))
      }
      rows.append(MicroversionPage.Row(own: own, later: later))
    }
    let page = MicroversionPage(rows, history: try history(rows, &run))
    guard let bytes = try workspace.contents(of: file, limit: Self.longestPage) else {
      throw UsageError("\(file): no such file; it is renewed, not made")
    }
    guard let present = String(validating: bytes, as: UTF8.self) else {
      throw UsageError("\(file): the page is not UTF-8")
    }
    guard let text = page.applied(to: present) else {
      throw UsageError(
        "\(file): a part is missing; parts are between '<!-- kerb NAME -->' and '<!-- end -->', and are "
          + page.parts.keys.sorted().joined(separator: ", "))
    }
    if text == present { return }
    guard !check else {
      Terminal.error(
        "\(terminalSafe(file)): error: not up to date; run 'kerb microversion --markdown'")
      throw ExitCode.findings
    }
    Reading.end()
    try workspace.write([(file, text)])
  }

  /// The numbers that were given out after the oldest release, where a clone can tell.
  private func history(
    _ rows: [MicroversionPage.Row], _ run: inout CounterRun
  ) throws -> [Consumption]? {
    guard let repo,
      let oldest = rows.first(where: { $0.own.counters.contains(where: \.counter.isMicroversion) })
    else { return nil }
    let version = oldest.own.upstream.map { "\($0.source)".drop { $0 != ":" }.dropFirst() } ?? ""
    let options = CounterOptions(
      target: TargetChoice(onto: TargetChoice.latest, clone: repo),
      since: since ?? String(version))
    return try run.counters(of: oldest.own.stack, options).history
  }

  private func run(_ word: String) throws {
    let workspace = try workspace.openToWrite()
    var options = MoveOptions()
    (options.renumber, options.dryRun) = (try RenumberChoice(word: word), dryRun)
    let named = try workspace.withPatches(try workspace.stacks(named: stacks))
    guard !named.isEmpty else { throw UsageError("no stack that was named has patches") }
    let targets = try named.map { stack in
      guard let entry = workspace.lock[stack] else {
        throw UsageError("\(stack) is not locked; run 'kerb fetch --update \(stack)'")
      }
      return (stack: stack, onto: entry)
    }
    let result = try workspace.rebase(targets, options) { Progress.show($0) }
    try MoveOutput(output.output, isDry: dryRun).show(result)
  }

  /// A run that examined nothing fails: exit code 2.
  private func leave(_ found: [StackCounters]) throws {
    if found.contains(where: { $0.state == .malformed }) { throw ExitCode.badInput }
    if found.contains(where: { $0.state == .notFetched || $0.state == .notLocked }) {
      throw ExitCode.environment
    }
    guard found.contains(where: { !$0.counters.isEmpty }) else {
      throw UsageError("no stack that was named has such a counter: nothing was examined")
    }
    if found.contains(where: { !$0.isGood }) { throw ExitCode.findings }
  }
}
