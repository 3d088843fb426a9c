import Foundation
import Journal
import PatchEngine
import Patches
import TestSupport
import Testing

@testable import Workspace

/// Random sequences of authoring commands on small stacks, against a model that knows nothing of
/// patches: after each command every stack gives, patch for patch, the files that the model says; what
/// was refused has changed no byte; undo and redo restore every byte.
///
/// `KERB_MODEL_COUNT` is the number of commands, `KERB_MODEL_SEED` where they begin.
@Suite struct AuthoringModelTests {
  private static func number(_ variable: String, _ usual: Int) -> Int {
    ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } ?? usual
  }

  @Test func everyCommandDoesWhatTheModelSays() throws {
    let count = Self.number("KERB_MODEL_COUNT", 150)
    let seed = Self.number("KERB_MODEL_SEED", 1)
    let template = try AuthorWorld()
    var tally: [String: Int] = [:]
    var done = 0
    var round = 0
    while done < count {
      var play = AuthorPlay(
        world: try AuthorWorld(copying: template), seed: UInt64(seed * 1_000_003 + round))
      for _ in 0..<min(120, count - done) {
        do {
          try play.step()
        } catch let failure as AuthorPlay.Failure {
          Issue.record(
            "round \(round): \(failure.text)\n\(play.story.suffix(12).joined(separator: "\n"))")
          return
        }
        done += 1
      }
      tally.merge(play.tally) { $0 + $1 }
      round += 1
    }
    if count > 1_000 {
      print(
        tally.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
    }
    // A model that refuses everything would prove nothing.
    let refused = tally.filter { $0.key.hasSuffix("refused") }.values.reduce(0, +)
    #expect(refused * 3 < done * 2)
  }
}

/// One run: a world, its model, and the states that undo goes back to.
struct AuthorPlay {
  struct Failure: Error {
    let text: String
  }

  /// What the files and the model were.
  private struct Moment {
    let model: AuthorModel
    let bytes: [String: [UInt8]]
  }

  private let world: AuthorWorld
  private var model: AuthorModel
  private var random: SeededGenerator
  private var past: [Moment] = []
  private var future: [Moment] = []
  private var counter = 0
  private(set) var tally: [String: Int] = [:]
  private(set) var story: [String] = []

  init(world: AuthorWorld, seed: UInt64) {
    self.world = world
    model = AuthorModel(
      stacks: Dictionary(
        uniqueKeysWithValues: AuthorWorld.releases.map { ($0, AuthorWorld.first) }))
    random = SeededGenerator(seed: seed)
  }

  private func stack(_ release: String) -> StackName {
    guard let known = Release(release) else { preconditionFailure("a release of the world") }
    return StackName(known, "demo")
  }

  /// One command, and the checks behind it.
  mutating func step() throws {
    let release = AuthorWorld.releases[random.below(2)]
    let patches = model.stacks[release, default: []]
    let before = Moment(model: model, bytes: try world.bytes())
    let kind = random.below(100)
    switch kind {
    case 0..<12 where !past.isEmpty: return try reverse(isUndo: true)
    case 12..<18 where !future.isEmpty: return try reverse(isUndo: false)
    case 18..<44: try edit(release, before)
    case 44..<54 where patches.count > 1: try reorder(release, before)
    case 54..<60 where patches.count > 3: try delete(release, before)
    case 60..<67 where patches.count > 2: try fold(release, before)
    case 67..<75 where !patches.isEmpty: try split(release, before)
    case 75..<80 where !patches.isEmpty: try rename(release, before)
    case 80..<86 where !patches.isEmpty: try header(release, before)
    case 86..<91 where !patches.isEmpty: try fork(release, before)
    case 91..<96 where !patches.isEmpty: try sync(before)
    default: try commit(release, before)
    }
  }

