import Patches

/// The files of an archive as directories, each name once.
struct ArchiveTree: Sendable {
  /// A directory: its files by name, as positions in the archive, and its directories.
  struct Directory: Sendable {
    var files: [[UInt8]: Int] = [:]
    var directories: [[UInt8]: Directory] = [:]
  }

  let files: [ArchiveFile]
  let root: Directory

  /// - Throws: a path that comes twice, or that is both a file and a directory, or lies below a
  ///   symbolic link; an archive without files.
  init(_ survey: ArchiveSurvey) throws(ArchiveProblem) {
    var root = Directory()
    for (index, file) in survey.files.enumerated() {
      try Self.insert(index, file.path, Self.names(file.path), into: &root)
    }
    for path in survey.directories { try Self.check(path, Self.names(path), in: root) }
    guard !survey.files.isEmpty else { throw ArchiveProblem(description: "it has no files") }
    self.files = survey.files
    self.root = root
  }

  private static func names(_ path: RepoPath) -> ArraySlice<[UInt8]> {
    path.components.map { Array($0) }[...]
  }

  private static func insert(
    _ index: Int, _ path: RepoPath, _ components: ArraySlice<[UInt8]>,
    into directory: inout Directory
  ) throws(ArchiveProblem) {
    let name = components[components.startIndex]
    guard components.count > 1 else {
      guard directory.files[name] == nil, directory.directories[name] == nil else {
        throw ArchiveProblem(description: "'\(path)' comes twice")
      }
      directory.files[name] = index
      return
    }
    guard directory.files[name] == nil else {
      throw ArchiveProblem(description: "'\(path)' lies below a file or a symbolic link")
    }
    try insert(
      index, path, components.dropFirst(), into: &directory.directories[name, default: .init()])
  }

  /// Git keeps no empty directory, so one that has no files is only looked at.
  private static func check(
    _ path: RepoPath, _ components: ArraySlice<[UInt8]>, in directory: Directory
  ) throws(ArchiveProblem) {
    guard let name = components.first else { return }
    if directory.files[name] != nil {
      throw ArchiveProblem(
        description: components.count > 1
          ? "'\(path)' lies below a file or a symbolic link" : "'\(path)' comes twice")
    }
    if let next = directory.directories[name] {
      try check(path, components.dropFirst(), in: next)
    }
  }
}
