import Patches

/// What stands beside the markers of a conflict.
public struct ConflictLabels: Sendable {
  public var ours: String
  public var base: String
  public var theirs: String

  public init(ours: String, base: String, theirs: String) {
    self.ours = ours
    self.base = base
    self.theirs = theirs
  }
}

extension Merge {
  /// The merged text with conflicts marked as `git merge-file --diff3` marks them.
  ///
  /// - Parameter resolution: the lines that take the place of each conflict, in order; those that are
  ///   nil or missing are marked.
  public func marked(_ labels: ConflictLabels, _ resolution: [[UInt8]?] = []) -> [UInt8] {
    var result: [UInt8] = []
    var position = 0
    var number = 0
    for chunk in chunks {
      if chunk.kind == .ours || chunk.kind == .both { continue }
      ours.copy(lines: position..<chunk.ours.lowerBound, to: &result)
      position = chunk.ours.upperBound
      guard chunk.kind == .conflict else {
        theirs.copy(lines: chunk.theirs, to: &result)
        continue
      }
      if number < resolution.count, let bytes = resolution[number] {
        result += bytes
      } else {
        mark(chunk, labels, in: &result)
      }
      number += 1
    }
    ours.copy(lines: position..<ours.lines.count, to: &result)
    return result
  }

  private func mark(_ chunk: Chunk, _ labels: ConflictLabels, in result: inout [UInt8]) {
    let ending = lineEnding
    func add(_ text: Text, _ range: Range<Int>) {
      text.copy(lines: range, to: &result)
      if !range.isEmpty, result.last != UInt8(ascii: "\n") { result += ending }
    }
    func marker(_ character: String, _ label: String) {
      result += Array(String(repeating: character, count: conflictMarkerLength).utf8)
      if !label.isEmpty { result += Array(" \(label)".utf8) }
      result += ending
    }
    marker("<", labels.ours)
    add(ours, chunk.ours)
    marker("|", labels.base)
    add(base, chunk.base)
    marker("=", "")
    add(theirs, chunk.theirs)
    marker(">", labels.theirs)
  }

  /// CR LF in a text whose lines end so, else LF.
  private var lineEnding: [UInt8] {
    for text in [ours, theirs, base] {
      guard let first = text.lines.indices.first else { continue }
      return text[line: first].suffix(2).elementsEqual([13, 10]) ? [13, 10] : [10]
    }
    return [10]
  }
}

/// The first line of a text that is a conflict marker, counted from 1.
public func firstConflictMarker(in bytes: [UInt8]) -> Int? {
  conflictMarkers(in: lineRanges(bytes).map { bytes[$0] }).first.map { $0 + 1 }
}

extension Text {
  /// Adds some lines' bytes to a buffer.
  func copy(lines range: Range<Int>, to buffer: inout [UInt8]) {
    for index in range { buffer += self[line: index] }
  }
}
