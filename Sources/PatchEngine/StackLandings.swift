import Patches

/// An upstream commit that is a patch of a stack, or the same thing in another form.
public struct UpstreamCommit: Hashable, Sendable {
  public let id: ObjectID
  public let subject: [UInt8]
  /// When its author wrote it.
  public let authored: AuthorDate
  /// How it was found, the surest first.
  public let evidence: [LandingEvidence]
  /// The first release that has it; nil for none so far.
  public let release: String?
  /// The commit that took it back.
  public let revertedBy: ObjectID?

  public init(
    id: ObjectID, subject: [UInt8], authored: AuthorDate, evidence: [LandingEvidence],
    release: String?, revertedBy: ObjectID?
  ) {
    self.id = id
    self.subject = subject
    self.authored = authored
    self.evidence = evidence
    self.release = release
    self.revertedBy = revertedBy
  }
}

/// What was searched for upstream commits.
public struct SearchedHistory: Hashable, Sendable {
  /// The commits whose messages were read.
  public let messages: Int
  /// The commits whose changes were compared.
  public let changes: Int
  /// The commit after which they begin, as a phrase.
  public let since: String
  /// The repository.
  public let repository: String

  public init(messages: Int, changes: Int, since: String, repository: String) {
    self.messages = messages
    self.changes = changes
    self.since = since
    self.repository = repository
  }
}

/// What upstream has of one patch.
public struct PatchLanding: Hashable, Sendable {
  /// The patch file as a path in the workspace.
  public let file: String
  public let subject: [UInt8]
  public let landing: Landing
  /// The upstream commit, where history is at hand and one was found.
  public let commit: UpstreamCommit?
  /// The commit that the patch's `Upstream` trailer names, found or not.
  public let named: String?

  public init(
    file: String, subject: [UInt8], landing: Landing, commit: UpstreamCommit?, named: String?
  ) {
    self.file = file
    self.subject = subject
    self.landing = landing
    self.commit = commit
    self.named = named
  }

  /// How much of it upstream has. A commit with the patch's `Change-Id` or patch id is the patch,
  /// unless it was taken back.
  public var extent: Landing.Extent {
    guard let commit, commit.revertedBy == nil else { return landing.extent() }
    if commit.evidence.contains(where: \.isIdentity) { return .whole }
    return landing.extent(isKnownCommit: true)
  }
}

/// What upstream has of the patches of one stack: the value that reports are made from.
public struct StackLandings: Sendable {
  public let stack: StackName
  public let state: StackVerdict.State
  /// The tree that the stack is made on.
  public let upstream: UpstreamLock.Entry?
  /// The tree that was examined; nil where the stack was not.
  public let target: StackVerdict.Target?
  public let patches: [PatchLanding]
  /// What was searched for commits; nil where no history is at hand.
  public let searched: SearchedHistory?
  /// Mistakes and warnings in the stack's files.
  public let diagnostics: [Diagnostic]

  public init(
    stack: StackName, state: StackVerdict.State, upstream: UpstreamLock.Entry?,
    target: StackVerdict.Target?, patches: [PatchLanding], searched: SearchedHistory?,
    diagnostics: [Diagnostic]
  ) {
    self.stack = stack
    self.state = state
    self.upstream = upstream
    self.target = target
    self.patches = patches
    self.searched = searched
    self.diagnostics = diagnostics
  }

  /// The patches that should be dropped.
  public var whole: [PatchLanding] { patches.filter { $0.extent == .whole } }

  /// A finding for each patch that upstream has, whole or reworked, and for each hunk where it has
  /// part of one.
  public var findings: [Diagnostic] {
    patches.flatMap { patch -> [Diagnostic] in
      switch patch.extent {
      case .whole: [finding(patch, "upstream has it; drop the patch", "landed")]
      case .reworked:
        [finding(patch, "upstream has it in another form", "landed-reworked")]
      case .inPart: hunks(of: patch)
      case .not: []
      }
    }
  }

  private func finding(_ patch: PatchLanding, _ message: String, _ rule: String) -> Diagnostic {
    let commit = patch.commit.map { commit in
      let subject = String(decoding: commit.subject, as: UTF8.self)
      let release = commit.release.map { ", first in \($0)" } ?? ", in no release"
      let taken = commit.revertedBy.map { ", reverted by \($0.short)" } ?? ""
      return ": \(commit.id.short) \"\(subject)\"\(release)\(taken)"
    }
    return Diagnostic(
      Location(patch.file), "\(stack): \(message)\(commit ?? "")", severity: .warning, rule: rule)
  }

  private func hunks(of patch: PatchLanding) -> [Diagnostic] {
    patch.landing.files.flatMap { file in
      file.parts.filter(\.isThere).map { part in
        let what = part.hunk == 0 ? "the change" : "hunk #\(part.hunk)"
        return Diagnostic(
          Location(patch.file, line: part.line), "\(stack): \(file.path): upstream has \(what)",
          severity: .warning, rule: "landed-in-part")
      }
    }
  }
}

extension ObjectID {
  /// The first twelve digits.
  public var short: String { String(description.prefix(12)) }
}
