import Foundation
import Git
import PatchEngine
import Patches
import TestSupport
import Testing

/// Clones of upstream's repositories with their history: tests on real trees run where the variable
/// KERB_CLONES names a folder of them, as `make claims CLONES=folder` sets it.
enum Clones {
  static let folder = ProcessInfo.processInfo.environment["KERB_CLONES"]

  /// The folder of a project's clone.
  static func path(_ project: String) throws -> String {
    let names = [project, "\(project).git"]
    let found = names.map { "\(folder ?? "")/\($0)" }.first {
      FileManager.default.fileExists(atPath: $0)
    }
    return try #require(found, "\(folder ?? "") has no clone of \(project)")
  }

  static func open(_ project: String) throws -> Repository {
    let path = try path(project)
    let inside = "\(path)/.git"
    return try Repository(
      opening: FileManager.default.fileExists(atPath: inside) ? inside : path)
  }
}

extension Repository {
  /// Upstream's tip.
  var latest: String {
    (try? resolve("refs/remotes/origin/master")) == nil ? "master" : "origin/master"
  }

  func text(_ path: String, at revision: String) throws -> String {
    let entry = try #require(
      try entry(at: try RepoPath(path), inTree: try tree(of: revision)), "\(revision): \(path)")
    return String(decoding: try blob(entry.id), as: UTF8.self)
  }

  /// A patch that changes files of a tree, or makes them.
  func patch(
    at revision: String, _ edits: (path: String, edit: (String) -> String)...
  ) throws -> Patch {
    let files = try edits.map { path, edit in
      let place = try RepoPath(path)
      let isThere = try entry(at: place, inTree: try tree(of: revision)) != nil
      let old = isThere ? try text(path, at: revision) : ""
      let new = edit(old)
      try #require(old != new, "\(path): nothing is changed")
      return FileChange(
        place, isThere ? .modify : .create, oldMode: isThere ? .regular : nil, newMode: .regular,
        content: .hunks(hunks(from: Text(Array(old.utf8)), to: Text(Array(new.utf8)))))
    }
    return Patch(
      name: "p.patch", header: PatchHeader(author: nil, subject: [], body: []), files: files)
  }
}
