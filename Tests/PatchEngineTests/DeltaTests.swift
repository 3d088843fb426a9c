import PatchEngine
import Testing

@Suite struct DeltaTests {
  private let base = "0123456789".bytes

  @Test func aDeltaCopiesAndInserts() {
    let delta: [UInt8] = [10, 6, 0x91, 2, 3, 2, 0x78, 0x79, 0x90, 1]
    #expect(applyDelta(delta, to: base, limit: 100)?.text == "234xy0")
  }

  @Test func aCopyWithoutASizeTakes64KiB() {
    let base = [UInt8](repeating: 7, count: 0x10000)
    #expect(
      applyDelta([0x80, 0x80, 0x04, 0x80, 0x80, 0x04, 0x80], to: base, limit: 0x10000) == base)
  }

  @Test func offsetsAndSizesHaveSeveralBytes() {
    let base = [UInt8](repeating: 1, count: 0x20000) + [2, 3]
    let delta: [UInt8] = [0x82, 0x80, 0x08, 2, 0x94, 2, 2]
    #expect(applyDelta(delta, to: base, limit: 100) == [2, 3])
    #expect(applyDelta([0x82, 0x80, 0x08, 2, 0x9c, 0, 2, 2], to: base, limit: 100) == nil)
    #expect(applyDelta([0x82, 0x80, 0x08, 2, 0x94, 2, 2], to: base, limit: 1) == nil)
    #expect(applyDelta([0x82, 0x80, 0x08, 2, 0x94 | 0x08, 0, 0, 2], to: base, limit: 9) == [1, 1])
  }

  @Test func anEmptyDeltaMakesNothing() {
    #expect(applyDelta([10, 0], to: base, limit: 0) == [])
    #expect(applyDelta([0, 0], to: [], limit: 0) == [])
  }

  static let malformed: [(String, [UInt8])] = [
    ("nothing", []),
    ("one size", [10]),
    ("a size without its end", [0x80]),
    ("a result size without its end", [10, 0x86]),
    ("a size of more than 62 bits", [0x8a] + [UInt8](repeating: 0x80, count: 9) + [0, 6]),
    ("another base", [9, 1, 0x90, 1]),
    ("the reserved instruction", [10, 1, 0]),
    ("a copy past the base", [10, 3, 0x91, 8, 3]),
    ("a copy from past the base", [10, 1, 0x91, 11, 1]),
    ("a copy of the default size past the base", [10, 10, 0x80]),
    ("an offset cut off", [10, 1, 0x91]),
    ("a size cut off", [10, 1, 0x91, 0]),
    ("data cut off", [10, 3, 3, 0x78]),
    ("a result that is too short", [10, 4, 0x90, 3]),
    ("a copy beyond the result", [10, 2, 0x90, 3]),
    ("data beyond the result", [10, 1, 2, 0x78, 0x78]),
    ("a result beyond the limit", [10, 101]),
    ("a result of 2^40 bytes", [10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0x90, 1]),
    ("instructions after the end", [10, 1, 0x90, 1, 0x90, 1]),
  ]

  @Test(arguments: malformed)
  func malformedDeltasAreRefused(name: String, delta: [UInt8]) {
    #expect(applyDelta(delta, to: base, limit: 100) == nil)
  }
}
