import PatchEngine
import Patches

/// The landings of a run over stacks as JSON.
public struct LandingsForm: Encodable {
  public let schemaVersion = currentSchema
  public let stacks: [StackLandingForm]

  public init(_ all: [StackLandings]) {
    self.stacks = all.map(StackLandingForm.init)
  }
}

/// One stack's landings as JSON.
public struct StackLandingForm: Encodable {
  public struct SearchedForm: Encodable {
    public let messages: Int
    public let changes: Int
    public let since: String
  }

  public let stack: String
  public let state: String
  public let source: String?
  public let target: TargetForm?
  public let patches: [PatchLandingForm]
  /// Null where no history is at hand.
  public let searched: SearchedForm?
  public let findings: [DiagnosticForm]

  public init(_ landings: StackLandings) {
    self.stack = landings.stack.description
    self.state = landings.state.name
    self.source = landings.upstream?.source.description
    self.target = landings.target.map {
      TargetForm(name: $0.name, commit: $0.commit?.description, tree: $0.tree.description)
    }
    self.patches = landings.patches.map(PatchLandingForm.init)
    self.searched = landings.searched.map {
      SearchedForm(messages: $0.messages, changes: $0.changes, since: $0.since)
    }
    self.findings = (landings.diagnostics + landings.findings).map(DiagnosticForm.init)
  }
}

/// One patch's landing as JSON.
public struct PatchLandingForm: Encodable {
  public struct CommitForm: Encodable {
    public let id: String
    public let subject: String
    /// Seconds since 1970 in UTC.
    public let authored: Int64
    public let evidence: [String]
    public let release: String?
    public let revertedBy: String?
  }

  public struct FileForm: Encodable {
    public let path: String
    public let followedTo: String?
    public let hunks: [HunkForm]
  }

  public struct HunkForm: Encodable {
    /// From 1; 0 stands for a change without hunks.
    public let hunk: Int
    public let line: Int?
    public let there: Bool
    public let addedLines: Int
    public let foundLines: Int
  }

  public let patch: String
  public let subject: String
  /// `whole`, `in_part`, `reworked` or `not`.
  public let extent: String
  public let addedLines: Int
  public let foundLines: Int
  public let commit: CommitForm?
  /// The commit that the patch's `Upstream` trailer names, found or not.
  public let named: String?
  public let files: [FileForm]

  public init(_ landing: PatchLanding) {
    self.patch = landing.file
    self.subject = String(decoding: landing.subject, as: UTF8.self)
    self.extent = landing.extent.rawValue
    self.addedLines = landing.landing.wanted
    self.foundLines = landing.landing.found
    self.commit = landing.commit.map { commit in
      CommitForm(
        id: commit.id.description, subject: String(decoding: commit.subject, as: UTF8.self),
        authored: commit.authored.seconds, evidence: commit.evidence.map(\.rawValue),
        release: commit.release, revertedBy: commit.revertedBy?.description)
    }
    self.named = landing.named
    self.files = landing.landing.files.map { file in
      FileForm(
        path: file.path.description, followedTo: file.followedTo?.description,
        hunks: file.parts.map { part in
          HunkForm(
            hunk: part.hunk, line: part.line, there: part.isThere, addedLines: part.lines.count,
            foundLines: part.lines.count(where: \.isFound))
        })
    }
  }
}