  /// Runs a command, and takes what it came to into the model.
  ///
  /// - Parameter mayRefuse: false where nothing stands in its way.
  private mutating func run(
    _ name: String, _ words: String, _ before: Moment, mayRefuse: Bool,
    _ command: (Workspace) throws -> AuthoringResult,
    then change: (inout AuthorModel) throws -> Void
  ) throws {
    story.append("\(name) \(words)")
    let result: AuthoringResult
    do {
      result = try command(try world.open())
    } catch {
      guard error is Refusal || error is OpenConflicts || error is UsageError else {
        throw Failure(text: "\(name) \(words): \(error)")
      }
      tally["\(name) refused", default: 0] += 1
      story[story.count - 1] += ": refused, \(error)"
      guard mayRefuse else { throw Failure(text: "\(name) \(words): refused, \(error)") }
      return try check(before.bytes, "a refused \(name)")
    }
    tally[name, default: 0] += 1
    try change(&model)
    try followSharing(before.model)
    model.normalize()
    try checkModel("\(name) \(words)")
    if !result.files.isEmpty {
      past.append(before)
      future = []
    }
  }

  private func check(_ bytes: [String: [UInt8]], _ what: String) throws {
    let now = try world.bytes()
    guard now != bytes else { return }
    let paths = Set(now.keys).union(bytes.keys).filter { now[$0] != bytes[$0] }
    throw Failure(text: "after \(what) other bytes: \(paths.sorted())")
  }

  /// A release that shares a changed text has its lines; one that does not has kept its own.
  private mutating func followSharing(_ before: AuthorModel) throws {
    var paths: [String: [String: String]] = [:]
    for release in AuthorWorld.releases {
      let entries = try world.open().series(stack(release).release).entries(of: "demo")
      paths[release] = Dictionary(entries.map { ($0.name, $0.path) }) { first, _ in first }
    }
    for release in AuthorWorld.releases {
      for (index, patch) in model.stacks[release, default: []].enumerated() {
        for other in AuthorWorld.releases where other != release {
          guard let theirs = model.stacks[other]?.first(where: { $0.name == patch.name }),
            theirs.lines != patch.lines, paths[release]?[patch.name] == paths[other]?[patch.name]
          else { continue }
          // Of two texts that are one file now, the one that has changed is the new one.
          let old = before.stacks[release]?.first { $0.name == patch.name }
          if old?.lines == patch.lines { model.stacks[release]?[index].lines = theirs.lines }
        }
      }
    }
  }

  /// Compares every stack, patch for patch, with the model.
  private func checkModel(_ what: String) throws {
    var listed: Set<String> = []
    for release in AuthorWorld.releases {
      let outcome: [(name: String, files: [String: String])]
      do {
        outcome = try world.outcome(release)
      } catch {
        throw Failure(text: "\(what): \(release) does not apply: \(error)")
      }
      let patches = model.stacks[release, default: []]
      guard outcome.map(\.name) == patches.map(\.name) else {
        throw Failure(
          text: "\(what): \(release) has \(outcome.map(\.name)), not \(patches.map(\.name))")
      }
      for (index, step) in outcome.enumerated() {
        for (file, content) in step.files {
          let wanted = model.content(file, release, after: index + 1)
          guard content == wanted else {
            throw Failure(
              text: "\(what): \(release), \(file) after \(step.name): "
                + Self.difference(content, wanted) + "; \(patches)"
                + (ProcessInfo.processInfo.environment["KERB_MODEL_KEEP"] != nil ? try keep() : ""))
          }
        }
      }
      listed.formUnion(
        try world.open().series(stack(release).release).entries.map { "patches/\($0.path)" })
    }
    let present = try world.bytes().keys.filter { $0.hasPrefix("patches/") }
    guard Set(present) == listed else {
      throw Failure(text: "\(what): files \(present.sorted()), series \(listed.sorted())")
    }
  }

