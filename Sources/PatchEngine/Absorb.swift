import Patches

/// A part of some edits, and the patch whose lines it touches.
public struct AbsorbedPart: Sendable {
  /// The patch, counted from 0; nil for lines that no patch has touched.
  public let owner: Int?
  /// What the part does to the files that the parts before it leave.
  public let effect: PatchEffect
  /// The first line of each of its places, counted from 1, in the files with all edits.
  public let places: [(path: RepoPath, line: Int)]
}

extension EditedStack {
  /// Divides edits on top of the stack by the patches whose lines they touch: of several the one
  /// nearest to the top. A line beside those that a patch has changed counts as touched.
  ///
  /// - Parameter edits: what the files on top of the stack become.
  /// - Returns: a part for each owner, in the order of the stack, what nobody owns last. One after the
  ///   other they make the edits.
  public func parts(
    of edits: PatchEffect, over base: inout BaseTree
  ) throws -> [AbsorbedPart] {
    var found: [Int: (PatchEffect, [(RepoPath, Int)])] = [:]
    let none = patches.count
    // A file that was put elsewhere is one change: that of the patch which has put it where it was.
    let moved = try edits.renames(over: &base)
    let targets = Dictionary(uniqueKeysWithValues: moved.map { ($1, $0) })
    for path in edits.paths {
      guard let change = edits[path] else { continue }
      if moved[path] != nil || targets[path] != nil {
        let source = targets[path] ?? path
        let owner =
          patches.lastIndex { $0.effect[source].map { $0.before == nil } ?? false } ?? none
        found[owner, default: (PatchEffect(), [])].0[path] = change
        if targets[path] != nil { found[owner]?.1.append((path, 1)) }
        continue
      }
      let pieces = try pieces(of: change, at: path, over: &base)
      guard let pieces, let before = change.before, let after = change.after else {
        let owner = patches.lastIndex { $0.effect[path] != nil } ?? none
        found[owner, default: (PatchEffect(), [])].0[path] = change
        found[owner, default: (PatchEffect(), [])].1.append((path, 1))
        continue
      }
      let (old, new) = (try base.text(of: before.id), try base.text(of: after.id))
      var entry = before
      var done: Set<Int> = []
      for owner in Set(pieces.map(\.owner)).sorted() {
        for index in pieces.indices where pieces[index].owner == owner { done.insert(index) }
        var bytes: [UInt8] = []
        var position = 0
        for (index, piece) in pieces.enumerated() {
          old.copy(lines: position..<piece.edit.old.lowerBound, to: &bytes)
          if done.contains(index) {
            new.copy(lines: piece.edit.new, to: &bytes)
          } else {
            old.copy(lines: piece.edit.old, to: &bytes)
          }
          position = piece.edit.old.upperBound
        }
        old.copy(lines: position..<old.lines.count, to: &bytes)
        let next = SourceEntry(rawMode: before.rawMode, id: base.add(bytes))
        found[owner, default: (PatchEffect(), [])].0[path] = .init(before: entry, after: next)
        found[owner, default: (PatchEffect(), [])].1 +=
          pieces.filter { $0.owner == owner }.map { (path, $0.edit.new.lowerBound + 1) }
        entry = next
      }
    }
    return found.sorted { $0.key < $1.key }.map { owner, part in
      AbsorbedPart(
        owner: owner == none ? nil : owner, effect: part.0,
        places: part.1.map { (path: $0.0, line: $0.1) })
    }
  }

  /// The runs of lines that a change of a text consists of, each with its owner; nil where it cannot
  /// be divided. The number of patches stands for nobody.
  private func pieces(
    of change: PatchEffect.Change, at path: RepoPath, over base: inout BaseTree
  ) throws -> [(edit: Edit, owner: Int)]? {
    guard let before = change.before, let after = change.after, before.rawMode == after.rawMode,
      before.mode.isFile
    else { return nil }
    let (old, new) = (try base.text(of: before.id), try base.text(of: after.id))
    guard !looksBinary(old), !looksBinary(new) else { return nil }
    let edits = difference(from: old, to: new, .histogram)
    var owners = [Int](repeating: patches.count, count: edits.count)
    var ranges: [Range<Int>?] = edits.map(\.old)
    for index in patches.indices.reversed() {
      guard let change = patches[index].effect[path] else { continue }
      guard let one = change.before, let two = change.after, one.mode.isFile, two.mode.isFile else {
        for place in ranges.indices where ranges[place] != nil { owners[place] = index }
        break
      }
      let theirs = difference(
        from: try base.text(of: one.id), to: try base.text(of: two.id), .histogram)
      for place in ranges.indices {
        guard let range = ranges[place] else { continue }
        if theirs.contains(where: {
          range.lowerBound <= $0.new.upperBound && $0.new.lowerBound <= range.upperBound
        }) {
          owners[place] = index
          ranges[place] = nil
        } else {
          let above = theirs.filter { $0.new.upperBound < range.lowerBound }
          let shift = above.reduce(0) { $0 + $1.old.count - $1.new.count }
          ranges[place] = range.lowerBound + shift..<range.upperBound + shift
        }
      }
    }
    return zip(edits, owners).map { ($0, $1) }
  }
}
