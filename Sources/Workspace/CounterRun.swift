import Claims
import Git
import PatchEngine
import Patches

/// A run that holds stacks against counters. However often it is asked about one, its patches, the
/// history of a tree and what a release's stacks claim are read once; the files must not change meanwhile.
public struct CounterRun {
  private let workspace: Workspace
  var files: PatchCache
  var histories = HistoryCache()
  private var stacks: [StackName: Workspace.Loading] = [:]
  private var servers: [Release: [CounterValue]] = [:]

  public init(_ workspace: Workspace) {
    self.workspace = workspace
    files = PatchCache(workspace.files)
  }

  /// What the counters say of a stack on an upstream tree.
  ///
  /// - Throws: `GitError` where a repository cannot be read, `UsageError` for an unknown revision.
  public mutating func counters(
    of stack: StackName, _ options: CounterOptions = CounterOptions()
  ) throws -> StackCounters {
    switch load(stack) {
    case .stack(let loaded): return try counters(of: loaded, options)
    case .verdict(let verdict):
      guard verdict.state == .empty, let entry = verdict.upstream,
        (try? workspace.store.has(entry)) == true
      else {
        return StackCounters(
          stack: stack, state: verdict.state, upstream: verdict.upstream, target: nil,
          diagnostics: verdict.diagnostics)
      }
      // A stack without patches claims nothing; its tree still has a maximum.
      return try counters(
        of: LoadedStack(name: stack, upstream: entry, entries: [], patches: []), options)
    }
  }

  private mutating func counters(
    of loaded: LoadedStack, _ options: CounterOptions
  ) throws -> StackCounters {
    try workspace.counters(
      of: loaded, on: try workspace.target(for: loaded.upstream, options.target),
      options.all ? workspace.allCounters : [workspace.microversion], since: options.since, &self)
  }

  /// The microversions that a release's stacks claim: those of the first project that claims any.
  ///
  /// - Throws: `GitError` where a repository cannot be read.
  mutating func serverClaims(_ release: Release) throws -> [CounterValue] {
    if let known = servers[release] { return known }
    let found = try readServerClaims(release)
    servers[release] = found
    return found
  }

  private mutating func readServerClaims(_ release: Release) throws -> [CounterValue] {
    let counter = workspace.microversion
    for project in workspace.configuration.projects
    where counter.applies(to: project.name) && !counter.clients.contains(project.name) {
      guard case .stack(let loaded) = load(StackName(release, project.name)) else { continue }
      let repository = try Repository(
        opening: workspace.store.repositoryPath(project: project.name))
      var budget = CounterBudget()
      let base = try repository.upstreamCounter(counter, inTree: loaded.upstream.tree, &budget)
      try budget.spend(on: counter, patches: loaded.patches)
      let claims = StackClaims(counter, of: loaded.patches, base: base).claims
      if !claims.isEmpty { return claims.map(\.value) }
    }
    return []
  }

  private mutating func load(_ stack: StackName) -> Workspace.Loading {
    if let known = stacks[stack] { return known }
    let loading = workspace.load(stack, &files)
    stacks[stack] = loading
    return loading
  }
}
