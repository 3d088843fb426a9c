import PatchEngine
import Patches

/// The rules of placement, written down as plainly as they go: every line is tried, one after the other.
/// What `apply` does must come out the same.
struct PlainPlacing {
  private var lines: [ArraySlice<UInt8>]
  /// Lines that hunks have put there; they match nothing.
  private var patched: [Range<Int>] = []
  private let policy: PlacementPolicy

  /// The text and the placements, or why a hunk has no place.
  static func apply(
    _ hunks: [Hunk], to text: Text, policy: PlacementPolicy
  ) throws(Rejection.Reason) -> (bytes: [UInt8], lines: [Int]) {
    var placing = PlainPlacing(text, policy)
    var places: [Int] = []
    for hunk in hunks { places.append(try placing.place(hunk) + 1) }
    return (Array(placing.lines.joined()), places)
  }

  private init(_ text: Text, _ policy: PlacementPolicy) {
    lines = text.lines.indices.map { text[line: $0] }
    self.policy = policy
  }

  private mutating func place(_ hunk: Hunk) throws(Rejection.Reason) -> Int {
    var (old, new): ([ArraySlice<UInt8>], [ArraySlice<UInt8>]) = ([], [])
    hunk.forEachLine { kind, range in
      if kind != .added { old.append(hunk.source[range]) }
      if kind != .removed { new.append(hunk.source[range]) }
    }
    let places = (0...lines.count).filter { fits(old, hunk, at: $0) }
    let stated = max(hunk.newStart - 1, 0)
    guard let line = nearest(places, to: start(hunk, old.count)) else { throw .noMatch }
    if policy == .unique {
      if old.isEmpty, !lines.isEmpty { throw .noContext }
      if line != stated, places.count > 1 { throw .ambiguous(lines: places.map { $0 + 1 }) }
    }
    lines.replaceSubrange(line..<line + old.count, with: new)
    for index in patched.indices where patched[index].lowerBound >= line + old.count {
      let shift = new.count - old.count
      patched[index] = patched[index].lowerBound + shift..<patched[index].upperBound + shift
    }
    patched.append(line..<line + new.count)
    return line
  }

  private func start(_ hunk: Hunk, _ length: Int) -> Int {
    if hunk.oldStart <= 1 { return 0 }
    if hunk.trailingContext == 0 { return max(lines.count - length, 0) }
    return min(max(hunk.newStart - 1, 0), lines.count)
  }

  /// The nearest place; of two the later.
  private func nearest(_ places: [Int], to start: Int) -> Int? {
    places.min { (abs($0 - start), -$0) < (abs($1 - start), -$1) }
  }

  private func fits(_ old: [ArraySlice<UInt8>], _ hunk: Hunk, at line: Int) -> Bool {
    let end = line + old.count
    guard end <= lines.count, hunk.oldStart > 1 || line == 0,
      hunk.trailingContext > 0 || end == lines.count,
      !patched.contains(where: { $0.overlaps(line..<end) })
    else { return false }
    return zip(old, lines[line...]).allSatisfy { $0 == $1 }
  }
}
