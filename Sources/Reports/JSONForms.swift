import Foundation
import PatchEngine
import Patches

/// The version of every JSON object that kerb prints.
public let currentSchema = 1

/// One replay as JSON: `{"steps": […], "tree": …, "commit": …, "warnings": […]}`.
public struct ReplayForm: Encodable {
  public var schemaVersion: Int?
  public let tree: String?
  public let commit: String?
  public let steps: [StepForm]
  public var conflicts: [ConflictForm]?
  public let warnings: [String]
  public var error: String?
  public var human: HumanForm?

  public init(
    tree: ObjectID?, commit: ObjectID?, steps: [StepForm], warnings: [String] = [],
    error: String? = nil
  ) {
    self.tree = tree.map(\.description)
    self.commit = commit.map(\.description)
    self.steps = steps
    let conflicts = steps.flatMap(\.conflicts)
    self.conflicts = conflicts.isEmpty ? nil : conflicts
    self.warnings = warnings
    self.error = error
  }

  private enum CodingKeys: String, CodingKey {
    case schemaVersion, tree, commit, steps, conflicts, warnings, error, human
  }

  /// `tree` and `commit` are null where there is none.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(schemaVersion, forKey: .schemaVersion)
    try container.encode(tree, forKey: .tree)
    try container.encode(commit, forKey: .commit)
    try container.encode(steps, forKey: .steps)
    try container.encodeIfPresent(conflicts, forKey: .conflicts)
    try container.encode(warnings, forKey: .warnings)
    try container.encodeIfPresent(error, forKey: .error)
    try container.encodeIfPresent(human, forKey: .human)
  }
}

/// One patch of a replay as JSON.
public struct StepForm: Encodable {
  public let patch: String
  public let outcome: String
  public let paths: [PathForm]
  public var formatted: Bool?
  public var canonical: Bool?
  /// Mistakes in a patch that could not be read.
  public var diagnostics: [DiagnosticForm]?

  public init(_ step: Step, patch: String) {
    self.patch = patch
    self.outcome = step.outcome.rawValue
    self.paths = step.paths.map { PathForm($0, patch: patch) }
  }

  /// A patch that could not be read.
  public init(unreadable patch: String, _ diagnostics: Diagnostics) {
    self.patch = patch
    self.outcome = Outcome.conflicted.rawValue
    self.paths = []
    self.diagnostics = diagnostics.all.map(DiagnosticForm.init)
  }

  var conflicts: [ConflictForm] { paths.compactMap(\.conflict) }
}

/// One file of a patch as JSON.
public struct PathForm: Encodable {
  public let path: String
  public let from: String?
  public let outcome: String
  public let offset: Int
  public let reason: String?
  public let rule: String?
  public let line: Int?
  public let blockedBy: Int?
  /// Where upstream has the file now, if the change followed it there.
  public let followedTo: String?
  public let resolvers: [String]?
  let conflict: ConflictForm?

  private enum CodingKeys: String, CodingKey {
    case path, from, outcome, offset, reason, rule, line, blockedBy, followedTo, resolvers
  }

  public init(_ result: PathResult, patch: String) {
    self.path = result.path.description
    self.from = result.source?.description
    self.outcome = result.outcome.rawValue
    self.offset = result.offset
    self.reason =
      result.conflict?.description ?? result.blockedBy.map { "blocked by patch \($0 + 1)" }
    self.rule = result.conflict?.rule ?? (result.blockedBy == nil ? nil : "blocked")
    self.line = result.conflict?.line
    self.blockedBy = result.blockedBy
    self.followedTo = result.followedTo?.description
    self.resolvers = result.resolvers.isEmpty ? nil : result.resolvers.map(\.rawValue)
    self.conflict = result.conflict.map {
      ConflictForm(
        path: result.path.description, patch: patch, line: $0.line, rule: $0.rule,
        reason: $0.description, chunks: $0.merge?.openChunkForms ?? [])
    }
  }
}

/// One conflict as JSON.
public struct ConflictForm: Encodable {
  public let path: String
  public let patch: String
  public let line: Int?
  public let rule: String
  public let reason: String
  /// The places where both sides changed the same lines; none where the conflict is of another kind.
  public let chunks: [ChunkForm]
}

/// One place of a conflict as JSON, with what it may be resolved to, the likeliest first.
public struct ChunkForm: Encodable {
  public struct CandidateForm: Encodable {
    public let name: String
    public let text: String
  }

  /// The first line of the place in the upstream file, counted from 1.
  public let line: Int
  public let ours: String
  public let base: String
  public let theirs: String
  public let candidates: [CandidateForm]
}

extension OpenMerge {
  fileprivate var openChunkForms: [ChunkForm] {
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    return openChunks.map { chunk in
      let key = merge.key(of: chunk)
      return ChunkForm(
        line: chunk.ours.lowerBound + 1, ours: text(key.ours), base: text(key.base),
        theirs: text(key.theirs),
        candidates: candidates(for: key).map {
          ChunkForm.CandidateForm(name: $0.name, text: text($0.text))
        })
    }
  }
}

