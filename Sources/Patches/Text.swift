/// A file's content as lines of bytes.
///
/// Lines point into a storage: the bytes of the text that was read, which never change and are never
/// copied, and behind them the lines that hunks have added. A version of a file so costs what its
/// patch adds and not what the file holds. A line includes its newline; only the last may lack one.
public struct Text: Sendable {
  /// A line's place in the storage.
  public struct Line: Hashable, Sendable {
    public let start: UInt32
    public let count: UInt32

    public init(start: Int, count: Int) {
      self.start = UInt32(start)
      self.count = UInt32(count)
    }
  }

  /// The largest content that a text takes, in bytes.
  public static let maximumSize = 1 << 30

  private let base: [UInt8]
  private var added: [UInt8] = []
  public private(set) var lines: [Line]

  /// Divides the bytes into lines.
  ///
  /// - Precondition: at most `maximumSize` bytes.
  public init(_ bytes: [UInt8]) {
    precondition(bytes.count <= Self.maximumSize)
    self.base = bytes
    self.lines = lineTable(bytes.span)
  }

  /// Divides the bytes at the offsets given, each the end of a piece that counts as a line.
  ///
  /// - Precondition: the offsets ascend and the last is the number of bytes.
  public init(_ bytes: [UInt8], dividedAt ends: [Int]) {
    precondition(ends.last ?? 0 == bytes.count)
    self.base = bytes
    var start = 0
    self.lines = ends.map { end in
      defer { start = end }
      return Line(start: start, count: end - start)
    }
  }

  /// The content in one piece.
  public var bytes: [UInt8] {
    var result: [UInt8] = []
    copy(into: &result)
    return result
  }

  /// The number of bytes.
  public var count: Int { lines.reduce(0) { $0 + Int($1.count) } }

  /// The number of bytes in the storage; lines that are added next start there or behind it.
  public var storageSize: Int { base.count + added.count }

  /// Replaces what is in `buffer` by the content, keeping its capacity.
  public func copy(into buffer: inout [UInt8]) {
    buffer.removeAll(keepingCapacity: true)
    var start = 0
    var end = 0
    for line in lines {
      let next = Int(line.start)
      if next != end || end == base.count {
        buffer.append(contentsOf: stored(start..<end))
        start = next
      }
      end = next + Int(line.count)
    }
    buffer.append(contentsOf: stored(start..<end))
  }

  /// The bytes of a line, counted from 0.
  public subscript(line index: Int) -> ArraySlice<UInt8> { bytes(of: lines[index]) }

  /// The bytes of a line of this text or of one that it was made from.
  public func bytes(of line: Line) -> ArraySlice<UInt8> {
    stored(Int(line.start)..<Int(line.start) + Int(line.count))
  }

  /// A range of the storage that lies on one side of the end of `base`.
  private func stored(_ range: Range<Int>) -> ArraySlice<UInt8> {
    range.upperBound <= base.count
      ? base[range]
      : added[range.lowerBound - base.count..<range.upperBound - base.count]
  }

  /// True where the lines from `start` on are the given ranges of `source`.
  ///
  /// - Precondition: there are that many lines.
  public func matches(_ ranges: [Range<Int>], of source: [UInt8], at start: Int) -> Bool {
    for (index, range) in ranges.enumerated() {
      guard line(start + index, equals: range, of: source) else { return false }
    }
    return true
  }

  /// True where a line is a range of `source`.
  public func line(_ index: Int, equals range: Range<Int>, of source: [UInt8]) -> Bool {
    let line = lines[index]
    guard Int(line.count) == range.count else { return false }
    let offset = Int(line.start)
    return offset < base.count
      ? equal(base.span, offset, source.span, range)
      : equal(added.span, offset - base.count, source.span, range)
  }

  /// A hash of a line's bytes, the same for the same bytes in every text of this process.
  public func hash(ofLine index: Int) -> UInt64 {
    let line = lines[index]
    let offset = Int(line.start)
    return unsafe offset < base.count
      ? hashed(base.span.bytes, offset, Int(line.count))
      : hashed(added.span.bytes, offset - base.count, Int(line.count))
  }

