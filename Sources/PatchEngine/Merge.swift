import Patches

/// What a three-way merge of a text came to: `ours` with chunks that are not plainly its own.
///
/// Between the chunks all lines are those of `ours`. The rules are those of `xdl_do_merge` in git's
/// xdiff, so that a merge without conflicts is the one that `git merge-file` makes.
public struct Merge: Hashable, Sendable {
  /// A part of the texts in which at least one side differs from the base.
  public struct Chunk: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
      /// Only ours changed it.
      case ours
      /// Only theirs changed it.
      case theirs
      /// Both made the same of it.
      case both
      /// Each made something else of it.
      case conflict
    }

    public var kind: Kind
    public var base: Range<Int>
    public var ours: Range<Int>
    public var theirs: Range<Int>
  }

  public let base: Text
  public let ours: Text
  public let theirs: Text
  /// The chunks in order.
  public let chunks: [Chunk]
  /// How many edits both sides made alike; they stand in no chunk.
  public let sharedEdits: Int

  /// The chunks that each side changed in its own way.
  public var conflicts: [Chunk] { chunks.filter { $0.kind == .conflict } }
  public var isClean: Bool { !chunks.contains { $0.kind == .conflict } }
  /// True where ours has all that theirs changed.
  public var bringsNothing: Bool { chunks.allSatisfy { $0.kind == .ours || $0.kind == .both } }

  /// Merges two changes of one text.
  public init(
    base: Text, ours: Text, theirs: Text, algorithm: DiffAlgorithm = .histogram
  ) {
    self.base = base
    self.ours = ours
    self.theirs = theirs
    var builder = ChunkBuilder(base: base, ours: ours, theirs: theirs)
    builder.run(
      mine: difference(from: base, to: ours, algorithm),
      others: difference(from: base, to: theirs, algorithm))
    chunks = builder.chunks
    sharedEdits = builder.sharedEdits
  }

  /// The merged text, in the storage of `ours`.
  ///
  /// - Parameter resolution: the lines, with their newlines, that take the place of each conflict,
  ///   in order; nil where one is open.
  /// - Returns: nil where a conflict has no resolution.
  public func text(_ resolution: [[UInt8]?] = []) -> Text? {
    var result = ours
    var shift = 0
    var number = 0
    for chunk in chunks {
      var lines: [Text.Line] = []
      switch chunk.kind {
      case .ours, .both: continue
      case .theirs:
        for index in chunk.theirs { lines.append(result.store(theirs[line: index])) }
      case .conflict:
        guard number < resolution.count, let bytes = resolution[number] else { return nil }
        number += 1
        for line in lineRanges(bytes) { lines.append(result.store(bytes[line])) }
      }
      let range = chunk.ours.lowerBound + shift..<chunk.ours.upperBound + shift
      result.replace(range, with: lines)
      shift += lines.count - chunk.ours.count
    }
    return result
  }
}

/// The lines of some bytes, each with its newline.
func lineRanges(_ bytes: [UInt8]) -> [Range<Int>] {
  var result: [Range<Int>] = []
  var start = 0
  for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
    result.append(start..<index + 1)
    start = index + 1
  }
  if start < bytes.count { result.append(start..<bytes.count) }
  return result
}

/// Puts the edits of both sides beside each other.
private struct ChunkBuilder {
  let base: Text
  let ours: Text
  let theirs: Text
  private(set) var chunks: [Merge.Chunk] = []
  private(set) var sharedEdits = 0

  init(base: Text, ours: Text, theirs: Text) {
    self.base = base
    self.ours = ours
    self.theirs = theirs
  }

  mutating func run(mine: [Edit], others: [Edit]) {
    var (m, o) = (0, 0)
    // How much longer each side is than the base up to here.
    var (ourShift, theirShift) = (0, 0)
    while m < mine.count || o < others.count {
      if o == others.count || m < mine.count && mine[m].old.upperBound < others[o].old.lowerBound {
        let edit = mine[m]
        add(.ours, edit.old, edit.new, shifted(edit.old, theirShift))
        ourShift = edit.new.upperBound - edit.old.upperBound
        m += 1
      } else if m == mine.count || others[o].old.upperBound < mine[m].old.lowerBound {
        let edit = others[o]
        add(.theirs, edit.old, shifted(edit.old, ourShift), edit.new)
        theirShift = edit.new.upperBound - edit.old.upperBound
        o += 1
      } else {
        meet(mine[m], others[o])
        let (myEnd, theirEnd) = (mine[m].old.upperBound, others[o].old.upperBound)
        if theirEnd <= myEnd {
          theirShift = others[o].new.upperBound - theirEnd
          o += 1
        }
        if myEnd <= theirEnd {
          ourShift = mine[m].new.upperBound - myEnd
          m += 1
        }
      }
    }
    settle()
  }

  private func shifted(_ range: Range<Int>, _ shift: Int) -> Range<Int> {
    range.lowerBound + shift..<range.upperBound + shift
  }

  /// Two edits that overlap or touch: the same, or a conflict over the lines of both.
  private mutating func meet(_ mine: Edit, _ other: Edit) {
    if mine.old == other.old, same(mine.new, other.new) {
      sharedEdits += 1
      return
    }
    let start = min(mine.old.lowerBound, other.old.lowerBound)
    let end = max(mine.old.upperBound, other.old.upperBound)
    func reach(_ edit: Edit) -> Range<Int> {
      let first = edit.new.lowerBound - (edit.old.lowerBound - start)
      return first..<edit.new.upperBound + (end - edit.old.upperBound)
    }
    add(.conflict, start..<end, reach(mine), reach(other))
  }

  private func same(_ mine: Range<Int>, _ other: Range<Int>) -> Bool {
    mine.count == other.count
      && zip(mine, other).allSatisfy { ours.line($0, equals: theirs, $1) }
  }

  /// Adds a chunk; one that touches the chunk before becomes part of it.
  private mutating func add(
    _ kind: Merge.Chunk.Kind, _ base: Range<Int>, _ ours: Range<Int>, _ theirs: Range<Int>
  ) {
    guard var last = chunks.last,
      ours.lowerBound <= last.ours.upperBound || theirs.lowerBound <= last.theirs.upperBound
    else {
      chunks.append(Merge.Chunk(kind: kind, base: base, ours: ours, theirs: theirs))
      return
    }
    if kind != last.kind { last.kind = .conflict }
    last.base = last.base.lowerBound..<base.upperBound
    last.ours = last.ours.lowerBound..<ours.upperBound
    last.theirs = last.theirs.lowerBound..<theirs.upperBound
    chunks[chunks.count - 1] = last
  }

  /// Chunks in which both sides came to the same are no conflicts.
  private mutating func settle() {
    for index in chunks.indices where chunks[index].kind == .conflict {
      if same(chunks[index].ours, chunks[index].theirs) { chunks[index].kind = .both }
    }
  }
}
