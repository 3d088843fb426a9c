extension Series {
  /// One entry of a series as it should be.
  public struct Placing: Hashable, Sendable {
    /// The path below `patches/`.
    public let path: String
    /// The path of the entry now whose line, with its comment, it takes; nil for a new line.
    public let from: String?

    public init(_ path: String, from: String?) {
      (self.path, self.from) = (path, from)
    }
  }

  /// The bytes of the series with one project's entries in another order, under other names, without
  /// some, with new ones. Entries take the comments on their lines along; all other lines stay where
  /// they are.
  public func arranged(_ placings: [Placing], project: String) -> [UInt8] {
    let kept = Set(placings.compactMap(\.from))
    var slots = entries(of: project).filter { kept.contains($0.path) }.map(\.line)[...]
    let all = lines
    let going = Set(entries(of: project).filter { !kept.contains($0.path) }.map(\.line))
    let byPath = Dictionary(entries(of: project).map { ($0.path, $0.line) }) { first, _ in first }
    var news: [Int: [[UInt8]]] = [:]
    var replaced: [Int: [UInt8]] = [:]
    // New lines stand behind the line of the entry that they follow.
    var place = slots.first.map { $0 - 1 } ?? end(of: project)
    for placing in placings {
      guard let from = placing.from, let line = byPath[from] else {
        news[place, default: []].append(Array(placing.path.utf8))
        continue
      }
      place = slots.removeFirst()
      replaced[place] = renamed(all[line - 1], from, placing.path)
    }
    var result: [[UInt8]] = news[0] ?? []
    for (index, line) in all.enumerated() {
      let isEnd = index == all.count - 1 && line.isEmpty
      if !going.contains(index + 1), !isEnd { result.append(replaced[index + 1] ?? line) }
      result += news[index + 1] ?? []
      if isEnd || index == all.count - 1 { result.append([]) }
    }
    return Array(result.joined(separator: [newline]))
  }

  /// The line behind which a project's first entry goes: its last one, or the file's last.
  private func end(of project: String) -> Int {
    if let last = entries(of: project).last { return last.line }
    return lines.last?.isEmpty == true ? lines.count - 1 : lines.count
  }

  private func renamed(_ line: [UInt8], _ old: String, _ new: String) -> [UInt8] {
    guard old != new, let place = line.firstRange(of: Array(old.utf8)) else { return line }
    return Array(line[..<place.lowerBound] + Array(new.utf8) + line[place.upperBound...])
  }
}
