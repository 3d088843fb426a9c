import Patches

/// The edits of both sides inside one conflict.
struct ChunkMerge {
  private let base: Text
  private let ours: Text
  private let theirs: Text
  private let mine: [Edit]
  private let others: [Edit]

  init(_ key: ConflictKey) {
    base = Text(key.base)
    ours = Text(key.ours)
    theirs = Text(key.theirs)
    mine = difference(from: base, to: ours)
    others = difference(from: base, to: theirs)
  }

  /// The lines that a resolver makes of the conflict, nil where it does not fit.
  func text(by resolver: Resolver) -> [UInt8]? {
    switch resolver {
    case .neighbours: combined { Self.areNeighbours($0, $1) }
    case .deleteBesideInsert: combined { Self.areDeleteAndInsert($0, $1) }
    case .words: wordByWord()
    case .touching: combined { _, _ in true }
    case .sibling, .memory, .staysDeleted: nil
    }
  }

  /// The words that a side's edits take out of the lines that they change, and that they bring.
  var mineWords: (removed: Set<Word>, added: Set<Word>) { words(mine, ours) }
  var otherWords: (removed: Set<Word>, added: Set<Word>) { words(others, theirs) }

  private func words(
    _ edits: [Edit], _ side: Text
  ) -> (removed: Set<Word>, added: Set<Word>) {
    var (removed, added): (Set<Word>, Set<Word>) = ([], [])
    for edit in edits {
      var (before, after): ([UInt8], [UInt8]) = ([], [])
      base.copy(lines: edit.old, to: &before)
      side.copy(lines: edit.new, to: &after)
      let (olds, news) = (PatchEngine.words(of: before), PatchEngine.words(of: after))
      removed.formUnion(olds.subtracting(news))
      added.formUnion(news.subtracting(olds))
    }
    return (removed, added)
  }

  /// True where one side changes nothing in some lines but white space and quotation marks: people
  /// who port then often leave the other side's lines as they are, so that no rule ends it.
  var hasCosmeticEdit: Bool {
    func isCosmetic(_ edit: Edit, _ side: Text) -> Bool {
      var (before, after): ([UInt8], [UInt8]) = ([], [])
      base.copy(lines: edit.old, to: &before)
      side.copy(lines: edit.new, to: &after)
      return !edit.old.isEmpty && before.filter(isTelling) == after.filter(isTelling)
    }
    return mine.contains { isCosmetic($0, ours) } || others.contains { isCosmetic($0, theirs) }
  }

  /// True where each side has one edit.
  var hasOneEditASide: Bool { mine.count == 1 && others.count == 1 }

  /// True where ours does nothing but take lines out.
  var isDeletionOfOurs: Bool { mine.allSatisfy { $0.new.isEmpty } }

  /// Two edits that touch: each changes or removes lines of its own.
  private static func areNeighbours(_ one: Edit, _ two: Edit) -> Bool {
    !one.old.isEmpty && !two.old.isEmpty
  }

  /// Two edits that touch: one only removes, the other only inserts.
  private static func areDeleteAndInsert(_ one: Edit, _ two: Edit) -> Bool {
    one.new.isEmpty && two.old.isEmpty || two.new.isEmpty && one.old.isEmpty
  }

  /// Both sides' edits, where those that touch are of a kind that `allows`; the same edit once.
  private func combined(_ allows: (Edit, Edit) -> Bool) -> [UInt8]? {
    var result: [UInt8] = []
    var position = 0
    var (m, o) = (0, 0)
    var last: (edit: Edit, isMine: Bool)?
    while m < mine.count || o < others.count {
      if m < mine.count, o < others.count, mine[m].old == others[o].old {
        guard ours.same(mine[m].new, as: theirs, others[o].new) else { return nil }
        o += 1
        continue
      }
      let isMine =
        o == others.count || m < mine.count && precedes(mine[m].old, others[o].old)
      let edit = isMine ? mine[m] : others[o]
      if let last, last.isMine != isMine {
        guard last.edit.old.upperBound <= edit.old.lowerBound else { return nil }
        if last.edit.old.upperBound == edit.old.lowerBound, !allows(last.edit, edit) { return nil }
      }
      guard edit.old.lowerBound >= position else { return nil }
      base.copy(lines: position..<edit.old.lowerBound, to: &result)
      (isMine ? ours : theirs).copy(lines: edit.new, to: &result)
      position = edit.old.upperBound
      last = (edit, isMine)
      if isMine { m += 1 } else { o += 1 }
    }
    base.copy(lines: position..<base.lines.count, to: &result)
    return result
  }

  private func precedes(_ one: Range<Int>, _ two: Range<Int>) -> Bool {
    (one.lowerBound, one.upperBound) < (two.lowerBound, two.upperBound)
  }

  /// Each line merged word by word; all three have as many lines.
  private func wordByWord() -> [UInt8]? {
    guard base.lines.count == ours.lines.count, base.lines.count == theirs.lines.count else {
      return nil
    }
    var result: [UInt8] = []
    for index in base.lines.indices {
      let key = ConflictKey(
        ours: Array(ours[line: index]), base: Array(base[line: index]),
        theirs: Array(theirs[line: index]))
      guard let line = mergedLine(key) else { return nil }
      result += line
    }
    return result
  }

  private func mergedLine(_ key: ConflictKey) -> [UInt8]? {
    if key.ours == key.base || key.ours == key.theirs { return key.theirs }
    if key.theirs == key.base { return key.ours }
    let merge = Merge(
      base: Text(tokens: key.base), ours: Text(tokens: key.ours), theirs: Text(tokens: key.theirs),
      algorithm: .myers)
    return merge.text()?.bytes
  }
}

extension Text {
  /// True where some lines are those of another text.
  func same(_ range: Range<Int>, as other: Text, _ otherRange: Range<Int>) -> Bool {
    range.count == otherRange.count
      && zip(range, otherRange).allSatisfy { line($0, equals: other, $1) }
  }

  /// A text whose "lines" are the words and signs of some bytes.
  init(tokens bytes: [UInt8]) {
    self.init(bytes, dividedAt: tokenEnds(bytes))
  }
}

/// True for a byte that is neither white space nor a quotation mark.
private func isTelling(_ byte: UInt8) -> Bool {
  switch byte {
  case 9...13, 32, UInt8(ascii: "\""), UInt8(ascii: "'"): false
  default: true
  }
}

/// Where each word, run of blanks or single sign ends.
private func tokenEnds(_ bytes: [UInt8]) -> [Int] {
  func kind(_ byte: UInt8) -> Int { isWordByte(byte) ? 0 : byte == 32 || byte == 9 ? 1 : 2 }
  return bytes.indices.dropFirst().filter {
    kind(bytes[$0]) == 2 || kind(bytes[$0]) != kind(bytes[$0 - 1])
  } + (bytes.isEmpty ? [] : [bytes.count])
}

/// True for a byte that names are made of.
func isWordByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xff:
    true
  default: false
  }
}
