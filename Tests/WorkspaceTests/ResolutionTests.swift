import PatchEngine
import Patches
import Testing

@testable import Workspace

@Suite struct ResolutionTests {
  private let resolution = Resolution(
    path: Array("a/b.py".utf8),
    key: ConflictKey(
      ours: Array("o\n".utf8), base: [], theirs: Array("no newline, ours 3\n\u{0}".utf8)),
    text: Array("both\n".utf8))

  @Test func whatIsWrittenIsRead() throws {
    let read = try #require(Resolution(parsing: resolution.formatted))
    #expect(read.path == resolution.path)
    #expect(read.key == resolution.key)
    #expect(read.text == resolution.text)
  }

  @Test func aFileThatEndsEarlyOrGoesOnIsNone() {
    let bytes = resolution.formatted
    for count in bytes.indices { #expect(Resolution(parsing: Array(bytes[..<count])) == nil) }
    #expect(Resolution(parsing: bytes + [10]) == nil)
  }

  private func read(_ text: String, ours: String = "o\n") -> Resolution? {
    let key = ConflictKey(ours: Array(ours.utf8), base: [], theirs: Array("t\n".utf8))
    let bytes = Resolution(path: Array("a".utf8), key: key, text: Array(text.utf8)).formatted
    return Resolution(parsing: bytes)
  }

  @Test func aTextWithConflictMarkersEndsNoConflict() {
    let marked = "<<<<<<< a\no\n=======\nt\n>>>>>>> b\n"
    #expect(read(marked) == nil)
    #expect(read(marked, ours: marked) != nil, "the file is about markers")
    #expect(read("one\n=======\n") != nil, "a heading")
  }

  @Test func aTextIsNotManyTimesLongerThanItsConflict() {
    let most = 1 << 16 + 4 * 4
    #expect(read(String(repeating: "x", count: most)) != nil)
    #expect(read(String(repeating: "x", count: most + 1)) == nil)
  }

  @Test(arguments: ["-1", "99999999999999999999", "9223372036854775807", "x", ""])
  func aSizeThatIsNoneOrTooLargeIsRefused(size: String) {
    let text = "kerb-resolution 1\npath \(size)\na\n"
    #expect(Resolution(parsing: Array(text.utf8)) == nil)
  }

  @Test func theSidesOfAConflictDoNotRunIntoEachOther() {
    func name(_ ours: String, _ base: String, _ theirs: String) -> String {
      Resolution.name(
        of: ConflictKey(ours: Array(ours.utf8), base: Array(base.utf8), theirs: Array(theirs.utf8)))
    }
    #expect(name("ab", "", "") != name("a", "b", ""))
    #expect(name("a", "b", "") != name("a", "", "b"))
    #expect(name("a", "b", "c") == name("a", "b", "c"))
  }
}
