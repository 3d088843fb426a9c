import Crypto
import Patches

/// An object's place in a pack.
struct PackEntry {
  let id: ObjectID
  /// Bytes from the start of the file.
  let offset: Int
  /// CRC-32 of the entry as it lies in the pack, header and all.
  let crc: UInt32
}

/// The 12 bytes that a pack begins with.
func packHeader(count: Int) -> [UInt8] {
  Array("PACK".utf8) + bigEndian(UInt32(2)) + bigEndian(UInt32(count))
}

/// Appends what precedes an entry's zlib stream: kind and inflated size, and for a delta the number
/// of bytes back to its base (`OBJ_OFS_DELTA`).
func appendEntryHeader(_ object: EncodedObject, distance: Int?, to buffer: inout [UInt8]) {
  let kind = distance == nil ? object.kind.number : 6
  var size = object.size >> 4
  buffer.append(kind << 4 | UInt8(object.size & 15) | (size > 0 ? 0x80 : 0))
  while size > 0 {
    buffer.append(UInt8(size & 0x7f) | (size > 0x7f ? 0x80 : 0))
    size >>= 7
  }
  guard var rest = distance else { return }
  // Most significant group first; each but the last is one less than it stands for.
  var groups = [UInt8(rest & 0x7f)]
  rest >>= 7
  while rest > 0 {
    rest -= 1
    groups.append(UInt8(rest & 0x7f) | 0x80)
    rest >>= 7
  }
  buffer += groups.reversed()
}

/// A pack's index, version 2, as `git index-pack` writes it.
func packIndex(_ unsorted: [PackEntry], packChecksum: [UInt8]) -> [UInt8] {
  let entries = unsorted.sorted { $0.id < $1.id }
  let ids = entries.map(\.id.raw)
  var bytes: [UInt8] = [0xff, 0x74, 0x4f, 0x63] + bigEndian(UInt32(2))
  bytes.reserveCapacity(1100 + entries.count * 36)
  var counts = [UInt32](repeating: 0, count: 256)
  for id in ids { counts[Int(id[0])] += 1 }
  var sum: UInt32 = 0
  for count in counts {
    sum += count
    bytes += bigEndian(sum)
  }
  for id in ids { bytes += id }
  for entry in entries { bytes += bigEndian(entry.crc) }
  var far: [UInt8] = []
  for entry in entries {
    if entry.offset < 1 << 31 {
      bytes += bigEndian(UInt32(entry.offset))
    } else {
      bytes += bigEndian(UInt32(1 << 31 | far.count / 8))
      far += bigEndian(UInt64(entry.offset))
    }
  }
  bytes += far + packChecksum
  return bytes + Insecure.SHA1.hash(data: bytes)
}

private func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.bigEndian) { Array($0) }
}
