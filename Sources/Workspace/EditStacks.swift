import Git
import Journal
import PatchEngine
import Patches

/// Where patches go in a stack.
public enum PatchPlace: Hashable, Sendable {
  case before(String)
  case after(String)
  /// Above all others: applied last.
  case top
  /// Below all others: applied first.
  case bottom
}

extension Workspace {
  /// Takes patches out of stacks. A file that no release uses any more is removed.
  ///
  /// - Throws: `Refusal` where another patch needs one of them.
  public func delete(
    _ patches: [String], from stacks: [StackName], dryRun: Bool
  ) throws -> AuthoringResult {
    try edit(stacks, with: patches, dryRun: dryRun) { open, words in
      let places = try words.map { try open.index(of: $0) }
      guard Set(places).count == places.count else { throw UsageError("a patch is named twice") }
      // From the top down: none is then needed by another that goes too.
      for place in places.sorted(by: >) { try open.remove(at: place) }
    }
  }

  /// Gives a patch another name in stacks.
  public func rename(
    _ patch: String, to name: String, in stacks: [StackName], dryRun: Bool
  ) throws -> AuthoringResult {
    try edit(stacks, with: [patch], dryRun: dryRun) { open, _ in
      let index = try open.index(of: patch)
      try refuse(name: name, in: open, renaming: (open.stack.patches[index].name, stacks))
      open.stack.replace(at: index) { $0.name = name }
    }
  }

  /// Puts patches elsewhere in stacks, in the order given.
  ///
  /// - Throws: `Refusal` by the patch that one of them cannot pass.
  public func reorder(
    _ patches: [String], to place: PatchPlace, in stacks: [StackName], dryRun: Bool
  ) throws -> AuthoringResult {
    try edit(stacks, with: patches, dryRun: dryRun) { open, words in
      let moving = try words.map { try open.index(of: $0) }
      guard Set(moving).count == moving.count else {
        throw UsageError("a patch is named twice")
      }
      var order = open.stack.patches.indices.filter { !moving.contains($0) }
      let start: Int
      switch place {
      case .top: start = order.count
      case .bottom: start = 0
      case .before(let word), .after(let word):
        let anchor = try open.index(of: word)
        guard let found = order.firstIndex(of: anchor) else {
          throw UsageError("'\(word)' cannot be moved next to itself")
        }
        if case .after = place { start = found + 1 } else { start = found }
      }
      order.insert(contentsOf: moving, at: start)
      do {
        try open.stack.arrange(order, moving: Set(moving), over: &open.base)
      } catch let obstruction as Obstruction {
        throw obstructed(obstruction, "\(open.name) cannot have that order")
      }
    }
  }

  /// Makes patches parts of another, which keeps its name and header.
  ///
  /// - Parameter takesMessages: true to put their messages behind that patch's own.
  /// - Throws: `Refusal` by a patch between that stands in the way.
  public func fold(
    _ patches: [String], into target: String, in stacks: [StackName], takesMessages: Bool,
    dryRun: Bool
  ) throws -> AuthoringResult {
    try edit(stacks, with: [target] + patches, dryRun: dryRun) { open, words in
      for word in patches where words.contains(word) {
        let (from, into) = (try open.index(of: word), try open.index(of: target))
        guard from != into else { throw UsageError("a patch cannot be folded into itself") }
        let folded = open.stack.patches[from].text.header
        let left: Int
        do {
          left = try open.stack.fold(from, into: into, over: &open.base)
        } catch let obstruction as Obstruction {
          throw obstructed(obstruction, "\(word) cannot be folded into \(target)")
        }
        guard takesMessages, !folded.message.isEmpty else { continue }
        let header = open.stack.patches[left].text.header
        try open.change(left, HeaderEdit(message: header.message(joining: folded)))
      }
    }
  }

