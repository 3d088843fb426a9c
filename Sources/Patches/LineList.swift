/// Lines into which others are put, each behind one that is there: at the same cost wherever that is.
struct LineList {
  /// A line's place: its own number, which stays.
  struct Place {
    fileprivate let number: Int
  }

  private struct Node {
    let line: [UInt8]
    /// The line of the start that it is behind.
    let anchor: Int
    var next: Int?
  }

  /// The first stands before all lines.
  private var nodes: [Node]

  init(_ lines: [[UInt8]]) {
    nodes = [Node(line: [], anchor: 0, next: lines.isEmpty ? nil : 1)]
    for (index, line) in lines.enumerated() {
      let next = index + 1 < lines.count ? index + 2 : nil
      nodes.append(Node(line: line, anchor: index + 1, next: next))
    }
  }

  /// The place of a line of the start, counted from 0; -1 is before all lines.
  func place(of index: Int) -> Place { Place(number: index + 1) }

  mutating func insert(_ line: [UInt8], after place: Place) -> Place {
    let before = nodes[place.number]
    nodes.append(Node(line: line, anchor: before.anchor, next: before.next))
    nodes[place.number].next = nodes.count - 1
    return Place(number: nodes.count - 1)
  }

  /// True where a line that has just been put in comes after another.
  func isBefore(_ place: Place, _ added: Place) -> Bool {
    let (left, right) = (nodes[place.number].anchor, nodes[added.number].anchor)
    guard left == right else { return left < right }
    return nodes[place.number].next == added.number
  }

  var lines: [[UInt8]] {
    var lines: [[UInt8]] = []
    var next = nodes[0].next
    while let number = next {
      lines.append(nodes[number].line)
      next = nodes[number].next
    }
    return lines
  }
}