/// How a replay compares with what a person made of it, as JSON.
public struct HumanForm: Encodable {
  public let elsewhere: Bool
  /// For each open place, in the order of `conflicts`, which candidate the person chose, from 0; null
  /// where none of them.
  public let chosen: [Int?]

  public init(elsewhere: Bool, chosen: [Int?]) {
    self.elsewhere = elsewhere
    self.chosen = chosen
  }
}

/// A finding as JSON.
public struct DiagnosticForm: Encodable {
  public let file: String
  public let line: Int?
  public let severity: String
  public let message: String
  public let rule: String

  public init(_ diagnostic: Diagnostic) {
    self.file = diagnostic.location.file
    self.line = diagnostic.location.line
    self.severity = diagnostic.severity.rawValue
    self.message = diagnostic.message
    self.rule = diagnostic.rule
  }
}

/// The verdicts of a run over stacks as JSON.
public struct VerdictsForm: Encodable {
  public let schemaVersion = currentSchema
  public let stacks: [StackForm]
  /// The runs that have stopped; absent where there are none.
  public let stopped: [StoppedForm]?

  public init(_ verdicts: [StackVerdict], stopped: [StoppedForm] = []) {
    self.stacks = verdicts.map(StackForm.init)
    self.stopped = stopped.isEmpty ? nil : stopped
  }
}

/// A run that has stopped as JSON.
public struct StoppedForm: Encodable {
  public let stack: String
  /// The stack whose patches are moved; another one for a port.
  public let source: String
  /// The patch that it is stopped at, counted from 1, and how many there are.
  public let patch: Int
  public let patches: Int
  public let file: String
  /// The files that are in conflict.
  public let open: [String]

  public init(
    stack: String, source: String, patch: Int, patches: Int, file: String, open: [String]
  ) {
    (self.stack, self.source, self.patch) = (stack, source, patch)
    (self.patches, self.file, self.open) = (patches, file, open)
  }
}

/// One stack's verdict as JSON.
public struct StackForm: Encodable {
  public let stack: String
  public let release: String
  public let project: String
  public let state: String
  public let outcome: String?
  public let good: Bool
  public let source: String?
  public let commit: String?
  public let tree: String?
  public let patches: [String]
  public let steps: [StepForm]
  public let findings: [DiagnosticForm]
  public let notes: [String]
  /// What the stack claims of counters that upstream draws from as well, a phrase each.
  public let claimed: [String]
  /// The tree that the stack was tried on, where that is not the locked one.
  public let target: TargetForm?

  public init(_ verdict: StackVerdict) {
    self.stack = verdict.stack.description
    self.release = verdict.stack.release.name
    self.project = verdict.stack.project
    self.state = verdict.state.name
    self.outcome = verdict.outcome?.rawValue
    self.good = verdict.isGood
    self.source = verdict.upstream?.source.description
    self.commit = verdict.upstream?.commit.description
    self.tree = verdict.upstream?.tree.description
    self.patches = verdict.patches
    self.steps = verdict.steps.map { StepForm($0, patch: verdict.patches[$0.patch]) }
    self.findings =
      (verdict.diagnostics + verdict.findings + verdict.landed + verdict.claims).map(
        DiagnosticForm.init)
    self.claimed = verdict.claimed
    self.notes = verdict.notes
    self.target = verdict.target.map {
      TargetForm(name: $0.name, commit: $0.commit?.description, tree: $0.tree.description)
    }
  }
}

/// An upstream tree as JSON.
public struct TargetForm: Encodable {
  public let name: String
  public let commit: String?
  public let tree: String

  public init(name: String, commit: String?, tree: String) {
    self.name = name
    self.commit = commit
    self.tree = tree
  }
}

extension StackVerdict.State {
  /// The state's name in JSON.
  public var name: String {
    switch self {
    case .tried: "tried"
    case .empty: "empty"
    case .notLocked: "not_locked"
    case .notFetched: "not_fetched"
    case .malformed: "malformed"
    }
  }
}

/// The JSON text of a value, keys in snake case and sorted, on one line or for reading. Characters that
/// act on a terminal, and commands to a CI runner, are written with their numbers.
///
/// - Parameter snakeCase: false where a format of others says how keys are written.
public func json(_ value: some Encodable, pretty: Bool = true, snakeCase: Bool = true) -> String {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = snakeCase ? .convertToSnakeCase : .useDefaultKeys
  encoder.outputFormatting =
    pretty
    ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    : [.sortedKeys, .withoutEscapingSlashes]
  guard let data = try? encoder.encode(value) else {
    preconditionFailure("a report has only strings and numbers")
  }
  return withoutActing(String(decoding: data, as: UTF8.self))
}
