import PatchEngine
import Patches

/// A file of a counter on its way from one tree to another: the part of a stack's change that claims
/// values is put into upstream's file as it is there, entry by entry, and the rest is merged.
///
/// A merge alone would not do: where both sides claim the same value it finds nothing, and where both
/// add an entry at the end it finds a conflict.
public struct CounterFile {
  private let counter: Counter
  private let path: RepoPath
  private let renumbering: Renumbering

  /// - Returns: nil for a file that the counter does not stand in.
  public init?(_ path: RepoPath, of counter: Counter, _ renumbering: Renumbering) {
    guard counter.reads(path) else { return nil }
    self.counter = counter
    self.path = path
    self.renumbering = renumbering
  }

  /// Upstream's file with what one patch does to it.
  ///
  /// - Parameters:
  ///   - base: the file before the patch, where the stack was made.
  ///   - theirs: the file after it.
  ///   - ours: upstream's file with what earlier patches do to it.
  ///   - rewrite: the text of an entry with other numbers.
  /// - Returns: nil where the rest of the change does not merge.
  public func merged(
    base: [UInt8], theirs: [UInt8], ours: [UInt8], rewrite: ([UInt8]) -> [UInt8]
  ) -> [UInt8]? {
    let olds = Set(renumbering.values.keys)
    let news = Set(renumbering.values.values)
    let newest = maxima(ours)
    let merge = Merge(
      base: Text(level(without(base, olds).rest, newest)),
      ours: Text(level(without(ours, news).rest, newest)),
      theirs: Text(level(without(theirs, olds).rest, newest)))
    guard let text = merge.text() else { return nil }
    var result = text.bytes
    // Entries of earlier patches stand in the file before as well.
    for entry in without(theirs, olds).entries {
      guard let value = renumbering[entry.value],
        let placed = with(
          Entry(entry.reading, value, numbered(rewrite(entry.text), value, entry.reading)),
          in: result)
      else { return nil }
      result = placed
    }
    let claimed = maxima(theirs).mapValues { renumbering[$0] ?? $0 }
    return level(result, newest.merging(claimed) { max($0, $1) })
  }

  /// The text of an entry.
  private struct Entry {
    let reading: Int
    let value: CounterValue
    let text: [UInt8]

    init(_ reading: Int, _ value: CounterValue, _ text: [UInt8]) {
      (self.reading, self.value, self.text) = (reading, value, text)
    }
  }

  /// The text with its value in the form in which the reading has it.
  private func numbered(_ text: [UInt8], _ value: CounterValue, _ reading: Int) -> [UInt8] {
    var lines = linesWithNewlines(of: text)
    for index in lines.indices {
      let line = withoutNewline(lines[index])
      guard let match = counter.readings[reading].firstMatch(line), match.fields[.value] != nil
      else { continue }
      lines[index] = match.replacing(value, in: lines[index])
      break
    }
    return Array(lines.joined())
  }

  private struct Block {
    let reading: Int
    let value: CounterValue
    let lines: Range<Int>
  }

  /// The readings of entries in the file.
  private var listings: [Int] {
    counter.readings.indices.filter { index in
      let reading = counter.readings[index]
      return reading.role == .entry && !reading.lines.isEmpty
        && reading.files.match(path.bytes, isWhole: true) != nil
    }
  }

  private func blocks(_ lines: [[UInt8]]) -> [Block] {
    listings.flatMap { blocks(lines, $0) }.sorted { $0.lines.lowerBound < $1.lines.lowerBound }
  }

