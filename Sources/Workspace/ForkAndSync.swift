import Git
import Journal
import PatchEngine
import Patches

extension Workspace {
  /// Gives stacks texts of their own of patches that they share, equal to the byte, to be changed
  /// alone.
  ///
  /// - Throws: `Refusal` where a text is not shared.
  public func fork(
    _ patches: [String], in stacks: [StackName], dryRun: Bool
  ) throws -> AuthoringResult {
    try hold { held in
      let chosen = try stacks.flatMap { stack in
        guard stacks.count == 1 else {
          return patches.map { (stack: stack, name: patchName($0, project: stack.project)) }
        }
        let names = try series(stack.release).entries(of: stack.project).map(\.name)
        return try places(ofPatches: patches, in: stack).map { (stack: stack, name: names[$0]) }
      }
      let set = try AuthoringWrites.plan(forking: chosen, in: self)
      if !dryRun { try write(set, held) }
      return AuthoringResult(stacks: [], sharing: [], files: set.written, notes: [])
    }
  }

  /// How `sync` finds what was changed, and whom it tells.
  public struct SyncOptions: Sendable {
    /// The release whose text is carried; the newest that has the patch where it is nil.
    public var from: Release?
    /// The releases that get the change; nil for all that have another text.
    public var to: [Release]?
    /// A revision of the workspace's history at which the text was what the change began with.
    public var base: String?
    public var dryRun = false

    public init() {}
  }

  /// Carries what was changed in one release's text of a patch to the others' texts, by a three-way
  /// merge of the files that they make. Texts that say the same then become one.
  ///
  /// What the change began with is the text at the revision that is named; else what was carried last;
  /// else the newest text that both releases have had, by kerb's log or by the history of the workspace's
  /// repository; else the files before the patch, so that all of the patch is carried.
  ///
  /// - Throws: `OpenConflicts` where both texts have changed the same lines; nothing is written then.
  public func sync(
    _ patch: String, project: String, _ options: SyncOptions = SyncOptions()
  ) throws -> AuthoringResult {
    let name = patchName(patch, project: project)
    return try hold { held in
      var catalog = SeriesCatalog(self)
      let groups = try catalog.sharing(of: name, project: project).groups
      guard let source = options.from ?? groups.compactMap({ $0.releases.max() }).max(),
        let mine = groups.first(where: { $0.releases.contains(source) })
      else { throw UsageError("no release has a patch '\(patch)' of \(project)") }
      let others = configuration.releases.filter { release in
        groups.contains { $0.path != mine.path && $0.releases.contains(release) }
          && options.to?.contains(release) ?? true
      }
      guard !others.isEmpty else {
        throw UsageError("\(project)/\(name): no other release has another text")
      }
      let equal = others.filter { release in
        groups.contains { $0.releases.contains(release) && $0.bytes == mine.bytes }
      }
      var files = PatchCache(self.files)
      let open = try open(StackName(source, project), &files)
      var carried: [OpenStack] = []
      var findings: [Diagnostic] = []
      for release in others.sorted(by: >) where !equal.contains(release) {
        var other = try self.open(StackName(release, project), &files)
        if let problem = try carry(name, from: open, to: &other, options) {
          findings += problem
        } else {
          carried.append(other)
        }
      }
      guard findings.isEmpty else { throw OpenConflicts(findings) }
      return try write(
        carried, held, dryRun: options.dryRun, reach: options.to == nil ? .everyone : .edited,
        joining: equal.map { (StackName($0, project), name) })
    }
  }

