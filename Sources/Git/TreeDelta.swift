#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The delta between two versions of a directory: entries in common are copied, and of an entry
/// with another object only the 20 bytes of its name are new.
func treeDelta(from old: [UInt8], to new: [UInt8]) -> Delta {
  old.withUnsafeBytes { old in
    new.withUnsafeBytes { new in
      var delta = Delta(baseSize: old.count, resultSize: new.count)
      TreeComparison(old: RawTree(bytes: old), new: RawTree(bytes: new)).write(to: &delta)
      return delta
    }
  }
}

private struct TreeComparison {
  let old: RawTree
  let new: RawTree
  /// The run of the old tree that is to be copied next.
  var run = 0..<0

  init(old: RawTree, new: RawTree) {
    self.old = old
    self.new = new
  }

  consuming func write(to delta: inout Delta) {
    var oldEntry = old.entry(at: 0)
    var newEntry = new.entry(at: 0)
    while let entry = newEntry {
      let order = oldEntry.map { compare($0, entry) } ?? 1
      if order < 0 {
        oldEntry = old.entry(at: oldEntry!.end)
        continue
      }
      if order == 0, let previous = oldEntry {
        keep(previous, as: entry, in: &delta)
        oldEntry = old.entry(at: previous.end)
      } else {
        insert(entry.start..<entry.end, in: &delta)
      }
      newEntry = new.entry(at: entry.end)
    }
    flush(&delta)
  }

  private func compare(_ left: EntryPlace, _ right: EntryPlace) -> Int {
    compareNames(
      old.name(of: left), isTree: left.isTree, new.name(of: right), isTree: right.isTree)
  }

  private mutating func keep(_ previous: EntryPlace, as entry: EntryPlace, in delta: inout Delta) {
    let (before, after) = (previous.start..<previous.end, entry.start..<entry.end)
    if equal(before, after) {
      copy(before, in: &delta)
    } else if equal(previous.start..<previous.idStart, entry.start..<entry.idStart) {
      copy(previous.start..<previous.idStart, in: &delta)
      insert(entry.idStart..<entry.end, in: &delta)
    } else {
      insert(after, in: &delta)
    }
  }

  private func equal(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    left.count == right.count
      && memcmp(
        old.bytes.baseAddress! + left.lowerBound, new.bytes.baseAddress! + right.lowerBound,
        left.count) == 0
  }

  private mutating func copy(_ range: Range<Int>, in delta: inout Delta) {
    if run.upperBound != range.lowerBound {
      flush(&delta)
      run = range
    } else {
      run = run.lowerBound..<range.upperBound
    }
  }

  private mutating func insert(_ range: Range<Int>, in delta: inout Delta) {
    flush(&delta)
    delta.insert(UnsafeRawBufferPointer(rebasing: new.bytes[range]))
  }

  private mutating func flush(_ delta: inout Delta) {
    guard !run.isEmpty else { return }
    delta.copy(offset: run.lowerBound, count: run.count)
    run = run.upperBound..<run.upperBound
  }
}
