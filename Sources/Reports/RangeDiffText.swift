import PatchEngine
import Patches

/// What the patches of one side are called.
public struct PatchLabels: Sendable {
  let names: [String]
  let subjects: [[UInt8]]

  public init(names: [String], subjects: [[UInt8]]) {
    self.names = names
    self.subjects = subjects
  }
}

/// A comparison of two stacks as `git range-diff` prints it, with names in the place of ids.
public struct RangeDiffText {
  private let lefts: PatchLabels
  private let rights: PatchLabels
  private let painter: Painter

  public init(lefts: PatchLabels, rights: PatchLabels, _ painter: Painter) {
    self.lefts = lefts
    self.rights = rights
    self.painter = painter
  }

  /// The lines, safe to print: one a pair, and below it the difference, indented by four spaces.
  public func lines(_ diff: RangeDiff, withDifferences: Bool) -> [String] {
    diff.pairs.flatMap { pair in
      [headline(pair)]
        + (withDifferences ? diff.difference(of: pair).map { "    " + painted($0) } : [])
    }
  }

  private var numberWidth: Int {
    String(1 + max(lefts.names.count, rights.names.count)).count
  }

  private func headline(_ pair: RangeDiff.Pair) -> String {
    let left = place(pair.left, lefts)
    let right = place(pair.right, rights)
    let subject = pair.left.map { lefts.subjects[$0] } ?? pair.right.map { rights.subjects[$0] }
    let title = subject.map { $0.isEmpty ? "" : " " + terminalSafe($0) } ?? ""
    switch pair.status {
    case .same: return painter.notable("\(left) = \(right)\(title)")
    case .changed:
      return painter.bad(left) + painter.notable(" ! ") + painter.good(right)
        + painter.notable(title)
    case .removed: return painter.bad("\(left) < \(right)\(title)")
    case .added: return painter.good("\(left) > \(right)\(title)")
    }
  }

  /// `12:  name`, or dashes for a patch that is not there.
  private func place(_ index: Int?, _ labels: PatchLabels) -> String {
    let number = index.map { "\($0 + 1)" } ?? "-"
    let width = labels.names.map(\.count).max() ?? 0
    let name = (index.map { labels.names[$0] } ?? "-------").padding(to: max(width, 7))
    return String(repeating: " ", count: numberWidth - number.count) + "\(number):  \(name)"
  }

  private func painted(_ line: [UInt8]) -> String {
    let text = terminalSafe(keepingTabs: line[...])
    switch line.first {
    case UInt8(ascii: "+"): return painter.good(text)
    case UInt8(ascii: "-"): return painter.bad(text)
    case UInt8(ascii: "@"): return painter.faint(text)
    default: return text
    }
  }
}
