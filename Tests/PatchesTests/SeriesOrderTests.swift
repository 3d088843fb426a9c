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
}
