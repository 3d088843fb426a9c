import Patches

/// A word as its bytes.
typealias Word = ArraySlice<UInt8>

/// The words of some bytes that are long enough to be names.
func words(of bytes: [UInt8]) -> Set<Word> {
  var result: Set<Word> = []
  var start: Int?
  for index in 0...bytes.count {
    if index < bytes.count, isWordByte(bytes[index]) {
      start = start ?? index
    } else if let begin = start {
      if index - begin >= 2 { result.insert(bytes[begin..<index]) }
      start = nil
    }
  }
  return result
}

/// Which words the texts of a merge have: what tells a change that belongs to another state of the
/// file from one that fits.
struct MergeWords {
  private let base: Set<Word>
  private let ours: Set<Word>

  init(_ merge: Merge) {
    base = words(of: merge.base.bytes)
    ours = words(of: merge.ours.bytes)
  }

  /// Words that a change adds, that the file it was made on has, and that this one has no more: what
  /// they name was probably renamed or removed.
  func stale(in added: Set<Word>) -> Set<Word> {
    added.filter { base.contains($0) && !ours.contains($0) }
  }

  /// True where a resolver may end a conflict: no word that theirs adds is stale, none that one side
  /// removes is among those that the other adds, and neither side's edit is cosmetic. Lines that ours
  /// takes out may have words of those that theirs puts beside them: these are gone only if they are
  /// stale.
  func allow(_ resolver: Resolver, _ chunk: ChunkMerge) -> Bool {
    let (mine, others) = (chunk.mineWords, chunk.otherWords)
    guard stale(in: others.added).isEmpty else { return false }
    let isApart =
      mine.removed.isDisjoint(with: others.added) && others.removed.isDisjoint(with: mine.added)
    if resolver == .deleteBesideInsert {
      return chunk.hasOneEditASide && (isApart || chunk.isDeletionOfOurs)
    }
    return isApart && !chunk.hasCosmeticEdit
  }
}

extension Merge {
  /// Words that theirs adds, that the base has and ours lacks, in order: a warning for a merge that
  /// is clean. One in five of the merges that people corrected had one, one in thirty of the others.
  public var staleWords: [[UInt8]] {
    var added: Set<Word> = []
    for chunk in chunks where chunk.kind == .theirs {
      let key = key(of: chunk)
      added.formUnion(words(of: key.theirs).subtracting(words(of: key.base)))
    }
    return MergeWords(self).stale(in: added).map(Array.init).sorted {
      $0.lexicographicallyPrecedes($1)
    }
  }
}
