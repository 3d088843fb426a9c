import Git
import PatchEngine
import Patches

extension MoveFiles {
  /// A commit with the files as the user finds them: what applies is changed, and every conflict is as
  /// `git merge` leaves it.
  ///
  /// - Returns: the commit, and the files that are open.
  func mark(
    _ stop: MoveStop, of move: StackMove, onto tip: ObjectID
  ) throws -> (commit: ObjectID, open: [StoppedMove.OpenFile]) {
    var marker = try ConflictMarker(stop, of: move, onto: tip, in: repositoryPath)
    for index in stop.steps[0].paths.indices { try marker.take(index) }
    try marker.finish()
    let commit = try commit(marker.contents, stop.edits, onto: tip, header: nil)
    return (commit, marker.open)
  }
}

/// Finds for each change that does not apply what the two sides and their base have, where `git merge`
/// (merge-ort) would put that, and with which stages.
private struct ConflictMarker: ~Copyable {
  typealias Side = UnmergedPath.Side

  private let repository: Repository
  private let patch: Patch
  private let results: [PathResult]
  private let labels: ConflictLabels
  /// What stands behind `~` in the name of a file of the patch's that has to make room.
  private let name: String
  private let base: ObjectID
  private let tip: ObjectID
  /// What the patch makes of its own base, and which of its changes apply there.
  private let made: [RepoPath: Side?]
  private let isMade: [Bool]
  private var blobs: PackWriter?
  private(set) var contents: [MoveFiles.Content] = []
  private(set) var open: [StoppedMove.OpenFile] = []

  init(_ stop: MoveStop, of move: StackMove, onto tip: ObjectID, in path: String) throws {
    let (patch, base) = (move.source.patches[stop.patch], move.bases[stop.patch])
    let opened = try Repository(opening: path)
    let tree = try opened.commit(tip).tree
    let pack = try PackWriter(objectsDirectory: opened.objectsDirectory)
    let result = try ReplaySession(repository: path).replay(
      [patch], onto: base, recording: .objects(pack))
    _ = try pack.finish()
    try opened.refresh()
    // Nothing may throw once a part of what cannot be copied is there.
    var made: [RepoPath: Side?] = [:]
    for edit in result.edits { made[edit.path] = .some(edit.entry.flatMap { Side($0) }) }
    (self.made, isMade) = (made, result.steps[0].paths.map(\.outcome.isApplied))
    (self.patch, self.base, self.tip, results) = (patch, base, tree, stop.steps[0].paths)
    labels = ConflictLabels(
      ours: "\(move.onto.source)", base: "\(move.source.upstream.source)",
      theirs: move.source.files[stop.patch])
    name = move.source.entries[stop.patch].name.replacing("/", with: "_")
    repository = opened
  }

  /// Stores what was put together for stages.
  mutating func finish() throws {
    guard let blobs else { return }
    _ = try blobs.finish()
    try repository.refresh()
  }

  /// The three sides of one file, each where it has it.
  private struct Sides {
    var base: Side?
    var ours: Side?
    var theirs: Side?
    var basePath: RepoPath
    var oursPath: RepoPath
    var theirsPath: RepoPath

    /// Where the file is to be: a side that has renamed it says so.
    var path: RepoPath { theirsPath != basePath ? theirsPath : oursPath }
  }

  /// Takes one change of the patch, which may apply.
  mutating func take(_ index: Int) throws {
    let (section, result) = (patch.files[index], results[index])
    guard let conflict = result.conflict else { return }
    if section.kind == .create, isTypeChange(index, .delete) { return }
    guard let sides = try sides(index, conflict) else {
      let path = result.followedTo ?? result.path
      open.append(StoppedMove.OpenFile(path: "\(path)", reason: "\(conflict)"))
      return
    }
    // A rename's old name goes on disk as well.
    if sides.path != sides.oursPath, try side(sides.oursPath, tip) != nil {
      contents.append(MoveFiles.Content(sides.oursPath, 0, nil))
    }
    try put(sides, section, conflict)
  }

  /// True where another section, of a kind, is for the same path, and does not apply either.
  private func isTypeChange(_ index: Int, _ kind: FileChange.Kind) -> Bool {
    patch.files.indices.contains {
      $0 != index && patch.files[$0].kind == kind && patch.files[$0].path == patch.files[index].path
        && (kind == .create || results[$0].conflict != nil)
    }
  }

