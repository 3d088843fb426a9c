import Git
import Journal
import PatchEngine
import Patches

/// How `refresh` takes up what was done to an applied stack.
public struct RefreshOptions: Sendable {
  /// The patch that takes the work tree's edits; the top one where it is nil.
  public var patch: String?
  /// True to give each edit to the patch whose lines it touches.
  public var absorbs = false
  /// Patches that may be without a commit.
  public var drops: [String] = []
  /// True to go on where nothing of a hunk is left.
  public var allowsLoss = false
  /// True to make patches of upstream's own commits, where the branch stands on newer ones.
  public var takesUpstream = false
  public var branch: String?
  public var directory: String?
  public var dryRun = false

  public init() {}
}

/// A patch that an author begins.
public struct NewPatch: Sendable {
  public let name: String
  public let author: Author
  public let message: [UInt8]
  /// The patch that it goes behind; on top where it is nil.
  public var after: String?

  public init(name: String, author: Author, message: [UInt8], after: String? = nil) {
    (self.name, self.author, self.message) = (name, author, message)
    self.after = after
  }
}

extension Workspace {
  /// Takes up what was done to an applied stack: commits on its branch, and edits in its work tree.
  ///
  /// - Returns: what became of the patches; the branch then stands on the new stack, whose files are
  ///   those of the work tree.
  /// - Throws: `OpenConflicts` for conflict markers and for hunks that would get lost, each with its
  ///   place; `Refusal` where an edit cannot be given to a patch, a patch has no commit, or the patches
  ///   have changed since they were applied.
  public func refresh(
    _ stack: StackName, _ options: RefreshOptions = RefreshOptions()
  ) throws -> AuthoringResult {
    try takeUp(stack, options, new: nil)
  }

  /// Makes a patch of the edits in an applied stack's work tree.
  ///
  /// - Throws: as `refresh`, and `Refusal` where nothing is edited.
  public func begin(
    _ patch: NewPatch, in stack: StackName, _ options: RefreshOptions = RefreshOptions()
  ) throws -> AuthoringResult {
    try takeUp(stack, options, new: patch)
  }

  private func takeUp(
    _ stack: StackName, _ options: RefreshOptions, new: NewPatch?
  ) throws -> AuthoringResult {
    try hold { held in
      var files = PatchCache(self.files)
      var open = try open(stack, &files)
      if let new { try refuse(name: new.name, in: open) }
      let applied = AppliedBranch(
        self, stack, branch: options.branch, directory: options.directory)
      _ = try NamedPlace(applied.tree.directory, in: root)
      let work = try applied.work(tip: open.tip, over: &open.base)
      let target = try options.patch.map { try open.index(of: $0) }
      for patch in options.drops { _ = try open.index(of: patch) }
      switch try reading(&open, work, applied, options) {
      case .same:
        if new != nil { throw nothing(edited: applied) }
        if !options.dryRun, work.head != open.tip { try applied.adopt(open.tip, from: work) }
        return AuthoringResult(
          stacks: [AuthoringReport(stack: stack, patches: [])], sharing: [], files: [],
          notes: work.notes)
      case .older:
        if new != nil { throw nothing(edited: applied) }
        return AuthoringResult(
          stacks: [AuthoringReport(stack: stack, patches: [])], sharing: [], files: [],
          notes: [
            "nothing is changed in \(shown(applied.tree.directory)); the patches are not those that "
              + "are applied: 'kerb apply \(stack)' puts them there"
          ] + work.notes)
      case .edits:
        if new != nil, work.edits.isEmpty { throw nothing(edited: applied) }
        let name = target.map { open.before.patches[$0].name }
        try give(work.edits, to: name, new, &open, applied, options)
      }
      try refuseMarkers(open, applied)
      if !options.allowsLoss { try refuseLoss(&open) }
      var result = try write([open], held, dryRun: options.dryRun) { tips in
        try applied.adopt(tips[0], from: work)
      }
      result.notes += work.notes
      return result
    }
  }

