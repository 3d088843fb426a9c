import Patches

/// Numbers for lines: the same for lines of the same bytes, from 0 on without gaps.
struct LineNumbers {
  /// How many lines are told apart.
  private(set) var count = 0
  /// The first line that got each number.
  private var firsts: [(text: Int, line: Int, hash: UInt64)] = []
  private var texts: [Text] = []
  /// Numbers and one, by hash; 0 where free.
  private var slots: [Int32]

  /// - Parameter capacity: about how many lines will come.
  init(capacity: Int) {
    var size = 64
    while size < capacity * 2 { size *= 2 }
    slots = Array(repeating: 0, count: size)
    firsts.reserveCapacity(capacity)
  }

  /// The numbers of some lines of a text, in order.
  mutating func numbers(_ text: Text, _ range: Range<Int>) -> [Int32] {
    texts.append(text)
    let source = texts.count - 1
    var numbers: [Int32] = []
    numbers.reserveCapacity(range.count)
    for index in range { numbers.append(number(text, source, index)) }
    return numbers
  }

  private mutating func number(_ text: Text, _ source: Int, _ index: Int) -> Int32 {
    let hash = text.hash(ofLine: index)
    let slot = slot(hash) { text.line(index, equals: texts[$0], $1) }
    if slots[slot] != 0 { return slots[slot] - 1 }
    firsts.append((source, index, hash))
    slots[slot] = Int32(firsts.count)
    count = firsts.count
    if firsts.count * 2 > slots.count { grow() }
    return Int32(firsts.count - 1)
  }

  /// The number of a line with the bytes of a range of `source`; nil where no line has them.
  func number(of range: Range<Int>, in source: [UInt8]) -> Int32? {
    let slot = slot(Text.hash(of: range, in: source)) {
      texts[$0].line($1, equals: range, of: source)
    }
    return slots[slot] == 0 ? nil : slots[slot] - 1
  }

  /// The slot of a line, or the free one where it belongs.
  @inline(__always)
  private func slot(_ hash: UInt64, _ isSame: (_ text: Int, _ line: Int) -> Bool) -> Int {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let first = firsts[Int(slots[slot]) - 1]
      if first.hash == hash, isSame(first.text, first.line) { break }
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    for (number, first) in firsts.enumerated() {
      var slot = Int(truncatingIfNeeded: first.hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(number + 1)
    }
  }
}
