import Claims
import Git
import PatchEngine
import Patches

/// What is done about numbers that upstream has given to something else.
public enum RenumberChoice: Hashable, Sendable {
  /// The stack stays where it is, and the finding says so.
  case refuse
  /// The stack is moved as it is.
  case keep
  /// The stack gets the next numbers that are free.
  case automatic
  /// The stack gets these.
  case given(Renumbering)

  /// - Throws: `UsageError` for a word that is none of `auto`, `none`, `N=M[,N=M…]`.
  public init(word: String) throws {
    switch word {
    case "auto": self = .automatic
    case "none": self = .keep
    default:
      var values: [CounterValue: CounterValue] = [:]
      for pair in word.split(separator: ",", omittingEmptySubsequences: false) {
        let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
        let numbers = parts.map { CounterValue($0.utf8) }
        guard parts.count == 2, numbers.allSatisfy({ $0.numbers?.count == 2 }),
          numbers[0] != numbers[1], !values.values.contains(numbers[1]),
          values.updateValue(numbers[1], forKey: numbers[0]) == nil
        else {
          throw UsageError(
            "--renumber \(word): say auto, none, or which number becomes which: 2.96=2.97")
        }
      }
      self = .given(Renumbering(values))
    }
  }
}

/// What the counters say of a stack that is moved.
public struct MoveClaims: Sendable {
  /// The numbers that its patches got instead of others.
  public var renumbering = Renumbering([:])
  /// Claims that do not stand on the new tree, that have landed there, and what renumbering left for a
  /// person to look at.
  public var findings: [Diagnostic] = []
  /// True where the stack is not moved because of them.
  public var isRefused = false
  /// What `--renumber auto` would make of it.
  public var offer = Renumbering([:])

  public init() {}

  /// True where a claim does not stand.
  public var hasError: Bool { isRefused || findings.contains { $0.severity == .error } }
}

extension Workspace {
  /// The clients' stacks of a stack's release that are not moved in the same run and that may have its
  /// numbers: they get the new ones on their own trees.
  func followers(
    of server: StackName, _ claims: MoveClaims, beside moving: [StackName]
  ) throws -> [UpstreamLock.Entry] {
    guard !claims.renumbering.isEmpty, !claims.isRefused, !isClient(server) else { return [] }
    let stacks = configuration.projects.map { StackName(server.release, $0.name) }
      .filter { isClient($0) && !moving.contains($0) }
    return try withPatches(stacks).compactMap { lock[$0] }.filter { try store.has($0) }
  }

  /// The places of stacks in the order in which they are moved: those that only use numbers after
  /// those that claim them.
  func serversFirst(_ stacks: [StackName]) -> [Int] {
    stacks.indices.filter { !isClient(stacks[$0]) } + stacks.indices.filter { isClient(stacks[$0]) }
  }

  /// True for a stack whose patches only use the microversions of others.
  func isClient(_ stack: StackName) -> Bool { microversion.clients.contains(stack.project) }

  /// A move with the numbers that the choice gives it.
  ///
  /// - Parameter given: the renumberings of this run by release; clients follow them.
  func renumbered(
    _ move: StackMove, _ choice: RenumberChoice, _ given: inout [Release: Renumbering],
    _ run: inout CounterRun
  ) throws -> (StackMove, MoveClaims) {
    var claims = MoveClaims()
    let before = try counters(of: move, base: move.source.upstream.tree)
    let wanted = try automatic(for: move, before, given[move.stack.release], &run)
    let renumbering: Renumbering
    switch choice {
    case .refuse, .keep:
      claims.findings = before.findings
      claims.offer = wanted
      claims.isRefused = choice == .refuse && before.hasBadClaim
      return (move, claims)
    case .automatic: renumbering = wanted
    case .given(let pairs):
      let claimed = Set(before.counters.flatMap(\.claims).map(\.claim.value))
      renumbering =
        given[move.stack.release] ?? Renumbering(pairs.values.filter { claimed.contains($0.key) })
      if given[move.stack.release] == nil { try refuseTaken(renumbering, move.stack, before) }
    }
    guard !renumbering.isEmpty else {
      claims.findings = before.findings
      claims.isRefused = before.hasBadClaim
      return (move, claims)
    }
    let (made, findings) = try renumbered(move, renumbering)
    if !isClient(move.stack), !made.renumbering.isEmpty {
      given[move.stack.release] = renumbering
    }
    let after = try counters(of: made, base: move.onto.tree)
    claims.renumbering = made.renumbering
    claims.findings = findings + after.findings
    claims.isRefused = after.hasBadClaim
    return (made, claims)
  }