  /// The hash of a line with the bytes of a range of `source`.
  public static func hash(of range: Range<Int>, in source: [UInt8]) -> UInt64 {
    unsafe hashed(source.span.bytes, range.lowerBound, range.count)
  }

  /// True where a line has the bytes of a line of another text.
  public func line(_ index: Int, equals other: Text, _ otherIndex: Int) -> Bool {
    let (line, otherLine) = (lines[index], other.lines[otherIndex])
    guard line.count == otherLine.count else { return false }
    let (start, otherStart) = (Int(line.start), Int(otherLine.start))
    let bytes = unsafe start < base.count ? base.span.bytes : added.span.bytes
    let otherBytes =
      unsafe otherStart < other.base.count ? other.base.span.bytes : other.added.span.bytes
    return equal(
      bytes, start < base.count ? start : start - base.count, otherBytes,
      otherStart < other.base.count ? otherStart : otherStart - other.base.count, Int(line.count))
  }

  /// Adds bytes to the storage as one line that no table holds yet.
  public mutating func store(_ bytes: ArraySlice<UInt8>) -> Line {
    let line = Line(start: storageSize, count: bytes.count)
    added.append(contentsOf: bytes)
    return line
  }

  /// Puts lines of the storage in the place of others.
  public mutating func replace(_ range: Range<Int>, with replacement: [Line]) {
    lines.replaceSubrange(range, with: replacement)
  }

  /// Puts other lines of the storage in the place of all.
  public mutating func replaceAll(with lines: [Line]) {
    self.lines = lines
  }
}

extension Text: Hashable {
  public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

  /// True where the contents are the same bytes, wherever they are stored.
  public static func == (left: Text, right: Text) -> Bool {
    left.lines.count == right.lines.count && left.bytes == right.bytes
  }
}

/// Eight bytes at once where there are as many; every word is within the span.
private func equal(
  _ left: RawSpan, _ leftStart: Int, _ right: RawSpan, _ rightStart: Int, _ count: Int
) -> Bool {
  var step = 0
  while step + 8 <= count {
    let one = unsafe left.unsafeLoadUnaligned(fromByteOffset: leftStart + step, as: UInt64.self)
    let two = unsafe right.unsafeLoadUnaligned(fromByteOffset: rightStart + step, as: UInt64.self)
    if one != two { return false }
    step += 8
  }
  while step < count {
    let one = unsafe left.unsafeLoad(fromByteOffset: leftStart + step, as: UInt8.self)
    let two = unsafe right.unsafeLoad(fromByteOffset: rightStart + step, as: UInt8.self)
    if one != two { return false }
    step += 1
  }
  return true
}

/// Another number in each process: nobody can write lines that all have one hash.
private let hashSeed = UInt64(truncatingIfNeeded: Hasher().finalize())

/// A hash by words of eight bytes (the multiply and fold of wyhash).
private func hashed(_ bytes: RawSpan, _ start: Int, _ count: Int) -> UInt64 {
  var hash = UInt64(truncatingIfNeeded: count) ^ hashSeed
  func mix(_ word: UInt64) {
    let (high, low) = (hash ^ word).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
    hash = high ^ low
  }
  var step = 0
  while step + 8 <= count {
    mix(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start + step, as: UInt64.self))
    step += 8
  }
  var rest: UInt64 = 0
  while step < count {
    rest = rest << 8 | UInt64(unsafe bytes.unsafeLoad(fromByteOffset: start + step, as: UInt8.self))
    step += 1
  }
  mix(rest)
  return hash
}

private func equal(
  _ left: Span<UInt8>, _ offset: Int, _ right: Span<UInt8>, _ range: Range<Int>
) -> Bool {
  for step in 0..<range.count where left[offset + step] != right[range.lowerBound + step] {
    return false
  }
  return true
}

/// The lines of a text that lies in one piece.
private func lineTable(_ bytes: Span<UInt8>) -> [Text.Line] {
  var lines: [Text.Line] = []
  lines.reserveCapacity(bytes.count / 32 + 1)
  var start = 0
  for index in bytes.indices where bytes[index] == newline {
    lines.append(Text.Line(start: start, count: index + 1 - start))
    start = index + 1
  }
  if start < bytes.count { lines.append(Text.Line(start: start, count: bytes.count - start)) }
  return lines
}

let newline = UInt8(ascii: "\n")