  /// The entries of one reading. A section has the blank lines above it.
  private func blocks(_ lines: [[UInt8]], _ number: Int) -> [Block] {
    let reading = counter.readings[number]
    var starts: [(line: Int, value: CounterValue)] = []
    for (index, line) in lines.enumerated() {
      let text = withoutNewline(line)
      if let value = reading.firstMatch(text)?.bytes(.value, of: text) {
        starts.append((index, CounterValue(value)))
      }
    }
    func above(_ line: Int) -> Int {
      var start = line
      while start > 0, isBlankLine(lines[start - 1]) { start -= 1 }
      return start
    }
    return starts.enumerated().map { place, start in
      switch reading.extent {
      case .line:
        return Block(reading: number, value: start.value, lines: start.line..<start.line + 1)
      case .indented:
        let depth = lines[start.line].prefix(while: isBlank).count
        var end = start.line + 1
        while end < lines.count, !isBlankLine(lines[end]),
          lines[end].prefix(while: isBlank).count > depth
        {
          end += 1
        }
        return Block(reading: number, value: start.value, lines: start.line..<end)
      case .section:
        let end = place + 1 < starts.count ? above(starts[place + 1].line) : lines.count
        return Block(
          reading: number, value: start.value, lines: above(start.line)..<max(end, start.line + 1))
      }
    }
  }

  /// The file without the entries of some values, and those entries.
  private func without(
    _ bytes: [UInt8], _ values: Set<CounterValue>
  ) -> (rest: [UInt8], entries: [Entry]) {
    let lines = linesWithNewlines(of: bytes)
    let blocks = blocks(lines).filter { values.contains($0.value) }
    var gone: Set<Int> = []
    for block in blocks { gone.formUnion(block.lines) }
    var rest: [UInt8] = []
    for (index, line) in lines.enumerated() where !gone.contains(index) { rest += line }
    return (
      rest,
      blocks.map { Entry($0.reading, $0.value, Array(lines[$0.lines].joined())) }
    )
  }

  /// The file with an entry behind the last one of a lesser value; nil where there is none.
  private func with(_ entry: Entry, in bytes: [UInt8]) -> [UInt8]? {
    var lines = linesWithNewlines(of: bytes)
    guard
      let before = blocks(lines, entry.reading).filter({ $0.value < entry.value })
        .max(by: { $0.value < $1.value })
    else { return nil }
    let last = before.lines.upperBound - 1
    if lines[last].last != UInt8(ascii: "\n") { lines[last].append(UInt8(ascii: "\n")) }
    lines.insert(contentsOf: linesWithNewlines(of: entry.text), at: before.lines.upperBound)
    return Array(lines.joined())
  }

  /// The newest values that the file says, by reading.
  private func maxima(_ bytes: [UInt8]) -> [Int: CounterValue] {
    var result: [Int: CounterValue] = [:]
    forEachMaximum(linesWithNewlines(of: bytes)) { _, reading, value, _ in
      result[reading] = max(result[reading] ?? value, value)
    }
    return result
  }

  /// The file with other newest values.
  private func level(_ bytes: [UInt8], _ values: [Int: CounterValue]) -> [UInt8] {
    var lines = linesWithNewlines(of: bytes)
    forEachMaximum(lines) { index, reading, _, range in
      guard let value = values[reading] else { return }
      lines[index].replaceSubrange(range, with: value.bytes)
    }
    return Array(lines.joined())
  }

  private func forEachMaximum(
    _ lines: [[UInt8]], _ visit: (Int, Int, CounterValue, Range<Int>) -> Void
  ) {
    for (number, reading) in counter.readings.enumerated()
    where reading.role == .maximum && reading.files.match(path.bytes, isWhole: true) != nil {
      for (index, line) in lines.enumerated() {
        let text = withoutNewline(line)
        if let range = reading.firstMatch(text)?.fields[.value] {
          visit(index, number, CounterValue(text[range]), range)
        }
      }
    }
  }

  private func withoutNewline(_ line: [UInt8]) -> [UInt8] {
    line.last == UInt8(ascii: "\n") ? Array(line.dropLast()) : line
  }

  private func isBlankLine(_ line: [UInt8]) -> Bool {
    line.allSatisfy { isBlank($0) || $0 == UInt8(ascii: "\n") || $0 == 13 }
  }
}
