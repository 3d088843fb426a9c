import Foundation
import Git
import Journal
import PatchEngine
import Patches
import TestSupport
import Workspace

/// A workspace of two releases whose stacks share their texts, in a folder of its own.
struct AuthorWorld {
  let folder: TemporaryDirectory
  var root: String { folder.file("work") }
  static let releases = ["2024.1", "master"]

  /// Builds an upstream and a workspace with three patches.
  init() throws {
    folder = try TemporaryDirectory(inMemory: true)
    try git(["init", "-q", "-b", "master", "upstream"], in: folder.path)
    for release in Self.releases {
      for file in AuthorModel.files {
        let text = AuthorModel.upstream(file, release).map { $0.text + "\n" }.joined()
        try folder.write("upstream/\(file)", text)
      }
      try git(["add", "."], in: folder.file("upstream"))
      try git(["commit", "-q", "-m", release], in: folder.file("upstream"))
      if release != "master" {
        try git(["branch", "stable/\(release)"], in: folder.file("upstream"))
      }
    }
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    try setUp(["init", "--project", "demo", "--git", "https://example.org/d.git"])
    let configuration = (folder.read("work/kerb.yaml") ?? "").split(separator: "\n").map {
      $0.hasPrefix("releases:") ? "releases: [\"2024.1\", master]" : String($0)
    }
    try folder.write("work/kerb.yaml", configuration.joined(separator: "\n") + "\n")
    for (name, patch) in Self.patches {
      try folder.write("work/patches/demo/\(name).patch", patch)
    }
    let series = Self.patches.map { "demo/\($0.0).patch\n" }.joined()
    for release in Self.releases { try folder.write("work/series/\(release)", series) }
    try setUp(["fetch", "--update", "--from", "../upstream"])
  }

  /// The same as another, in a folder of its own.
  init(copying other: AuthorWorld) throws {
    folder = try TemporaryDirectory(inMemory: true)
    try FileManager.default.removeItem(atPath: folder.path)
    try FileManager.default.copyItem(atPath: other.folder.path, toPath: folder.path)
  }

  private func setUp(_ arguments: [String]) throws {
    let outcome = try kerb(arguments, in: root)
    guard outcome.status == 0 else { throw SetUpFailure(errors: outcome.errors) }
  }

  struct SetUpFailure: Error {
    let errors: String
  }

  /// The patches that a world begins with.
  static let first: [AuthorModel.Patch] = [
    .init(name: "one", lines: [LineKey(file: "f", line: 8): "one"]),
    .init(
      name: "two", lines: [LineKey(file: "f", line: 20): "two", LineKey(file: "g", line: 6): "too"]),
    .init(name: "three", lines: [LineKey(file: "g", line: 30): "three\nand more"]),
  ]

  private static var patches: [(String, String)] {
    first.map { patch in
      let sections = AuthorModel.files.compactMap { file -> String? in
        let lines = patch.lines.filter { $0.key.file == file }
        guard !lines.isEmpty else { return nil }
        let hunks = lines.sorted { $0.key < $1.key }.map { key, text in
          let news = text.split(separator: "\n")
          let before = (key.line - 3..<key.line).map { " \(file) \($0)\n" }.joined()
          let after = (key.line + 1...key.line + 3).map { " \(file) \($0)\n" }.joined()
          return "@@ -\(key.line - 3),7 +\(key.line - 3),\(6 + news.count) @@\n" + before
            + "-\(file) \(key.line)\n" + news.map { "+\($0)\n" }.joined() + after
        }
        return "diff --git a/\(file) b/\(file)\n--- a/\(file)\n+++ b/\(file)\n" + hunks.joined()
      }
      let header = """
        From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
        From: A <a@example.org>
        Date: Mon, 1 Jan 2024 00:00:00 +0000
        Subject: [PATCH] \(patch.name): first


        """
      return (patch.name, header + "\n" + sections.joined())
    }
  }

  /// The workspace as it is now.
  func open() throws -> Workspace {
    let caller = Caller(words: "test", clock: { 1_700_000_000 })
    return try Workspace(containing: root, for: caller)
  }

  /// The bytes of every file below `patches/` and `series/`.
  func bytes() throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for top in ["patches", "series"] {
      let names = try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(top)")
      for name in names where !name.hasSuffix("demo") {
        let path = "\(top)/\(name)"
        found[path] = Array(FileManager.default.contents(atPath: "\(root)/\(path)") ?? Data())
      }
    }
    return found
  }

  /// What the patch files make of upstream's files: for each release the names in order, with the
  /// files after each.
  func outcome(_ release: String) throws -> [(name: String, files: [String: String])] {
    guard let known = Release(release) else { return [] }
    let text = try open().text(of: StackName(known, "demo"))
    var files: [String: Text] = [:]
    for file in AuthorModel.files {
      let content = AuthorModel.upstream(file, release).map { $0.text + "\n" }.joined()
      files[file] = Text(Array(content.utf8))
    }
    return try zip(text.entries, text.patches).map { entry, patch in
      for section in patch.files {
        guard case .hunks(let hunks) = section.content, let before = files["\(section.path)"] else {
          continue
        }
        files["\(section.path)"] = try apply(hunks, to: before).text
      }
      return (entry.name, files.mapValues { String(decoding: $0.bytes, as: UTF8.self) })
    }
  }
}
