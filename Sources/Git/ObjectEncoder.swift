import Patches

/// An object as a pack will hold it, without its header.
public struct EncodedObject: Sendable {
  public let id: ObjectID
  public let kind: ObjectKind
  /// The object that `deflated` is a delta against; nil where it is the whole object.
  public let base: ObjectID?
  /// The number of bytes that `deflated` inflates to.
  public let size: Int
  /// A zlib stream.
  public let deflated: [UInt8]
}

/// Deflates objects for a pack. One for each thread: compressor and buffer are used again.
public struct ObjectEncoder: ~Copyable {
  private var deflater: Deflater

  /// - Parameter level: from 0, stored, to 12, smallest and slowest; 1 suits a pack that git will
  ///   pack again some day.
  public init(level: Int = 1) {
    deflater = Deflater(level: Int32(level))
  }

  /// An object with all of its bytes.
  public mutating func whole(
    _ kind: ObjectKind, _ bytes: Span<UInt8>, id: ObjectID
  ) -> EncodedObject {
    let deflated = bytes.withUnsafeBytes { deflater.deflate($0) }
    return EncodedObject(id: id, kind: kind, base: nil, size: bytes.count, deflated: deflated)
  }

  /// An object with all of its bytes, as the same function of a span.
  public mutating func whole(
    _ kind: ObjectKind, _ bytes: [UInt8], id: ObjectID
  ) -> EncodedObject {
    whole(kind, bytes.span, id: id)
  }

  /// An object as a delta.
  ///
  /// - Parameter base: an object of the same kind that will be in the same pack.
  /// - Precondition: the delta makes as many bytes as it says, and is readable.
  public mutating func delta(
    _ delta: Delta, base: ObjectID, id: ObjectID, kind: ObjectKind
  ) -> EncodedObject {
    precondition(delta.producedSize == delta.resultSize && delta.isReadable)
    let deflated = delta.bytes.withUnsafeBytes { deflater.deflate($0) }
    return EncodedObject(
      id: id, kind: kind, base: base, size: delta.bytes.count, deflated: deflated)
  }
}
