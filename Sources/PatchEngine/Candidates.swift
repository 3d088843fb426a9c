import Patches

/// One way to end a conflict that a person is offered.
public struct Candidate: Hashable, Sendable {
  /// How it was made: `theirs`, `both`, `neighbours` …
  public let name: String
  /// The lines that take the place of the conflict, with their newlines.
  public let text: [UInt8]
}

/// The most candidates that are offered for a conflict.
private let mostCandidates = 5

/// What a conflict may be resolved to, the likeliest first, each text once, at most five.
///
/// The order follows how often each was what people chose in ports of OpenStack's stable branches.
public func candidates(for key: ConflictKey) -> [Candidate] {
  let merge = ChunkMerge(key)
  let made: [(String, [UInt8]?)] = [
    (Resolver.deleteBesideInsert.rawValue, merge.text(by: .deleteBesideInsert)),
    (Resolver.neighbours.rawValue, merge.text(by: .neighbours)),
    (Resolver.words.rawValue, merge.text(by: .words)),
    (Resolver.touching.rawValue, merge.text(by: .touching)),
    ("theirs", key.theirs),
    ("ours", key.ours),
    ("ours, theirs", joined(key.ours, key.theirs)),
    ("theirs, ours", joined(key.theirs, key.ours)),
  ]
  var seen: Set<[UInt8]> = []
  var result: [Candidate] = []
  for (name, text) in made {
    guard let text, seen.insert(text).inserted else { continue }
    result.append(Candidate(name: name, text: text))
    if result.count == mostCandidates { break }
  }
  return result
}

private func joined(_ first: [UInt8], _ second: [UInt8]) -> [UInt8]? {
  guard !first.isEmpty, !second.isEmpty, first.last == UInt8(ascii: "\n") else { return nil }
  return first + second
}

extension OpenMerge {
  /// How a person ended the conflicts, read from the file that they made.
  ///
  /// - Returns: the lines that took the place of each conflict, nil where the lines beside it were
  ///   changed too; and whether something else in the file differs from the merge.
  public func resolutions(in result: Text) -> (texts: [[UInt8]?], isChangedElsewhere: Bool) {
    let marks = merge.conflicts.indices.map { Array("\u{1}conflict \($0)\u{1}\n".utf8) }
    guard let skeleton = merge.text(marks) else { return ([], true) }
    let places = merge.conflictPlaces
    var texts = [[UInt8]?](repeating: nil, count: places.count)
    var isChangedElsewhere = false
    var next = 0
    for edit in difference(from: skeleton, to: result, .histogram) {
      while next < places.count, places[next] < edit.old.lowerBound { next += 1 }
      if edit.old.count == 1, next < places.count, places[next] == edit.old.lowerBound {
        var text: [UInt8] = []
        result.copy(lines: edit.new, to: &text)
        texts[next] = text
      } else {
        isChangedElsewhere = true
      }
    }
    return (texts, isChangedElsewhere)
  }
}

extension Merge {
  /// The line that stands for each conflict where each is ended with one line.
  fileprivate var conflictPlaces: [Int] {
    var shift = 0
    var places: [Int] = []
    for chunk in chunks {
      switch chunk.kind {
      case .ours, .both: continue
      case .theirs: shift += chunk.theirs.count - chunk.ours.count
      case .conflict:
        places.append(chunk.ours.lowerBound + shift)
        shift += 1 - chunk.ours.count
      }
    }
    return places
  }
}
