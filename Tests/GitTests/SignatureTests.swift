import Testing

@testable import Git

/// The lines of a commit that say who and when, as a stranger may have written them.
@Suite struct SignatureTests {
  private func read(_ line: String) -> Signature { Signature(parsing: Array(line.utf8)[...]) }

  @Test func nameAddressAndDateAreRead() {
    let read = read("A. Author <a@example.org> 1700000000 -0330")
    #expect(String(decoding: read.name, as: UTF8.self) == "A. Author")
    #expect(String(decoding: read.email, as: UTF8.self) == "a@example.org")
    #expect(read.seconds == 1_700_000_000 && read.offset == -210)
  }

  @Test(arguments: [
    "9223372036854775807", "-9223372036854775808", "253402300800", "-62167219201", "x", "",
  ])
  func aDateThatIsInNoCalendarIs1970(_ seconds: String) {
    #expect(read("a <b> \(seconds) +0000").seconds == 0)
  }

  @Test(arguments: [
    "+9223372036854775799", "-9223372036854775808", "+2147483647", "-2147483648", "x",
  ])
  func aZoneThatGitDoesNotReadEitherIsUTC(_ zone: String) {
    let read = read("a <b> 1 \(zone)")
    #expect(read.offset == 0)
    #expect(read.bytes == Array("a <b> 1 +0000".utf8))
  }

  @Test func oddZonesOfOldToolsStay() {
    for (zone, minutes) in [("+051800", 518 * 60), ("-7068", -(70 * 60 + 68)), ("+9999", 6039)] {
      #expect(read("a <b> 1 \(zone)").offset == minutes)
    }
  }
}
