import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// One entry of a tree.
public struct TreeEntry: Hashable, Sendable {
  /// The name's bytes, without a slash.
  public let name: [UInt8]
  /// The mode word as the tree holds it; old histories have ones that no `FileMode` stands for.
  public let rawMode: UInt32
  /// The blob, the tree, or the other repository's commit.
  public let id: ObjectID

  /// The mode as git reads it.
  public var mode: FileMode { FileMode(raw: rawMode) }

  public init(name: [UInt8], rawMode: UInt32, id: ObjectID) {
    self.name = name
    self.rawMode = rawMode
    self.id = id
  }
}

/// Where an entry lies among a tree's bytes, which are `MODE SP NAME NUL ID` again and again.
struct EntryPlace {
  let start: Int
  let nameStart: Int
  let nameEnd: Int
  let rawMode: UInt32

  var idStart: Int { nameEnd + 1 }
  var end: Int { nameEnd + 1 + ObjectID.byteCount }
  var isTree: Bool { rawMode & 0o170000 == 0o040000 }
}

/// A tree's bytes, read in place.
struct RawTree {
  let bytes: UnsafeRawBufferPointer

  /// The entry at an offset, or nil at the end and where the bytes are no entry.
  @inline(__always)
  func entry(at start: Int) -> EntryPlace? {
    var rawMode: UInt32 = 0
    var index = start
    while index < bytes.count, bytes[index] &- 0x30 < 8, index - start < 8 {
      rawMode = rawMode << 3 | UInt32(bytes[index] &- 0x30)
      index += 1
    }
    guard index > start, index < bytes.count, bytes[index] == 0x20 else { return nil }
    let nameStart = index + 1
    guard let base = bytes.baseAddress,
      let nul = memchr(base + nameStart, 0, bytes.count - nameStart)
    else { return nil }
    let nameEnd = UnsafeRawPointer(nul) - base
    guard nameEnd > nameStart, nameEnd + ObjectID.byteCount < bytes.count else { return nil }
    return EntryPlace(start: start, nameStart: nameStart, nameEnd: nameEnd, rawMode: rawMode)
  }

  /// True if the bytes are entries to the last byte.
  var isWellFormed: Bool {
    var offset = 0
    while offset < bytes.count {
      guard let place = entry(at: offset) else { return false }
      offset = place.end
    }
    return true
  }

  /// True where the entry has the name, whatever its kind.
  @inline(__always)
  func isNamed(_ place: EntryPlace, _ name: UnsafeRawBufferPointer) -> Bool {
    guard place.nameEnd - place.nameStart == name.count, let base = name.baseAddress else {
      return false
    }
    return memcmp(bytes.baseAddress! + place.nameStart, base, name.count) == 0
  }

  func name(of place: EntryPlace) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[place.nameStart..<place.nameEnd])
  }

  func id(of place: EntryPlace) -> ObjectID {
    ObjectID(raw: UnsafeRawBufferPointer(rebasing: bytes[place.idStart..<place.end]).bytes)!
  }

  func treeEntry(_ place: EntryPlace) -> TreeEntry {
    TreeEntry(name: Array(name(of: place)), rawMode: place.rawMode, id: id(of: place))
  }
}

/// The order of entries in a tree: by bytes, a directory's name as if it ended in a slash
/// (`base_name_compare` in git's tree.c).
///
/// - Returns: less than, equal to, or more than 0.
func compareNames(
  _ left: UnsafeRawBufferPointer, isTree leftIsTree: Bool,
  _ right: UnsafeRawBufferPointer, isTree rightIsTree: Bool
) -> Int {
  let shared = min(left.count, right.count)
  if shared > 0, case let order = memcmp(left.baseAddress!, right.baseAddress!, shared), order != 0
  {
    return Int(order)
  }
  let slash = UInt8(ascii: "/")
  let leftNext = left.count > shared ? left[shared] : leftIsTree ? slash : 0
  let rightNext = right.count > shared ? right[shared] : rightIsTree ? slash : 0
  return Int(leftNext) - Int(rightNext)
}
