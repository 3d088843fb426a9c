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
  public enum Reason: Error, Hashable, Sendable {
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
/// - Complexity: O(lines of the hunks and the text) for hunks in place, whatever their number, and
///   O(n log n) for others.
public func apply(
  _ hunks: [Hunk], to text: Text, policy: PlacementPolicy = .unique
) throws(Rejection) -> (text: Text, placements: [Placement]) {
  var placing = Placing(text, policy)
  return try placing.apply(hunks)
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
