import Git
import Journal
import PatchEngine
import Patches

/// What edits of stacks change in the workspace: patch files and series files, as one set.
///
/// A text that changes is tried on every release that shares it. What is to be written is replayed
/// first: it must give every edited stack the files that the edit has come to.
struct AuthoringWrites {
  private let workspace: Workspace
  /// Who may have the new texts besides the edited stacks.
  private let reach: Reach
  private var catalog: SeriesCatalog
  private var sharings: [String: TextSharing] = [:]
  private var keys: [(project: String, name: String)] = []
  private(set) var events: [SharingEvent] = []
  private var files: PatchCache

  /// The new text of each patch of a stack.
  private typealias Texts = [(name: String, patch: Patch, isNew: Bool)]

  /// Who may have the new texts of edited stacks.
  enum Reach {
    /// Every release that shares the old text, where the new one fits.
    case everyone
    /// The edited stacks alone, and releases whose texts say the same already.
    case edited
  }

  init(_ workspace: Workspace, reach: Reach = .everyone) {
    (self.workspace, self.reach) = (workspace, reach)
    catalog = SeriesCatalog(workspace)
    files = PatchCache(workspace.files)
  }

  /// The set for edited stacks.
  ///
  /// - Parameters:
  ///   - reach: who may have the new texts.
  ///   - joining: releases that get the very text of another one, which is equal to theirs to the byte.
  /// - Throws: `Refusal` where nothing is left of a patch, a file is in the way, or the texts do not
  ///   give the files that they should.
  static func plan(
    for stacks: [OpenStack], in workspace: Workspace, reach: Reach = .everyone,
    joining: [(stack: StackName, name: String)] = []
  ) throws -> (set: FileSet, result: AuthoringResult) {
    var writes = AuthoringWrites(workspace, reach: reach)
    var texts: [Texts] = []
    for stack in stacks { texts.append(try writes.texts(of: stack)) }
    for (stack, texts) in zip(stacks, texts) { try writes.take(stack, texts) }
    try writes.offer(stacks, texts)
    for (stack, name) in joining {
      try writes.update(stack.project, name) { sharing in
        guard let bytes = sharing.bytes(for: stack.release),
          let patch = sharing.patch(for: stack.release)
        else { return }
        sharing.replace(bytes, patch, for: [stack.release])
      }
    }
    try writes.prove(stacks)
    let set = try writes.set(stacks)
    let reports = zip(stacks, texts).map { writes.report($0, $1) }
    return (
      set,
      AuthoringResult(stacks: reports, sharing: writes.events, files: set.written, notes: [])
    )
  }

  /// The set that gives releases texts of their own, to the byte those that they share.
  ///
  /// - Throws: `Refusal` for a release whose text nobody shares.
  static func plan(
    forking patches: [(stack: StackName, name: String)], in workspace: Workspace
  ) throws -> FileSet {
    var writes = AuthoringWrites(workspace)
    for (stack, name) in patches {
      guard try writes.group(of: stack, name).releases.count > 1 else {
        throw Refusal("\(stack): \(name) is its own already; no other release shares the text")
      }
    }
    for (stack, name) in patches {
      let group = try writes.group(of: stack, name)
      // The last one of those that share a text keeps it.
      guard group.releases.count > 1 else { continue }
      try writes.update(stack.project, name) {
        $0.replace(group.bytes, group.patch, for: [stack.release], apart: true)
      }
    }
    return try writes.set([])
  }

  private mutating func group(of stack: StackName, _ name: String) throws -> TextSharing.Group {
    let groups = try sharing(stack.project, name).groups
    guard let group = groups.first(where: { $0.releases.contains(stack.release) }) else {
      throw UsageError("\(stack) has no patch '\(name)'")
    }
    return group
  }

  private func texts(of open: OpenStack) throws -> Texts {
    var base = open.base
    let origins = Dictionary(open.before.patches.map { ($0.origin, $0) }) { first, _ in first }
    return try open.stack.patches.enumerated().map { index, patch in
      // One of which upstream has everything did nothing before.
      guard !patch.effect.isEmpty || patch.written?.isEmpty == true else {
        guard patch.origin != nil else {
          throw Refusal(
            "\(open.name): \(patch.name) changes nothing, as the stack or upstream has it already; "
              + "leave it out")
        }
        throw Refusal(
          "\(open.name): nothing is left of \(patch.name); 'kerb delete \(open.name) "
            + "\(patch.name)' takes it out of the stack")
      }
      let before = base
      let bytes = try patch.bytes(over: &base) {
        try open.stack.entry(at: $0, before: index, over: before)
      }
      if patch.origin != nil, let origin = origins[patch.origin], origin.text.bytes == bytes {
        return (patch.name, origin.text, origin.name != patch.name)
      }
      return (patch.name, try Patch(parsing: bytes, name: patch.text.name), true)
    }
  }

  private mutating func sharing(_ project: String, _ name: String) throws -> TextSharing {
    let key = "\(project)/\(name)"
    if let known = sharings[key] { return known }
    keys.append((project, name))
    let found = try catalog.sharing(of: name, project: project)
    sharings[key] = found
    return found
  }