  /// Numbers that upstream has given out already are a mistake: its own entries would be taken for
  /// the stack's.
  private func refuseTaken(
    _ renumbering: Renumbering, _ stack: StackName, _ before: StackCounters
  ) throws {
    guard let verdict = before.counters.first(where: { $0.counter.isMicroversion }),
      let most = verdict.upstream.maximum(of: []),
      let pair = renumbering.pairs.first(where: { $0.new <= most })
    else { return }
    throw Refusal(
      "--renumber \(pair.old)=\(pair.new): \(stack) goes to a tree whose maximum is \(most)"
        + (most.next.map { "; the next number is \($0)" } ?? ""))
  }

  /// Numbers that were asked for and that no stack claims are a mistake.
  func refuseUnclaimed(_ choice: RenumberChoice, _ reports: [MoveReport]) throws {
    guard case .given(let renumbering) = choice,
      !reports.contains(where: { !$0.claims.renumbering.isEmpty || $0.claims.isRefused })
    else { return }
    throw UsageError(
      "--renumber: no stack that was named has "
        + renumbering.pairs.map { "\($0.old)" }.joined(separator: " or "))
  }

  /// The microversions of a move's patches on the tree that it goes to.
  private func counters(of move: StackMove, base: ObjectID) throws -> StackCounters {
    let onto = move.onto
    let target = UpstreamTarget(
      name: "\(onto.source)", tree: onto.tree, commit: onto.commit,
      repository: store.repositoryPath(project: move.stack.project), lenders: [],
      lockedCommit: nil, hasHistory: false)
    let patches = move.source.patches.indices.map {
      move.own[$0]?.patch ?? move.source.patches[$0]
    }
    let files = move.source.files.indices.map { move.own[$0]?.file ?? move.source.files[$0] }
    return StackCounters(
      stack: move.stack, state: .tried, upstream: move.source.upstream, target: target.named,
      counters: try judge(
        patches, of: move.stack, base: base, on: target,
        renumberedCounters(of: move.stack.project)), files: files)
  }

  /// What `--renumber auto` means for a move: the next free numbers, or for a client those that the
  /// stack which it talks to has.
  private func automatic(
    for move: StackMove, _ counters: StackCounters, _ server: Renumbering?,
    _ run: inout CounterRun
  ) throws -> Renumbering {
    guard isClient(move.stack) else {
      return counters.counters.first { $0.counter.isMicroversion }
        .map { Renumbering(automaticFor: $0) } ?? Renumbering([:])
    }
    if let server { return server }
    let claimed = counters.counters.flatMap(\.claims).map(\.claim.value)
    let theirs = try run.serverClaims(move.stack.release)
    guard counters.hasBadClaim, let one = claimed.first, claimed.count == 1 else {
      return Renumbering([:])
    }
    if theirs.count == 1, theirs != [one] { return Renumbering([one: theirs[0]]) }
    return counters.counters.first.map { Renumbering(automaticFor: $0) } ?? Renumbering([:])
  }
}

extension StackCounters {
  var hasBadClaim: Bool {
    counters.contains { $0.isMissing || $0.claims.contains(where: \.standing.isBad) }
  }
}
