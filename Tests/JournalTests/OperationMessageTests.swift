import Testing

@testable import Journal

@Suite struct OperationMessageTests {
  @Test(arguments: [nil, "a\nb", "", "a\r", "\r\n\r", "a\n\n", "\u{301}", "Kerb-Operation: 1"])
  func aNoteIsReadAsItWasWritten(_ note: String?) throws {
    let written = OperationMessage(number: 3, words: "edit", note: note, kind: .undo(of: 2))
    let read = try #require(OperationMessage(parsing: written.bytes))
    #expect(read.number == 3 && read.words == "edit")
    #expect(read.note.map { Array($0.utf8) } == note.map { Array($0.utf8) })
  }

  @Test func linesEndInALineFeedWhateverStandsBefore() throws {
    let text = "edit\r\n\r\nnote\r\n\nKerb-Operation: 3\nKerb-Kind: normal\n"
    let read = try #require(OperationMessage(parsing: Array(text.utf8)))
    #expect(Array(read.words.utf8) == Array("edit\r".utf8))
    #expect(read.note.map { Array($0.utf8) } == Array("note\r".utf8))
  }
}