  private mutating func update(
    _ project: String, _ name: String, _ change: (inout TextSharing) -> Void
  ) throws {
    var sharing = try sharing(project, name)
    change(&sharing)
    sharings["\(project)/\(name)"] = sharing
  }

  /// Gives the stack's release its new texts, and takes those away that are gone.
  private mutating func take(_ open: OpenStack, _ texts: Texts) throws {
    let (project, release) = (open.name.project, open.name.release)
    let names = Set(texts.map(\.name))
    for patch in open.before.patches where !names.contains(patch.name) {
      try update(project, patch.name) { $0.drop(release) }
    }
    for text in texts where text.isNew {
      try update(project, text.name) {
        $0.replace(text.patch.bytes, text.patch, for: [release])
      }
    }
  }

  /// Offers each new text to the releases that share the old one.
  private mutating func offer(_ stacks: [OpenStack], _ texts: [Texts]) throws {
    guard reach != .edited else { return }
    let edited = Set(stacks.map(\.name))
    var offers: [StackName: [FittingTexts.Offer]] = [:]
    for (open, texts) in zip(stacks, texts) {
      let project = open.name.project
      let names = open.before.patches.map { ($0.name, $0.origin) }
      let before = Dictionary(names) { first, _ in first }
      for (patch, text) in zip(open.stack.patches, texts) where text.isNew {
        guard let origin = patch.origin, before[text.name] == origin else { continue }
        for release in workspace.configuration.releases
        where !edited.contains(StackName(release, project)) {
          let entry = try catalog.entry(text.name, of: project, in: release)
          guard entry?.path == origin else { continue }
          offers[StackName(release, project), default: []]
            .append(.init(name: text.name, patch: text.patch, from: open))
        }
      }
    }
    for (stack, offers) in offers.sorted(by: { $0.key > $1.key }) {
      try offer(offers, to: stack)
    }
  }

  private mutating func offer(_ offers: [FittingTexts.Offer], to stack: StackName) throws {
    var taken: Set<String> = []
    switch workspace.load(stack, &files) {
    case .stack(let loaded):
      var texts = try FittingTexts(loaded, in: workspace)
      taken = try texts.choose(offers)
    case .verdict(let verdict):
      // Not knowing whether a text fits is no reason to part.
      guard verdict.diagnostics.isEmpty else { throw Diagnostics(verdict.diagnostics) }
      throw Refusal(
        "\(stack) shares \(offers[0].name) and has no upstream tree to try it on: 'kerb fetch "
          + "\(stack)', or 'kerb fork' the patch first")
    }
    for offer in offers where taken.contains(offer.name) {
      let release = offer.from.name.release
      let bytes = try text(of: offer.name, offer.patch, for: stack, newest: release)
      let patch = try Patch(parsing: bytes, name: offer.patch.name)
      try update(stack.project, offer.name) {
        let users = $0.groups.first { $0.releases.contains(release) }?.releases ?? [release]
        $0.replace(bytes, patch, for: users.union([stack.release]))
      }
    }
    for offer in offers {
      let path = try sharing(stack.project, offer.name).paths[stack.release] ?? ""
      events.append(
        SharingEvent(
          release: stack.release, project: stack.project, name: offer.name,
          file: "patches/\(path)", kind: taken.contains(offer.name) ? .shared : .kept))
    }
  }

  /// The new text with the line numbers of the newest release that uses it.
  private func text(
    of name: String, _ patch: Patch, for stack: StackName, newest: Release
  ) throws -> [UInt8] {
    guard stack.release > newest else { return patch.bytes }
    var files = files
    guard case .stack(let loaded) = workspace.load(stack, &files) else { return patch.bytes }
    let patches = zip(loaded.entries, loaded.patches).map { $0.name == name ? patch : $1 }
    let path = workspace.store.repositoryPath(project: stack.project)
    let repository = try Repository(opening: path)
    let pack = try PackWriter(objectsDirectory: repository.objectsDirectory)
    let result = try ReplaySession(repository: path).replay(
      patches, onto: loaded.upstream.tree, recording: .objects(pack))
    guard let place = loaded.entries.firstIndex(where: { $0.name == name }), result.isApplied,
      result.steps[place].outcome != .clean
    else { return patch.bytes }
    _ = try pack.finish()
    var base = try BaseTree(repository: path, tree: loaded.upstream.tree)
    let effects = try recordedEffects(of: result, patches: patches.count, over: base)
    let before = base
    let moved = try patch.remade(for: effects[place], over: &base) { path in
      for effect in effects[..<place].reversed() {
        if let change = effect[path] { return change.after }
      }
      return try before.entry(at: path)
    }
    let isSame = (try? Patch(parsing: moved, name: name))?.saysTheSame(as: patch) ?? false
    return isSame ? moved : patch.bytes
  }

