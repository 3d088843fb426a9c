import Patches
import Testing

/// Series files as `fmt` writes them.
@Suite struct SeriesFormTests {
  private func series(_ text: String) throws -> Series {
    try Series(
      parsing: text.bytes, release: try #require(Release("2024.1")), file: "series/2024.1")
  }

  @Test(arguments: ["", "p/a.patch\n", "# note\n\n  p/a.patch -p1 # why\n"])
  func aFileWithoutStrayWhiteSpaceStays(text: String) throws {
    #expect(try series(text).canonical.text == text)
    #expect(try series(text).formFindings.isEmpty)
  }

  @Test(
    arguments: [
      ("p/a.patch", "p/a.patch\n", 1), ("p/a.patch \np/b.patch\n", "p/a.patch\np/b.patch\n", 1),
      ("p/a.patch\n# note\t\n", "p/a.patch\n# note\n", 2), ("p/a.patch\n\n\n", "p/a.patch\n", 2),
      ("\n", "", 1),
    ])
  func strayWhiteSpaceGoes(text: String, canonical: String, line: Int) throws {
    let series = try series(text)
    #expect(series.canonical.text == canonical)
    #expect(
      series.formFindings.map { "\($0.location): \($0.rule)" }
        == ["series/2024.1:\(line): series-form"])
    #expect(try self.series(canonical).canonical.text == canonical)
    #expect(try self.series(canonical).entries.map(\.path) == series.entries.map(\.path))
  }
}