  /// What the branch and the files come to against the patches.
  private enum Reading {
    /// The patches say all of it.
    case same
    /// Nothing was done since the stack was applied, and the patches have changed.
    case older
    /// Commits are taken up; what is left are the edits of the files.
    case edits
  }

  private func reading(
    _ open: inout OpenStack, _ work: AppliedBranch.Work, _ applied: AppliedBranch,
    _ options: RefreshOptions
  ) throws -> Reading {
    let repository = try Repository(opening: applied.repositoryPath)
    let below = open.loaded.upstream
    let head = try repository.commit(work.head).tree
    let whole = open.stack.effect
    let isLevel = try repository.effect(from: below.tree, to: head) == whole
    if work.head == work.record {
      if try repository.effect(from: below.tree, to: head).then(work.edits) == whole {
        return .same
      }
      if work.edits.isEmpty { return .older }
      guard isLevel else { throw stale(applied) }
      return .edits
    }
    let branch = try applied.commits(from: work.head, above: below.commit)
    let drops = try Set(options.drops.map { open.stack.patches[try open.index(of: $0)].name })
    let made = try open.stack(
      of: branch, dropping: drops, takesUpstream: options.takesUpstream, project: open.name.project,
      in: repository, over: &open.base)
    if work.edits.isEmpty, made.isSame(as: open.before) { return .same }
    guard work.record == open.tip else { throw stale(applied) }
    open.stack = made
    return .edits
  }

  private func stale(_ applied: AppliedBranch) -> Refusal {
    Refusal(
      "the patches of \(applied.stack) have changed since they were applied; put your changes on the "
        + "new ones: 'git stash' in \(shown(applied.tree.directory)) (or 'git branch' for commits), 'kerb "
        + "apply \(applied.stack)', 'git stash pop' (or 'git cherry-pick')")
  }

  private func nothing(edited applied: AppliedBranch) -> Refusal {
    Refusal(
      "nothing is edited in \(shown(applied.tree.directory)): edit the files first (and 'git add' those "
        + "that are new), then make a patch of it")
  }

  private func give(
    _ edits: PatchEffect, to patch: String?, _ new: NewPatch?, _ open: inout OpenStack,
    _ applied: AppliedBranch, _ options: RefreshOptions
  ) throws {
    guard !edits.isEmpty else { return }
    if let new { return try give(edits, toNew: new, &open) }
    guard !open.stack.patches.isEmpty else {
      throw Refusal("\(open.name) has no patch that could take the edits; 'kerb new' makes one")
    }
    guard options.absorbs else {
      return try give(
        edits, to: patch ?? open.stack.patches[open.stack.patches.count - 1].name, &open)
    }
    let parts = try open.stack.parts(of: edits, over: &open.base)
    if patch == nil, let rest = parts.first(where: { $0.owner == nil }) {
      throw OpenConflicts(
        rest.places.map { place in
          Diagnostic(
            Location("\(shown(applied.tree.directory))/\(place.path)", line: place.line),
            "no patch of the stack has touched these lines; name the one that takes them: 'kerb refresh "
              + "\(open.name) PATCH --absorb'", rule: "absorb-owner")
        })
    }
    let owners = parts.map { $0.owner.map { open.stack.patches[$0].name } ?? patch }
    for (part, owner) in zip(parts, owners) {
      if let owner { try give(part.effect, to: owner, &open) }
    }
  }

  private func give(_ edits: PatchEffect, to patch: String, _ open: inout OpenStack) throws {
    guard let target = open.stack.index(of: patch) else {
      throw Refusal("\(patch) has no commit, so that it cannot take the edits")
    }
    open.stack.append(
      EditedPatch(
        name: "the edit", text: open.stack.patches[target].text, effect: edits, written: nil))
    do {
      try open.stack.fold(open.stack.patches.count - 1, into: target, over: &open.base)
    } catch let obstruction as Obstruction {
      throw Refusal(
        "\(patch) cannot take the edits: \(obstruction.by), which is above it, changes the same lines "
          + "of \(list(obstruction.paths)); 'kerb refresh \(open.name) \(obstruction.by)' gives them to "
          + "that one, --absorb each to the patch whose lines it touches")
    }
  }

