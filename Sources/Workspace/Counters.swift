import Claims
import Foundation
import Git
import PatchEngine
import Patches

/// Which counters stacks are held against.
public struct CounterOptions: Sendable {
  public var target: TargetChoice
  /// True for every counter, false for the API microversions alone.
  public var all: Bool
  /// The commit after which values are looked for in upstream's history.
  public var since: String?

  public init(target: TargetChoice = TargetChoice(), all: Bool = false, since: String? = nil) {
    self.target = target
    self.all = all
    self.since = since
  }
}

extension Workspace {
  /// What the counters say of stacks on an upstream tree.
  ///
  /// - Parameter progress: called with each stack before it is examined.
  /// - Returns: a value for each stack, in the order given.
  /// - Throws: `GitError` where a repository cannot be read, `UsageError` for an unknown revision.
  public func counters(
    _ stacks: [StackName], _ options: CounterOptions = CounterOptions(),
    progress: (StackName) -> Void = { _ in }
  ) throws -> [StackCounters] {
    var run = CounterRun(self)
    return try stacks.map { stack in
      progress(stack)
      return try run.counters(of: stack, options)
    }
  }

  /// What counters say of a stack on a tree. History is read where it is asked for, or where it can
  /// say who took a value.
  ///
  /// - Throws: `UsageError` for an unknown revision, or where there is no history.
  func counters(
    of loaded: LoadedStack, on target: UpstreamTarget, _ counters: [Counter],
    since: String? = nil, _ run: inout CounterRun
  ) throws -> StackCounters {
    func judged(_ history: [Consumption]) throws -> [CounterVerdict] {
      try judge(
        loaded.patches, of: loaded.name, base: loaded.upstream.tree, on: target, counters, history)
    }
    var history: [Consumption] = []
    var verdicts = try judged([])
    let open = verdicts.filter { $0.claims.contains { $0.standing != .free } }.map(\.counter)
    if since != nil || (!open.isEmpty && target.hasHistory) {
      let wanted = since == nil ? open : counters
      history = try consumptions(of: wanted, on: target, since: since, &run.histories) ?? []
      verdicts = try judged(history)
    }
    return StackCounters(
      stack: loaded.name, state: loaded.patches.isEmpty ? .empty : .tried,
      upstream: loaded.upstream, target: target.named, counters: verdicts, files: loaded.files,
      history: history, diagnostics: try strayClaims(of: loaded, verdicts, &run))
  }

  /// Maxima of clients that are not the greatest number of the stack that they talk to.
  private func strayClaims(
    of loaded: LoadedStack, _ verdicts: [CounterVerdict], _ run: inout CounterRun
  ) throws -> [Diagnostic] {
    let verdict = verdicts.first { $0.counter.name == Counter.clientMaximum.name }
    guard let verdict, let claim = verdict.claims.last?.claim,
      let theirs = try run.serverClaims(loaded.name.release).last,
      theirs != claim.value
    else { return [] }
    let place = claim.evidence[0]
    return [
      Diagnostic(
        Location(loaded.files[place.patch], line: place.entry.line),
        "\(loaded.name): \(verdict.counter.title) \(claim.value): the stack that it talks to "
          + "claims \(theirs)", severity: .warning, rule: "claim-client")
    ]
  }

  /// The API microversions, as `kerb.yaml` may change them.
  var microversion: Counter { allCounters.first(where: \.isMicroversion) ?? .microversion }

  /// The counters of a project whose values a move can change, as `kerb.yaml` changes them.
  func renumberedCounters(of project: String) -> [Counter] {
    let names = Set(Counter.renumbered.map(\.name))
    return allCounters.filter { names.contains($0.name) && $0.applies(to: project) }
  }

  /// The counters that a run with all of them looks at: those that kerb knows, as `kerb.yaml` changes
  /// them, then those that it adds.
  public var allCounters: [Counter] {
    var all = Counter.builtIn
    for description in configuration.counters {
      let place = all.firstIndex { $0.name == description.name }
      guard let counter = Counter(description, over: place.map { all[$0] }) else { continue }
      if let place { all[place] = counter } else { all.append(counter) }
    }
    return all
  }

  /// Judges what patches claim.
  ///
  /// - Returns: a verdict for each counter that the trees have or the patches take from.
  func judge(
    _ patches: [Patch], of stack: StackName, base: ObjectID, on target: UpstreamTarget,
    _ counters: [Counter], _ history: [Consumption] = []
  ) throws -> [CounterVerdict] {
    let repository = try target.open()
    let named = patches.map(\.header.upstreamCommit)
    var budget = CounterBudget()
    return try counters.compactMap { counter in
      guard counter.applies(to: stack.project) else { return nil }
      let before = try repository.upstreamCounter(counter, inTree: base, &budget)
      let after =
        base == target.tree
        ? before : try repository.upstreamCounter(counter, inTree: target.tree, &budget)
      try budget.spend(on: counter, patches: patches)
      let claims = StackClaims(counter, of: patches, base: before)
      guard before.isThere || after.isThere || !claims.claims.isEmpty else { return nil }
      return CounterVerdict(
        claims, base: before, target: after,
        limits: try limits(of: counter, for: stack)
      ) { claim, entry in
        let taken = history.first {
          $0.counter == counter.name && $0.identity == entry.identity && $0.value == entry.value
        }
        guard let taken else { return false }
        return claim.patches.contains { named[$0].map("\(taken.commit)".hasPrefix) ?? false }
      }
    }
  }

  /// The versions in a counter's file of limits, by library.
  func limits(
    of counter: Counter, for stack: StackName
  ) throws -> [[UInt8]: CounterValue] {
    guard let file = counter.limits else { return [:] }
    let name = file.replacing("{project}", with: stack.project)
      .replacing("{release}", with: stack.release.name)
    guard files.has(name) else { return [:] }
    return libraryLimits(try files.read(name, limit: 1 << 20))
  }
}

extension Counter {
  /// A counter as `kerb.yaml` describes it, over one that kerb knows.
  ///
  /// - Returns: nil where something is missing or unreadable, which reading the file has refused.
  init?(_ description: Configuration.CounterDescription, over known: Counter?) {
    var readings = known?.readings ?? []
    if !description.readings.isEmpty {
      readings = description.readings.compactMap { reading in
        guard let role = Reading.Role(rawValue: reading.role),
          let extent = Reading.Extent(rawValue: reading.extent),
          let files = try? LinePattern(reading.files)
        else { return nil }
        return Reading(
          reading.name, role, files: files,
          lines: reading.lines.compactMap { try? LinePattern($0) },
          extent: extent, isRequired: reading.isRequired)
      }
    }
    guard let title = description.title ?? known?.title,
      let order = description.order.flatMap(Order.init(rawValue:)) ?? known?.order
    else { return nil }
    self.init(
      description.name, title: title, order: order, readings: readings,
      projects: description.projects.map(Set.init) ?? known?.projects,
      clients: description.clients.map(Set.init) ?? known?.clients ?? [],
      limits: description.limits ?? known?.limits)
  }
}