  /// - Returns: nil where nobody knows what the patch makes of the file: it does not apply to its own base.
  private mutating func sides(_ index: Int, _ conflict: Conflict) throws -> Sides? {
    let (section, result) = (patch.files[index], results[index])
    let (from, to) = (section.sourcePath, section.path)
    var sides: Sides
    switch section.kind {
    case .create, .copy:
      let place = result.followedTo ?? to
      sides = Sides(basePath: place, oursPath: place, theirsPath: place)
    case .modify, .delete, .rename:
      sides = Sides(basePath: from, oursPath: result.followedTo ?? from, theirsPath: to)
      sides.base = try side(from, base)
    }
    if case .renamed(let place) = conflict.reason { sides.oursPath = place }
    sides.ours = try side(sides.oursPath, tip)
    if section.kind == .delete {
      sides.theirs = isTypeChange(index, .create) ? made[to] ?? nil : nil
      return sides.base == nil ? nil : sides
    }
    if isMade[index], let theirs = made[to] ?? nil {
      sides.theirs = theirs
    } else if section.kind == .create, case .hunks(let hunks) = section.content,
      let text = try? apply(hunks, to: Text([])).text
    {
      sides.theirs = try store(text.bytes, section.newMode ?? .regular)
    } else {
      return nil
    }
    return sides
  }

  /// Puts the sides of a file where git puts them.
  private mutating func put(_ sides: Sides, _ section: FileChange, _ conflict: Conflict) throws {
    switch (sides.ours, sides.theirs) {
    case (nil, nil): return
    case (nil, let theirs?): try putTheirs(theirs, sides, section)
    case (let ours?, nil):
      let reason =
        sides.oursPath == sides.basePath
        ? "the patch deletes the file, which upstream has changed; upstream's is here"
        : "the patch deletes '\(sides.basePath)', which upstream has renamed to this; upstream's is here"
      try add(UnmergedPath(sides.oursPath, base: sides.base, ours: ours), reason, shows: ours)
    case (let ours?, let theirs?):
      if (ours.mode == .symlink) != (theirs.mode == .symlink) || !ours.mode.isPlain {
        return try putApart(ours, theirs, sides)
      }
      let merged = try merged(sides.base, ours, theirs, conflict.merge)
      let renamed = [sides.oursPath, sides.theirsPath].filter { $0 != sides.basePath }
      if Set(renamed).count == 2 { return try putTwice(merged, sides) }
      if sides.path != sides.oursPath, let other = try side(sides.path, tip) {
        return try put(merged, sides, over: other)
      }
      try add(
        UnmergedPath(sides.path, base: sides.base, ours: ours, theirs: theirs),
        reason(sides.base, ours, theirs, conflict, isMarked: merged.isMarked), merged)
    }
  }

  private func reason(
    _ base: Side?, _ ours: Side, _ theirs: Side, _ conflict: Conflict, isMarked: Bool
  ) -> String {
    if isMarked { return base == nil ? "both sides add the file" : "\(conflict)" }
    let what = ours.mode == .symlink ? "link" : "binary file"
    return "both sides \(base == nil ? "add" : "change") the \(what); upstream's is here"
  }

  /// A file that upstream does not have, or has no room for.
  private mutating func putTheirs(
    _ theirs: Side, _ sides: Sides, _ section: FileChange
  ) throws {
    let path = sides.theirsPath
    if let above = try fileAbove(path) {
      // Upstream's file makes room for the patch's directory.
      let place = try free(above, "HEAD")
      guard let file = try side(above, tip) else { return }
      try add(
        UnmergedPath(place, base: try side(above, base), ours: file),
        "the patch has a directory '\(above)'; upstream's file of that name is here", shows: file)
      contents.append(MoveFiles.Content(above, 0, nil))
      if sides.base == nil {
        return contents.append(MoveFiles.Content(path, theirs.mode.raw, try bytes(theirs)))
      }
    } else if try repository.entry(at: path, inTree: tip)?.mode == .tree {
      return try add(
        UnmergedPath(try free(path, name), base: sides.base, theirs: theirs),
        "upstream has a directory '\(path)'; the patch's file of that name is here", shows: theirs)
    }
    let reason =
      switch section.kind {
      case .create, .modify, .delete:
        "upstream has deleted the file, which the patch changes; the patch's is here"
      case .rename(let from, _):
        "upstream has deleted '\(from)', which the patch renames to this; the patch's is here"
      case .copy(let from, _):
        "upstream has deleted '\(from)', which the patch copies to this; the patch's is here"
      }
    try add(UnmergedPath(path, base: sides.base, theirs: theirs), reason, shows: theirs)
  }

  /// Each side has renamed the file to another name.
  private mutating func putTwice(_ merged: Merged, _ sides: Sides) throws {
    let side = try store(merged.bytes, merged.mode)
    let (old, ours, theirs) = (sides.basePath, sides.oursPath, sides.theirsPath)
    open.append(
      StoppedMove.OpenFile(
        UnmergedPath(old, base: sides.base),
        reason: "upstream has renamed the file to '\(ours)', the patch to '\(theirs)'",
        isMarked: false))
    try add(
      UnmergedPath(ours, ours: side),
      "upstream's new name of '\(old)', which the patch has renamed to '\(theirs)'", merged)
    try add(
      UnmergedPath(theirs, theirs: side),
      "the patch's new name of '\(old)', which upstream has renamed to '\(ours)'", merged)
  }