  /// Copies the world to where it can be looked at.
  private func keep() throws -> String {
    let place = "\(NSTemporaryDirectory())/kerb-model-\(UUID())"
    try FileManager.default.copyItem(atPath: world.folder.path, toPath: place)
    return "; the world is in \(place)"
  }

  private static func difference(_ found: String, _ wanted: String) -> String {
    let (one, two) = (found.split(separator: "\n"), wanted.split(separator: "\n"))
    return "it has \(one.filter { !two.contains($0) }), not \(two.filter { !one.contains($0) })"
  }

  private mutating func reverse(isUndo: Bool) throws {
    story.append(isUndo ? "undo" : "redo")
    let workspace = try world.open()
    let moment = Moment(model: model, bytes: try world.bytes())
    try workspace.journal.hold(for: "test") { held in
      let reversal = try isUndo ? workspace.journal.undoing() : workspace.journal.redoing()
      let follow = Workspace.following(reversal.files, in: workspace.journal, for: workspace.caller)
      if isUndo { try held.undo() } else { try held.redo() }
      _ = follow()
    }
    let target = isUndo ? past.removeLast() : future.removeLast()
    if isUndo { future.append(moment) } else { past.append(moment) }
    model = target.model
    try check(target.bytes, isUndo ? "undo" : "redo")
    try checkModel(isUndo ? "undo" : "redo")
    tally[isUndo ? "undo" : "redo", default: 0] += 1
  }

  private mutating func text() -> String {
    counter += 1
    switch random.below(5) {
    case 0: return ""
    case 1: return "text \(counter)\nand \(counter)"
    default: return "text \(counter)"
    }
  }

  /// Changes some lines of the work tree.
  private mutating func change(_ release: String) throws -> [LineKey: String] {
    let stack = stack(release)
    let applied = try world.open().apply([stack], ApplyOptions())
    guard applied.allSatisfy({ $0.written != nil }) else {
      throw Failure(text: "\(stack) is not applied")
    }
    let present = model.presentLines(release)
    var edits: [LineKey: String] = [:]
    for _ in 0...random.below(3) { edits[present[random.below(present.count)]] = text() }
    var edited = model
    edited.stacks[release, default: []].append(.init(name: "edit", lines: edits))
    for file in AuthorModel.files {
      let content = edited.content(file, release)
      try Array(content.utf8).withUnsafeBytes { bytes in
        try Data(bytes).write(to: URL(filePath: "\(world.root)/src/\(stack)/\(file)"))
      }
    }
    return edits
  }

  /// Puts the work tree back where an edit was not taken.
  private func restore(_ release: String) throws {
    try git(["checkout", "-q", "-f", "."], in: "\(world.root)/src/\(stack(release))")
  }

  private mutating func edit(_ release: String, _ before: Moment) throws {
    let edits = try change(release)
    let patches = model.stacks[release, default: []]
    let stack = stack(release)
    let refused = tally.filter { $0.key.hasSuffix("refused") }.values.reduce(0, +)
    var options = RefreshOptions()
    let kind = random.below(patches.isEmpty ? 1 : 4)
    if kind == 0 {
      counter += 1
      let name = "new-\(counter)"
      let author = Author(name: Array("B".utf8), email: Array("b@c".utf8), date: nil)
      let new = NewPatch(name: name, author: author, message: Array("\(name): made\n".utf8))
      try run("new", "\(release) \(name) \(edits)", before, mayRefuse: false) {
        try $0.begin(new, in: stack)
      } then: {
        $0.stacks[release, default: []].append(.init(name: name, lines: edits))
      }
    } else {
      let target = random.below(patches.count)
      (options.patch, options.absorbs) = (patches[target].name, kind == 1)
      let above = patches[(target + 1)...].flatMap { $0.lines.keys }
      let mayRefuse =
        AuthorModel.meet(edits.keys, patches.flatMap { $0.lines.keys })
        || AuthorModel.meet(edits.keys, above)
      let absorbs = options.absorbs
      let world = world
      try run(
        absorbs ? "absorb" : "refresh", "\(release) \(patches[target].name) \(edits)", before,
        mayRefuse: mayRefuse
      ) { [options] in
        try $0.refresh(stack, options)
      } then: { model in
        guard absorbs else {
          model.stacks[release]?[target].lines.merge(edits) { $1 }
          return
        }
        try Self.assign(edits, in: &model, release, rest: target, world)
      }
    }
    let now = tally.filter { $0.key.hasSuffix("refused") }.values.reduce(0, +)
    if now > refused { try restore(release) }
  }