  /// Divides a patch in two.
  ///
  /// - Parameters:
  ///   - new: the patch that gets what is selected; its author is the old one's where that has one.
  ///   - isBefore: true to put it before the old one.
  /// - Throws: `UsageError` for a selection that the patch does not have.
  public func split(
    _ patch: String, in stack: StackName, _ selection: [PatchSelection], new: NewPatch,
    before isBefore: Bool, dryRun: Bool
  ) throws -> AuthoringResult {
    try hold { held in
      let text = try text(of: stack)
      let entry = text.entries[try places(ofPatches: [patch], in: stack)[0]]
      var files = PatchCache(self.files)
      var edited = [try open(stack, &files)]
      try divide(entry.name, in: &edited[0], selection, new, before: isBefore)
      // Where the old text is shared both parts are; where it cannot be divided, the release keeps it.
      for other in try sharing(entry, besides: stack) {
        do {
          var open = try open(other, &files)
          try divide(entry.name, in: &open, selection, new, before: isBefore)
          edited.append(open)
        } catch is Refusal, is UsageError {}
      }
      return try write(edited, held, dryRun: dryRun)
    }
  }

  /// The other stacks of the project that list the same file.
  private func sharing(_ entry: Series.Entry, besides stack: StackName) throws -> [StackName] {
    try configuration.releases.map { StackName($0, stack.project) }.filter { other in
      try other != stack
        && series(other.release).entries(of: stack.project).contains { $0.path == entry.path }
    }
  }

  private func divide(
    _ patch: String, in open: inout OpenStack, _ selection: [PatchSelection], _ new: NewPatch,
    before isBefore: Bool
  ) throws {
    try refuse(name: new.name, in: open)
    let index = try open.index(of: patch)
    let whole = open.stack.patches[index]
    let part: PatchEffect
    do {
      part = try whole.part(selection, over: &open.base)
    } catch let problem as SelectionProblem {
      throw UsageError("\(whole.name): \(problem)")
    }
    let text = try Patch(
      name: "patches/\(open.name.project)/\(new.name).patch",
      author: whole.text.header.author ?? new.author, message: new.message,
      files: whole.text.files.filter { part[$0.path] != nil }.map(\.withoutText))
    let divided = EditedPatch(name: new.name, text: text, effect: part, written: nil)
    do {
      try open.stack.split(index, divided, before: isBefore, over: &open.base)
    } catch let obstruction as Obstruction {
      throw obstructed(obstruction, "\(whole.name) cannot be divided so")
    }
  }

  /// Changes a patch's header. Its sections stay to the byte what they are.
  public func edit(
    _ patch: String, in stacks: [StackName], _ header: HeaderEdit, dryRun: Bool
  ) throws -> AuthoringResult {
    try edit(stacks, with: [patch], dryRun: dryRun) { open, _ in
      try open.change(try open.index(of: patch), header)
    }
  }

  /// A patch's text as an author begins to edit it.
  public func text(of patch: String, in stack: StackName) throws -> (file: String, bytes: [UInt8]) {
    let text = try text(of: stack)
    let index = try places(ofPatches: [patch], in: stack)[0]
    return (Self.path(of: text.entries[index]), text.patches[index].bytes)
  }

  /// Gives a patch another text, header and sections; later patches follow.
  ///
  /// - Parameter old: the text that the new one was made from: another one now is refused.
  /// - Throws: `Diagnostics` for a text that is no patch or does not apply in the patch's place,
  ///   `Refusal` where a later patch changes the same lines.
  public func edit(
    _ patch: String, in stack: StackName, text bytes: [UInt8], from old: [UInt8]?, name: String,
    dryRun: Bool
  ) throws -> AuthoringResult {
    let new = try Patch(parsing: bytes, name: name)
    return try edit([stack], with: [patch], dryRun: dryRun) { open, _ in
      let index = try open.index(of: patch)
      let present = open.stack.patches[index]
      try present.text.refuseChanged(since: old)
      let tree = try open.tree(before: index, in: self)
      let (effects, steps) = try replayed([new], onto: tree, in: open)
      let effect = effects[0]
      let isExact = steps[0].outcome == .clean || steps[0].outcome == .moved
      let text = try Patch(parsing: bytes, name: present.text.name)
      do {
        try open.stack.replace(at: index, effect: effect, over: &open.base)
      } catch let obstruction as Obstruction {
        throw Refusal(
          "\(present.name) cannot be changed so: \(obstruction.by), which comes after it, changes the "
            + "same lines of \(list(obstruction.paths))")
      }
      open.stack.replace(at: index) {
        $0 = EditedPatch(
          name: $0.name, text: text, effect: effect, written: isExact ? effect : nil,
          origin: $0.origin)
      }
    }
  }

