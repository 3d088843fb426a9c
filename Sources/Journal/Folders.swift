import Git
import Patches

/// The two folders that a set writes to, opened.
struct Folders: ~Copyable {
  private var workspace: DiskTree
  private var state: DiskTree

  init(_ journal: Journal) throws(GitError) {
    let workspace = try DiskTree(at: journal.workspace)
    let state = try DiskTree(at: journal.folder)
    self.workspace = workspace
    self.state = state
  }

  mutating func with<Result, Failure: Error>(
    _ place: Place, _ body: (inout DiskTree) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch place {
    case .workspace: try body(&workspace)
    case .state: try body(&state)
    }
  }

  /// Waits until the names in the folders of these files, each once, are on the disk; where one is
  /// gone, in the nearest above it.
  mutating func synchronize(above targets: [Target]) throws(GitError) {
    for place in Place.allCases {
      let paths = targets.filter { $0.place == place }.map(\.path)
      try with(place) { (disk: inout DiskTree) throws(GitError) in
        var above: Set<RepoPath?> = []
        for path in paths { above.insert(disk.nearestDirectory(above: path)) }
        for folder in above.sorted(by: {
          ($0?.bytes ?? []).lexicographicallyPrecedes($1?.bytes ?? [])
        }) {
          try disk.synchronize(folder)
        }
      }
    }
  }
}
