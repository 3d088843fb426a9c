import Testing

@testable import Patches

/// Small inputs have small costs: work is counted, at two sizes.
@Suite struct CostTests {
  private func work(reading title: String, strip: Int = 1) -> Int {
    let bytes = Array(title.utf8)
    var names = TitleNames(bytes, bytes.indices, strip: strip)
    _ = names.common()
    _ = names.are(Array("x".utf8), Array("y".utf8))
    return names.work
  }

  @Test(
    arguments: [
      " ", "a/ ", "/ ", " /", " \"", " \"x\"", " \"\\\"", " \"\\", "x", "\"x\" ", "a/b c/d ",
    ], [1, 2, 3])
  func aTitleOfManyBlanksIsReadInOnePass(part: String, strip: Int) {
    let work = [1_000, 2_000].map {
      self.work(reading: "a/b/c/" + String(repeating: part, count: $0), strip: strip)
    }
    #expect(work[0] <= 1_000 * part.utf8.count * 10 + 100)
    #expect(work[1] <= work[0] * 5 / 2)
  }

  @Test(arguments: [
    ("a/x b/x", 1, "x"), ("a/x y b/x y", 1, "x y"), ("a/ b b/ b", 1, " b"), ("x x", 0, "x"),
    ("o/a/x n/b/x", 2, "x"), ("a/x \"b/x\"", 1, "x"), ("\"a/x\" b/x", 1, "x"),
    ("\"a/\\303\\244\" \"b/\\303\\244\"", 1, "ä"), ("a/x b/y", 1, nil), ("a/x b/x ", 1, nil),
    ("x x", 1, nil), ("", 1, nil), ("a/x", 1, nil), ("long/x b/x", 1, "x"),
  ])
  func theNameOnBothSidesIsFound(title: String, strip: Int, name: String?) {
    let bytes = Array(title.utf8)
    var names = TitleNames(bytes, bytes.indices, strip: strip)
    #expect(names.common().map { String(decoding: $0, as: UTF8.self) } == name)
  }

  @Test func whatStandsAboveAPatchIsAtMostOneMebibyte() {
    let diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
    let most = String(repeating: "x\n", count: 1 << 19)
    let mail = "From: A <a@b>\nSubject: s\n\n"
    let show = "commit \(String(repeating: "1", count: 40))\nAuthor: A <a@b>\n\n"
    for head in ["", mail, show] {
      let found = findings { () throws(Diagnostics) in
        _ = try Patch(parsing: Array((head + most + "y\n" + diff).utf8), name: "p")
      }
      #expect(found == ["p:1: patch-size"])
    }
    #expect(
      findings { () throws(Diagnostics) in
        _ = try Patch(parsing: Array((most + diff).utf8), name: "p")
      } == [])
  }

  @Test func aFileOfMistakesIsNotReadToItsEnd() {
    let section = "diff --git a/x b/y\n"
    let found = findings { () throws(Diagnostics) in
      _ = try Patch(parsing: Array(String(repeating: section, count: 5_000).utf8), name: "p")
    }
    #expect(found.count == 1_000)
  }

  @Test func headerLinesBeyondTheMostAreOneMistake() {
    let mail = "From: A <a@b>\nSubject: s\n" + String(repeating: "no colon\n", count: 5_000)
    let found = findings { () throws(Diagnostics) in
      _ = try Patch(
        parsing: Array((mail + "\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n").utf8), name: "p")
    }
    #expect(found.count == 1_999)
    #expect(found.last == "p:2001: mail-header")
  }
}
