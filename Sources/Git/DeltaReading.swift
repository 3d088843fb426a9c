/// What is wrong with a delta.
public enum DeltaError: Error, Hashable, Sendable {
  /// The delta ends inside an instruction or a size.
  case truncated
  /// A size does not fit into 63 bits.
  case sizeOverflow
  /// The delta was made for a base of another size, in bytes.
  case baseSize(stated: Int, actual: Int)
  /// The result would be larger than the caller allows, in bytes.
  case resultTooLarge(Int)
  /// The instructions do not make the number of bytes that the delta states.
  case resultSize(stated: Int)
  /// The instruction 0, which git reserves.
  case reservedInstruction
  /// A run to copy does not lie in the base.
  case copyOutOfRange
}

/// Makes the object that a delta describes.
///
/// - Parameters:
///   - delta: git's delta format, as in a pack or in a binary patch's `delta` hunk.
///   - base: the object that the delta was made against.
///   - limit: the largest result to make, in bytes.
/// - Throws: the first thing that is wrong; no more than `limit` bytes are ever allocated.
public func apply(
  delta: Span<UInt8>, to base: Span<UInt8>, limit: Int = Int.max
) throws(DeltaError) -> [UInt8] {
  var reader = DeltaReader()
  let baseSize = try reader.size(in: delta)
  guard baseSize == base.count else {
    throw .baseSize(stated: baseSize, actual: base.count)
  }
  let resultSize = try reader.size(in: delta)
  guard resultSize <= limit else { throw .resultTooLarge(resultSize) }
  // A delta of n bytes makes no more than n × 64 KiB × 256: do not believe a size beyond that.
  guard resultSize / 0xff_ffff <= delta.count else { throw .resultSize(stated: resultSize) }
  var result: [UInt8] = []
  result.reserveCapacity(resultSize)
  while let opcode = reader.next(in: delta) {
    let piece: Span<UInt8>
    if opcode & 0x80 != 0 {
      let (offset, count) = try reader.copy(opcode, in: delta)
      guard offset <= base.count, count <= base.count - offset else { throw .copyOutOfRange }
      piece = base.extracting(offset..<offset + count)
    } else {
      guard opcode != 0 else { throw .reservedInstruction }
      piece = delta.extracting(try reader.run(Int(opcode), in: delta))
    }
    guard piece.count <= resultSize - result.count else { throw .resultSize(stated: resultSize) }
    piece.withUnsafeBufferPointer { result.append(contentsOf: $0) }
  }
  guard result.count == resultSize else { throw .resultSize(stated: resultSize) }
  return result
}

/// Where the reading of a delta stands; the bytes are handed in, as a span cannot be kept.
private struct DeltaReader {
  var index = 0

  mutating func next(in bytes: Span<UInt8>) -> UInt8? {
    guard index < bytes.count else { return nil }
    defer { index += 1 }
    return bytes[index]
  }

  mutating func size(in bytes: Span<UInt8>) throws(DeltaError) -> Int {
    var size: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = next(in: bytes) {
      let digit = UInt64(byte & 0x7f)
      guard shift < 63, digit <= UInt64(Int64.max) >> shift else { throw .sizeOverflow }
      size |= digit << shift
      if byte & 0x80 == 0 { return Int(size) }
      shift += 7
    }
    throw .truncated
  }

  /// The operands of a copy: a bit of the opcode says of each byte whether it is there.
  mutating func copy(
    _ opcode: UInt8, in bytes: Span<UInt8>
  ) throws(DeltaError) -> (offset: Int, count: Int) {
    var (offset, count) = (0, 0)
    for bit in 0..<7 where opcode & (1 << UInt8(bit)) != 0 {
      guard let byte = next(in: bytes) else { throw .truncated }
      if bit < 4 {
        offset |= Int(byte) << (8 * bit)
      } else {
        count |= Int(byte) << (8 * (bit - 4))
      }
    }
    return (offset, count == 0 ? 0x10000 : count)
  }

  mutating func run(_ count: Int, in bytes: Span<UInt8>) throws(DeltaError) -> Range<Int> {
    guard count <= bytes.count - index else { throw .truncated }
    defer { index += count }
    return index..<index + count
  }
}

extension DeltaError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .truncated: "the delta ends in the middle of an instruction"
    case .sizeOverflow: "the delta states a size beyond 63 bits"
    case .baseSize(let stated, let actual):
      "the delta is for a base of \(stated) bytes; this one has \(actual)"
    case .resultTooLarge(let size): "the delta makes \(size) bytes, more than is allowed"
    case .resultSize(let stated): "the delta does not make the \(stated) bytes that it states"
    case .reservedInstruction: "the delta has the reserved instruction 0"
    case .copyOutOfRange: "the delta copies from beyond its base"
    }
  }
}
