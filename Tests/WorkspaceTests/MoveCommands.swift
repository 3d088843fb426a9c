import Foundation
import Git
import Journal
import PatchEngine
import Patches
import TestSupport

@testable import Workspace

extension MovePlay {
  func name(_ key: StackKey) -> String { "\(world.name(key))" }

  /// A stack of a project, or of any.
  func draw(_ random: inout SeededGenerator, project: Int? = nil) -> StackKey {
    let release = random.below(world.releases.count)
    let any = random.below(world.projects.count)
    return StackKey(release: release, project: project ?? any)
  }

  /// Upstream's branches go on, most often near what a patch changes, and often all of them alike.
  mutating func upstream(_ random: inout SeededGenerator) throws {
    let project = random.below(world.projects.count)
    let isShared = random.below(3) == 0
    let salt = random.next()
    var stream: [UInt8] = []
    for release in world.releases.indices {
      let isChosen = random.below(2) == 0
      guard isChosen || isShared else { continue }
      let key = StackKey(release: release, project: project)
      guard let tip = tips[key] else { continue }
      var own = SeededGenerator(seed: isShared ? salt : salt &+ UInt64(release))
      let sources = model.sources(key)
      let number = own.below(8)
      guard !sources.isEmpty else { continue }
      let source = sources[number % sources.count]
      let tree = try MoveDraw.upstream(
        tip, before: source.before, after: source.after, oracle(key), &own)
      guard tree != tip, !tree.isEmpty else { continue }
      tips[key] = tree
      let branch = "refs/heads/\(MoveWorld.branch(world.releases[release]))"
      stream += MoveWorld.commit(tree, on: branch, from: "\(branch)^0", subject: "step")
    }
    guard !stream.isEmpty else { return }
    let folder = "up-\(world.projects[project])"
    try git(["fast-import", "--quiet"], in: world.folder.file(folder), input: stream)
    say("upstream of \(world.projects[project])", MoveWorld.line(importing: stream, into: folder))
  }

  mutating func rebase(_ random: inout SeededGenerator, resolves: Bool) async throws {
    let project = random.below(world.projects.count)
    let one = draw(&random, project: project)
    let count = random.below(3)
    var chosen = world.keys.filter { $0.project == project }
    if count == 0 { chosen = [one] }
    if count == 1 { chosen = chosen.filter { $0 == one || random.below(2) == 0 } }
    chosen = chosen.filter { model.stacks[$0]?.patches.isEmpty == false }
    guard !chosen.isEmpty else { return }
    let names = chosen.map(world.name)
    let isStopped = chosen.contains { model.stops[$0] != nil }
    let folder = world.folder.file("up-\(world.projects[project])")
    let words =
      names.map { "\($0)" }.joined(separator: " ")
      + " --update --from ../up-\(world.projects[project]) --keep-landed"
      + (resolves ? "" : " --resolve none")
    var options = MoveOptions()
    if !resolves { options.resolvers = [] }
    let (tips, oracle) = (tips, oracle(one))
    let wish: Wish = isStopped ? .refused : model.stops.isEmpty ? .done : .any
    try await perform(
      resolves ? "rebase" : "rebase", words, wish, loose: resolves ? Set(chosen) : []
    ) { [options] workspace in
      var targets: [(stack: StackName, onto: UpstreamLock.Entry)] = []
      for stack in names {
        targets.append(
          (stack, try await workspace.newest(of: stack, from: .clone(path: folder)) { _ in }))
      }
      return try workspace.rebase(targets, options)
    } then: { model, _ in
      for key in chosen {
        guard let tip = tips[key] else { continue }
        let run = MoveModel.Stop(
          onto: tip, sources: model.sources(key), done: [], index: 0, isLoose: resolves)
        try model.advance(key, run, oracle)
        if resolves, model.stops[key] == nil { model.stops[key] = run }
      }
    }
    for key in chosen where model.stops[key] == nil { try checkApplied(key, "rebase") }
  }

