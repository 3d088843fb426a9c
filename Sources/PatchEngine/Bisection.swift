/// A search by halves for the first of a row of steps that is bad. It is right where everything after
/// a bad step is bad too; otherwise it still finds a bad step whose predecessor was seen to be good.
///
/// - Complexity: at most log2 of the number of steps, rounded up, probes.
public struct Bisection: Hashable, Sendable {
  /// What may still be the first bad step, counted from 0.
  public private(set) var candidates: Range<Int>
  /// How often an answer was noted.
  public private(set) var probes = 0

  /// - Parameter count: the number of steps; what is before the first is known to be good and the
  ///   last to be bad.
  /// - Precondition: there is at least one.
  public init(count: Int) {
    precondition(count > 0)
    candidates = 0..<count
  }

  /// The step to try next, which halves the candidates; nil when one is left.
  public var next: Int? {
    guard candidates.count > 1 else { return nil }
    return candidates.lowerBound + candidates.count / 2 - 1
  }

  /// The first bad step; nil while there is more than one candidate.
  public var firstBad: Int? { candidates.count == 1 ? candidates.lowerBound : nil }

  /// The most probes that are still to come.
  public var probesLeft: Int {
    Int.bitWidth - (candidates.count - 1).leadingZeroBitCount
  }

  /// Takes the answer for `next`.
  ///
  /// - Precondition: there is a next step.
  public mutating func note(isBad: Bool) {
    guard let next else { preconditionFailure("the search is over") }
    probes += 1
    candidates =
      isBad ? candidates.lowerBound..<next + 1 : next + 1..<candidates.upperBound
  }
}

extension Step {
  /// True where the patch does not do its work on this tree: something of it is in conflict, or not
  /// tried because an earlier patch is.
  ///
  /// - Parameter exact: true where a merge is no good either: every hunk must be where it says or at
  ///   its one other place.
  public func breaks(exact: Bool) -> Bool {
    switch outcome {
    case .clean, .moved: false
    case .merged, .resolved, .landed: exact
    case .partlyLanded, .conflicted, .blocked: true
    }
  }
}
