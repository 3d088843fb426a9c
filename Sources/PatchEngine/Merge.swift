import Patches

/// Merges two changes of one text where they do not meet: every edit of one side has at least one
/// unchanged line between it and the edits of the other, or both sides made the same edit
/// (`xdl_do_merge` in git's xdiff, at its default level).
///
/// - Returns: the merged text in the storage of `ours`; nil where edits meet.
public func mergeApart(base: Text, ours: Text, theirs: Text) -> Text? {
  let mine = difference(from: base, to: ours)
  let others = difference(from: base, to: theirs)
  var result = ours
  var shift = 0
  var next = 0
  for edit in others {
    while next < mine.count, mine[next].old.upperBound < edit.old.lowerBound {
      shift += mine[next].new.count - mine[next].old.count
      next += 1
    }
    if next < mine.count, mine[next].old.lowerBound <= edit.old.upperBound {
      guard mine[next].old == edit.old, ours.equals(theirs, mine[next].new, edit.new) else {
        return nil
      }
      shift += mine[next].new.count - mine[next].old.count
      next += 1
      continue
    }
    let start = edit.old.lowerBound + shift
    var lines: [Text.Line] = []
    for index in edit.new { lines.append(result.store(theirs[line: index])) }
    result.replace(start..<start + edit.old.count, with: lines)
    shift += edit.new.count - edit.old.count
  }
  return result
}

extension Text {
  fileprivate func equals(_ other: Text, _ mine: Range<Int>, _ theirs: Range<Int>) -> Bool {
    mine.count == theirs.count
      && zip(mine, theirs).allSatisfy { self[line: $0] == other[line: $1] }
  }
}