  mutating func port(_ random: inout SeededGenerator) throws {
    let from = draw(&random)
    let to = draw(&random, project: from.project)
    guard from.release != to.release, model.stacks[from]?.patches.isEmpty == false else { return }
    let (source, target) = (world.name(from), world.name(to))
    let isStopped = model.stops[to] != nil
    let wish: Wish = isStopped ? .refused : model.stops.isEmpty ? .done : .any
    let oracle = oracle(to)
    var options = MoveOptions()
    options.resolvers = []
    try perform(
      "port", "\(source.release) \(target.release) \(source.project) --resolve none", wish
    ) { [options] workspace in
      try workspace.port([source.project], from: source.release, to: target.release, options)
    } then: { model, result in
      let leftOut = Set(
        result.stacks.flatMap(\.leftOut).compactMap {
          $0.split(separator: " ").first?.split(separator: "/").last.map(String.init)
        })
      let own = model.sources(to)
      var sources = model.sources(from).filter { source in
        !leftOut.contains(source.name) || own.contains { $0.name == source.name }
      }
      for (index, source) in sources.enumerated() {
        if let mine = own.first(where: { $0.name == source.name }) {
          sources[index].own = (mine.before, mine.after)
        }
      }
      for mine in own where !sources.contains(where: { $0.name == mine.name }) {
        var mine = mine
        mine.own = (mine.before, mine.after)
        sources.append(mine)
      }
      guard let onto = model.stacks[to]?.base else { return }
      let run = MoveModel.Stop(onto: onto, sources: sources, done: [], index: 0, isLoose: false)
      try model.advance(to, run, oracle)
    }
    if model.stops[to] == nil { try checkApplied(to, "port") }
  }

  /// Moves the lock alone; where a patch then does not apply, that is undone.
  mutating func fetch(_ random: inout SeededGenerator) async throws {
    let key = draw(&random)
    guard model.stacks[key]?.patches.isEmpty == false, let tip = tips[key],
      tip != model.stacks[key]?.base, model.stops.isEmpty
    else { return }
    let name = world.name(key)
    var trial = model
    let oracle = oracle(key)
    try trial.advance(
      key,
      .init(onto: tip, sources: model.sources(key), done: [], index: 0, isLoose: false), oracle)
    // A patch that has landed is still in the series: not what this is about.
    guard trial.stops.isEmpty,
      trial.stacks[key]?.patches.count == model.stacks[key]?.patches.count
    else { return }
    let before = try moment()
    let from = "../up-\(name.project)"
    say("fetch \(name)", "kerb fetch --update --from \(from) \(name)")
    count += 1
    let folder = world.folder.file("up-\(name.project)")
    let reports = try await world.open().fetch([name], update: true, from: .clone(path: folder)) {
      _, _ in
    }
    for report in reports {
      if case .failure(let error) = report.result {
        throw Failure(judge: "fetch", text: "fetch \(name): \(error)")
      }
    }
    tally["fetch", default: 0] += 1
    past.append(before)
    future = []
    if try outcome(key, world.open()).isGood {
      let found = try trees(key, world.open())
      model.stacks[key] = found
      for (patch, wanted) in zip(found.patches, trial.stacks[key]?.patches ?? [])
      where patch.tree != wanted.tree {
        throw Failure(
          judge: "fetch",
          text: "fetch \(name): \(patch.name) is placed elsewhere than by git's merge: "
            + patch.tree.difference(from: wanted.tree))
      }
    } else {
      tally["fetch broke", default: 0] += 1
      try reverse(isUndo: true)
    }
  }

