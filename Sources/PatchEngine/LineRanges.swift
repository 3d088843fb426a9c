import Patches

/// Where the hunks of one change of a file stand: the lines that they find, counted in the file before
/// the change, and those that they leave, counted in the file after it.
struct HunkRanges {
  let old: [Range<Int>]
  let new: [Range<Int>]

  /// - Returns: nil where they do not stand in the order of the patch.
  init?(_ hunks: [Hunk], _ placements: [Placement]) {
    guard hunks.count == placements.count else { return nil }
    var (old, new): ([Range<Int>], [Range<Int>]) = ([], [])
    var delta = 0
    for (hunk, placement) in zip(hunks, placements) {
      let start = placement.line - 1
      guard start >= new.last?.upperBound ?? 0, start - delta >= old.last?.upperBound ?? 0 else {
        return nil
      }
      new.append(start..<start + hunk.newCount)
      old.append(start - delta..<start - delta + hunk.oldCount)
      delta += hunk.newCount - hunk.oldCount
    }
    (self.old, self.new) = (old, new)
  }
}

/// The lines of a file that some patches in a row expect or change, in order and apart from each other.
struct LineRanges {
  private(set) var ranges: [Range<Int>]

  init(_ ranges: [Range<Int>]) {
    self.ranges = ranges
  }

  /// True where a line lies between these lines and those that the change leaves.
  func areApart(from change: HunkRanges) -> Bool {
    var (left, right) = (ranges[...], change.new[...])
    while let range = left.first, let other = right.first {
      if range.upperBound < other.lowerBound {
        left.removeFirst()
      } else if other.upperBound < range.lowerBound {
        right.removeFirst()
      } else {
        return false
      }
    }
    return true
  }

  /// The same lines in the file before a change; where the change reaches into a range or touches it, with
  /// all the lines that the change expects there.
  func before(_ change: HunkRanges) -> LineRanges {
    LineRanges(
      merging: ranges.map { range in
        Self.line(
          range.lowerBound, before: change, \.lowerBound)..<Self.line(
            range.upperBound, before: change, \.upperBound)
      })
  }

  /// These lines and those that a change expects.
  func adding(_ change: HunkRanges) -> LineRanges {
    LineRanges(merging: (ranges + change.old).sorted { $0.lowerBound < $1.lowerBound })
  }

  private init(merging sorted: [Range<Int>]) {
    ranges = []
    for range in sorted {
      if let last = ranges.last, range.lowerBound <= last.upperBound {
        ranges[ranges.count - 1] =
          last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        ranges.append(range)
      }
    }
  }

  /// A line in the file before a change; one that the change reaches is that end of what it expects.
  private static func line(
    _ line: Int, before change: HunkRanges, _ end: KeyPath<Range<Int>, Int>
  ) -> Int {
    var shift = 0
    for (old, new) in zip(change.old, change.new) {
      guard new.lowerBound <= line else { break }
      if line <= new.upperBound { return old[keyPath: end] }
      shift += old.count - new.count
    }
    return line + shift
  }
}
