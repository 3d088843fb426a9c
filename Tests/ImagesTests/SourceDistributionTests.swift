import Images
import Testing

/// A released archive's own files when its tree is patched.
@Suite struct SourceDistributionTests {
  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func theVersionIsThatOfTheHeader() {
    let text =
      "Metadata-Version: 2.1\nName: nova\nVersion: 29.4.0\nSummary: x\n\nVersion: of the text\n"
    #expect(SourceDistribution.version(of: bytes(text)) == "29.4.0")
    #expect(
      SourceDistribution.metadata(bytes(text), version: "29.4.0+k.1")
        == bytes(text.replacing("Version: 29.4.0", with: "Version: 29.4.0+k.1")))
  }

  @Test func aTextWithoutVersionStays() {
    #expect(SourceDistribution.version(of: bytes("Name: x\n\nVersion: 1\n")) == nil)
    #expect(SourceDistribution.metadata(bytes("Name: x\n\nVersion: 1\n"), version: "2") == nil)
    #expect(SourceDistribution.version(of: bytes("Version: 1 2\n")) == nil)
    for path in ["1/../../x", "..", "-1", ".1"] {
      #expect(SourceDistribution.version(of: bytes("Version: \(path)\n")) == nil)
    }
  }

  @Test func theVersionThatIsReadIsTheOneThatIsReplaced() {
    for text in [" Version: 1\n", "Version:1\nVersion: 2\n", "Version: 1 2\nVersion: 3\n"] {
      let written = SourceDistribution.metadata(bytes(text), version: "9")
      #expect(
        SourceDistribution.version(of: bytes(text)) == nil
          || written.flatMap { SourceDistribution.version(of: $0) } == "9", "\(text)")
    }
    #expect(SourceDistribution.version(of: bytes("Version:1\n")) == "1")
  }

  @Test func carriageReturnsStay() {
    #expect(
      SourceDistribution.metadata(bytes("Version: 1\r\nName: x\r\n"), version: "2")
        == bytes("Version: 2\r\nName: x\r\n"))
  }

  @Test func newFilesAreListedOnceAndLostOnesGo() {
    // The list of an archive has no newline at its end.
    let listed = SourceDistribution.sources(
      bytes("a\nb\nc"), adding: [bytes("c"), bytes("d/e")], removing: [bytes("b")])
    #expect(String(decoding: listed, as: UTF8.self) == "a\nc\nd/e\n")
  }

  @Test func theLabelStandsBehindThePlus() {
    #expect(
      SourceDistribution.localVersion("29.4.0", label: "kerbside", count: 13)
        == "29.4.0+kerbside.13")
    #expect(SourceDistribution.localVersion("1.0+deb1", label: "k", count: 2) == "1.0+deb1.k.2")
    #expect(SourceDistribution.localVersion("1.0", label: "k", count: 0) == "1.0")
  }
}
