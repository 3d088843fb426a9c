import Patches

/// What became of one stack: the value that every report is made from.
public struct StackVerdict: Sendable {
  public enum State: Hashable, Sendable {
    /// Every patch was tried.
    case tried
    /// The release has no patches for the project.
    case empty
    /// The lock has no line for the stack.
    case notLocked
    /// The locked tree is not on this machine.
    case notFetched
    /// A patch or the series cannot be read; see the diagnostics. The others were not tried.
    case malformed
  }

  public let stack: StackName
  public let state: State
  /// The upstream tree that the stack was put on.
  public let upstream: UpstreamLock.Entry?
  /// The patch files in order, as paths in the workspace.
  public let patches: [String]
  /// The first line of each patch's message.
  public let subjects: [[UInt8]]
  /// A step a patch where the state is `tried`.
  public let steps: [Step]
  /// Mistakes and warnings in the stack's files.
  public let diagnostics: [Diagnostic]
  /// What the series file notes on the project.
  public let notes: [String]
  /// The tree that the stack was tried on, where that is not the locked one.
  public var target: Target?
  /// What counters that upstream draws from as well say of the stack there: findings, errors where a
  /// value is claimed that it cannot have.
  public var claims: [Diagnostic] = []
  /// What the stack claims, a phrase each.
  public var claimed: [String] = []

  /// An upstream tree other than the locked one.
  public struct Target: Hashable, Sendable {
    /// What the user called it.
    public let name: String
    /// The commit, where the tree was found by one.
    public let commit: ObjectID?
    public let tree: ObjectID

    public init(name: String, commit: ObjectID?, tree: ObjectID) {
      self.name = name
      self.commit = commit
      self.tree = tree
    }
  }

  public init(
    _ stack: StackName, _ state: State, upstream: UpstreamLock.Entry?, patches: [String] = [],
    subjects: [[UInt8]] = [], steps: [Step] = [], diagnostics: [Diagnostic] = [],
    notes: [String] = []
  ) {
    self.stack = stack
    self.state = state
    self.upstream = upstream
    self.patches = patches
    self.subjects = subjects
    self.steps = steps
    self.diagnostics = diagnostics
    self.notes = notes
  }

  /// True where every patch applies and what they claim of counters stands, or there is none.
  public var isGood: Bool {
    switch state {
    case .tried: steps.allSatisfy(\.outcome.isApplied) && !hasBadClaims
    case .empty: true
    case .notLocked, .notFetched, .malformed: false
    }
  }

  /// True where a value of a counter is claimed that the stack cannot have.
  public var hasBadClaims: Bool { claims.contains { $0.severity == .error } }

  /// The outcome of the whole stack; nil where it was not tried.
  public var outcome: Outcome? { state == .tried ? .worst(steps.map(\.outcome)) : nil }

  /// A finding for each file that does not apply, at its place in the patch file.
  public var findings: [Diagnostic] {
    steps.flatMap { step in
      step.paths.compactMap { result -> Diagnostic? in
        let file = patches[step.patch]
        if let conflict = result.conflict {
          return Diagnostic(
            Location(file, line: conflict.line), "\(stack): \(result.path): \(conflict)",
            rule: conflict.rule)
        }
        guard let blocker = result.blockedBy else { return nil }
        return Diagnostic(
          Location(file),
          "\(stack): \(result.path): not tried, because "
            + "\(patches[blocker]) left the file in conflict", rule: "blocked")
      }
    }
  }

  /// A finding for each patch of which the tree tried has all; none on the locked tree, which the
  /// stack was made on.
  public var landed: [Diagnostic] {
    guard let target else { return [] }
    return steps.filter(\.isLanded).map { step in
      Diagnostic(
        Location(patches[step.patch]), "\(stack): \(target.name) has all of it",
        severity: .warning, rule: "landed")
    }
  }
}