  /// Gives each edit to the patch that has taken it, which has to be the one whose lines it touches
  /// wherever that is beyond doubt.
  private static func assign(
    _ edits: [LineKey: String], in model: inout AuthorModel, _ release: String, rest: Int,
    _ world: AuthorWorld
  ) throws {
    let patches = model.stacks[release, default: []]
    let outcome = try world.outcome(release)
    let keys = edits.keys.sorted()
    let candidates = keys.map { key in
      let isPlain = !patches.contains { patch in
        patch.lines.keys.contains { $0 != key && $0.isNear(key) }
      }
      let plain = patches.lastIndex { $0.lines[key] != nil } ?? rest
      return isPlain ? [plain] : Array(patches.indices)
    }
    func search(_ trial: AuthorModel, _ place: Int) -> AuthorModel? {
      guard place < keys.count else {
        let isRight = outcome.indices.allSatisfy { index in
          AuthorModel.files.allSatisfy {
            outcome[index].files[$0] == trial.content($0, release, after: index + 1)
          }
        }
        return isRight ? trial : nil
      }
      for owner in candidates[place] {
        var next = trial
        next.stacks[release]?[owner].lines[keys[place]] = edits[keys[place]]
        if let found = search(next, place + 1) { return found }
      }
      return nil
    }
    guard let found = search(model, 0) else {
      throw Failure(text: "\(edits) is not in the patches that should have taken it")
    }
    model = found
  }

  private mutating func reorder(_ release: String, _ before: Moment) throws {
    let patches = model.stacks[release, default: []]
    let from = random.below(patches.count)
    let to = random.below(patches.count)
    guard from != to else { return }
    let moved = patches[from]
    let between = from < to ? patches[(from + 1)...to] : patches[to..<from]
    let mayRefuse = AuthorModel.meet(moved.lines.keys, between.flatMap { $0.lines.keys })
    let place: PatchPlace =
      to == patches.count - 1
      ? .top : to == 0 ? .bottom : from < to ? .after(patches[to].name) : .before(patches[to].name)
    let stack = stack(release)
    try run("reorder", "\(release) \(moved.name) \(place)", before, mayRefuse: mayRefuse) {
      try $0.reorder([moved.name], to: place, in: [stack], dryRun: false)
    } then: {
      $0.stacks[release]?.remove(at: from)
      $0.stacks[release]?.insert(moved, at: to)
    }
  }

  private mutating func delete(_ release: String, _ before: Moment) throws {
    let patches = model.stacks[release, default: []]
    let index = random.below(patches.count)
    let later = patches[(index + 1)...].flatMap { $0.lines.keys }
    let stack = stack(release)
    try run(
      "delete", "\(release) \(patches[index].name)", before,
      mayRefuse: AuthorModel.meet(patches[index].lines.keys, later)
    ) {
      try $0.delete([patches[index].name], from: [stack], dryRun: false)
    } then: {
      $0.stacks[release]?.remove(at: index)
    }
  }

