import Foundation
import Git
import Patches
import TestSupport

@testable import Workspace

extension MovePlay {
  /// One of the runs that have stopped.
  private func stopped(_ random: inout SeededGenerator) -> StackKey? {
    let keys = model.stops.keys.sorted()
    let number = random.below(12)
    return keys.isEmpty ? nil : keys[number % keys.count]
  }

  /// Writes a file of a work tree.
  mutating func put(_ file: ModelFile?, at path: String, of key: StackKey) throws {
    let place = "src/\(world.name(key))/\(path)"
    guard let file else {
      try? FileManager.default.removeItem(atPath: "\(world.root)/\(place)")
      script.append("rm -f work/\(place)")
      return
    }
    try world.folder.write("work/\(place)", file.bytes)
    let mode = file.mode == ModelFile.executable ? 0o755 : 0o644
    try FileManager.default.setAttributes(
      [.posixPermissions: mode], ofItemAtPath: "\(world.root)/\(place)")
    script.append(MoveWorld.line(writing: file.bytes, to: "work/\(place)"))
    script.append("chmod \(String(mode, radix: 8)) work/\(place)")
  }

  /// What is in the folder of a stack.
  private func files(of key: StackKey) throws -> ModelTree {
    var tree: ModelTree = [:]
    let folder = world.source(key)
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) where path != ".git" {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)")
      guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
      let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
      tree[path] = try ModelFile(
        Array(FileManager.default.contents(atPath: "\(folder)/\(path)") ?? Data()),
        mode: mode & 0o100 != 0 ? ModelFile.executable : ModelFile.regular)
    }
    return tree
  }

  /// The tree that a person would make of the stopped patch.
  private func resolution(_ key: StackKey) throws -> ModelTree? {
    try model.conflict(key, oracle(key))?.resolved()
  }

  /// Puts a tree into the folder of a stopped run.
  private mutating func putRight(_ tree: ModelTree, _ key: StackKey) throws {
    let now = try files(of: key)
    for path in now.changes(to: tree).sorted() { try put(tree[path], at: path, of: key) }
    try git(["add", "-A"], in: world.source(key))
    script.append("git -C work/src/\(name(key)) add -A")
    touched.insert(key)
  }

  mutating func finish(_ random: inout SeededGenerator) throws {
    guard let key = stopped(&random) else { return }
    try finish(key)
  }

  /// Resolves a patch as a whole, and continues.
  mutating func finish(_ key: StackKey) throws {
    guard let tree = try resolution(key), let run = model.stops[key] else { return }
    // Nothing that the patch does is not there: it is left out.
    guard tree != run.tip else { return try skip(key) }
    let oracle = oracle(key)
    let state = try state(of: key)
    // After an undo the folder may hold something else: it is put back once.
    let isMoved = try touched.contains(key) && head(of: key) != state.marked
    try putRight(tree, key)
    let result = try perform(
      "continue", name(key), isMoved ? .any : .done, loose: run.isLoose ? [key] : []
    ) { workspace in
      try Self.continued(state, workspace)
    } then: { model, _ in
      try model.go(on: key, run, taking: tree, oracle)
      if run.isLoose, model.stops[key] == nil { model.stops[key] = run }
    }
    if result == nil {
      try putRight(tree, key)
      try perform("continue", name(key), .done, loose: run.isLoose ? [key] : []) { workspace in
        try Self.continued(state, workspace)
      } then: { model, _ in
        try model.go(on: key, run, taking: tree, oracle)
        if run.isLoose, model.stops[key] == nil { model.stops[key] = run }
      }
    }
    touched.remove(key)
    if model.stops[key] == nil { try checkApplied(key, "continue") }
  }

  private static func continued(_ state: StoppedMove, _ workspace: Workspace) throws -> MoveResult {
    try workspace.continueMove(state, allowsLoss: false)
  }

  private func head(of key: StackKey) throws -> String {
    try git(["rev-parse", "HEAD"], in: world.source(key))
  }

  private func state(of key: StackKey) throws -> StoppedMove {
    let name = world.name(key)
    guard let state = try world.open().stoppedMoves().first(where: { $0.name == name }) else {
      throw Failure(judge: "stop", text: "\(name) has no state")
    }
    return state
  }

  /// Continues with markers left, with a half of the conflicts ended, or with nothing done.
  mutating func unfinished(
    _ kind: MoveCommand.Kind, _ random: inout SeededGenerator
  ) throws {
    guard let key = stopped(&random), let conflict = try model.conflict(key, oracle(key)),
      !conflict.isClean, !touched.contains(key), let right = try resolution(key)
    else { return }
    let paths = conflict.open.keys.filter { !$0.isEmpty }.sorted()
    let marked = paths.filter { (conflict.tree[$0].map { MarkedText($0.bytes).count } ?? 0) > 0 }
    if kind == .wrong, let path = marked.first, let file = conflict.tree[path] {
      try put(
        ModelFile(file.bytes + Array("a line of the user's\n".utf8), mode: file.mode), at: path,
        of: key)
      touched.insert(key)
    }
    if kind == .half, paths.count > 1 {
      try put(right[paths[0]], at: paths[0], of: key)
      try git(["add", "-A", paths[0]], in: world.source(key))
      script.append("git -C work/src/\(name(key)) add -A \(paths[0])")
      touched.insert(key)
    } else if kind == .half, let path = marked.first, let file = conflict.tree[path],
      MarkedText(file.bytes).count > 1
    {
      try put(
        ModelFile(MarkedText(file.bytes, limit: 1).resolved, mode: file.mode), at: path, of: key)
      touched.insert(key)
    }
    let state = try state(of: key)
    try perform("continue", "\(name(key))", .refused) {
      try Self.continued(state, $0)
    } then: { _, _ in
    }
  }

  /// Takes a candidate, and takes that back.
  mutating func take(_ random: inout SeededGenerator) throws {
    guard let key = stopped(&random) else { return }
    let workspace = try world.open()
    let open = try workspace.openConflicts(try state(of: key))
    guard !open.isEmpty else { return }
    let conflict = open[random.below(open.count)]
    guard !conflict.candidates.isEmpty else { return }
    let candidate = conflict.candidates[random.below(conflict.candidates.count)]
    let before = try moment()
    let was = try files(of: key)
    count += 1
    say(
      "resolve --take \(candidate.name) \(conflict.file):\(conflict.number)",
      "kerb resolve --take '\(candidate.name)' \(conflict.file):\(conflict.number)")
    let number = try workspace.journal.operations().first?.number
    try workspace.resolve([(conflict, candidate)])
    tally["take", default: 0] += 1
    touched.insert(key)
    try check(before, "resolve --take", withStops: true)
    guard isOn("untake") else { return }
    let now = try world.open()
    guard try now.journal.operations().first?.number != number else {
      throw Failure(judge: "untake", text: "resolve --take is not in the log and cannot be undone")
    }
    say("undo", "kerb undo")
    try now.journal.hold(for: "test") { try $0.undo() }
    try check(before, "the undo of resolve --take", withStops: true)
    guard try files(of: key) == was else {
      throw Failure(judge: "untake", text: "undo of resolve --take gives other files")
    }
    future = []
  }

  mutating func skip(_ random: inout SeededGenerator) throws {
    guard let key = stopped(&random) else { return }
    try skip(key)
  }

  mutating func skip(_ key: StackKey) throws {
    guard let run = model.stops[key] else { return }
    let oracle = oracle(key)
    let state = try state(of: key)
    try perform(ending: key, "skip", run) {
      try $0.skipMove(state)
    } then: { model in
      var next = run
      next.index += 1
      try model.advance(key, next, oracle)
    }
    touched.remove(key)
    if model.stops[key] == nil { try checkApplied(key, "skip") }
  }

  private mutating func perform(
    ending key: StackKey, _ name: String, _ stop: MoveModel.Stop,
    _ command: (Workspace) throws -> MoveResult, then change: (inout MoveModel) throws -> Void
  ) throws {
    try perform(name, self.name(key), .done, loose: stop.isLoose ? [key] : []) {
      try command($0)
    } then: { model, _ in
      try change(&model)
      if stop.isLoose, model.stops[key] == nil { model.stops[key] = stop }
    }
  }

  mutating func abort(_ random: inout SeededGenerator) throws {
    guard let key = stopped(&random) else { return }
    try abort(key)
  }

  mutating func abort(_ key: StackKey) throws {
    let before = try moment()
    let state = try state(of: key)
    try perform("abort", name(key), .done) {
      try $0.abortMove(state)
    } then: { model, _ in
      model.stops[key] = nil
    }
    try check(before, "abort", withStops: false)
    touched.remove(key)
    try checkApplied(key, "abort")
  }
}

extension MoveModel {
  /// Goes on with a run whose stopped patch has been made into a tree.
  mutating func go(
    on key: StackKey, _ run: Stop, taking tree: ModelTree, _ oracle: MoveOracle
  ) throws {
    var next = run
    next.done.append(Patch(name: run.sources[run.index].name, tree: tree))
    next.index += 1
    try advance(key, next, oracle)
  }
}
