/// Instructions that make one object out of another, in git's delta format
/// (Documentation/gitformat-pack): the caller says which runs are copied and which are new.
public struct Delta: Sendable {
  /// The instructions so far, with both sizes in front.
  public private(set) var bytes: [UInt8] = []
  /// The number of bytes that the whole delta makes.
  public let resultSize: Int
  /// The number of bytes that the instructions so far make.
  public private(set) var producedSize = 0

  private let baseSize: Int
  /// The opcode of the last insertion, while it is the last instruction and can still grow.
  private var openInsertion: Int?

  /// True where git reads the delta: one of fewer than four bytes is corrupt to it
  /// (`DELTA_SIZE_MIN` in git's delta.h).
  public var isReadable: Bool { bytes.count >= 4 }

  /// Starts a delta between two objects of these sizes, in bytes.
  public init(baseSize: Int, resultSize: Int) {
    self.baseSize = baseSize
    self.resultSize = resultSize
    appendSize(baseSize)
    appendSize(resultSize)
  }

  /// Takes a run of the base, by offset and count in bytes.
  ///
  /// - Precondition: the run lies in the base, and in its first 4 GiB.
  public mutating func copy(offset: Int, count: Int) {
    precondition(offset >= 0 && count >= 0 && offset + count <= baseSize)
    openInsertion = nil
    producedSize += count
    var (offset, count) = (offset, count)
    while count > 0 {
      let piece = min(count, Self.maximumCopy)
      appendCopy(offset: UInt32(offset), count: piece)
      offset += piece
      count -= piece
    }
  }

  /// Adds bytes that the base does not have.
  public mutating func insert(_ bytes: Span<UInt8>) {
    bytes.withUnsafeBytes { insert($0) }
  }

  /// Adds bytes that the base does not have.
  public mutating func insert(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { insert($0) }
  }

  mutating func insert(_ source: UnsafeRawBufferPointer) {
    producedSize += source.count
    var rest = source[...]
    while !rest.isEmpty {
      let opcode = openInsertion ?? bytes.count
      if openInsertion == nil { bytes.append(0) }
      let piece = min(rest.count, Self.maximumInsertion - Int(bytes[opcode]))
      bytes.append(contentsOf: rest.prefix(piece))
      bytes[opcode] += UInt8(piece)
      openInsertion = Int(bytes[opcode]) == Self.maximumInsertion ? nil : opcode
      rest = rest.dropFirst(piece)
    }
  }

  /// git itself copies no more with one instruction, and needs no count to say so.
  private static let maximumCopy = 0x10000
  private static let maximumInsertion = 0x7f

  private mutating func appendCopy(offset: UInt32, count: Int) {
    let opcode = bytes.count
    bytes.append(0x80)
    for index in 0..<4 {
      let byte = UInt8(truncatingIfNeeded: offset >> UInt32(8 * index))
      if byte != 0 { appendOperand(byte, opcode, bit: index) }
    }
    guard count != Self.maximumCopy else { return }
    for index in 0..<2 {
      let byte = UInt8(truncatingIfNeeded: count >> (8 * index))
      if byte != 0 { appendOperand(byte, opcode, bit: 4 + index) }
    }
  }

  private mutating func appendOperand(_ byte: UInt8, _ opcode: Int, bit: Int) {
    bytes.append(byte)
    bytes[opcode] |= 1 << UInt8(bit)
  }

  private mutating func appendSize(_ size: Int) {
    var size = UInt(size)
    while size >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: size) | 0x80)
      size >>= 7
    }
    bytes.append(UInt8(size))
  }
}
