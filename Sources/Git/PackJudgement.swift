import CLibgit2
import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The most deltas that stand on each other; git itself makes 4,095 at most.
private let maximumChain = 4_095

/// Looks through a store's packs before libgit2 reads them: it checks neither an index's numbers, nor
/// that deltas end somewhere, nor what they make of little.
///
/// A pack that was judged once is not looked through again: a file remembers it by what no copy of it
/// has (`FolderIdentity`).
///
/// - Parameter limit: the most bytes of an object.
/// - Throws: the first pack that is none, or has objects without end or over the limit.
func judgePacks(of path: String, limit: Int) throws(StateProblem) {
  let folder = "\(path)/objects/pack"
  let number = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
  guard number >= 0, let names = listDirectory(number) else { return }
  let remembered = "\(path)/kerb-judged"
  let known = Set(
    ((try? readFile(remembered, limit: 1 << 20)) ?? nil)?.split(separator: 10)
      .map { String(decoding: $0, as: UTF8.self) } ?? [])
  var present: [String] = []
  for name in names.map({ String(decoding: $0, as: UTF8.self) }).sorted()
  where name.hasSuffix(".idx") {
    let (index, pack) = ("\(folder)/\(name)", "\(folder)/\(name.dropLast(4)).pack")
    let identity = fileIdentity(index).flatMap { first in
      fileIdentity(pack).map { "\(name) \(first) \($0)" }
    }
    if let identity { present.append(identity) }
    if let identity, known.contains(identity) { continue }
    // One of the two alone is not read, and git may take both away at any time.
    func areThere() -> Bool { access(index, F_OK) == 0 && access(pack, F_OK) == 0 }
    guard !areThere() || isSound(index, pack, limit) || !areThere() else {
      throw StateProblem(
        index,
        "it or its pack is damaged, or has an object over \(limit) bytes or without end, which "
          + "kerb does not read; 'git fsck' says more")
    }
  }
  if Set(present) != known {
    try? replaceFile(remembered, with: Array(present.map { $0 + "\n" }.joined().utf8))
  }
}

/// What tells a file from every copy; nil where the file system does not say.
private func fileIdentity(_ path: String) -> String? {
  let number = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
  guard number >= 0 else { return nil }
  let file = Descriptor(owning: number)
  var status = stat()
  guard fstat(number, &status) == 0, let birth = birthTime(of: file.number, status) else {
    return nil
  }
  let written = FileStamp(status).modified
  return "\(status.st_ino)-\(birth)-\(status.st_size)-\(written.seconds).\(written.nanoseconds)"
}

private func isSound(_ index: String, _ pack: String, _ limit: Int) -> Bool {
  guard let index = MappedFile(index), let pack = MappedFile(pack) else { return false }
  let isSound = PackReading(index: index.bytes, pack: pack.bytes, limit: limit)?.isSound
  // The bytes are there for as long as the files are mapped.
  withExtendedLifetime(index) {}
  withExtendedLifetime(pack) {}
  return isSound ?? false
}

/// A file's bytes where the disk has them.
private struct MappedFile: ~Copyable {
  let bytes: UnsafeRawBufferPointer

  init?(_ path: String) {
    let number = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = Descriptor(owning: number)
    var status = stat()
    guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size > 0,
      let start = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, file.number, 0),
      start != MAP_FAILED
    else { return nil }
    bytes = UnsafeRawBufferPointer(start: start, count: Int(status.st_size))
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) }
}

/// A pack and its index (gitformat-pack, version 2), read without git.
private struct PackReading {
  private let index: UnsafeRawBufferPointer
  private let pack: UnsafeRawBufferPointer
  private let count: Int
  private let limit: Int
  private var names: Int { 8 + 1024 }
  private var offsets: Int { names + count * 24 }
  private var large: Int { offsets + count * 4 }

  /// - Returns: nil where the sizes do not fit each other.
  init?(index: UnsafeRawBufferPointer, pack: UnsafeRawBufferPointer, limit: Int) {
    (self.index, self.pack, self.limit) = (index, pack, limit)
    func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Int {
      Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
    }
    guard index.count >= 8 + 1024 + 40, pack.count >= 32, word(index, 0) == 0xff74_4f63,
      word(index, 4) == 2, word(pack, 0) == 0x5041_434b
    else { return nil }
    count = word(index, 8 + 255 * 4)
    // An object has two bytes at the least, and a stream of zlib eight.
    guard count == word(pack, 8), count <= pack.count / 9 else { return nil }
    guard large + 40 <= index.count, (index.count - 40 - large) % 8 == 0 else { return nil }
  }