  private mutating func fold(_ release: String, _ before: Moment) throws {
    let patches = model.stacks[release, default: []]
    let (from, into) = (random.below(patches.count), random.below(patches.count))
    guard from != into else { return }
    let range = from < into ? from + 1..<into : into + 1..<from
    let stack = stack(release)
    try run(
      "fold", "\(release) \(patches[from].name) into \(patches[into].name)", before,
      mayRefuse: AuthorModel.meet(
        patches[from].lines.keys, patches[range].flatMap { $0.lines.keys })
    ) {
      try $0.fold(
        [patches[from].name], into: patches[into].name, in: [stack], takesMessages: false,
        dryRun: false)
    } then: { model in
      let isLater = from > into
      model.stacks[release]?[into].lines.merge(patches[from].lines) { isLater ? $1 : $0 }
      model.stacks[release]?.remove(at: from)
    }
  }

  private mutating func split(_ release: String, _ before: Moment) throws {
    let patches = model.stacks[release, default: []]
    let index = random.below(patches.count)
    let files = Set(patches[index].lines.keys.map(\.file)).sorted()
    let file = files[random.below(files.count)]
    let isBefore = random.below(2) == 0
    counter += 1
    let name = "part-\(counter)"
    let stack = stack(release)
    let path = try RepoPath(file)
    let selection: PatchSelection = files.count > 1 ? .file(path) : .hunks(path, [1])
    let author = Author(name: Array("B".utf8), email: Array("b@c".utf8), date: nil)
    let new = NewPatch(name: name, author: author, message: Array("\(name): made\n".utf8))
    let world = world
    try run(
      "split", "\(release) \(patches[index].name) \(selection) \(name) \(isBefore)", before,
      mayRefuse: files.count == 1
    ) {
      try $0.split(
        patches[index].name, in: stack, [selection], new: new, before: isBefore, dryRun: false)
    } then: { model in
      for other in AuthorWorld.releases {
        let outcome = try world.outcome(other)
        guard let place = outcome.firstIndex(where: { $0.name == name }) else { continue }
        let patches = model.stacks[other, default: []]
        let index = isBefore ? place : place - 1
        let state = outcome[place].files[file] ?? ""
        let without = outcome[isBefore ? index + 1 : index].files[file] ?? ""
        let lines = patches[index].lines.filter { key, _ in
          guard files.count == 1 else { return key.file == file }
          // Which lines the first hunk is about, only the texts tell.
          return Self.has(
            key, of: patches[index], isBefore ? state : without, patches, index, other)
            == isBefore
        }
        model.stacks[other]?[index].lines = patches[index].lines.filter { lines[$0.key] == nil }
        model.stacks[other]?.insert(.init(name: name, lines: lines), at: place)
      }
    }
  }

  /// True where a file has what a patch makes of a line, and not what was there before.
  private static func has(
    _ key: LineKey, of patch: AuthorModel.Patch, _ content: String,
    _ patches: [AuthorModel.Patch], _ index: Int, _ release: String
  ) -> Bool {
    let earlier = patches[..<index].last { $0.lines[key] != nil }?.lines[key]
    let old =
      earlier ?? AuthorModel.upstream(key.file, release).first { $0.key == key }?.text ?? ""
    let new = patch.lines[key] ?? ""
    let lines = Set(content.split(separator: "\n").map(String.init))
    if !new.isEmpty { return new.split(separator: "\n").allSatisfy { lines.contains(String($0)) } }
    return !old.split(separator: "\n").contains { lines.contains(String($0)) }
  }

  private mutating func rename(_ release: String, _ before: Moment) throws {
    let patches = model.stacks[release, default: []]
    let old = patches[random.below(patches.count)].name
    counter += 1
    let name = "name-\(counter)"
    let stacks = AuthorWorld.releases.map(stack)
    try run("rename", "\(old) \(name)", before, mayRefuse: false) {
      try $0.rename(old, to: name, in: stacks, dryRun: false)
    } then: { model in
      for release in AuthorWorld.releases {
        guard let index = model.stacks[release]?.firstIndex(where: { $0.name == old }) else {
          continue
        }
        model.stacks[release]?[index].name = name
      }
    }
  }

