import Foundation
import Git
import Journal
import Patches

extension Workspace {
  /// Makes a workspace in a folder: `kerb.yaml`, `patches/`, `series/`, and lines in `.gitignore`
  /// for what can be made again. The files are written as one set.
  ///
  /// - Returns: the files that were written, as paths in the folder. Where an `init` that was killed had
  ///   them all but in place, they are put there, and that is all.
  /// - Throws: `UsageError` where there is a workspace already, `GitError`, `JournalError`.
  public static func initialise(
    at directory: String, project: String, git: String?, sdist: String?, releases: [Release],
    for caller: Caller = Caller()
  ) throws -> [String] {
    let root = URL(filePath: directory).standardizedFileURL.path
    let yaml = configurationText(project, git: git, sdist: sdist, releases: releases)
    _ = try Configuration(parsing: Array(yaml.utf8), file: configurationName)
    func isThere() -> Bool {
      WorkspaceFiles(root: root).has(configurationName)
    }
    let known = UsageError("\(directory)/\(configurationName) is there already")
    try Boundary.judge(root)
    let journal = Journal(
      workspace: root, state: "\(root)/.kerb/journal", clock: caller.clock)
    guard !isThere() else {
      // An `init` that was killed has its files put in place first.
      _ = try journal.lease(notice: caller.notice)
      throw known
    }
    return try journal.hold(for: caller.words, notice: caller.notice) { held in
      if isThere(), held.recovery == .nothing { throw known }
      var set = FileSet()
      set.put(try RepoPath(configurationName), Array(yaml.utf8))
      for release in releases {
        set.put(
          try RepoPath("series/\(release)"), Array("# Patches for \(release), in order.\n".utf8))
      }
      // What somebody has begun by hand stays.
      set.contents = set.contents.filter { path, _ in
        !WorkspaceFiles(root: root).has("\(path)")
      }
      if let bytes = try ignoringDerivedFiles(root) { set.put(try RepoPath(".gitignore"), bytes) }
      try held.write(set, as: caller.words, notice: caller.notice)
      try makeDirectories("\(root)/patches/\(project)")
      return set.paths.map(\.description)
    }
  }

  private static func configurationText(
    _ project: String, git: String?, sdist: String?, releases: [Release]
  ) -> String {
    let names = releases.map { $0 == .master ? "master" : "\"\($0)\"" }.joined(separator: ", ")
    var text = """
      # The projects whose patches are kept here, and where their upstream trees come from.
      version: 1
      releases: [\(names)]
      projects:
        \(project):

      """
    if let git { text += "    git: \(git)\n" }
    if let sdist {
      let versions = releases.map { "\($0 == .master ? "master" : "\"\($0)\""): latest" }
      text += "    sdist: \(sdist)\n    versions: {\(versions.joined(separator: ", "))}\n"
    }
    return text
  }

  /// What `.gitignore` has to become; nil where it says all of it already.
  private static func ignoringDerivedFiles(_ root: String) throws -> [UInt8]? {
    let files = WorkspaceFiles(root: root)
    let bytes = files.has(".gitignore") ? try files.read(".gitignore", limit: 1 << 20) : []
    let lines = Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init))
    let missing = ["/.kerb/", "/src/", "/images/"].filter { !lines.contains($0) }
    guard !missing.isEmpty else { return nil }
    let separator = bytes.isEmpty || bytes.last == UInt8(ascii: "\n") ? "" : "\n"
    let addition = separator + missing.joined(separator: "\n") + "\n"
    return bytes + Array(addition.utf8)
  }
}
