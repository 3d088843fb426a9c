import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// One directory of a `TreeEditor`: a tree object's bytes, changed where they lie.
struct TreeDirectory {
  private(set) var bytes: [UInt8]
  /// Where names of objects were overwritten since the last `deltaBegins()`; nil if that was never,
  /// if entries came or went, or if the places became many.
  private var overwritten: [Int]?

  /// - Precondition: the bytes are a well-formed tree.
  init(_ bytes: [UInt8] = []) {
    self.bytes = bytes
  }

  func find(_ name: ArraySlice<UInt8>) -> EntryPlace? {
    bytes.withUnsafeBytes { bytes in name.withUnsafeBytes { RawTree(bytes: bytes).find($0) } }
  }

  func id(of place: EntryPlace) -> ObjectID {
    bytes.withUnsafeBytes { RawTree(bytes: $0).id(of: place) }
  }

  /// Gives an entry another object, in place.
  mutating func setID(of place: EntryPlace, to id: ObjectID) {
    let raw = id.raw
    note(place.idStart)
    bytes.withUnsafeMutableBytes { bytes in
      UnsafeMutableRawBufferPointer(rebasing: bytes[place.idStart..<place.end])
        .copyBytes(from: raw)
    }
  }

  mutating func remove(_ place: EntryPlace) {
    overwritten = nil
    bytes.removeSubrange(place.start..<place.end)
  }

  /// Puts an entry where git's order wants it.
  ///
  /// - Precondition: there is no entry of this name.
  mutating func insert(_ name: ArraySlice<UInt8>, rawMode: UInt32, id: ObjectID) {
    var entry = Array(String(rawMode, radix: 8).utf8)
    entry.append(UInt8(ascii: " "))
    entry += name
    entry.append(0)
    entry += id.raw
    overwritten = nil
    let place = position(of: name, isTree: rawMode & 0o170000 == 0o040000)
    bytes.insert(contentsOf: entry, at: place)
  }

  /// Says that the bytes as they are now are what `delta(from:)` will be asked about.
  mutating func deltaBegins() {
    overwritten = []
  }

  /// The delta from the bytes at the last `deltaBegins()`.
  func delta(from old: [UInt8]) -> Delta {
    guard let places = overwritten?.sorted() else { return treeDelta(from: old, to: bytes) }
    var delta = Delta(baseSize: old.count, resultSize: bytes.count)
    var copied = 0
    for place in places where place >= copied {
      delta.copy(offset: copied, count: place - copied)
      copied = place + ObjectID.byteCount
      delta.insert(bytes[place..<copied])
    }
    delta.copy(offset: copied, count: bytes.count - copied)
    return delta
  }

  private mutating func note(_ place: Int) {
    guard let count = overwritten?.count else { return }
    if count < 64 { overwritten?.append(place) } else { overwritten = nil }
  }

  private func position(of name: ArraySlice<UInt8>, isTree: Bool) -> Int {
    bytes.withUnsafeBytes { bytes in
      name.withUnsafeBytes { name in
        let tree = RawTree(bytes: bytes)
        var offset = 0
        while let place = tree.entry(at: offset),
          compareNames(tree.name(of: place), isTree: place.isTree, name, isTree: isTree) < 0
        {
          offset = place.end
        }
        return offset
      }
    }
  }
}

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