  private func word(_ at: Int) -> Int {
    Int(UInt32(bigEndian: index.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
  }

  var isSound: Bool {
    guard hasOrder, let places = offsetsOfObjects() else { return false }
    var entries: [Int: Int] = [:]
    for (entry, offset) in places.enumerated() { entries[offset] = entry }
    var bases: [Int] = []
    for offset in places {
      guard let base = base(of: offset, entries) else { return false }
      bases.append(base)
    }
    return endsEverywhere(bases)
  }

  /// True where the table of first bytes is that of the names.
  private var hasOrder: Bool {
    var next = 0
    for first in 0..<256 {
      let end = word(8 + first * 4)
      guard end >= next, end <= count else { return false }
      for entry in next..<end where Int(index[names + entry * 20]) != first { return false }
      next = end
    }
    return true
  }

  private func offsetsOfObjects() -> [Int]? {
    let largeCount = (index.count - 40 - large) / 8
    var places: [Int] = []
    for entry in 0..<count {
      var offset = word(offsets + entry * 4)
      if offset & 0x8000_0000 != 0 {
        let place = offset & 0x7fff_ffff
        guard place < largeCount, word(large + place * 8) == 0 else { return nil }
        offset = word(large + place * 8 + 4)
      }
      guard offset >= 12, offset < pack.count - 20 else { return nil }
      places.append(offset)
    }
    return places
  }

  /// The entry that a delta stands on, -1 for an object that is whole; nil where it is neither, or larger
  /// than an object may be.
  private func base(of offset: Int, _ entries: [Int: Int]) -> Int? {
    var at = offset
    let end = pack.count - 20
    let kind = pack[at] >> 4 & 7
    var size = Int(pack[at] & 15)
    var shift = 4
    while pack[at] & 0x80 != 0 {
      at += 1
      guard at < end, shift < 40 else { return nil }
      size |= Int(pack[at] & 0x7f) << shift
      shift += 7
    }
    at += 1
    guard size <= limit else { return nil }
    switch kind {
    case 1, 2, 3, 4: return -1
    case 6:
      var distance = -1
      repeat {
        guard at < end, distance < 1 << 50 else { return nil }
        distance = (distance + 1) << 7 | Int(pack[at] & 0x7f)
        at += 1
      } while pack[at - 1] & 0x80 != 0
      guard isModest(at), let base = entries[offset - distance] else { return nil }
      return base
    case 7:
      guard at + 20 < end, let base = entry(named: pack[at..<at + 20]), isModest(at + 20) else {
        return nil
      }
      return base
    default: return nil
    }
  }

  /// True where the delta at a place makes no more than an object may have.
  private func isModest(_ at: Int) -> Bool {
    guard at < pack.count - 20 else { return false }
    let stream = UnsafeRawBufferPointer(rebasing: pack[at..<min(at + 4096, pack.count - 20)])
    var start = [UInt8](repeating: 0, count: 20)
    var ends: Int32 = 0
    let given = kerb_inflate_start(
      stream.bindMemory(to: UInt8.self).baseAddress, stream.count, &start, start.count, &ends)
    guard given > 0 else { return false }
    var place = 0
    func size() -> Int? {
      var (value, shift) = (0, 0)
      while place < given, shift < 42 {
        let byte = start[place]
        place += 1
        value |= Int(byte & 0x7f) << shift
        shift += 7
        if byte & 0x80 == 0 { return value }
      }
      return nil
    }
    guard size() != nil, let result = size() else { return false }
    return result <= limit
  }

  private func entry(named name: Slice<UnsafeRawBufferPointer>) -> Int? {
    let first = Int(name[name.startIndex])
    var low = first == 0 ? 0 : word(8 + (first - 1) * 4)
    var high = word(8 + first * 4)
    while low < high {
      let middle = (low + high) / 2
      let other = index[(names + middle * 20)..<(names + middle * 20 + 20)]
      if other.elementsEqual(name) { return middle }
      if other.lexicographicallyPrecedes(name) { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// True where no chain of deltas comes back to itself, nor is longer than git makes them.
  private func endsEverywhere(_ bases: [Int]) -> Bool {
    var depths = [Int](repeating: 0, count: bases.count)
    for start in bases.indices where depths[start] == 0 {
      var chain: [Int] = []
      var entry = start
      while entry >= 0, depths[entry] == 0 {
        guard chain.count <= maximumChain else { return false }
        chain.append(entry)
        // Met again before it has a depth, it is its own base.
        depths[entry] = -1
        entry = bases[entry]
      }
      guard entry < 0 || depths[entry] > 0 else { return false }
      var depth = entry < 0 ? 0 : depths[entry]
      for entry in chain.reversed() {
        depth += 1
        depths[entry] = depth
      }
      guard depth <= maximumChain else { return false }
    }
    return true
  }
}
