import Patches

/// Which patch of one stack is which of another, as `git range-diff` finds it: patches that do the same
/// first, the others so that the differences that are left are smallest.
public struct RangeDiff: Sendable {
  public enum Status: String, Sendable {
    /// The same change, author and message.
    case same
    case changed
    /// Only in the first stack, or only in the second.
    case removed
    case added
  }

  /// One patch of both stacks, or of one; places are counted from 0.
  public struct Pair: Hashable, Sendable {
    public let left: Int?
    public let right: Int?
    public let status: Status
  }

  public let lefts: [ComparedPatch]
  public let rights: [ComparedPatch]
  /// The pairs in the order of the second stack; what is in the first alone stands where it was.
  public let pairs: [Pair]

  /// - Parameter creationFactor: a patch is new rather than changed if the difference has more than
  ///   this percentage of its lines.
  public init(_ lefts: [Patch], _ rights: [Patch], creationFactor: Int = 60) {
    let (olds, news) = (lefts.map(ComparedPatch.init), rights.map(ComparedPatch.init))
    let partners = partners(olds, news, creationFactor)
    self.lefts = olds
    self.rights = news
    pairs = inOrder(partners, count: news.count).map { left, right in
      let status: Status =
        switch (left, right) {
        case (let left?, let right?): olds[left].text == news[right].text ? .same : .changed
        case (_, nil): .removed
        case (nil, _): .added
        }
      return Pair(left: left, right: right, status: status)
    }
  }

  /// The difference between the two texts of a pair, in lines as `git range-diff` prints them without
  /// its indentation; empty where they are the same or there is only one.
  public func difference(of pair: Pair) -> [[UInt8]] {
    guard pair.status == .changed, let left = pair.left, let right = pair.right else { return [] }
    let (old, new) = (lefts[left].text, rights[right].text)
    var lines: [[UInt8]] = []
    for hunk in hunks(from: old, to: new) {
      lines.append(Array("@@".utf8) + section(of: old, before: hunk.oldStart - 1))
      let body = hunk.source[hunk.body].dropLast()
      lines += body.split(separator: lineFeed, omittingEmptySubsequences: false).map(Array.init)
    }
    return lines
  }
}

/// The right partner of each left patch, nil where it has none.
private func partners(
  _ lefts: [ComparedPatch], _ rights: [ComparedPatch], _ creationFactor: Int
) -> [Int?] {
  var partners = exactPartners(lefts, rights)
  let taken = Set(partners.compactMap { $0 })
  let (count, size) = (lefts.count, lefts.count + rights.count)
  var costs = CostMatrix(size: size)
  for (column, left) in lefts.enumerated() {
    for (row, right) in rights.enumerated() {
      costs[column, row] =
        if partners[column] == row {
          0
        } else if partners[column] != nil || taken.contains(row) {
          prohibitive
        } else {
          differenceSize(left.changes, right.changes)
        }
    }
    let creation = partners[column] != nil ? prohibitive : left.size * creationFactor / 100
    for row in rights.count..<size { costs[column, row] = creation }
  }
  for (row, right) in rights.enumerated() {
    let creation = taken.contains(row) ? prohibitive : right.size * creationFactor / 100
    for column in count..<size { costs[column, row] = creation }
  }
  for (column, row) in leastCostAssignment(costs).prefix(count).enumerated() {
    partners[column] = row < rights.count ? row : nil
  }
  return partners
}

/// More than any two patches cost.
private let prohibitive = 1 << 16

/// Pairs of patches with the same changes; of several on the left, the last that is left.
private func exactPartners(_ lefts: [ComparedPatch], _ rights: [ComparedPatch]) -> [Int?] {
  var known: [[UInt8]: [Int]] = [:]
  for (index, left) in lefts.enumerated() { known[left.changes.bytes, default: []].append(index) }
  var partners = [Int?](repeating: nil, count: lefts.count)
  for (index, right) in rights.enumerated() {
    if let left = known[right.changes.bytes]?.popLast() { partners[left] = index }
  }
  return partners
}

/// The number of lines of the difference with three lines of context, hunk headers included.
private func differenceSize(_ old: Text, _ new: Text) -> Int {
  let context = 3
  var size = 0
  var end: Int?
  for edit in difference(from: old, to: new) {
    if let end, edit.old.lowerBound - end <= 2 * context {
      size += edit.old.lowerBound - end
    } else {
      if let end { size += min(context, old.lines.count - end) }
      size += 1 + min(context, edit.old.lowerBound)
    }
    size += edit.old.count + edit.new.count
    end = edit.old.upperBound
  }
  return size + (end.map { min(context, old.lines.count - $0) } ?? 0)
}

/// The pairs in the order in which they are shown.
private func inOrder(_ partners: [Int?], count: Int) -> [(left: Int?, right: Int?)] {
  var lefts = [Int?](repeating: nil, count: count)
  for (left, right) in partners.enumerated() { if let right { lefts[right] = left } }
  var pairs: [(left: Int?, right: Int?)] = []
  var isShown = [Bool](repeating: false, count: partners.count)
  var (left, right) = (0, 0)
  while left < partners.count || right < count {
    while left < partners.count, isShown[left] { left += 1 }
    if left < partners.count, partners[left] == nil {
      pairs.append((left, nil))
      left += 1
      continue
    }
    while right < count, lefts[right] == nil {
      pairs.append((nil, right))
      right += 1
    }
    if right < count, let partner = lefts[right] {
      pairs.append((partner, right))
      isShown[partner] = true
      right += 1
    }
  }
  return pairs
}

/// What stands behind the `@@` of a hunk: the nearest line above it that begins a section, a file or a
/// hunk of the patch, cut at 80 bytes.
private func section(of text: Text, before start: Int) -> [UInt8] {
  for index in stride(from: min(start, text.lines.count) - 1, through: 0, by: -1) {
    guard let name = sectionName(text[line: index].dropLast()) else { continue }
    var cut = name.prefix(80)
    if name.count <= 80 { while cut.last == space { cut = cut.dropLast() } }
    return [space] + cut
  }
  return []
}

private func sectionName(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
  let (begin, end) = (Array(" ## ".utf8), Array(" ##".utf8))
  if line.count >= begin.count + end.count, line.starts(with: begin), line.suffix(3) == end[...] {
    return line.dropFirst(begin.count).dropLast(end.count)
  }
  let at = Array("@@ ".utf8)
  if line.starts(with: at) { return line.dropFirst(at.count) }
  return line.dropFirst().starts(with: at) ? line.dropFirst(at.count + 1) : nil
}

private let lineFeed = UInt8(ascii: "\n")
private let space = UInt8(ascii: " ")