  private mutating func header(_ release: String, _ before: Moment) throws {
    let patches = model.stacks[release, default: []]
    let name = patches[random.below(patches.count)].name
    counter += 1
    let header = HeaderEdit(message: Array("subject \(counter)\n\nBody.\n".utf8))
    let stack = stack(release)
    let isDry = random.below(3) == 0
    try run("edit", "\(release) \(name)", before, mayRefuse: false) {
      try $0.edit(name, in: [stack], header, dryRun: isDry)
    } then: { _ in
    }
    if isDry {
      past.removeLast()
      try check(before.bytes, "a dry run")
    }
  }

  private mutating func fork(_ release: String, _ before: Moment) throws {
    let patches = model.stacks[release, default: []]
    let name = patches[random.below(patches.count)].name
    let stack = stack(release)
    try run("fork", "\(release) \(name)", before, mayRefuse: true) {
      try $0.fork([name], in: [stack], dryRun: false)
    } then: { _ in
    }
  }

  private mutating func sync(_ before: Moment) throws {
    let patches = model.stacks["master", default: []]
    guard !patches.isEmpty else { return }
    let name = patches[random.below(patches.count)].name
    let world = world
    try run("sync", name, before, mayRefuse: true) {
      try $0.sync(name, project: "demo")
    } then: { model in
      guard let index = model.stacks["2024.1"]?.firstIndex(where: { $0.name == name }),
        let mine = model.stacks["2024.1"]?[index],
        let source = patches.first(where: { $0.name == name })
      else { return }
      // Each line is as the source has it, or as it was.
      let keys = Set(mine.lines.keys).union(source.lines.keys).sorted()
      let state = try world.outcome("2024.1")[index].files
      var lines: [LineKey: String] = [:]
      for key in keys {
        let earlier = model.stacks["2024.1", default: []][..<index].last { $0.lines[key] != nil }
        // A text that is there says more than one that is gone.
        let texts = [source.lines[key], mine.lines[key]].compactMap { $0 }
        lines[key] = (texts.filter { !$0.isEmpty } + texts.filter(\.isEmpty)).first {
          // What an earlier patch has done already is none of this one's doing.
          earlier?.lines[key] != $0
            && Self.has(
              key, of: .init(name: name, lines: [key: $0]), state[key.file] ?? "",
              model.stacks["2024.1", default: []], index, "2024.1")
        }
      }
      model.stacks["2024.1"]?[index].lines = lines
    }
  }

  /// A commit on the branch: a new patch, or a part of one.
  private mutating func commit(_ release: String, _ before: Moment) throws {
    let edits = try change(release)
    let patches = model.stacks[release, default: []]
    let stack = stack(release)
    let folder = "\(world.root)/src/\(stack)"
    let isFixup = !patches.isEmpty && random.below(2) == 0
    let target = isFixup ? random.below(patches.count) : 0
    counter += 1
    var name = "commit-\(counter)"
    var message = "Commit \(counter)"
    if isFixup {
      name = patches[target].name
      let text = try world.open().text(of: stack)
      message = "fixup! " + String(decoding: text.patches[target].header.subject, as: UTF8.self)
    }
    try git(["commit", "-q", "-a", "-m", message], in: folder)
    let above = isFixup ? patches.flatMap { $0.lines.keys } : []
    let refused = tally["commit refused", default: 0]
    try run(
      "commit", "\(release) \(message) \(edits)", before,
      mayRefuse: AuthorModel.meet(edits.keys, above)
    ) {
      try $0.refresh(stack)
    } then: { model in
      if isFixup {
        model.stacks[release]?[target].lines.merge(edits) { $1 }
      } else {
        model.stacks[release, default: []].append(.init(name: name, lines: edits))
      }
    }
    if tally["commit refused", default: 0] > refused {
      try git(["reset", "-q", "--hard", "HEAD~1"], in: folder)
    }
  }
}
