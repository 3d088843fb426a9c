import Patches

extension Patch {
  /// A patch's text for what it does now: its header as it is, its sections made anew as
  /// `git format-patch` makes them. Renames and copies stay what the patch said they are; what goes and
  /// comes beside what was written is looked through for renames.
  ///
  /// - Parameters:
  ///   - written: what the sections do; a section whose files are as they were stays. Nil to make
  ///     all of them.
  ///   - source: the entry at a path before the patch, for the sources of copies.
  /// - Throws: `UnwritableContent` for binary content that neither the patch's own data gives nor
  ///   `base` can deflate; what `base` throws.
  public func remade(
    for effect: PatchEffect, written: PatchEffect? = nil, over base: inout BaseTree,
    source: (RepoPath) throws -> SourceEntry?
  ) throws -> [UInt8] {
    var rest = effect.changes
    var made: [FileChange] = []
    // Files that no longer go where the patch said.
    var loose: Set<RepoPath> = []
    for file in files {
      guard case .rename(let from, _) = file.kind else { continue }
      guard let gone = rest[from], gone.after == nil, let come = rest[file.path], come.before == nil
      else {
        loose.insert(from)
        continue
      }
      rest[from] = nil
      rest[file.path] = nil
      if let written, written[from] == effect[from], written[file.path] == effect[file.path] {
        made.append(file)
      } else if let change = try section(gone.before, come.after, file.path, from, false, &base) {
        made.append(change)
      }
    }
    if let written {
      let fresh = PatchEffect(
        rest.filter { loose.contains($0.key) || written[$0.key] != $0.value })
      for (from, path) in try fresh.renames(over: &base) {
        guard let gone = rest.removeValue(forKey: from), let come = rest.removeValue(forKey: path),
          let change = try section(gone.before, come.after, path, from, false, &base)
        else { continue }
        made.append(change)
      }
    }
    let sections = Dictionary(grouping: files, by: \.path)
    for (path, change) in rest {
      let known = sections[path] ?? []
      if let written, written[path] == change, !known.isEmpty,
        known.allSatisfy({ written[$0.sourcePath] == effect[$0.sourcePath] })
      {
        made += known
        continue
      }
      for part in change.byType {
        var (before, from) = (part.before, RepoPath?.none)
        if before == nil, let file = known.first, case .copy(let origin, _) = file.kind,
          let entry = try source(origin)
        {
          (before, from) = (entry, origin)
        }
        if let change = try section(before, part.after, path, from, from != nil, &base) {
          made.append(change)
        }
      }
    }
    // Of one path what goes stands before what comes.
    let sorted = made.enumerated().sorted {
      ($0.element.path, $0.offset) < ($1.element.path, $1.offset)
    }
    return canonical(with: sorted.map(\.element))
  }

  private func section(
    _ old: SourceEntry?, _ new: SourceEntry?, _ path: RepoPath, _ source: RepoPath?,
    _ isCopy: Bool, _ base: inout BaseTree
  ) throws -> FileChange? {
    let (before, after) = (try base.version(old), try base.version(new))
    let change = FileChange.between(before, after, at: path, source: source, isCopy: isCopy)
    if let change { return change }
    guard old != new else { return nil }
    let known = files.first {
      $0.path == path && $0.index?.newID == (new?.id ?? .zero)
        && $0.index?.oldID == (old?.id ?? .zero)
    }
    if let known, case .binary = known.content { return known }
    guard let deflate = base.deflate else { throw UnwritableContent(path: path) }
    return FileChange.binary(
      before, after, at: path, source: source, isCopy: isCopy, deflate: deflate)
  }

  /// True where the text as it stands, perhaps some lines further down, has the effect.
  func gives(_ effect: PatchEffect, written: PatchEffect?, over base: inout BaseTree) throws -> Bool
  {
    if let written, written == effect { return true }
    var covered: Set<RepoPath> = []
    let sections = Dictionary(grouping: files, by: \.path)
    for file in files {
      covered.insert(file.path)
      if case .rename(let from, _) = file.kind { covered.insert(from) }
      if let written, written[file.path] == effect[file.path],
        written[file.sourcePath] == effect[file.sourcePath]
      {
        continue
      }
      guard sections[file.path]?.count == 1, try gives(file, effect, over: &base)
      else { return false }
    }
    return written != nil && effect.changes.keys.allSatisfy(covered.contains)
  }

  private func gives(
    _ file: FileChange, _ effect: PatchEffect, over base: inout BaseTree
  ) throws -> Bool {
    let old = effect[file.sourcePath]?.before
    let new = effect[file.path]?.after
    switch file.kind {
    case .copy: return false
    case .create: guard effect[file.path]?.before == nil, new != nil else { return false }
    case .delete: guard old != nil, new == nil else { return false }
    case .modify: guard old != nil, new != nil else { return false }
    case .rename(let from, _):
      guard old != nil, new != nil, effect[from]?.after == nil, effect[file.path]?.before == nil
      else { return false }
    }
    if let stated = file.oldMode, let old, stated != old.mode { return false }
    let mode = file.newMode ?? old?.mode ?? .regular
    guard new == nil || new?.mode == mode else { return false }
    switch file.content {
    case .none: return file.kind == .delete || (old?.id ?? base.add([])) == new?.id
    case .hunks(let hunks):
      let text = try old.map { try base.text(of: $0.id) } ?? Text([])
      guard let result = try? apply(hunks, to: text).text else { return false }
      return try result == new.map { try base.text(of: $0.id) } ?? Text([])
    case .binary:
      return file.index?.oldID == (old?.id ?? .zero) && file.index?.newID == (new?.id ?? .zero)
    case .blobs: return false
    }
  }
}

extension EditedPatch {
  /// The patch's text for what it does now: to the byte what it was where its sections still do so,
  /// perhaps some lines further down.
  ///
  /// - Parameter source: the entry at a path before the patch, for the sources of copies.
  /// - Throws: as `Patch.remade`.
  public func bytes(
    over base: inout BaseTree, source: (RepoPath) throws -> SourceEntry?
  ) throws -> [UInt8] {
    if try text.gives(effect, written: written, over: &base) { return text.bytes }
    return try text.remade(for: effect, written: written, over: &base, source: source)
  }
}

/// Binary content that no text can be made of.
public struct UnwritableContent: Error, Hashable, Sendable {
  public let path: RepoPath
}

extension PatchEffect {
  /// The files that were put elsewhere: the new path of each old one.
  public func renames(over base: inout BaseTree) throws -> [RepoPath: RepoPath] {
    let gone = changes.filter { $0.value.after == nil && $0.value.before?.mode.isFile == true }
    let come = changes.filter { $0.value.before == nil && $0.value.after?.mode.isFile == true }
    guard !gone.isEmpty, !come.isEmpty else { return [:] }
    var tree = base
    defer { base = tree }
    return try PatchEngine.renames(
      gone: gone.map { LoneFile(path: $0.key, id: $0.value.before?.id ?? .zero) },
      come: come.map { LoneFile(path: $0.key, id: $0.value.after?.id ?? .zero) },
      wanted: Set(gone.keys)
    ) { try tree.text(of: $0).bytes }.found
  }
}

extension PatchEffect.Change {
  /// A file that becomes a link, or the other way round, is taken away and made again, as git has it.
  fileprivate var byType: [PatchEffect.Change] {
    guard let before, let after, (before.mode == .symlink) != (after.mode == .symlink) else {
      return [self]
    }
    return [.init(before: before, after: nil), .init(before: nil, after: after)]
  }
}
