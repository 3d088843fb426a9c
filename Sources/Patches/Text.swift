/// A file's content as lines of bytes.
///
/// Lines point into one storage: a text that hunks were applied to shares the storage of the text
/// before it, with the added lines appended, so that a version costs what its patch adds and not
/// what the file holds. A line includes its newline; only the last may lack one.
public struct Text: Sendable {
  /// A line's place in the storage.
  public struct Line: Hashable, Sendable {
    public let start: UInt32
    public let count: UInt32

    public init(start: Int, count: Int) {
      self.start = UInt32(start)
      self.count = UInt32(count)
    }

    /// The line's bytes as a range of the storage.
    public var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
  }

  /// The largest content that a text takes, in bytes.
  public static let maximumSize = 1 << 30

  public private(set) var storage: [UInt8]
  public private(set) var lines: [Line]

  /// Divides the bytes into lines.
  ///
  /// - Precondition: at most `maximumSize` bytes.
  public init(_ bytes: [UInt8]) {
    precondition(bytes.count <= Self.maximumSize)
    self.storage = bytes
    self.lines = lineTable(bytes.span)
  }

  /// The content in one piece.
  public var bytes: [UInt8] {
    var result: [UInt8] = []
    copy(into: &result)
    return result
  }

  /// The number of bytes.
  public var count: Int { lines.reduce(0) { $0 + Int($1.count) } }

  /// Replaces what is in `buffer` by the content, keeping its capacity.
  public func copy(into buffer: inout [UInt8]) {
    buffer.removeAll(keepingCapacity: true)
    var run = 0..<0
    for line in lines {
      if Int(line.start) == run.upperBound {
        run = run.lowerBound..<Int(line.start) + Int(line.count)
      } else {
        buffer.append(contentsOf: storage[run])
        run = line.range
      }
    }
    buffer.append(contentsOf: storage[run])
  }

  /// The bytes of a line, counted from 0.
  public subscript(line index: Int) -> ArraySlice<UInt8> { storage[lines[index].range] }

  /// Adds bytes to the storage as one line that no table holds yet.
  public mutating func store(_ bytes: ArraySlice<UInt8>) -> Line {
    let line = Line(start: storage.count, count: bytes.count)
    storage.append(contentsOf: bytes)
    return line
  }

  /// Puts lines of the storage in the place of others.
  public mutating func replace(_ range: Range<Int>, with replacement: [Line]) {
    lines.replaceSubrange(range, with: replacement)
  }
}

extension Text: Equatable {
  /// True where the contents are the same bytes, wherever they are stored.
  public static func == (left: Text, right: Text) -> Bool {
    left.lines.count == right.lines.count && left.bytes == right.bytes
  }
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
