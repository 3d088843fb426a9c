import Git
import Patches

/// Why the journal did not do what was asked.
public enum JournalError: Error, Sendable {
  /// Another process holds the workspace.
  case busy(Holder?)
  /// Files are not as the operation left them; nothing was written.
  case changed([RepoPath], since: Journal.Operation)
  /// A state is not as the operation left it: a run that stopped has gone on, or another has begun.
  case stateChanged([String], since: Journal.Operation)
  /// There is nothing to undo or redo; the sentence says why.
  case nothing(String)
  /// The set is past its commit point and could not be put in place entirely.
  case unfinished(String, GitError)
  /// An unfinished operation was begun in another folder; the words of it and the file that says so.
  case foreign(String, String)
}

/// The process that holds a workspace.
public struct Holder: Sendable, Equatable {
  public let process: Int32
  /// What it does, as it called itself.
  public let words: String
}

extension Holder: CustomStringConvertible {
  /// `another kerb (pid 12, command fetch --update)`; not escaped for any medium.
  public var description: String { "another kerb (pid \(process), command \(words))" }
}

extension JournalError: CustomStringConvertible {
  /// Not escaped for any medium.
  public var description: String {
    switch self {
    case .busy(let holder):
      "\(holder.map(\.description) ?? "another kerb") is at work here; try again when it has ended"
    case .changed(let paths, let operation):
      "changed since operation \(operation.number) (\(operation.words)), so it stays: "
        + paths.map(\.description).joined(separator: ", ")
        + "; undo what came after it first, or set these files back"
    case .stateChanged(let names, let operation):
      "\(names.joined(separator: ", ")) has gone on since operation \(operation.number) "
        + "(\(operation.words)); undo what came after it first"
    case .nothing(let reason): reason
    case .unfinished(let words, let error):
      "'\(words)' is recorded, and not all of it is in place yet: \(error); the next kerb command "
        + "finishes it"
    case .foreign(let words, let path):
      "\(path): the unfinished operation '\(words)' was not begun in this folder but copied here, so "
        + "it is not carried out; remove the file to go on without it"
    }
  }
}

/// What the journal has to say while it goes about its work.
public enum Notice: Sendable, Equatable {
  /// Another process is waited for; nil where it did not say who it is.
  case waiting(Holder?)
  /// What an earlier process left was past its commit point, and is in place now.
  case finished(operation: String)
  /// What an earlier process left was not past its commit point, and is gone.
  case dropped(operation: String)
  /// A file that was changed while a set was not yet in place now has this other name.
  case saved(RepoPath, as: RepoPath)
}

extension Notice: CustomStringConvertible {
  /// Not escaped for any medium.
  public var description: String {
    switch self {
    case .waiting(let holder): "waiting: \(holder?.description ?? "another kerb") is at work here"
    case .finished(let words): "finished '\(words)', which had been broken off"
    case .dropped(let words): "dropped '\(words)', which had been broken off; nothing is changed"
    case .saved(let path, let other):
      "\(path) had been changed meanwhile; that text is now \(other)"
    }
  }
}

/// What was left by an earlier process, and is no longer.
public enum Recovery: Sendable, Equatable {
  case nothing
  case finished(operation: String)
  case dropped(operation: String)
}
