import CDeflate

/// The bytes of a zlib stream whose size is known.
///
/// - Returns: nil unless the stream is sound and gives exactly `size` bytes. No more than `size`
///   bytes are ever allocated. Bytes after the stream's end are not looked at, as in git.
public func inflate(_ stream: Span<UInt8>, exactly size: Int) -> [UInt8]? {
  guard size >= 0, let inflater = libdeflate_alloc_decompressor() else { return nil }
  defer { libdeflate_free_decompressor(inflater) }
  var isSound = false
  let bytes = [UInt8](unsafeUninitializedCapacity: max(size, 1)) { target, count in
    let result = stream.withUnsafeBytes {
      libdeflate_zlib_decompress(inflater, $0.baseAddress, $0.count, target.baseAddress, size, nil)
    }
    isSound = result == LIBDEFLATE_SUCCESS
    count = isSound ? size : 0
  }
  return isSound ? bytes : nil
}

/// A compressor and the buffer it writes to, for one thread.
struct Deflater: ~Copyable {
  private let compressor: OpaquePointer
  private var scratch: UnsafeMutableRawBufferPointer

  /// - Parameter level: from 0, stored, to 12, smallest.
  init(level: Int32) {
    compressor = libdeflate_alloc_compressor(level)!
    scratch = .allocate(byteCount: 64 << 10, alignment: 16)
  }

  deinit {
    scratch.deallocate()
    libdeflate_free_compressor(compressor)
  }

  /// The bytes as a zlib stream.
  mutating func deflate(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let bound = libdeflate_zlib_compress_bound(compressor, bytes.count)
    if bound > scratch.count {
      scratch.deallocate()
      scratch = .allocate(byteCount: bound, alignment: 16)
    }
    let count = libdeflate_zlib_compress(
      compressor, bytes.baseAddress, bytes.count, scratch.baseAddress, scratch.count)
    precondition(count > 0, "a buffer of the stated bound is too small")
    return Array(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
  }
}
