import Foundation
import Git
import Journal
import PatchEngine
import Patches
import TestSupport

@testable import Workspace

extension MovePlay {
  /// Compares every stack and every stopped run with the model.
  mutating func checkModel(
    _ what: String, _ workspace: Workspace, loose: Set<StackKey> = [], _ before: MoveModel? = nil
  ) throws {
    let states = try workspace.stoppedMoves()
    for key in loose { try adopt(key, states, workspace, before, what) }
    let found = Dictionary(
      uniqueKeysWithValues: states.compactMap { state in
        world.key(state.name).map { ($0, state.patch) }
      })
    for key in Set(found.keys).union(model.stops.keys).sorted() {
      let (actual, wanted) = (found[key], model.stops[key]?.index)
      guard actual != wanted else { continue }
      func text(_ index: Int?) -> String {
        index.map { "stopped at patch \($0 + 1)" } ?? "not stopped"
      }
      throw Failure(
        judge: "stop",
        text:
          "\(what): \(world.name(key)) is \(text(actual)); by git's merges it is \(text(wanted))")
    }
    for key in world.keys { try check(key, what, workspace) }
    try checkFiles(what, workspace)
  }

  /// The trees that a stack's patches give on its locked tree, as `kerb check` applies them.
  func outcome(
    _ key: StackKey, _ workspace: Workspace
  ) throws -> (base: ModelTree, patches: [(name: String, tree: [String: String])], isGood: Bool) {
    var files = PatchCache(workspace.files)
    let name = world.name(key)
    guard let entry = workspace.lock[name] else { return ([:], [], false) }
    let path = workspace.store.repositoryPath(project: name.project)
    let base = try MoveOracle.read(entry.tree, in: try Repository(opening: path))
    guard case .stack(let loaded) = workspace.load(name, &files) else { return (base, [], true) }
    let result = try ReplaySession(repository: path).replay(
      loaded.patches, onto: entry.tree, recording: .names)
    var tree = base.mapValues { "\($0.mode) \($0.id)" }
    let patches = loaded.entries.enumerated().map { index, entry in
      for edit in result.edits where edit.patch == index {
        tree["\(edit.path)"] = edit.entry.map { "\($0.rawMode) \($0.id ?? .zero)" }
      }
      return (entry.name, tree)
    }
    return (base, patches, result.isApplied)
  }

  private func check(_ key: StackKey, _ what: String, _ workspace: Workspace) throws {
    guard let stack = model.stacks[key] else { return }
    let name = world.name(key)
    let found = try outcome(key, workspace)
    guard found.base == stack.base else {
      throw Failure(judge: "lock", text: "\(what): \(name) is locked to another tree")
    }
    guard found.patches.map(\.name) == stack.patches.map(\.name) else {
      throw Failure(
        judge: "names",
        text: "\(what): \(name) has \(found.patches.map(\.name)), not \(stack.patches.map(\.name))")
    }
    guard found.isGood else {
      throw Failure(judge: "good", text: "\(what): \(name) does not apply any more")
    }
    for (patch, wanted) in zip(found.patches, stack.patches) {
      let tree = wanted.tree.mapValues { "\($0.mode) \($0.id)" }
      guard patch.tree != tree else { continue }
      let paths = Set(tree.keys).union(patch.tree.keys).filter { tree[$0] != patch.tree[$0] }
      throw Failure(
        judge: "tree",
        text: "\(what): \(name) after \(patch.name) has other files than git's merge: "
          + paths.sorted().joined(separator: ", "))
    }
  }

  /// Every patch file is listed, and every listed one is there.
  private func checkFiles(_ what: String, _ workspace: Workspace) throws {
    let listed = try world.releases.flatMap { release in
      try Release(release).map { try workspace.series($0).entries.map { "patches/\($0.path)" } }
        ?? []
    }
    let present = try world.bytes().keys.filter { $0.hasPrefix("patches/") }
    guard Set(present) != Set(listed) else { return }
    throw Failure(
      judge: "files", text: "\(what): files \(present.sorted()), listed \(Set(listed).sorted())")
  }

  /// Takes what kerb made of a stack, where that is not the model's to say: it has to be good, and no line
  /// of a patch may be gone.
  private mutating func adopt(
    _ key: StackKey, _ states: [StoppedMove], _ workspace: Workspace, _ before: MoveModel?,
    _ what: String
  ) throws {
    let name = world.name(key)
    let path = workspace.store.repositoryPath(project: name.project)
    if let state = states.first(where: { $0.name == name }), var run = model.stops[key] {
      run.index = state.patch
      run.isLoose = true
      let repository = try Repository(opening: path)
      run.done = try zip(state.done, run.sources).compactMap { moved, source in
        guard !moved.isLanded, !moved.isSkipped, let commit = ObjectID(moved.commit) else {
          return nil
        }
        let tree = try repository.commit(commit).tree
        return .init(name: source.name, tree: try MoveOracle.read(tree, in: repository))
      }
      model.stops[key] = run
      return
    }
    model.stops[key] = nil
    let found = try trees(key, workspace)
    if let before { try checkLines(key, found, before, what) }
    model.stacks[key] = found
  }

