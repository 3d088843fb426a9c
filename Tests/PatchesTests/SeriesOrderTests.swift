import Patches
import Testing

@Suite struct SeriesOrderTests {
  private let text = """
    # OpenStack 2024.1
    nova/a.patch    # first
    # about b
    nova/b@2024.1.patch -p1
    kolla/k.patch
    nova/c.patch

    # the end

    """

  private func arranged(_ placings: [(String, String?)], _ text: String? = nil) throws -> String {
    let release = try #require(Release("2024.1"))
    let series = try Series(
      parsing: Array((text ?? self.text).utf8), release: release, file: "series/2024.1")
    let bytes = series.arranged(
      placings.map { Series.Placing($0.0, from: $0.1) }, project: "nova")
    return String(decoding: bytes, as: UTF8.self)
  }

  private func same(_ names: String...) -> [(String, String?)] { names.map { ($0, $0) } }

  @Test func theSameOrderGivesTheSameBytes() throws {
    #expect(try arranged(same("nova/a.patch", "nova/b@2024.1.patch", "nova/c.patch")) == text)
  }

  @Test func entriesTakeTheirCommentsAlong() throws {
    #expect(
      try arranged(same("nova/c.patch", "nova/a.patch", "nova/b@2024.1.patch")) == """
        # OpenStack 2024.1
        nova/c.patch
        # about b
        nova/a.patch    # first
        kolla/k.patch
        nova/b@2024.1.patch -p1

        # the end

        """)
  }

  @Test func anEntryThatGoesTakesItsLineAlong() throws {
    #expect(
      try arranged(same("nova/a.patch", "nova/c.patch")) == """
        # OpenStack 2024.1
        nova/a.patch    # first
        # about b
        kolla/k.patch
        nova/c.patch

        # the end

        """)
  }

  @Test func aNewEntryStandsBehindTheOneBeforeIt() throws {
    let placings =
      [("nova/0.patch", nil)] + same("nova/a.patch") + [
        ("nova/x.patch", nil), ("nova/y.patch", nil),
      ]
      + [("nova/b.patch", "nova/b@2024.1.patch")] + same("nova/c.patch") + [("nova/z.patch", nil)]
    #expect(
      try arranged(placings) == """
        # OpenStack 2024.1
        nova/0.patch
        nova/a.patch    # first
        nova/x.patch
        nova/y.patch
        # about b
        nova/b.patch -p1
        kolla/k.patch
        nova/c.patch
        nova/z.patch

        # the end

        """)
  }

  @Test func theFirstEntryOfAProjectGoesToTheEnd() throws {
    #expect(try arranged([("nova/a.patch", nil)], "") == "nova/a.patch\n")
    #expect(try arranged([("nova/a.patch", nil)], "# x\n") == "# x\nnova/a.patch\n")
    #expect(try arranged([("nova/a.patch", nil)], "# x") == "# x\nnova/a.patch\n")
    #expect(
      try arranged([("nova/n.patch", nil)], "nova/a.patch\nkolla/k.patch\n")
        == "nova/n.patch\nkolla/k.patch\n")
    #expect(try arranged([], "nova/a.patch\n") == "")
  }

  private func revised(
    _ text: String, project: String = "nova", _ added: [(path: String, after: String?)]
  ) throws -> String {
    let series = try Series(parsing: Array(text.utf8), release: .master, file: "series/master")
    var revision = Series.Revision()
    revision.added = added
    return String(decoding: series.revised(revision, project: project), as: UTF8.self)
  }

  @Test func whatIsAddedComesBehindItsEntryOrAtTheProjectsEnd() throws {
    let text = "# x\nnova/a.patch\nnova/b.patch\nkolla/k.patch\n# y\n"
    #expect(
      try revised(
        text,
        [
          ("nova/1.patch", nil), ("nova/2.patch", "nova/a.patch"), ("nova/3.patch", "nova/a.patch"),
          ("nova/4.patch", "nova/2.patch"), ("nova/5.patch", "nova/none.patch"),
        ]) == """
          # x
          nova/a.patch
          nova/3.patch
          nova/2.patch
          nova/4.patch
          nova/b.patch
          nova/1.patch
          nova/5.patch
          kolla/k.patch
          # y

          """)
    #expect(
      try revised("# x\n", [("nova/1.patch", nil), ("nova/2.patch", nil)])
        == "# x\nnova/1.patch\nnova/2.patch\n")
    #expect(try revised("", [("nova/1.patch", nil)]) == "nova/1.patch\n")
    #expect(
      try revised(
        "nova/a.patch\nkolla/k.patch\n",
        [
          ("nova/1.patch", "kolla/k.patch"), ("nova/2.patch", nil),
          ("nova/3.patch", "nova/a.patch"),
        ])
        == "nova/a.patch\nnova/3.patch\nkolla/k.patch\nnova/1.patch\nnova/2.patch\n")
  }

  @Test func aSeriesHasTenThousandPatchesAtMost() throws {
    let lines = (0..<20_000).map { "nova/p\($0).patch\n" }
    let whole = lines.prefix(Series.mostEntries).joined()
    let (series, problems) = Series.reading(
      Array(lines.joined().utf8), release: .master, file: "series/master")
    #expect(series.entries.count == Series.mostEntries)
    #expect(
      problems.map { "\($0)" } == [
        "series/master:10001: error: more than 10000 patches; nothing from here on is read "
          + "[series-size]"
      ])
    let added = (0..<9_999).map { (path: "nova/q\($0).patch", after: "nova/p0.patch" as String?) }
    #expect(try revised(whole, added).utf8.count > whole.utf8.count)
  }
}
