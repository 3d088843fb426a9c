import Foundation
import Git
import Journal
import Patches
import TestSupport

@testable import Workspace

/// A stack of a world: its release and project, by their places.
struct StackKey: Hashable, Comparable {
  let release: Int
  let project: Int

  static func < (left: StackKey, right: StackKey) -> Bool {
    (left.project, left.release) < (right.project, right.release)
  }
}

/// A workspace of 2 to 4 releases of one or two projects, whose stacks share texts, with an upstream
/// repository for each project. All of it follows from a seed.
struct MoveWorld {
  let folder: TemporaryDirectory
  let releases: [String]
  let projects: [String]
  let oracles: [MoveOracle]
  /// What makes the same world from a shell.
  private(set) var script: [String] = []
  private(set) var stacks: [StackKey: MoveModel.Stack] = [:]
  private(set) var tips: [StackKey: ModelTree] = [:]

  var root: String { folder.file("work") }
  var keys: [StackKey] { stacks.keys.sorted() }

  init(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    folder = try TemporaryDirectory(inMemory: true)
    let all = ["2023.1", "2023.2", "2024.1", "master"]
    releases = Array(all.suffix(2 + random.below(3)))
    projects = random.below(3) == 0 ? ["demo", "more"] : ["demo"]
    let folder = folder
    oracles = projects.map { MoveOracle(repository: folder.file("up-\($0)")) }
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    var configuration =
      "version: 1\nreleases: [\(releases.map { "\"\($0)\"" }.joined(separator: ", "))]\nprojects:\n"
    for project in projects {
      configuration += "  \(project):\n    git: https://example.org/\(project).git\n"
    }
    try write("work/kerb.yaml", Array(configuration.utf8))
    var series = [[UInt8]](repeating: [], count: releases.count)
    for project in projects.indices { try fill(project, &series, &random) }
    for (release, bytes) in zip(releases, series) { try write("work/series/\(release)", bytes) }
    for project in projects {
      let arguments = ["fetch", "--update", "--from", "../up-\(project)", project]
      script.append("kerb \(arguments.joined(separator: " "))")
      let outcome = try kerb(arguments, in: root)
      guard outcome.status == 0 else { throw SetUpFailure(errors: outcome.errors) }
    }
  }

  struct SetUpFailure: Error {
    let errors: String
  }

  private mutating func write(_ name: String, _ bytes: [UInt8]) throws {
    try folder.write(name, bytes)
    script.append(Self.line(writing: bytes, to: name))
  }

  /// The line of a shell script that writes a file.
  static func line(writing bytes: [UInt8], to name: String) -> String {
    let text = Data(bytes).base64EncodedString()
    return "mkdir -p \"$(dirname \(name))\"; echo \(text) | base64 -d > \(name)"
  }

  static func branch(_ release: String) -> String {
    release == "master" ? "master" : "stable/\(release)"
  }

  /// A commit for `git fast-import`.
  static func commit(_ tree: ModelTree, on ref: String, from: String?, subject: String) -> [UInt8] {
    Array(
      ("commit \(ref)\ncommitter U <u@example.org> 1700000000 +0000\ndata \(subject.utf8.count)\n"
        + "\(subject)\n" + (from.map { "from \($0)\n" } ?? "")).utf8) + tree.stream
  }

  /// Makes the upstream repository of a project, its patches and their lines in the series.
  private mutating func fill(
    _ project: Int, _ series: inout [[UInt8]], _ random: inout SeededGenerator
  ) throws {
    let name = projects[project]
    let upstream = "up-\(name)"
    let base = try MoveDraw.firstTree()
    var chain: [(name: String, tree: ModelTree)] = []
    for number in 1...(2 + random.below(3)) {
      let before = chain.last?.tree ?? base
      let after = try MoveDraw.patched(before, &random)
      if after != before { chain.append(("p\(number)", after)) }
    }
    var stream = Self.commit(base, on: "refs/heads/master", from: nil, subject: "base")
    var trees: [ModelTree] = []
    for (index, release) in releases.enumerated() {
      var tree = base
      if random.below(2) == 0 { tree = try MoveDraw.shifted(tree, by: index + 1) }
      trees.append(tree)
      let branch = "refs/heads/\(Self.branch(release))"
      stream += Self.commit(
        tree, on: branch, from: release == "master" ? nil : "refs/heads/master", subject: release)
    }
    try git(["init", "-q", "-b", "master", upstream], in: folder.path)
    try git(["config", "gc.auto", "0"], in: folder.file(upstream))
    try importing(stream, into: upstream)
    for (release, tree) in trees.enumerated() {
      tips[StackKey(release: release, project: project)] = tree
    }
    let texts = try formatted(chain, on: base, in: upstream)
    for (patch, text) in zip(chain, texts) {
      try write("work/patches/\(name)/\(patch.name).patch", text)
    }
    for release in releases.indices {
      let key = StackKey(release: release, project: project)
      var stack = MoveModel.Stack(base: trees[release], patches: [])
      var (before, isWhole) = (base, true)
      for (index, patch) in chain.enumerated() {
        // One that nothing stands on may be left out.
        let own = before.changes(to: patch.tree)
        let others = chain.indices.filter { $0 != index }.flatMap { other in
          (other == 0 ? base : chain[other - 1].tree).changes(to: chain[other].tree)
        }
        if isWhole, chain.count > 1, own.isDisjoint(with: others), random.below(4) == 0 {
          (before, isWhole) = (patch.tree, false)
          continue
        }
        let picked = try oracles[project].pick(base: before, ours: stack.top, theirs: patch.tree)
        guard picked.isClean else { throw SetUpFailure(errors: "\(patch.name) on \(key)") }
        stack.patches.append(.init(name: patch.name, tree: picked.tree))
        series[release] += Array("\(name)/\(patch.name).patch\n".utf8)
        before = patch.tree
      }
      stacks[key] = stack
    }
  }

  private func formatted(
    _ chain: [(name: String, tree: ModelTree)], on base: ModelTree, in upstream: String
  ) throws -> [[UInt8]] {
    var stream = Self.commit(base, on: "refs/model/chain", from: nil, subject: "base")
    for (name, tree) in chain {
      stream += Self.commit(tree, on: "refs/model/chain", from: nil, subject: "\(name): first")
    }
    try git(["fast-import", "--quiet"], in: folder.file(upstream), input: stream)
    try git(
      [
        "format-patch", "-q", "--zero-commit", "--full-index", "--no-signature", "--no-stat",
        "--binary", "-o", "../texts-\(upstream)",
        "refs/model/chain~\(chain.count)..refs/model/chain",
      ], in: folder.file(upstream))
    let names = try FileManager.default.contentsOfDirectory(
      atPath: folder.file("texts-\(upstream)"))
    return names.sorted().map {
      Array(FileManager.default.contents(atPath: folder.file("texts-\(upstream)/\($0)")) ?? Data())
    }
  }

  /// Gives commits to an upstream repository.
  private mutating func importing(_ stream: [UInt8], into upstream: String) throws {
    try git(["fast-import", "--quiet"], in: folder.file(upstream), input: stream)
    script += ["git init -q -b master \(upstream)", Self.line(importing: stream, into: upstream)]
  }

  static func line(importing stream: [UInt8], into upstream: String) -> String {
    "echo \(Data(stream).base64EncodedString()) | base64 -d | git -C \(upstream) fast-import --quiet"
  }

  func name(_ key: StackKey) -> StackName {
    guard let release = Release(releases[key.release]) else {
      preconditionFailure("a release of the world")
    }
    return StackName(release, projects[key.project])
  }

  func key(_ name: StackName) -> StackKey? {
    guard let release = releases.firstIndex(of: name.release.name),
      let project = projects.firstIndex(of: name.project)
    else { return nil }
    return StackKey(release: release, project: project)
  }

  func source(_ key: StackKey) -> String { folder.file("work/src/\(name(key))") }

  /// The workspace as it is now.
  func open() throws -> Workspace {
    let caller = Caller(words: "test", clock: { 1_700_000_000 })
    return try Workspace(containing: root, for: caller)
  }

  /// The bytes of every file below `patches/` and `series/`.
  func bytes() throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for top in ["patches", "series"] {
      for name in try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(top)") {
        let path = "\(root)/\(top)/\(name)"
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
          !isFolder.boolValue
        else { continue }
        found["\(top)/\(name)"] = Array(FileManager.default.contents(atPath: path) ?? Data())
      }
    }
    return found
  }
}
