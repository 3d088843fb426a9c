import Patches

/// New contents of files of a workspace, which change together or not at all.
public struct FileSet: Hashable, Sendable {
  /// What a file is to hold, by its path in the workspace; nil for one that goes.
  public var contents: [RepoPath: [UInt8]?]

  public init(_ contents: [RepoPath: [UInt8]?] = [:]) {
    self.contents = contents
  }

  public var isEmpty: Bool { contents.isEmpty }
  public var paths: [RepoPath] { contents.keys.sorted() }

  public mutating func put(_ path: RepoPath, _ bytes: [UInt8]) {
    contents[path] = .some(bytes)
  }

  public mutating func remove(_ path: RepoPath) {
    contents[path] = .some(nil)
  }
}

/// Why files were not written: nothing of a set has changed then, or all of it will have when the
/// next command has run.
public struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: Hashable, Sendable {
    /// Another process is at work.
    case busy
    /// A file of the set is no regular file.
    case refused
    /// The system refused; which call, and why.
    case system
  }

  public let kind: Kind
  public let description: String
}
