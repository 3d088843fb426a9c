import PatchEngine
import Patches
import Testing

@Suite struct EvidenceTests {
  private func header(_ body: String) -> PatchHeader {
    PatchHeader(author: nil, subject: "subject".bytes, body: body.bytes)
  }

  private let digits = "0123456789abcdef0123456789abcdef01234567"

  @Test func theLastChangeIDOfAMessageCounts() {
    let other = String(digits.reversed())
    #expect(header("text\n\nChange-Id: I\(digits)").changeID?.text == "I\(digits)")
    #expect(
      header("Change-Id: I\(other)\n\nChange-Id: I\(digits)\nSigned-off-by: X").changeID?.text
        == "I\(digits)")
    #expect(header("text").changeID == nil)
    #expect(header("see Change-Id: I\(digits)").changeID == nil)
    #expect(header("Change-Id: I\(digits.dropLast())").changeID == nil)
  }

  @Test func aMessageSaysWhatItReverts() {
    let message = "Revert \"x\"\n\nThis reverts commit \(digits).\n\nReason: y\n"
    #expect(revertedCommits(in: message.bytes) == [ObjectID(digits)!])
    #expect(revertedCommits(in: "This reverts commit 0123456.\n".bytes).isEmpty)
  }

  @Test func theUpstreamTrailerMayNameACommit() {
    func named(_ value: String) -> String? { header("text\n\nUpstream: \(value)").upstreamCommit }
    #expect(named("https://example.org/nova/commit/cbc263f6bc (31.0.0)") == "cbc263f6bc")
    #expect(named("https://example.org/nova/commit/\(digits)") == digits)
    #expect(named("never, because it deadbeef") == nil)
    #expect(named("https://example.org/nova/commit/abc") == nil)
    #expect(header("no trailer").upstreamCommit == nil)
  }

  @Test func subjectsAreSimilarByTheirWords() {
    func similar(_ left: String, _ right: String) -> Bool {
      isSimilar(subjectWords(left.bytes), subjectWords(right.bytes))
    }
    #expect(similar("libvirt: require secure SPICE", "Libvirt: Require secure spice"))
    #expect(similar("libvirt: require secure SPICE", "libvirt: option to require secure SPICE"))
    #expect(!similar("libvirt: require secure SPICE", "libvirt: secure consoles of VNC"))
    #expect(!similar("Fix tests", "Fix tests"))
    #expect(!similar("", ""))
  }

  @Test func versionsAreOrderedAsReleasesFollowEachOther() {
    let names = [
      "2011.3", "2015.1.0", "12.0.0", "29.0.0.0rc1", "29.0.0.0rc2", "29.0.0", "29.0.1", "29.10.0",
      "30.0.0",
    ]
    #expect(names.shuffled().compactMap { Version(tag: $0) }.sorted().map(\.name) == names)
    #expect(Version(tag: "v2.39.0-rc1")! < Version(tag: "v2.39.0")!)
    #expect(Version(tag: "v2.39.0")! < Version(tag: "v2.39.1")!)
  }

  @Test func candidatesAreToldFromReleasesAndOtherTagsAreNoVersions() {
    #expect(Version(tag: "31.0.0.0rc1")?.isPreRelease == true)
    #expect(Version(tag: "1.0b2")?.isPreRelease == true)
    #expect(Version(tag: "31.0.0")?.isPreRelease == false)
    for name in ["2024.1-eom", "juno-eol", "v", "1", "1.", "release", "1.0-final", "", "..1"] {
      #expect(Version(tag: name) == nil, "\(name)")
    }
  }
}