  /// Edits the files of an applied stack, and refreshes its last patch or makes one.
  mutating func refresh(_ random: inout SeededGenerator, makesNew: Bool) throws {
    let key = draw(&random)
    guard model.stops[key] == nil, let stack = model.stacks[key], !stack.patches.isEmpty,
      let path = stack.top.filter({ $0.value.isText && $0.value.lines.count > 10 }).keys.sorted()
        .first
    else { return }
    let name = world.name(key)
    let paths = stack.top.filter { $0.value.isText && $0.value.lines.count > 10 }.keys.sorted()
    let chosen = random.below(2) == 0 ? path : paths[random.below(paths.count)]
    let workspace = try world.open()
    say("apply \(name)", "kerb apply \(name)")
    guard try workspace.apply([name], ApplyOptions()).allSatisfy({ $0.written != nil }) else {
      throw Failure(judge: "applied", text: "\(name) is not applied")
    }
    applied.insert(key)
    var tree = stack.top
    tree[chosen] = try MoveDraw.edited(tree[chosen], at: nil, &random)
    guard tree != stack.top, let file = tree[chosen] else { return }
    try put(file, at: chosen, of: key)
    let old = try entries(key)
    let last = stack.patches[stack.patches.count - 1].name
    let new = "n\(past.count)-\(random.below(1_000_000))"
    let before = model
    let oracle = oracle(key)
    let done =
      if makesNew {
        try perform("new", "\(new) \(name) -m '\(new): made' --author 'B <b@example.org>'", .any) {
          let author = Author(name: Array("B".utf8), email: Array("b@example.org".utf8), date: nil)
          return try $0.begin(
            NewPatch(name: new, author: author, message: Array("\(new): made\n".utf8)), in: name)
        } then: { model, _ in
          model.stacks[key]?.patches.append(.init(name: new, tree: tree))
        }
      } else {
        try perform("refresh", "\(name)", .any, loose: try sharers(of: last, key, old)) {
          var options = RefreshOptions()
          options.patch = last
          return try $0.refresh(name, options)
        } then: { model, _ in
          if tree == stack.before(stack.patches.count - 1) {
            throw Failure(judge: "empty", text: "\(last) is empty and still there")
          }
          model.stacks[key]?.patches[stack.patches.count - 1].tree = tree
        }
      }
    if done == nil {
      try git(["checkout", "-q", "-f", "."], in: world.source(key))
      script.append("git -C work/src/\(name) checkout -q -f .")
    } else {
      try checkApplied(key, "refresh")
      try checkCarried(last, from: before, by: key, old, oracle)
    }
  }

  /// The paths of the patch files of each stack, by patch.
  private func entries(_ key: StackKey) throws -> [StackKey: [String: String]] {
    var result: [StackKey: [String: String]] = [:]
    let workspace = try world.open()
    for key in world.keys {
      let name = world.name(key)
      result[key] = Dictionary(
        try workspace.series(name.release).entries(of: name.project).map { ($0.name, $0.path) }
      ) { first, _ in first }
    }
    return result
  }

  private func sharers(
    of patch: String, _ key: StackKey, _ paths: [StackKey: [String: String]]
  ) throws -> Set<StackKey> {
    Set(
      world.keys.filter {
        $0 != key && $0.project == key.project && paths[$0]?[patch] != nil
          && paths[$0]?[patch] == paths[key]?[patch] && model.stops[$0] == nil
      })
  }

  /// Another release that shared an edited text has the edit, where git's merge brings it there and the text
  /// is still shared; else it is as it was.
  private func checkCarried(
    _ patch: String, from before: MoveModel, by key: StackKey,
    _ old: [StackKey: [String: String]], _ oracle: MoveOracle
  ) throws {
    let now = try entries(key)
    for other in try sharers(of: patch, key, old) {
      guard let was = before.stacks[other], let here = before.stacks[key],
        let index = was.patches.firstIndex(where: { $0.name == patch }),
        let mine = model.stacks[key]?.patches.last, mine.name == patch,
        let found = model.stacks[other]
      else { continue }
      guard now[other]?[patch] == now[key]?[patch] else {
        guard found == was else {
          throw Failure(
            judge: "carried", text: "\(name(other)) keeps its text and is another stack")
        }
        continue
      }
      let picked = try oracle.pick(
        base: here.top, ours: was.patches[index].tree, theirs: mine.tree)
      guard picked.isClean, found.patches[index].tree != picked.tree else { continue }
      throw Failure(
        judge: "carried",
        text: "\(name(other)): the edit of \(patch) is brought elsewhere than by git's merge: "
          + found.patches[index].tree.difference(from: picked.tree))
    }
  }

