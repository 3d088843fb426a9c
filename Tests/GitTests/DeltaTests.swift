import Git
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
    var random = Seeded(state: 1)
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

  @Test(
    arguments: [
      ([0x06, 0x03], DeltaError.resultSize(stated: 3)),
      ([0x05, 0x01, 0x01, 0x61], .baseSize(stated: 5, actual: 6)),
      ([0x06], .truncated),
      ([0x86], .truncated),
      ([], .truncated),
      ([0x06, 0x01, 0x00], .reservedInstruction),
      ([0x06, 0x01, 0x02, 0x61], .truncated),
      ([0x06, 0x01, 0x91, 0x01], .truncated),
      ([0x06, 0x06, 0x91, 0x01, 0x06], .copyOutOfRange),
      ([0x06, 0x01, 0x91, 0x07, 0x01], .copyOutOfRange),
      ([0x06, 0x01, 0x9f, 0xff, 0xff, 0xff, 0xff, 0x01], .copyOutOfRange),
      ([0x06, 0x01, 0x80], .copyOutOfRange),
      ([0x06, 0x01, 0x02, 0x61, 0x62], .resultSize(stated: 1)),
      ([0x06, 0x02, 0x01, 0x61], .resultSize(stated: 2)),
      ([0x06, 0x81, 0x08, 0x01, 0x61], .resultTooLarge(1025)),
      ([0x06] + [UInt8](repeating: 0xff, count: 9) + [0x01], .sizeOverflow),
      ([0x06] + [UInt8](repeating: 0x80, count: 20) + [0x01], .sizeOverflow),
      ([0x06] + [UInt8](repeating: 0xff, count: 8) + [0x7f], .resultTooLarge(Int.max)),
    ] as [([UInt8], DeltaError)])
  func aMalformedDeltaIsAnError(delta: [UInt8], expected: DeltaError) {
    #expect(throws: expected) {
      try make(delta, "abcdef".bytes, limit: 1024)
    }
  }

  @Test func aSizeThatNoDeltaCanMakeIsNotBelieved() {
    let delta: [UInt8] = [0x06] + [UInt8](repeating: 0xff, count: 8) + [0x7f]
    #expect(throws: DeltaError.resultSize(stated: Int.max)) {
      try make(delta, "abcdef".bytes)
    }
  }

  @Test func anyBytesAreADeltaOrAnError() {
    var random = Seeded(state: 2)
    for _ in 0..<20_000 {
      let length = Int(random.next() % 12)
      let delta = [6, UInt8(random.next() % 16)] + random.bytes(length)
      let result = try? make(delta, "abcdef".bytes, limit: 64)
      #expect((result?.count ?? 0) <= 64)
    }
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

  private func make(_ delta: [UInt8], _ base: [UInt8], limit: Int = .max) throws -> [UInt8] {
    try apply(delta: delta.span, to: base.span, limit: limit)
  }
}