  /// Carries the change to one stack.
  ///
  /// - Returns: the files in which both changed the same lines; nil where it is carried.
  private func carry(
    _ name: String, from source: OpenStack, to other: inout OpenStack, _ options: SyncOptions
  ) throws -> [Diagnostic]? {
    let (here, there) = (try source.index(of: name), try other.index(of: name))
    let new = source.stack.patches[here]
    let old = other.stack.patches[there]
    let text = try beginning(of: new, old, source, other, options)
    let began = try text.flatMap { text -> PatchEffect? in
      do {
        return try replayed([text], onto: tree(source, here), in: source).effects[0]
      } catch let problem as Diagnostics {
        // A text of the past need not apply to the files of today; without it all of the patch is carried.
        guard options.base == nil else { throw problem }
        return nil
      }
    }
    let merged = try merge(
      old.effect, new.effect, began ?? PatchEffect(), other.stack, at: there, &other.base)
    switch merged {
    case .failure(let met):
      return met.paths.map { path in
        Diagnostic(
          Location(old.text.name),
          "\(other.name): both texts have changed the same lines of \(path); 'kerb apply "
            + "\(other.name)', edit the file and 'kerb refresh \(other.name) \(name)'; --base REV "
            + "carries what came after a revision",
          rule: "sync-conflict")
      }
    case .success(let effect) where effect.isEmpty:
      return [
        Diagnostic(
          Location(old.text.name), "\(other.name): nothing of \(name) would be left there",
          rule: "sync-conflict")
      ]
    case .success(let effect):
      do {
        try other.stack.replace(at: there, effect: effect, over: &other.base)
      } catch let obstruction as Obstruction {
        return [
          Diagnostic(
            Location(old.text.name),
            "\(other.name): \(obstruction.by), which comes after it, changes the same lines of "
              + list(obstruction.paths), rule: "sync-conflict")
        ]
      }
    }
    // The header is carried where the other release has not changed its own.
    if text?.header.message == old.text.header.message, let author = new.text.header.author {
      let header = try old.text.with(author: author, message: new.text.header.message)
      other.stack.replace(at: there) { $0.text = header }
    }
    return nil
  }

  private func tree(_ open: OpenStack, _ place: Int) throws -> ObjectID {
    try open.tree(before: place, in: self)
  }

  private struct MetPaths: Error {
    let paths: [RepoPath]
  }

  /// The files that the other stack's patch makes, with what the source's makes otherwise than it did.
  private func merge(
    _ old: PatchEffect, _ new: PatchEffect, _ began: PatchEffect, _ stack: EditedStack,
    at index: Int, _ base: inout BaseTree
  ) throws -> Swift.Result<PatchEffect, MetPaths> {
    var result = old
    var met: [RepoPath] = []
    for path in Set(old.paths + new.paths + began.paths).sorted() {
      let source = new[path] ?? began[path]
      let start = began[path].map(\.after) ?? source?.before
      let end = new[path].map(\.after) ?? source?.before
      guard start != end else { continue }
      let before = try old[path].map(\.before) ?? stack.entry(at: path, before: index, over: base)
      let mine = old[path].map(\.after) ?? before
      guard case .entry(let after) = try base.union(base: start, mine, end) else {
        met.append(path)
        continue
      }
      result[path] = .init(before: before, after: after)
    }
    return met.isEmpty ? .success(result) : .failure(MetPaths(paths: met))
  }

  /// The text that the change began with; nil where none is known.
  private func beginning(
    of new: EditedPatch, _ old: EditedPatch, _ source: OpenStack, _ other: OpenStack,
    _ options: SyncOptions
  ) throws -> Patch? {
    if let base = options.base {
      let past = try text(of: source.name, at: base)
      guard let index = past.entries.firstIndex(where: { $0.name == new.name }) else {
        throw UsageError("\(source.name) has no patch '\(new.name)' at \(base)")
      }
      return past.patches[index]
    }
    let past = try TextPast(of: new.name, source.name, other.name, in: self)
    guard let common = past.common else { return nil }
    return try past.moments.first { moment in
      try hasAll(moment.source, of: common, in: moment.other, source, other, new.name)
    }?.source ?? common
  }

  /// True where the text of another release has all that a text has brought since the one that both have
  /// had: it was carried then.
  private func hasAll(
    _ text: Patch, of common: Patch, in theirs: Patch, _ source: OpenStack, _ other: OpenStack,
    _ name: String
  ) throws -> Bool {
    let (here, there) = (try source.index(of: name), try other.index(of: name))
    var base = other.base
    do {
      let trees = (try tree(source, here), try tree(other, there))
      let new = try replayed([text], onto: trees.0, in: source).effects[0]
      let began = try replayed([common], onto: trees.0, in: source).effects[0]
      let old = try replayed([theirs], onto: trees.1, in: other).effects[0]
      guard case .success(old) = try merge(old, new, began, other.before, at: there, &base) else {
        return false
      }
      return true
    } catch is Diagnostics {
      // Texts of the past need not apply to the files of today.
      return false
    }
  }
}
