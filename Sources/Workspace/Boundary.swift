import Foundation
import Git
import Patches

/// What is judged before anything in a workspace is believed: that nothing which came with a clone
/// stands where kerb keeps what it makes itself, and that no link there leads elsewhere.
///
/// `.kerb/` and `src/` are kerb's own: clones of upstream, the journal, work trees. git runs in them,
/// and the journal writes files of the workspace. What a pull request, a cache or an artifact put
/// there would act.
enum Boundary {
  /// Folders of `.kerb/` in which nothing but folders and regular files may be.
  private static let closed = ["journal", "upstream", "stopped", "proofs"]
  /// Folders whose folders for RELEASE/PROJECT are work trees with upstream's files.
  private static let trees = [".kerb/exec", "src"]

  /// - Parameter root: the workspace's folder.
  /// - Throws: `Diagnostics` for a tracked path, `StateProblem` for what kerb does not make, `GitError`
  ///   for an index that cannot be read.
  static func judge(_ root: String) throws {
    try refuseTracked(root)
    let own = "\(root)/.kerb"
    try requireFolder(own)
    for name in closed { try StateFolder.judge("\(own)/\(name)") }
    for folder in trees {
      for path in foldersOfStacks("\(root)/\(folder)") { try requireFolder(path) }
    }
    for store in stores(own) {
      try judgeStore(store, as: store.hasSuffix("/operations.git") ? .log : .upstream)
      completeStore(store)
    }
  }

  /// Refuses a workspace whose git repository tracks files of kerb's own.
  private static func refuseTracked(_ root: String) throws {
    let real = realpath(root, nil).map { pointer in
      defer { free(pointer) }
      return String(cString: pointer)
    }
    let found = try firstTrackedPath(below: real ?? root) { path in
      namesOwnFolder(path.prefix { $0 != UInt8(ascii: "/") })
    }
    guard let found else { return }
    let path = String(decoding: found, as: UTF8.self)
    throw Diagnostics(
      Diagnostic(
        Location(path),
        "git tracks this path, and .kerb/ and src/ are kerb's own: what a commit brings there could act. "
          + "Take it out of git (git rm -r --cached) and list /.kerb/ and /src/ in .gitignore",
        rule: "tracked-state"))
  }

  private static func requireFolder(_ path: String) throws(StateProblem) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw StateProblem(
        path, "it is no folder; kerb makes a folder there and follows no links. Remove it")
    }
  }

  /// A folder of work trees, its folders named for releases, and theirs named for projects; of these as
  /// far as those above are folders. A link beside them is not followed.
  private static func foldersOfStacks(_ top: String) -> [String] {
    let releases = names(in: top).filter { Release($0) != nil }.map { "\(top)/\($0)" }
    let projects = releases.flatMap { release in
      names(in: release).filter(isProjectName).map { "\(release)/\($0)" }
    }
    return [top] + releases + projects
  }

  private static func names(in path: String) -> [String] {
    guard (try? requireFolder(path)) != nil else { return [] }
    return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  /// The repositories that kerb keeps.
  private static func stores(_ own: String) -> [String] {
    let folder = "\(own)/upstream"
    let projects = names(in: folder).filter { $0.hasSuffix(".git") }
    return projects.map { "\(folder)/\($0)" } + ["\(own)/journal/operations.git"]
  }
}