  /// Replays what would be written.
  private func prove(_ stacks: [OpenStack]) throws {
    for open in stacks {
      let patches = try open.stack.patches.map { try patch(of: $0, in: open) }
      let path = workspace.store.repositoryPath(project: open.name.project)
      let result = try ReplaySession(repository: path).replay(
        patches, onto: open.loaded.upstream.tree, recording: .names)
      let found = try recordedEffects(of: result, patches: patches.count, over: open.base)
      let wanted = open.stack.patches.map(\.effect)
      if let place = wanted.indices.first(where: {
        !result.steps[$0].outcome.isApplied || found[$0] != wanted[$0]
      }) {
        throw Refusal(
          "\(open.name): the text of \(open.stack.patches[place].name) that would be written does "
            + "not give the files that it should; nothing was written")
      }
    }
  }

  private func patch(of edited: EditedPatch, in open: OpenStack) throws -> Patch {
    let sharing = sharings["\(open.name.project)/\(edited.name)"]
    if let shared = sharing?.patch(for: open.name.release) { return shared }
    return edited.text
  }

  private mutating func set(_ stacks: [OpenStack]) throws -> FileSet {
    var set = FileSet()
    var renamed: [Release: [String: Series.Revision]] = [:]
    let edited = Set(stacks.map(\.name))
    for (project, name) in keys {
      guard let sharing = sharings["\(project)/\(name)"] else { continue }
      try sharing.put(into: &set)
      for (release, path) in sharing.paths
      where !edited.contains(StackName(release, project)) {
        let now = try catalog.entry(name, of: project, in: release)
        if let now, now.path != path {
          renamed[release, default: [:]][project, default: .init()].renamed[now.path] = path
        }
      }
    }
    try refuseOverwriting(set)
    var series: [Release: [UInt8]] = [:]
    func current(_ release: Release) throws -> Series {
      let now = try catalog.series(release)
      guard let bytes = series[release] else { return now }
      return try Series(
        parsing: bytes, release: release, file: now.file, soleProject: workspace.soleProject)
    }
    for (release, projects) in renamed {
      for (project, revision) in projects.sorted(by: { $0.key < $1.key }) {
        series[release] = try current(release).revised(revision, project: project)
      }
    }
    for open in stacks {
      let now = try current(open.name.release)
      let placings = open.stack.patches.map {
        Series.Placing(path(of: $0, in: open), from: $0.origin)
      }
      guard placings.map(\.path) != now.entries(of: open.name.project).map(\.path) else { continue }
      series[open.name.release] = now.arranged(placings, project: open.name.project)
    }
    for (release, bytes) in series where try bytes != catalog.series(release).formatted {
      set.put(try RepoPath("series/\(release)"), bytes)
    }
    return set
  }

  /// Refuses to write over a file that no series lists.
  private func refuseOverwriting(_ set: FileSet) throws {
    let known = Set(sharings.values.flatMap { $0.present.map { "patches/\($0)" } })
    for path in set.paths where set.contents[path] != .some(nil) && !known.contains("\(path)") {
      let there = try? workspace.files.read("\(path)", limit: Patch.maximumSize)
      if let there, let new = set.contents[path] ?? nil, there != new {
        throw Refusal("\(path) is there and in no series; move it away first")
      }
    }
  }

  private func path(of edited: EditedPatch, in open: OpenStack) -> String {
    sharings["\(open.name.project)/\(edited.name)"]?.paths[open.name.release]
      ?? edited.origin ?? "\(open.name.project)/\(edited.name).patch"
  }

  private func report(_ open: OpenStack, _ texts: Texts) -> AuthoringReport {
    var found: [AuthoringReport.ChangedPatch] = []
    let kept = Set(open.stack.patches.compactMap(\.origin))
    let stays = open.before.patches.compactMap(\.origin).filter(kept.contains)
    let isThere = Set(stays)
    let moved = moved(stays, open.stack.patches.compactMap(\.origin).filter(isThere.contains))
    let names = Dictionary(open.before.patches.map { ($0.origin, $0.name) }) { first, _ in first }
    for (patch, text) in zip(open.stack.patches, texts) {
      let old = patch.origin.flatMap { names[$0] }
      let change: AuthoringReport.Change? =
        if let old, let origin = patch.origin {
          if old != patch.name {
            .renamed
          } else if text.isNew {
            .changed
          } else {
            moved.contains(origin) ? .moved : nil
          }
        } else {
          .added
        }
      if let change {
        found.append(.init(file: "patches/\(path(of: patch, in: open))", change: change))
      }
    }
    for origin in open.before.patches.compactMap(\.origin) where !kept.contains(origin) {
      found.append(.init(file: "patches/\(origin)", change: .removed))
    }
    return AuthoringReport(stack: open.name, patches: found)
  }

  /// The fewest entries that have to move to get from one order to the other.
  private func moved(_ old: [String], _ new: [String]) -> Set<String> {
    Set(
      new.difference(from: old).insertions.map { change in
        switch change {
        case .insert(_, let entry, _), .remove(_, let entry, _): entry
        }
      })
  }
}