  /// A stack as its files give it.
  func trees(_ key: StackKey, _ workspace: Workspace) throws -> MoveModel.Stack {
    var files = PatchCache(workspace.files)
    let name = world.name(key)
    guard let entry = workspace.lock[name] else {
      throw Failure(judge: "lock", text: "\(name) is not locked")
    }
    let path = workspace.store.repositoryPath(project: name.project)
    let base = try MoveOracle.read(entry.tree, in: try Repository(opening: path))
    guard case .stack(let loaded) = workspace.load(name, &files) else {
      return .init(base: base, patches: [])
    }
    let trees = try ReplaySession(repository: path).trees(
      of: loaded.patches, on: entry.tree, below: entry.commit)
    let repository = try Repository(opening: path)
    return .init(
      base: base,
      patches: try zip(loaded.entries, trees.dropFirst()).map { entry, tree in
        .init(name: entry.name, tree: try MoveOracle.read(tree, in: repository))
      })
  }

  /// Every line that a patch added is still added or upstream's; every line that it took away is still
  /// taken away, or not upstream's.
  private func checkLines(
    _ key: StackKey, _ stack: MoveModel.Stack, _ before: MoveModel, _ what: String
  ) throws {
    guard let old = before.stacks[key] else { return }
    let upstream = Set(stack.base.values.filter(\.isText).flatMap(\.lines))
    let top = Set(stack.top.values.filter(\.isText).flatMap(\.lines))
    let names = Set(stack.patches.map(\.name))
    for (index, patch) in old.patches.enumerated() where names.contains(patch.name) {
      let (was, made) = (old.before(index), patch.tree)
      for path in was.changes(to: made) {
        let (one, two) = (was[path]?.lines ?? [], made[path]?.lines ?? [])
        guard one.isEmpty || was[path]?.isText == true else { continue }
        guard two.isEmpty || made[path]?.isText == true else { continue }
        let last = Set(old.top.values.filter(\.isText).flatMap(\.lines))
        for line in two where !one.contains(line) && last.contains(line) {
          guard !top.contains(line), !upstream.contains(line) else { continue }
          throw Failure(
            judge: "lost",
            text: "\(what): \(world.name(key)): \(patch.name) has lost the line "
              + String(decoding: line, as: UTF8.self))
        }
      }
    }
  }

  /// The applied stack is on its branch, nothing is changed, and its files are the stack's.
  func checkApplied(_ key: StackKey, _ what: String) throws {
    guard isOn("applied"), applied.contains(key), model.stops[key] == nil,
      let stack = model.stacks[key]
    else { return }
    let folder = world.source(key)
    let name = world.name(key)
    let status = try tryGit(["status", "--porcelain", "--branch"], in: folder).text
    guard status == "## kerb/\(name.release)" else {
      throw Failure(judge: "applied", text: "\(what): git status in src/\(name) says \(status)")
    }
    let head = try git(["rev-parse", "HEAD^{tree}"], in: folder)
    guard let id = ObjectID(head) else { return }
    let path = try world.open().store.repositoryPath(project: name.project)
    let tree = try MoveOracle.read(id, in: try Repository(opening: path))
    guard tree != stack.top else { return }
    throw Failure(
      judge: "applied",
      text: "\(what): src/\(name) is not the stack: \(tree.difference(from: stack.top))")
  }

  /// `git apply` makes the same of a stack's patch files.
  func checkWithGit(_ key: StackKey) throws {
    let workspace = try world.open()
    let name = world.name(key)
    guard let entry = workspace.lock[name], let stack = model.stacks[key] else { return }
    let path = workspace.store.repositoryPath(project: name.project)
    let files = try workspace.series(name.release).entries(of: name.project).map {
      "\(world.root)/patches/\($0.path)"
    }
    // Git's own objects go to the upstream repository: the store is kerb's.
    let index = [
      "GIT_INDEX_FILE": world.folder.file("index-of-the-model"),
      "GIT_OBJECT_DIRECTORY": world.folder.file("up-\(name.project)/.git/objects"),
      "GIT_ALTERNATE_OBJECT_DIRECTORIES": "\(path)/objects",
    ]
    func git(_ arguments: [String]) throws -> TestSupport.Outcome {
      try tryGit(["--git-dir", path] + arguments, in: path, environment: index)
    }
    _ = try git(["read-tree", "\(entry.tree)"])
    for file in files {
      let outcome = try git(["apply", "--cached", file])
      guard outcome.status == 0 else {
        throw Failure(judge: "apply", text: "\(name): git apply \(file): \(outcome.errors)")
      }
    }
    let found = try git(["ls-files", "-s"]).text.split(separator: "\n").map(String.init)
    let wanted = stack.top.sorted { $0.key < $1.key }.map {
      "\(String($0.value.mode, radix: 8)) \($0.value.id) 0\t\($0.key)"
    }
    guard found.sorted() != wanted.sorted() else { return }
    let extra = found.filter { !wanted.contains($0) }
    throw Failure(judge: "apply", text: "\(name): git apply gives other files: \(extra)")
  }
}
