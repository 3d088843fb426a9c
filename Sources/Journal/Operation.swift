import Git
import Patches

extension Journal {
  /// One entry of the operation log. In the journal's name, as Foundation has an `Operation` too.
  public struct Operation: Sendable, Equatable {
    /// What an operation did to the log's other entries.
    public enum Kind: Sendable, Equatable {
      case normal
      /// Took back the operation of this number.
      case undo(of: Int)
      /// Did again the operation of this number, which had been undone.
      case redo(of: Int)
    }

    /// The commit that records it.
    public let id: ObjectID
    /// Counted from 1, the oldest.
    public let number: Int
    /// Seconds since 1970.
    public let seconds: Int64
    /// The command line, or a summary; one line.
    public let words: String
    public let note: String?
    public let kind: Kind
    /// The files of the workspace that it changed, in order.
    public let paths: [RepoPath]
    /// The names of the journal's states that it changed, in order.
    public let states: [String]
  }
}

extension [Journal.Operation] {
  /// The numbers of the normal operations that are undone as the log stands.
  ///
  /// - Precondition: the log is whole, newest first.
  public var undone: Set<Int> {
    var undone: Set<Int> = []
    for operation in reversed() {
      switch operation.kind {
      case .normal: break
      case .undo(let number): undone.insert(number)
      case .redo(let number): undone.remove(number)
      }
    }
    return undone
  }
}
