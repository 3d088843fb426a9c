import Patches

/// A line that a reading looks at.
struct ReadLine {
  let content: [UInt8]
  /// Its number, counted from 1.
  let number: Int
  /// False for lines that only say what the others stand in.
  var counts = true

  var indentation: Int { content.prefix(while: isBlank).count }
}

extension Counter {
  /// The values in a file of a tree.
  ///
  /// - Parameter text: the content; it is asked for only where a reading is about it.
  public func entries(
    in path: RepoPath, text: () throws -> [UInt8]
  ) rethrows -> [CounterEntry] {
    var result: [CounterEntry] = []
    var lines: [ReadLine]?
    for (index, reading) in readings.enumerated() where reading.role != .mention {
      guard let match = reading.files.match(path.bytes, isWhole: true) else { continue }
      if reading.lines.isEmpty {
        result += [entry(of: match, path, index)].compactMap { $0 }
        continue
      }
      let read = try lines ?? Claims.lines(of: try text())
      lines = read
      result += entries(in: read, of: index, at: path, match)
    }
    return result
  }

  /// True where a reading is about the file.
  public func reads(_ path: RepoPath) -> Bool {
    readings.contains { $0.role != .mention && $0.files.match(path.bytes, isWhole: true) != nil }
  }

  /// The entry that a path itself is.
  func entry(of match: Match, _ path: RepoPath, _ reading: Int) -> CounterEntry? {
    guard let value = match.bytes(.value, of: path.bytes) else { return nil }
    return CounterEntry(
      value: CounterValue(value), identity: match.bytes(.identity, of: path.bytes) ?? [],
      fingerprint: match.bytes(.fingerprint, of: path.bytes), reading: reading, path: path,
      line: nil)
  }

  /// The entries of one reading in some lines, in order.
  func entries(
    in lines: [ReadLine], of number: Int, at path: RepoPath, _ pathMatch: Match
  ) -> [CounterEntry] {
    let reading = readings[number]
    var identity = pathMatch.bytes(.identity, of: path.bytes) ?? []
    var found: [CounterEntry] = []
    var early: [UInt8]?
    var index = 0
    while index < lines.count {
      let line = lines[index]
      index += 1
      guard let match = reading.firstMatch(line.content) else { continue }
      if let named = match.bytes(.identity, of: line.content) { identity = named }
      var fingerprint = match.bytes(.fingerprint, of: line.content)
      guard let value = match.bytes(.value, of: line.content) else {
        if let last = found.last, last.fingerprint == nil, let fingerprint {
          found[found.count - 1] = last.with(fingerprint)
        } else if found.isEmpty {
          early = fingerprint
        }
        continue
      }
      if reading.extent == .indented, var text = fingerprint {
        while index < lines.count, lines[index].indentation > line.indentation,
          lines[index].content.contains(where: { !isBlank($0) })
        {
          text += [0x20] + lines[index].content.drop(while: isBlank)
          index += 1
        }
        fingerprint = text
      }
      guard line.counts else { continue }
      found.append(
        CounterEntry(
          value: CounterValue(value), identity: identity, fingerprint: fingerprint ?? early,
          reading: number, path: path, line: line.number))
      early = nil
    }
    return found
  }
}

extension Counter.Reading {
  func firstMatch(_ line: [UInt8]) -> Match? {
    for pattern in lines {
      if let match = pattern.match(line) { return match }
    }
    return nil
  }
}

extension CounterEntry {
  fileprivate func with(_ fingerprint: [UInt8]) -> CounterEntry {
    CounterEntry(
      value: value, identity: identity, fingerprint: fingerprint, reading: reading, path: path,
      line: line)
  }
}

/// The lines of a file without their newlines.
func lines(of bytes: [UInt8]) -> [ReadLine] {
  var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  if lines.last?.isEmpty == true { lines.removeLast() }
  return lines.enumerated().map { ReadLine(content: Array($1), number: $0 + 1) }
}

/// Where a counter's files may be.
public enum CounterPlace: Hashable, Sendable {
  case file(RepoPath)
  /// Somewhere below a directory; nil for the top of the tree.
  case below(RepoPath?)
}

extension Counter {
  /// The places of what tells upstream's values, each once.
  public var places: [CounterPlace] {
    var seen: Set<CounterPlace> = []
    return readings.filter { $0.role != .mention }.map(\.files.place)
      .filter { seen.insert($0).inserted }
  }
}

extension LinePattern {
  fileprivate var place: CounterPlace {
    let start = literalStart
    if isLiteral, let path = try? RepoPath(start) { return .file(path) }
    guard let slash = start.lastIndex(of: UInt8(ascii: "/")) else { return .below(nil) }
    return .below(try? RepoPath(Array(start[..<slash])))
  }
}
