import Patches

extension FileChange {
  /// The hunks of which nothing is left in a file that a person has resolved: none of the lines that
  /// they add has come in, none that they remove has gone, and the file before did not have all of
  /// it already.
  ///
  /// - Parameters:
  ///   - before: the file without the patch.
  ///   - after: the file as it was resolved.
  ///   - merge: where the change met upstream's: a place that the person has changed in a way of
  ///     their own is not lost.
  /// - Returns: the hunks' numbers, counted from 1.
  public func lostHunks(before: Text, after: Text, merge: Merge? = nil) -> [Int] {
    guard case .hunks(let hunks) = content else { return [] }
    let edits = difference(from: before, to: after)
    let (old, new) = (LineCounts(before), LineCounts(after))
    return hunks.indices.filter { index in
      let hunk = hunks[index]
      var isLeft = false
      var isThere = true
      hunk.forEachLine { kind, range in
        let line = Array(hunk.source[range])
        guard line.contains(where: { $0 != 10 && $0 != 32 && $0 != 9 && $0 != 13 }) else { return }
        switch kind {
        case .context: return
        case .added:
          isLeft = isLeft || new[line] > old[line]
          isThere = isThere && old[line] > 0
        case .removed:
          isLeft = isLeft || new[line] < old[line]
          isThere = isThere && old[line] == 0
        }
      }
      return !isLeft && !isThere && !(merge?.isTouched(hunk, by: edits) ?? false)
    }.map { $0 + 1 }
  }
}

extension Merge {
  /// True where edits of the upstream file lie in a place where it met the hunk.
  fileprivate func isTouched(_ hunk: Hunk, by edits: [Edit]) -> Bool {
    let start = max(0, hunk.oldStart - 1)
    let lines = start...start + hunk.oldCount
    return chunks.contains { chunk in
      guard chunk.kind == .conflict || chunk.kind == .theirs,
        lines.overlaps(chunk.base.lowerBound...chunk.base.upperBound)
      else { return false }
      let place = chunk.ours.lowerBound...chunk.ours.upperBound
      return edits.contains { place.overlaps($0.old.lowerBound...$0.old.upperBound) }
    }
  }
}

/// How often each line stands in a text.
private struct LineCounts {
  private var counts: [[UInt8]: Int] = [:]

  init(_ text: Text) {
    for index in text.lines.indices { counts[Array(text[line: index]), default: 0] += 1 }
  }

  subscript(line: [UInt8]) -> Int { counts[line] ?? 0 }
}
