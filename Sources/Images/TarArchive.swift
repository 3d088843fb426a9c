import CDeflate
import Crypto

/// A tar archive that is the same bytes for the same files: everything belongs to root, is of one moment,
/// and has one of two modes. POSIX ustar, with pax records for names that are too long for it.
public struct TarArchive: Sendable {
  private static let block = 512
  private var bytes: [UInt8] = []
  private let time: Int64

  /// - Parameter time: the moment of every entry, in seconds since 1970.
  public init(time: Int64) {
    self.time = max(0, time)
  }

  /// Adds a directory; its path has no final slash.
  public mutating func add(directory path: [UInt8]) {
    add(path + [UInt8(ascii: "/")], "5", mode: 0o755)
  }

  /// Adds a file.
  public mutating func add(file path: [UInt8], _ content: [UInt8], isExecutable: Bool) {
    add(path, "0", mode: isExecutable ? 0o755 : 0o644, size: content.count)
    append(content)
  }

  /// Adds a symbolic link.
  public mutating func add(link path: [UInt8], to target: [UInt8]) {
    add(path, "2", mode: 0o777, target: target)
  }

  /// The archive, complete.
  public var content: [UInt8] { bytes + [UInt8](repeating: 0, count: 2 * Self.block) }

  private mutating func add(
    _ path: [UInt8], _ kind: Character, mode: Int, size: Int = 0, target: [UInt8] = []
  ) {
    let divided = Self.divided(path)
    var records: [UInt8] = []
    if divided == nil { records += Self.record("path", path) }
    if target.count > 100 { records += Self.record("linkpath", target) }
    if !records.isEmpty {
      appendHeader(
        name: Array("pax".utf8), prefix: [], "x", mode: 0o644, size: records.count, target: [])
      append(records)
    }
    let (prefix, name) = divided ?? ([], Array(path.suffix(100)))
    appendHeader(
      name: name, prefix: prefix, kind, mode: mode, size: size, target: Array(target.prefix(100)))
  }

  /// The path as ustar holds it: up to 155 bytes, a slash, up to 100; nil where it does not fit.
  private static func divided(_ path: [UInt8]) -> (prefix: [UInt8], name: [UInt8])? {
    guard path.count > 100 else { return ([], path) }
    let slashes = path.indices.dropLast().filter { path[$0] == UInt8(ascii: "/") }
    guard let slash = slashes.first(where: { path.count - $0 - 1 <= 100 }),
      (1...155).contains(slash)
    else { return nil }
    return (Array(path[..<slash]), Array(path[(slash + 1)...]))
  }

  /// A pax record: its own length in digits, the key and the value.
  private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
    let rest = Array(" \(key)=".utf8) + value + [UInt8(ascii: "\n")]
    var length = rest.count + 1
    while "\(length)".utf8.count + rest.count != length { length += 1 }
    return Array("\(length)".utf8) + rest
  }

  private mutating func appendHeader(
    name: [UInt8], prefix: [UInt8], _ kind: Character, mode: Int, size: Int, target: [UInt8]
  ) {
    var header: [UInt8] = []
    func field(_ value: [UInt8], _ width: Int) {
      header += value + [UInt8](repeating: 0, count: width - value.count)
    }
    func number(_ value: Int64, _ width: Int) {
      let digits = String(value, radix: 8)
      let zeros = String(repeating: "0", count: width - 1 - digits.utf8.count)
      field(Array((zeros + digits).utf8), width)
    }
    field(name, 100)
    number(Int64(mode), 8)
    number(0, 8)
    number(0, 8)
    number(Int64(size), 12)
    // What eleven octal digits hold: the year 2242.
    number(min(max(0, time), 0o77_777_777_777), 12)
    let sum = header.count
    field([UInt8](repeating: UInt8(ascii: " "), count: 8), 8)
    field(Array("\(kind)".utf8), 1)
    field(target, 100)
    field(Array("ustar\0".utf8) + Array("00".utf8), 8)
    field(Array("root".utf8), 32)
    field(Array("root".utf8), 32)
    number(0, 8)
    number(0, 8)
    field(prefix, 155)
    field([], 12)
    let total = header.reduce(0) { $0 + Int($1) }
    let digits = String(total, radix: 8)
    let checksum =
      Array((String(repeating: "0", count: 6 - digits.utf8.count) + digits).utf8) + [0, 32]
    header.replaceSubrange(sum..<sum + 8, with: checksum)
    bytes += header
  }

  private mutating func append(_ content: [UInt8]) {
    bytes += content
    let over = content.count % Self.block
    if over > 0 { bytes += [UInt8](repeating: 0, count: Self.block - over) }
  }
}

/// The bytes as a gzip file without name and time, so that the same bytes give the same file.
public func gzipped(_ bytes: [UInt8]) -> [UInt8] {
  guard let compressor = libdeflate_alloc_compressor(9) else {
    preconditionFailure("there is no memory for a compressor")
  }
  defer { libdeflate_free_compressor(compressor) }
  let bound = libdeflate_gzip_compress_bound(compressor, bytes.count)
  return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
    count = bytes.withUnsafeBytes {
      libdeflate_gzip_compress(compressor, $0.baseAddress, $0.count, buffer.baseAddress, bound)
    }
    precondition(count > 0, "a buffer of the stated bound is too small")
  }
}

/// The SHA-256 of bytes, in hexadecimal digits.
public func sha256(_ bytes: [UInt8]) -> String {
  SHA256.hash(data: bytes).map { byte in
    let digits = String(byte, radix: 16)
    return digits.utf8.count == 1 ? "0\(digits)" : digits
  }.joined()
}
