import Git
import PatchEngine
import Patches
import TestSupport
import Testing

@Suite struct DeltaTests {
  @Test func aDeltaGivesItsResult() throws {
    var delta = Delta(baseSize: 6, resultSize: 9)
    delta.copy(offset: 3, count: 3)
    delta.insert("new".bytes[...])
    delta.copy(offset: 0, count: 3)
    #expect(try make(delta.bytes, "abcdef".bytes) == "defnewabc".bytes)
  }

  @Test func longRunsAreSplit() throws {
    var random = SeededGenerator(seed: 1)
    let base = random.bytes(200_000)
    let new = random.bytes(300)
    var delta = Delta(baseSize: base.count, resultSize: 0x10000 + 131_073 + 300)
    delta.copy(offset: 5, count: 0x10000)
    delta.insert(new[..<100])
    delta.insert(new[100...])
    delta.copy(offset: 60_000, count: 131_073)
    let expected = base[5..<5 + 0x10000] + new + base[60_000..<60_000 + 131_073]
    #expect(try make(delta.bytes, base) == Array(expected))
  }

  @Test func aStreamInflatesToItsExactSizeOnly() throws {
    let content = [UInt8](repeating: 0x61, count: 1000)
    var encoder = ObjectEncoder()
    let stream = encoder.whole(.blob, content, id: .zero).deflated
    let (cut, nothing) = (Array(stream.dropLast()), [UInt8]())
    #expect(inflate(stream.span, exactly: 1000) == content)
    #expect(inflate(stream.span, exactly: 999) == nil)
    #expect(inflate(stream.span, exactly: 1001) == nil)
    #expect(inflate(stream.span, exactly: -1) == nil)
    #expect(inflate(cut.span, exactly: 1000) == nil)
    #expect(inflate(nothing.span, exactly: 0) == nil)
    let empty = encoder.whole(.blob, [UInt8](), id: .zero).deflated
    #expect(inflate(empty.span, exactly: 0) == [])
  }

  private func make(_ delta: [UInt8], _ base: [UInt8]) throws -> [UInt8] {
    try #require(applyDelta(delta, to: base, limit: 1 << 20))
  }
}
