import Patches

/// Puts the hunks of one file into a text, in order.
struct Placing {
  private let text: Text
  private let policy: PlacementPolicy
  private var placed: PlacedHunks
  private var occurrences: LineOccurrences
  /// The text's storage with what the hunks add, and the lines that they leave, one after the other.
  private var result: Text
  private var newLines: [Text.Line] = []
  private var ownWork = 0

  /// How many lines were compared, ordered, found or put together.
  var work: Int { ownWork + occurrences.work }

  init(_ text: Text, _ policy: PlacementPolicy) {
    self.text = text
    self.policy = policy
    placed = PlacedHunks(lines: text.lines.count)
    occurrences = LineOccurrences(text)
    result = text
  }

  mutating func apply(
    _ hunks: [Hunk]
  ) throws(Rejection) -> (text: Text, placements: [Placement]) {
    var placements: [Placement] = []
    placements.reserveCapacity(hunks.count)
    for (index, hunk) in hunks.enumerated() {
      let preimage = Preimage(hunk)
      let place: (origin: Int, line: Int)
      do {
        place = try self.place(preimage)
      } catch {
        throw Rejection(hunk: index + 1, line: hunk.line, reason: error)
      }
      placed.take(
        place.origin..<place.origin + preimage.lines.count, newCount: hunk.newCount, at: place.line)
      store(hunk, at: place.origin)
      placements.append(
        Placement(hunk: index + 1, line: place.line + 1, offset: place.line - preimage.stated))
    }
    result.replaceAll(with: lines())
    return (result, placements)
  }

  /// Finds a hunk's place as `find_pos` in git's apply.c does: the stated line first, then one line
  /// further away at a time, the later of two first. A pinned hunk is tried where it is pinned. Lines
  /// that earlier hunks of the patch put there match nothing.
  ///
  /// - Returns: the line in the text as it was, and as it is now, counted from 0.
  private mutating func place(
    _ preimage: Preimage
  ) throws(Rejection.Reason) -> (origin: Int, line: Int) {
    let length = preimage.lines.count
    let start = preimage.start(of: placed.count)
    if length == 0 {
      // Nothing holds it: it stands at the end, or where it says if that is the end.
      guard start == placed.count else { throw .noMatch }
      if policy == .unique, placed.count > 0 { throw .noContext }
      return (text.lines.count, start)
    }
    if let origin = origin(preimage, at: start) { return (origin, start) }
    guard !preimage.isPinnedToTop, !preimage.isPinnedToEnd else { throw .noMatch }
    let places = occurrences.places(of: preimage.lines, in: preimage.hunk.source)
      .filter { placed.isFree($0..<$0 + length) }
      .map { (origin: $0, line: placed.line(of: $0)) }
    ownWork += places.count
    if policy == .unique, places.count > 1 {
      throw .ambiguous(lines: places.map { $0.line + 1 })
    }
    let nearest = places.min { one, other in
      (abs(one.line - start), -one.line) < (abs(other.line - start), -other.line)
    }
    guard let nearest else { throw .noMatch }
    return nearest
  }

  /// Where a hunk's lines stood at first, if they stand at `line` now.
  private mutating func origin(_ preimage: Preimage, at line: Int) -> Int? {
    let length = preimage.lines.count
    guard line + length <= placed.count,
      !preimage.isPinnedToEnd || line + length == placed.count,
      let origin = placed.origin(of: line, length: length)
    else { return nil }
    ownWork += length
    return text.matches(preimage.lines, of: preimage.hunk.source, at: origin) ? origin : nil
  }

  /// Keeps a hunk's new lines; context lines stay what they are.
  private mutating func store(_ hunk: Hunk, at origin: Int) {
    var position = origin
    hunk.forEachLine { kind, range in
      switch kind {
      case .context:
        newLines.append(text.lines[position])
        position += 1
      case .removed: position += 1
      case .added: newLines.append(result.store(hunk.source[range]))
      }
    }
  }

  /// The lines of the text as it is now.
  private mutating func lines() -> [Text.Line] {
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(placed.pieces.count)
    var start = 0
    for piece in placed.pieces {
      ranges.append(start..<start + piece.newCount)
      start += piece.newCount
    }
    var order = Array(placed.pieces.indices)
    if !placed.isInOrder {
      order.sort {
        (placed.pieces[$0].old.lowerBound, $0) < (placed.pieces[$1].old.lowerBound, $1)
      }
    }
    var lines: [Text.Line] = []
    lines.reserveCapacity(placed.count)
    var position = 0
    for index in order {
      let old = placed.pieces[index].old
      lines += text.lines[position..<old.lowerBound]
      lines += newLines[ranges[index]]
      position = old.upperBound
    }
    lines += text.lines[position...]
    ownWork += lines.count
    return lines
  }
}

extension Preimage {
  /// The first line to try in a text of so many lines.
  fileprivate func start(of count: Int) -> Int {
    if isPinnedToTop { return 0 }
    // git compares unsigned: a hunk longer than the text starts from its end.
    if isPinnedToEnd { return lines.count <= count ? count - lines.count : count }
    return min(stated, count)
  }
}