  private func give(
    _ edits: PatchEffect, toNew new: NewPatch, _ open: inout OpenStack
  ) throws {
    let hints = try edits.renames(over: &open.base).map { old, new in
      FileChange(
        new, .rename(from: old, similarity: nil), oldMode: nil, newMode: nil, content: .none)
    }
    let patch = EditedPatch(
      name: new.name,
      text: try Patch(
        name: "patches/\(open.name.project)/\(new.name).patch", author: new.author,
        message: new.message, files: hints), effect: edits, written: nil)
    let place = try new.after.map { try open.index(of: $0) + 1 } ?? open.stack.patches.count
    open.stack.append(patch)
    do {
      try open.stack.move(from: open.stack.patches.count - 1, to: place, over: &open.base)
    } catch let obstruction as Obstruction {
      throw obstructed(obstruction, "\(new.name) cannot go there")
    }
  }

  func obstructed(_ obstruction: Obstruction, _ what: String) -> Refusal {
    Refusal(
      "\(what): \(obstruction.by) stands in the way of \(obstruction.patch), as both change the same "
        + "lines of \(list(obstruction.paths))")
  }

  /// Refuses conflict markers that an edit has brought.
  private func refuseMarkers(_ open: OpenStack, _ applied: AppliedBranch) throws {
    var base = open.base
    var found: Set<Diagnostic> = []
    let origins = Dictionary(open.before.patches.map { ($0.origin, $0) }) { first, _ in first }
    for patch in open.stack.patches {
      let old = patch.origin == nil ? nil : origins[patch.origin]
      for path in patch.effect.paths {
        let before = [patch.effect[path]?.before, old?.effect[path]?.after]
        guard let after = patch.effect[path]?.after, !before.contains(after),
          let line = try firstMarker(in: after, &base),
          try before.allSatisfy({ try $0.map { try firstMarker(in: $0, &base) == nil } ?? true })
        else { continue }
        found.insert(
          Diagnostic(
            Location("\(shown(applied.tree.directory))/\(path)", line: line),
            "a conflict marker is here", rule: "conflict-marker"))
      }
    }
    guard found.isEmpty else { throw OpenConflicts(found.sorted(by: Diagnostic.inOrder)) }
  }

  private func firstMarker(in entry: SourceEntry, _ base: inout BaseTree) throws -> Int? {
    entry.mode.isFile ? firstConflictMarker(in: try base.text(of: entry.id).bytes) : nil
  }

  /// Refuses hunks of which nothing would be left.
  private func refuseLoss(_ open: inout OpenStack) throws {
    let lost = try open.stack.hunksLost(since: open.before, over: &open.base)
    guard lost.isEmpty else {
      throw OpenConflicts(
        lost.map { hunk in
          Diagnostic(
            Location(open.before.patches[hunk.patch].text.name, line: hunk.line),
            "\(hunk.path): nothing of this hunk would be left; put it in, or give --allow-lost",
            rule: "lost-hunk")
        })
    }
  }

  /// A folder as a path in the workspace where it is inside.
  func shown(_ folder: String) -> String {
    folder.hasPrefix(root + "/") ? String(folder.dropFirst(root.count + 1)) : folder
  }
}

extension Diagnostic {
  fileprivate static func inOrder(_ one: Diagnostic, _ other: Diagnostic) -> Bool {
    (one.location.file, one.location.line ?? 0) < (other.location.file, other.location.line ?? 0)
  }
}

extension EditedStack {
  /// True where every patch is the same text with the same effect, in the same order.
  func isSame(as other: EditedStack) -> Bool {
    patches.count == other.patches.count
      && zip(patches, other.patches).allSatisfy {
        $0.name == $1.name && $0.text.bytes == $1.text.bytes && $0.effect == $1.effect
      }
  }
}
