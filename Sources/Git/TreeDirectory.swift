import Patches

/// One directory of a `TreeEditor`: a tree object's bytes, changed where they lie.
///
/// An entry that gets another object is overwritten. Entries that come and go are collected, and put
/// among the others in one pass when the bytes are wanted: so the work is that of reading the
/// directory a few times and of sorting what came, however many came.
struct TreeDirectory {
  /// An entry, and where it is kept.
  struct Found {
    let rawMode: UInt32
    let id: ObjectID
    /// Where it lies among the bytes; nil where it is one of those that came.
    fileprivate let place: EntryPlace?

    var isTree: Bool { rawMode & 0o170000 == 0o040000 }
  }

  private struct Arrival {
    let rawMode: UInt32
    var id: ObjectID
  }

  private var stored: [UInt8]
  /// Entries that are not among the bytes yet.
  private var arrivals: [[UInt8]: Arrival] = [:]
  /// Where entries begin that are among the bytes still and are there no more.
  private var departures: Set<Int> = []
  private var departedBytes = 0
  private var index = EntryIndex()
  /// Where names of objects were overwritten since the last `deltaBegins()`; nil if that was never,
  /// if entries came or went, or if the places became many.
  private var overwritten: [Int]?
  /// The number of entries that were read, compared or copied so far.
  private(set) var work = 0

  /// - Precondition: the bytes are a well-formed tree.
  init(_ bytes: [UInt8] = []) {
    stored = bytes
  }

  var isEmpty: Bool { arrivals.isEmpty && departedBytes == stored.count }

  /// The tree object's bytes.
  mutating func bytes() -> [UInt8] {
    if !arrivals.isEmpty || !departures.isEmpty { merge() }
    return stored
  }

  mutating func find(_ name: ArraySlice<UInt8>) -> Found? {
    if !arrivals.isEmpty, let arrival = arrivals[Array(name)] {
      work += 1
      return Found(rawMode: arrival.rawMode, id: arrival.id, place: nil)
    }
    guard let place = index.find(name, in: stored, without: departures, work: &work) else {
      return nil
    }
    let id = stored.withUnsafeBytes { RawTree(bytes: $0).id(of: place) }
    return Found(rawMode: place.rawMode, id: id, place: place)
  }

  /// Gives an entry another object, in place.
  ///
  /// - Precondition: the entry was found, and nothing has come or gone since.
  mutating func setID(of found: Found, _ name: ArraySlice<UInt8>, to id: ObjectID) {
    guard let place = found.place else {
      arrivals[Array(name)]?.id = id
      return
    }
    let raw = id.raw
    note(place.idStart)
    stored.withUnsafeMutableBytes { bytes in
      UnsafeMutableRawBufferPointer(rebasing: bytes[place.idStart..<place.end])
        .copyBytes(from: raw)
    }
  }

  /// - Precondition: as for `setID`.
  mutating func remove(_ found: Found, _ name: ArraySlice<UInt8>) {
    guard let place = found.place else {
      arrivals[Array(name)] = nil
      return
    }
    departures.insert(place.start)
    departedBytes += place.end - place.start
  }

  /// Adds an entry; it comes where git's order wants it.
  ///
  /// - Precondition: there is no entry of this name.
  mutating func insert(_ name: ArraySlice<UInt8>, rawMode: UInt32, id: ObjectID) {
    arrivals[Array(name)] = Arrival(rawMode: rawMode, id: id)
  }

  /// Says that the bytes as they are now are what `delta(from:)` will be asked about.
  mutating func deltaBegins() {
    overwritten = []
  }

  /// The delta from the bytes at the last `deltaBegins()`.
  mutating func delta(from old: [UInt8]) -> Delta {
    let bytes = bytes()
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

  /// Puts what came before the first entry that comes after it, and leaves out what went.
  private mutating func merge() {
    let coming = sortedArrivals()
    work += coming.count
    var merged: [UInt8] = []
    merged.reserveCapacity(
      stored.count - departedBytes + coming.reduce(0) { $0 + $1.name.count + 28 })
    var (next, read) = (0, 0)
    stored.withUnsafeBytes { bytes in
      let tree = RawTree(bytes: bytes)
      // What lies between is copied in one piece.
      var (offset, copied, gone) = (0, 0, 0)
      while next < coming.count || gone < departures.count, let place = tree.entry(at: offset) {
        read += 1
        offset = place.end
        let isGone = departures.contains(place.start)
        if isGone { gone += 1 }
        let first = next
        while !isGone, next < coming.count, coming[next].comes(before: place, in: tree) {
          next += 1
        }
        guard isGone || next > first else { continue }
        merged += bytes[copied..<place.start]
        copied = isGone ? place.end : place.start
        for arrival in coming[first..<next] { arrival.append(to: &merged) }
      }
      merged += bytes[copied...]
    }
    for arrival in coming[next...] { arrival.append(to: &merged) }
    work += read
    stored = merged
    arrivals = [:]
    departures = []
    departedBytes = 0
    overwritten = nil
    index = EntryIndex()
  }

  private func sortedArrivals() -> [ComingEntry] {
    arrivals.map { ComingEntry(name: $0.key, rawMode: $0.value.rawMode, id: $0.value.id) }.sorted {
      $0.comes(before: $1)
    }
  }
}

/// An entry on its way into a directory's bytes.
private struct ComingEntry {
  let name: [UInt8]
  let rawMode: UInt32
  let id: ObjectID

  private var isTree: Bool { rawMode & 0o170000 == 0o040000 }

  func comes(before other: ComingEntry) -> Bool {
    name.withUnsafeBytes { name in
      other.name.withUnsafeBytes {
        compareNames(name, isTree: isTree, $0, isTree: other.isTree) < 0
      }
    }
  }

  func comes(before place: EntryPlace, in tree: RawTree) -> Bool {
    name.withUnsafeBytes {
      compareNames(tree.name(of: place), isTree: place.isTree, $0, isTree: isTree) >= 0
    }
  }

  func append(to bytes: inout [UInt8]) {
    bytes += String(rawMode, radix: 8).utf8
    bytes.append(UInt8(ascii: " "))
    bytes += name
    bytes.append(0)
    bytes += id.raw
  }
}