  /// Opens stacks, edits each, and writes them as one set.
  ///
  /// - Parameter words: patches that the edit is about; a stack that has none of them is left out, and
  ///   the edit is given those that it has.
  func edit(
    _ stacks: [StackName], with words: [String], dryRun: Bool,
    _ body: (inout OpenStack, [String]) throws -> Void
  ) throws -> AuthoringResult {
    try hold { held in
      var files = PatchCache(self.files)
      var edited: [OpenStack] = []
      var seen: Set<String> = []
      for stack in stacks {
        let names = try series(stack.release).entries(of: stack.project).map(\.name)
        // Of several stacks, a number could mean another patch of each.
        let known = words.filter {
          stacks.count > 1
            ? names.contains(patchName($0, project: stack.project))
            : place(ofPatch: $0, in: names, project: stack.project) != nil
        }
        seen.formUnion(known)
        guard stacks.count == 1 || !known.isEmpty else { continue }
        var open = try open(stack, &files)
        guard stacks.count > 1 || known.count == words.count else {
          for word in words { _ = try open.index(of: word) }
          continue
        }
        try body(&open, known)
        edited.append(open)
      }
      let missing = words.filter { !seen.contains($0) }
      guard missing.isEmpty, !edited.isEmpty else {
        throw UsageError("none of these stacks has " + missing.joined(separator: " or "))
      }
      return try write(edited, held, dryRun: dryRun)
    }
  }

  /// What patches do, one after the other, on a tree of the stack's repository.
  ///
  /// - Throws: `Diagnostics` with the place of each conflict.
  func replayed(
    _ patches: [Patch], onto tree: ObjectID, in open: OpenStack
  ) throws -> (effects: [PatchEffect], steps: [Step]) {
    let path = store.repositoryPath(project: open.name.project)
    let repository = try Repository(opening: path)
    let pack = try PackWriter(objectsDirectory: repository.objectsDirectory)
    let result = try ReplaySession(repository: path).replay(
      patches, onto: tree, recording: .objects(pack))
    let conflicts = zip(patches, result.steps).flatMap { patch, step in
      step.paths.compactMap { found in
        found.conflict.map {
          Diagnostic(
            Location(patch.name, line: $0.line), "\(found.path): \($0)", rule: $0.rule)
        }
      }
    }
    guard conflicts.isEmpty else { throw Diagnostics(conflicts) }
    _ = try pack.finish()
    let effects = try recordedEffects(
      of: result, patches: patches.count, over: try BaseTree(repository: path, tree: tree))
    return (effects, result.steps)
  }
}

extension OpenStack {
  /// Takes a patch out of the stack.
  mutating func remove(at index: Int) throws {
    do {
      try stack.remove(at: index, over: &base)
    } catch let obstruction as Obstruction {
      throw Refusal(
        "\(name): \(obstruction.by) needs \(obstruction.patch), as both change the same lines of "
          + "\(list(obstruction.paths)); take that one out first, or fold the two")
    }
  }

  /// Changes a patch's header.
  mutating func change(_ index: Int, _ edit: HeaderEdit) throws {
    let patch = stack.patches[index]
    let text = try patch.text.with(edit)
    stack.replace(at: index) { $0.text = text }
  }

  /// The tree before a patch, as the stack was opened.
  func tree(before index: Int, in workspace: Workspace) throws -> ObjectID {
    guard index > 0 else { return loaded.upstream.tree }
    let path = workspace.store.repositoryPath(project: name.project)
    return try Repository(opening: path).commit(commits[index - 1]).tree
  }
}

extension FileChange {
  /// The change as a hint at renames and copies.
  var withoutText: FileChange {
    FileChange(path, kind, oldMode: oldMode, newMode: newMode, content: .none)
  }
}
