import Patches

/// Where a hunk went.
public struct Placement: Hashable, Sendable {
  /// The hunk's number in its file, counted from 1.
  public let hunk: Int
  /// The first line of the hunk in the result, counted from 1.
  public let line: Int
  /// How many lines further down than the hunk says; negative further up.
  public let offset: Int
}

/// Why a hunk could not be applied.
public struct Rejection: Error, Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    /// The lines to keep and to remove are nowhere in the text.
    case noMatch
    /// They are not where the hunk says, and at these lines, counted from 1, elsewhere.
    case ambiguous(lines: [Int])
    /// The hunk only adds and has no context: nothing proves its place.
    case noContext
  }

  /// The hunk's number in its file, counted from 1.
  public let hunk: Int
  /// The hunk header's line in the patch file, counted from 1.
  public let line: Int
  public let reason: Reason
}

/// What `apply` does where git's rules leave a place open.
public enum PlacementPolicy: Sendable {
  /// As git does: the nearest place.
  case nearest
  /// Refuse what could go to several places, and what nothing holds in place.
  case unique
}

/// Applies a file's hunks in order. Each is placed as `git apply` does by default; there is no
/// fuzz: every line to keep or remove must be there.
///
/// - Returns: the new text, which shares the storage of the old one, and a placement for each hunk.
/// - Throws: the first hunk that has no place, or under `.unique` more than one.
/// - Complexity: O(hunk length + lines of the text) for a hunk in place.
public func apply(
  _ hunks: [Hunk], to text: Text, policy: PlacementPolicy = .unique
) throws(Rejection) -> (text: Text, placements: [Placement]) {
  var result = text
  var patched: [Range<Int>] = []
  var placements: [Placement] = []
  placements.reserveCapacity(hunks.count)
  for (index, hunk) in hunks.enumerated() {
    let preimage = Preimage(hunk)
    func rejection(_ reason: Rejection.Reason) -> Rejection {
      Rejection(hunk: index + 1, line: hunk.line, reason: reason)
    }
    guard let line = preimage.place(in: result, patched: patched) else {
      throw rejection(.noMatch)
    }
    if policy == .unique {
      if preimage.lines.isEmpty, !result.lines.isEmpty { throw rejection(.noContext) }
      if line != preimage.stated {
        let places = preimage.places(in: result, patched: patched)
        if places.count > 1 { throw rejection(.ambiguous(lines: places.map { $0 + 1 })) }
      }
    }
    result.splice(hunk, at: line)
    note(line, hunk, &patched)
    placements.append(
      Placement(hunk: index + 1, line: line + 1, offset: line - preimage.stated))
  }
  return (result, placements)
}

/// Keeps the patched lines in terms of the text as it is now.
private func note(_ line: Int, _ hunk: Hunk, _ patched: inout [Range<Int>]) {
  let growth = hunk.newCount - hunk.oldCount
  for index in patched.indices where patched[index].lowerBound >= line + hunk.oldCount {
    let range = patched[index]
    patched[index] = range.lowerBound + growth..<range.upperBound + growth
  }
  patched.append(line..<line + hunk.newCount)
}

extension Text {
  /// Puts a hunk's new lines in the place of its old ones; context lines stay what they are.
  fileprivate mutating func splice(_ hunk: Hunk, at start: Int) {
    var replacement: [Line] = []
    replacement.reserveCapacity(hunk.newCount)
    var position = start
    hunk.forEachLine { kind, range in
      switch kind {
      case .context:
        replacement.append(lines[position])
        position += 1
      case .removed: position += 1
      case .added: replacement.append(store(hunk.source[range]))
      }
    }
    replace(start..<position, with: replacement)
  }
}

extension Rejection: CustomStringConvertible {
  public var description: String {
    switch reason {
    case .noMatch:
      "hunk #\(hunk): the lines that it keeps and removes are nowhere in the file"
    case .ambiguous(let lines):
      "hunk #\(hunk): its lines are not where it says and fit at several places: "
        + "lines \(lines.prefix(5).map(String.init).joined(separator: ", "))"
        + (lines.count > 5 ? " and \(lines.count - 5) more" : "")
    case .noContext:
      "hunk #\(hunk): it has no context, so that nothing shows where it belongs"
    }
  }
}
