import PatchEngine
import Patches

/// What editing stacks came to.
public struct AuthoringResult: Sendable {
  public let stacks: [AuthoringReport]
  /// What became of the texts that other releases share.
  public let sharing: [SharingEvent]
  /// The files that were written, or would be.
  public let files: [MoveResult.WrittenFile]
  /// What a reader should know besides.
  public var notes: [String]
  /// What became of the applied stacks.
  public var followed = Followed()

  public init(
    stacks: [AuthoringReport], sharing: [SharingEvent], files: [MoveResult.WrittenFile],
    notes: [String]
  ) {
    (self.stacks, self.sharing, self.files) = (stacks, sharing, files)
    self.notes = notes
  }
}

/// What editing one stack came to.
public struct AuthoringReport: Sendable {
  public let stack: StackName
  /// The patches that are not as they were, in the order of the stack; those that are gone come last.
  public let patches: [ChangedPatch]

  /// One patch that is not as it was.
  public struct ChangedPatch: Sendable {
    /// The patch file as a path in the workspace.
    public let file: String
    public let change: Change
  }

  /// What became of a patch.
  public enum Change: String, Sendable {
    case added, changed, renamed, removed
    /// Its content is the same; its place in the stack is another.
    case moved
  }
}

/// What became of a text that a release shares with one that was edited.
public struct SharingEvent: Sendable {
  public let release: Release
  public let project: String
  public let name: String
  /// The release's patch file now, as a path in the workspace.
  public let file: String
  public let kind: Kind

  public enum Kind: String, Sendable {
    /// The edit fits: the release has the new text too.
    case shared
    /// The edit does not fit: the release keeps the old text.
    case kept
  }
}