  mutating func header(_ random: inout SeededGenerator) throws {
    let key = draw(&random)
    guard let patches = model.stacks[key]?.patches, !patches.isEmpty else { return }
    let patch = patches[random.below(patches.count)].name
    let text = "subject \(random.below(1_000_000))"
    let name = world.name(key)
    try perform(
      "header", "\(patch) \(name) --message '\(text)'", model.stops.isEmpty ? .done : .any
    ) {
      try $0.edit(
        headerOf: patch, in: name, HeaderEdit(message: Array("\(text)\n".utf8)), from: nil)
    } then: { _, _ in
    }
  }

  mutating func format() throws {
    try perform("fmt", "", model.stops.isEmpty ? .done : .any) {
      try $0.format([])
    } then: { _, _ in
    }
  }

  mutating func sync(_ random: inout SeededGenerator) throws {
    let key = draw(&random)
    guard let patches = model.stacks[key]?.patches, !patches.isEmpty else { return }
    let patch = patches[random.below(patches.count)].name
    let project = world.projects[key.project]
    let loose = world.keys.filter { other in
      other.project == key.project && model.stops[other] == nil
        && model.stacks[other]?.patches.contains { $0.name == patch } == true
    }
    // What the text of another release says is not to be gone: it may have been changed there.
    try perform("sync", "\(patch) \(project)", .any, loose: Set(loose)) {
      try $0.sync(patch, project: project)
    } then: { _, _ in
    }
  }

  mutating func reverse(isUndo: Bool) throws {
    guard isUndo ? !past.isEmpty : !future.isEmpty else { return }
    let words = isUndo ? "undo" : "redo"
    say(words, "kerb \(words)")
    count += 1
    let before = try moment()
    let workspace = try world.open()
    do {
      try workspace.journal.hold(for: "test") { held in
        let reversal = try isUndo ? workspace.journal.undoing() : workspace.journal.redoing()
        try Workspace.refuseMissing(after: reversal.files, in: workspace.root)
        try Workspace.refuseStranding(reversal.files, in: workspace.journal, for: workspace.caller)
        let follow = Workspace.following(
          reversal.files, in: workspace.journal, for: workspace.caller)
        if isUndo { try held.undo() } else { try held.redo() }
        _ = follow()
      }
    } catch {
      story[story.count - 1] += ": refused, \(error)"
      tally["\(words) refused", default: 0] += 1
      guard error is Refusal, !model.stops.isEmpty else {
        throw Failure(judge: "\(words)-refused", text: "\(words): \(type(of: error)): \(error)")
      }
      return try check(before, "a refused \(words)", withStops: true)
    }
    tally[words, default: 0] += 1
    let target = isUndo ? past.removeLast() : future.removeLast()
    if isUndo { future.append(before) } else { past.append(before) }
    let stops = Set(model.stops.keys)
    model = target.model
    try check(target, words, withStops: true)
    try checkModel(words, try world.open())
    // What is in the folder of a run that comes or goes is its user's.
    for key in stops.symmetricDifference(model.stops.keys) { touched.insert(key) }
    for key in model.stops.keys { touched.insert(key) }
    for key in touched where model.stops[key] == nil {
      if FileManager.default.fileExists(atPath: world.source(key)) {
        try git(["reset", "-q", "--hard"], in: world.source(key))
        script.append("git -C work/src/\(name(key)) reset -q --hard")
      }
      touched.remove(key)
    }
    for key in applied.sorted() { try checkApplied(key, words) }
  }
}
