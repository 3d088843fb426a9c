import Foundation
import Git
import Journal
import PatchEngine
import Patches
import Upstream

/// A mistake in how kerb was called, or a state that the user has to change first.
public struct UsageError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}

/// The folder that holds patches, series files and the lock.
public struct Workspace: Sendable {
  /// The folder with `kerb.yaml`.
  public let root: String
  public let configuration: Configuration
  public let lock: UpstreamLock
  /// What every write to the workspace's files goes through, and every read waits for.
  public let journal: Journal
  /// On whose behalf it was opened.
  public let caller: Caller
  /// Files of the workspace, read without following links.
  let files: WorkspaceFiles
  /// Files that are to be written, where this is the workspace as it would be then.
  private let proposed: FileSet

  public static let configurationName = "kerb.yaml"
  public static let lockName = "series/upstream.lock"

  /// Opens the workspace that `directory` is in: the nearest folder upwards with a `kerb.yaml`.
  ///
  /// Its files should be read while nobody writes to them: under `Journal.read`, `lease` or `hold`.
  ///
  /// - Throws: `UsageError` where there is none, `Diagnostics` for mistakes in its files.
  public init(containing directory: String, for caller: Caller = Caller()) throws {
    try self.init(in: Self.journal(containing: directory, for: caller), for: caller)
  }

  /// Opens the workspace of a journal, as its files are now.
  ///
  /// - Throws: `Diagnostics` for mistakes in its files.
  public init(in journal: Journal, for caller: Caller) throws {
    try self.init(in: journal, for: caller, proposed: FileSet())
  }

  private init(in journal: Journal, for caller: Caller, proposed: FileSet) throws {
    let files = WorkspaceFiles(root: journal.workspace, proposed: proposed.byName)
    let name = Self.configurationName
    let yaml = try files.read(name, limit: Configuration.maximumSize)
    self.root = journal.workspace
    self.configuration = try Configuration(parsing: yaml, file: name)
    self.lock = try Self.readLock(files)
    self.files = files
    self.journal = journal
    self.caller = caller
    self.proposed = proposed
  }

  /// The workspace as it would be with a set written.
  ///
  /// - Throws: `Diagnostics` for mistakes in its files.
  func after(_ set: FileSet) throws -> Workspace {
    let all = FileSet(proposed.contents.merging(set.contents) { $1 })
    return try Workspace(in: journal, for: caller, proposed: all)
  }

  /// The journal of the workspace that `directory` is in; none of the workspace's files is read. What
  /// is in kerb's own folders is judged first (`Boundary`).
  ///
  /// - Throws: `UsageError` where there is no workspace, what `Boundary.judge` throws.
  public static func journal(
    containing directory: String, for caller: Caller = Caller()
  ) throws -> Journal {
    guard let root = try root(containing: directory) else {
      throw UsageError(
        "no kerb.yaml here or above; 'kerb init' makes a workspace, --workspace names one")
    }
    try Boundary.judge(root)
    return Journal(workspace: root, state: "\(root)/.kerb/journal", clock: caller.clock)
  }

  private static func root(containing directory: String) throws(UsageError) -> String? {
    var isFolder: ObjCBool = false
    var url = URL(filePath: directory).standardizedFileURL
    // Where the name is not UTF-8, what is found under the name as text is another folder or none.
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
      isFolder.boolValue,
      directory.hasPrefix("/") || isSame(".", FileManager.default.currentDirectoryPath)
    else {
      throw UsageError(
        "\(url.path) is no folder whose path is UTF-8; name the workspace's folder with --workspace"
      )
    }
    while true {
      if WorkspaceFiles(root: url.path).has(configurationName) { return url.path }
      let parent = url.deletingLastPathComponent().standardizedFileURL
      guard parent.path != url.path else { return nil }
      url = parent
    }
  }

  static func readLock(_ files: WorkspaceFiles) throws -> UpstreamLock {
    guard files.has(lockName) else { return UpstreamLock() }
    let bytes = try files.read(lockName, limit: UpstreamLock.maximumSize)
    return try UpstreamLock(parsing: bytes, file: lockName)
  }

  /// Where upstream's trees are kept.
  public var store: UpstreamStore { UpstreamStore(root: "\(root)/.kerb/upstream") }

  /// Removes git's locks that a kerb which was killed has left in the clones of the projects, as far as
  /// they can be written: those that cannot stand in nobody's way.
  public func endBrokenWrites() {
    for project in configuration.projects {
      let path = store.repositoryPath(project: project.name)
      try? ReferenceWrites(in: path).endBroken()
    }
  }

  /// The series of a release; one without patches where there is no file.
  public func series(_ release: Release) throws(Diagnostics) -> Series {
    let (series, problems) = seriesAsRead(release)
    guard problems.isEmpty else { throw Diagnostics(problems) }
    return series
  }

  /// The series of a release as far as it can be read, and what is wrong with it.
  func seriesAsRead(_ release: Release) -> (series: Series, problems: [Diagnostic]) {
    let name = "series/\(release)"
    var bytes: [UInt8] = []
    var unread: [Diagnostic] = []
    do throws(Diagnostics) {
      if files.has(name) { bytes = try files.read(name, limit: Series.maximumSize) }
    } catch {
      unread = error.all
    }
    let (series, problems) = Series.reading(
      bytes, release: release, file: name, soleProject: soleProject)
    return (series, unread + problems)
  }

  /// The project that entries without a folder belong to.
  var soleProject: String? {
    configuration.projects.count == 1 ? configuration.projects[0].name : nil
  }

  /// The stacks that the words name: `2024.1/nova`, `2024.1`, `nova`; all of them without words.
  ///
  /// - Returns: the stacks in the order of the configuration, projects first.
  /// - Throws: `UsageError` for a word that names nothing, `Diagnostics` for a broken series file.
  public func stacks(named words: [String]) throws -> [StackName] {
    let all = configuration.projects.flatMap { project in
      configuration.releases.map { StackName($0, project.name) }
    }
    guard !words.isEmpty else { return all }
    var chosen: Set<StackName> = []
    for word in words {
      let found = all.filter { matches($0, word) }
      guard !found.isEmpty else {
        throw UsageError(
          "'\(word)' names no stack; stacks are named RELEASE/PROJECT, of the releases "
            + configuration.releases.map(\.name).joined(separator: ", ") + " and the projects "
            + configuration.projects.map(\.name).joined(separator: ", "))
      }
      chosen.formUnion(found)
    }
    return all.filter(chosen.contains)
  }

  private func matches(_ stack: StackName, _ word: String) -> Bool {
    word == stack.release.name || word == stack.project || word == stack.description
  }

  /// The path of a patch file in the workspace.
  public static func path(of entry: Series.Entry) -> String { "patches/\(entry.path)" }
}

/// kerb will not do what was asked, because it would lose something of the user's.
public struct Refusal: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}

/// True if two paths lead to one folder.
private func isSame(_ left: String, _ right: String) -> Bool {
  var (one, other) = (stat(), stat())
  guard stat(left, &one) == 0, stat(right, &other) == 0 else { return false }
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino
}

extension FileSet {
  /// The contents by the paths as text.
  fileprivate var byName: [String: [UInt8]?] {
    Dictionary(uniqueKeysWithValues: contents.map { ("\($0.key)", $0.value) })
  }
}