  /// The patch renames a file to a name that upstream has given to another.
  private mutating func put(_ merged: Merged, _ sides: Sides, over other: Side) throws {
    let side = try store(merged.bytes, merged.mode)
    try add(
      UnmergedPath(sides.path, ours: other, theirs: side),
      "the patch renames '\(sides.basePath)' to this, and upstream has added another file here",
      try self.merged(nil, other, side, nil))
  }

  /// A file on one side and a link on the other: the file makes room, as both cannot have the name.
  private mutating func putApart(_ ours: Side, _ theirs: Side, _ sides: Sides) throws {
    let path = sides.path
    let (oursMoves, theirsMoves) = (ours.mode.isFile, !ours.mode.isFile)
    func base(for side: Side) -> Side? {
      sides.base?.mode.isFile == side.mode.isFile ? sides.base : nil
    }
    try add(
      UnmergedPath(oursMoves ? try free(path, "HEAD") : path, base: base(for: ours), ours: ours),
      "upstream and the patch have things of different types at '\(path)'; upstream's is here",
      shows: ours)
    try add(
      UnmergedPath(
        theirsMoves ? try free(path, name) : path, base: base(for: theirs), theirs: theirs),
      "upstream and the patch have things of different types at '\(path)'; the patch's is here",
      shows: theirs)
  }

  private mutating func add(_ path: UnmergedPath, _ reason: String, shows side: Side) throws {
    // What upstream has of another repository has no content to show.
    let bytes = side.mode.isPlain ? try bytes(side) : nil
    if let bytes { contents.append(MoveFiles.Content(path.path, side.mode.raw, bytes)) }
    open.append(StoppedMove.OpenFile(path, reason: reason, isMarked: false))
  }

  private mutating func add(_ path: UnmergedPath, _ reason: String, _ merged: Merged) throws {
    contents.append(MoveFiles.Content(path.path, merged.mode.raw, merged.bytes))
    open.append(StoppedMove.OpenFile(path, reason: reason, isMarked: merged.isMarked))
  }

  /// Both sides' changes in one file.
  private struct Merged {
    let bytes: [UInt8]
    let mode: FileMode
    let isMarked: Bool
  }

  /// Merges as git does: upstream's where there are no lines to merge.
  private func merged(
    _ base: Side?, _ ours: Side, _ theirs: Side, _ known: OpenMerge?
  ) throws -> Merged {
    let isOurs = base == nil ? ours.mode != theirs.mode : ours.mode != base?.mode
    let mode = isOurs ? ours.mode : theirs.mode
    if let known {
      return Merged(
        bytes: known.merge.marked(labels, known.resolution), mode: mode, isMarked: true)
    }
    let oursBytes = try bytes(ours)
    let texts = try [base.map { try bytes($0) } ?? [], oursBytes, bytes(theirs)].map { Text($0) }
    guard ours.mode.isFile, !texts.contains(where: looksBinary) else {
      return Merged(bytes: oursBytes, mode: mode, isMarked: false)
    }
    let merge = Merge(base: texts[0], ours: texts[1], theirs: texts[2])
    return Merged(bytes: merge.marked(labels), mode: mode, isMarked: !merge.isClean)
  }

  private func bytes(_ side: Side) throws -> [UInt8] { try repository.blob(side.id) }

  /// The file or link that a tree has at a path.
  private func side(_ path: RepoPath, _ tree: ObjectID) throws -> Side? {
    try repository.entry(at: path, inTree: tree).flatMap {
      $0.mode == .tree ? nil : Side(mode: $0.mode, id: $0.id)
    }
  }

  /// Stores a content that neither side has.
  private mutating func store(_ bytes: [UInt8], _ mode: FileMode) throws -> Side {
    let pack = try blobs ?? PackWriter(objectsDirectory: repository.objectsDirectory)
    blobs = pack
    var recorder = ObjectRecorder(pack: pack)
    guard let id = try recorder.record(Text(bytes), over: nil, mark: 0) else {
      preconditionFailure("a recorder with a pack names what it stores")
    }
    return Side(mode: mode, id: id)
  }

  private func fileAbove(_ path: RepoPath) throws -> RepoPath? {
    var above = path.parent
    while let folder = above {
      if let entry = try repository.entry(at: folder, inTree: tip), entry.mode != .tree {
        return folder
      }
      above = folder.parent
    }
    return nil
  }

  /// A name like another that nothing has: git's `PATH~BRANCH`.
  private func free(_ path: RepoPath, _ label: String) throws -> RepoPath {
    var suffix = "~\(label)"
    var number = 0
    while true {
      let place = try RepoPath(path.bytes + Array(suffix.utf8))
      if try repository.entry(at: place, inTree: tip) == nil { return place }
      suffix = "~\(label)_\(number)"
      number += 1
    }
  }
}

extension FileMode {
  /// True for what has content of its own.
  fileprivate var isPlain: Bool { isFile || self == .symlink }
}

extension UnmergedPath.Side {
  fileprivate init?(_ entry: (rawMode: UInt32, id: ObjectID?)) {
    guard let id = entry.id else { return nil }
    self.init(mode: FileMode(raw: entry.rawMode), id: id)
  }
}
