import TestSupport
import Testing

@testable import Claims

/// The order of values: messages and claims are listed by it, so it has to be one for any mixture.
@Suite struct CounterValueTests {
  private static let numbers = ["0", "2", "2.0", "2.9", "2.09", "2.10", "2.96", "10", "2.9.1"]
  private static let words = ["2.1a", "2_9", "2.", ".2", "", "9f", "2903cd72dc14", "ä", "consoles"]
  private static let huge = ["9999999999", "2.9999999999", "123456789012"]
  private static let values = (numbers + words + huge).map { CounterValue($0) }

  @Test func numbersAreComparedAsNumbers() {
    #expect(CounterValue("2.9") < CounterValue("2.10"))
    #expect(CounterValue("2.96") < CounterValue("2.100"))
    #expect(CounterValue("2") < CounterValue("2.0"))
  }

  @Test func whatIsNoNumberComesAfterAllThatAre() {
    #expect(CounterValue("2.10") < CounterValue("2.1a"))
    #expect(CounterValue("2.9") < CounterValue("2.1a"))
    #expect(CounterValue("2.1a") < CounterValue("consoles"))
  }

  @Test func oneOfLessSameAndGreaterHolds() {
    for one in Self.values {
      for two in Self.values {
        #expect([one < two, one == two, two < one].count { $0 } == 1, "\(one) and \(two)")
      }
    }
  }

  @Test func whatIsLessThanTheLesserIsLessThanTheGreater() {
    for one in Self.values {
      for two in Self.values where one < two {
        for three in Self.values where two < three {
          #expect(one < three, "\(one), \(two), \(three)")
        }
      }
    }
  }

  @Test(arguments: 0..<50)
  func everyPermutationIsSortedAlike(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    #expect(Self.values.shuffled(using: &random).sorted() == Self.values.sorted())
  }
}
