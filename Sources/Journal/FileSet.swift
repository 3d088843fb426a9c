import Patches

/// New contents of files of the workspace, by path; nil removes the file. A file that is there
/// keeps its permission bits.
public struct FileSet: Sendable, Hashable {
  public var contents: [RepoPath: [UInt8]?]

  public init(_ contents: [RepoPath: [UInt8]?] = [:]) {
    self.contents = contents
  }

  /// The paths in order.
  public var paths: [RepoPath] { contents.keys.sorted() }

  /// Gives a file a content.
  public mutating func put(_ path: RepoPath, _ bytes: [UInt8]) {
    contents.updateValue(bytes, forKey: path)
  }

  /// Removes a file.
  public mutating func remove(_ path: RepoPath) {
    contents.updateValue(nil, forKey: path)
  }

  /// True if the set says nothing about any file.
  public var isEmpty: Bool { contents.isEmpty }
}

/// Whose folder a path is in.
enum Place: String, Hashable, Sendable, CaseIterable {
  case workspace, state
}

/// A path of a set: of the workspace, or of the journal's own state.
struct Target: Hashable, Sendable, Comparable {
  let place: Place
  let path: RepoPath

  init(_ place: Place, _ path: RepoPath) {
    self.place = place
    self.path = path
  }

  static func < (left: Target, right: Target) -> Bool {
    (left.place.rawValue, left.path) < (right.place.rawValue, right.path)
  }
}

/// A file's content as a set wants it or as it was found.
struct Content: Sendable, Equatable {
  let bytes: [UInt8]
  /// Counts where the file is made anew; one that is there keeps its bits.
  var isExecutable = false
}
