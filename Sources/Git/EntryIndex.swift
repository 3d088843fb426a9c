#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Finds entries of one tree by name. The first few times it reads the entries one after the other, as
/// most directories are asked once or twice; after that it knows where each name lies.
struct EntryIndex {
  /// Where entries begin, in the order of their names' bytes, and of two of a name the first one first;
  /// nil before there is an index.
  private var starts: [Int]?
  /// The number of entries that were read one after the other.
  private var scanned = 0
  /// So many times all entries are read before an index is made.
  private static let patience = 6

  /// The first entry with a name, whatever its kind, of those that are not left out.
  ///
  /// - Parameter work: the number of entries that are read is added.
  mutating func find(
    _ name: ArraySlice<UInt8>, in bytes: [UInt8], without departures: Set<Int>, work: inout Int
  ) -> EntryPlace? {
    bytes.withUnsafeBytes { bytes in
      name.withUnsafeBytes { name in
        let tree = RawTree(bytes: bytes)
        if starts == nil, scanned > Self.patience * (bytes.count / 32 + 8) {
          starts = Self.sortedStarts(tree)
          work += starts?.count ?? 0
        }
        if let starts { return Self.find(name, tree, starts, departures, &work) }
        return scan(tree, name, departures, &work)
      }
    }
  }

  private mutating func scan(
    _ tree: RawTree, _ name: UnsafeRawBufferPointer, _ departures: Set<Int>, _ work: inout Int
  ) -> EntryPlace? {
    var (offset, count) = (0, 0)
    defer {
      scanned += count
      work += count
    }
    while let place = tree.entry(at: offset) {
      count += 1
      if tree.isNamed(place, name), !departures.contains(place.start) { return place }
      offset = place.end
    }
    return nil
  }

  private static func find(
    _ name: UnsafeRawBufferPointer, _ tree: RawTree, _ starts: [Int], _ departures: Set<Int>,
    _ work: inout Int
  ) -> EntryPlace? {
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      work += 1
      if tree.compare(tree.entry(at: starts[middle])!, name) < 0 {
        low = middle + 1
      } else {
        high = middle
      }
    }
    while low < starts.count, let place = tree.entry(at: starts[low]), tree.isNamed(place, name) {
      work += 1
      if !departures.contains(place.start) { return place }
      low += 1
    }
    return nil
  }

  private static func sortedStarts(_ tree: RawTree) -> [Int] {
    var starts: [Int] = []
    var previous: EntryPlace?
    var isSorted = true
    while let place = tree.entry(at: previous?.end ?? 0) {
      if let previous, tree.compare(previous, tree.name(of: place)) > 0 { isSorted = false }
      starts.append(place.start)
      previous = place
    }
    if isSorted { return starts }
    return starts.sorted { left, right in
      let order = tree.compare(tree.entry(at: left)!, tree.name(of: tree.entry(at: right)!))
      return order == 0 ? left < right : order < 0
    }
  }
}

extension RawTree {
  /// The order of an entry's name and another name, by bytes alone: less than, equal to, or more than 0.
  fileprivate func compare(_ place: EntryPlace, _ name: UnsafeRawBufferPointer) -> Int {
    let count = place.nameEnd - place.nameStart
    let shared = min(count, name.count)
    if shared > 0 {
      let order = memcmp(bytes.baseAddress! + place.nameStart, name.baseAddress!, shared)
      if order != 0 { return Int(order) }
    }
    return count - name.count
  }
}
