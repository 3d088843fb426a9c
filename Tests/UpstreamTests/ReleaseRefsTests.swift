import Patches
import Testing

@testable import Upstream

@Suite struct ReleaseRefsTests {
  private let release = Release("2024.1")!

  private func taken(_ names: String..., release: Release? = nil, version: String? = nil) -> String?
  {
    let refs = names.enumerated().map { index, name in
      ListedRef(name: name, commit: ObjectID(raw: Array(repeating: UInt8(index), count: 20))!)
    }
    let found = ReleaseRefs(release ?? self.release, version: version).resolve(among: refs)
    return found.map { $0.candidate.phrase + " " + names[Int($0.commit.raw[0])] }
  }

  @Test func aLivingBranchComesBeforeItsTags() {
    #expect(
      taken("refs/tags/2024.1-eom", "refs/heads/unmaintained/2024.1", "refs/heads/stable/2024.1")
        == "branch stable/2024.1 refs/heads/stable/2024.1")
    #expect(
      taken("refs/tags/2024.1-eom", "refs/heads/unmaintained/2024.1")
        == "branch unmaintained/2024.1 refs/heads/unmaintained/2024.1")
  }

  @Test func theTagOfTheEndOfLifeComesBeforeTheEndOfMaintenance() {
    #expect(
      taken("refs/tags/2024.1-eom", "refs/tags/2024.1-eol")
        == "tag 2024.1-eol refs/tags/2024.1-eol")
    #expect(taken("refs/tags/2024.1-eom") == "tag 2024.1-eom refs/tags/2024.1-eom")
  }

  @Test func theVersionsTagIsTheLastResort() {
    #expect(
      taken("refs/tags/29.4.0", "refs/tags/2024.1-eom", version: "29.4.0")
        == "tag 2024.1-eom refs/tags/2024.1-eom")
    #expect(taken("refs/tags/29.4.0", version: "29.4.0") == "tag 29.4.0 refs/tags/29.4.0")
    #expect(taken("refs/tags/29.4.0") == nil)
  }

  @Test func masterMayBeCalledMain() {
    #expect(
      taken("refs/heads/main", "refs/heads/master", release: .master)
        == "branch master refs/heads/master")
    #expect(taken("refs/heads/main", release: .master) == "branch main refs/heads/main")
  }

  @Test func inACloneTheBranchOfOriginComesBeforeTheLocalOne() {
    #expect(
      taken(
        "refs/remotes/fork/master", "refs/heads/master", "refs/remotes/origin/master",
        release: .master) == "branch master refs/remotes/origin/master")
    #expect(
      taken("refs/remotes/fork/master", "refs/heads/master", release: .master)
        == "branch master refs/heads/master")
    #expect(
      taken("refs/remotes/fork/stable/2024.1")
        == "branch stable/2024.1 refs/remotes/fork/stable/2024.1")
  }

  @Test func aBranchThatOnlyEndsInTheNameIsAnother() {
    #expect(taken("refs/heads/old/stable/2024.1", "refs/tags/x/2024.1-eol") == nil)
    #expect(taken("refs/remotes/origin/old/stable/2024.1") == nil)
  }

  @Test func anAnnotatedTagStandsForItsCommit() {
    let tag = String(repeating: "a", count: 40)
    let commit = String(repeating: "b", count: 40)
    let output = "\(tag)\trefs/tags/2024.1-eol\n\(commit)\trefs/tags/2024.1-eol^{}\nnonsense\n"
    #expect(
      listedRefs(Array(output.utf8))
        == [ListedRef(name: "refs/tags/2024.1-eol", commit: ObjectID(commit)!)])
  }

  @Test func oneReleaseHasOneMajorVersionOfKollaAndItsPlaybooks() {
    #expect(releaseSkew(["kolla": "18.8.0", "kolla-ansible": "18.7.1", "nova": "29.4.0"]) == nil)
    #expect(releaseSkew(["kolla": "23.0.0"]) == nil)
    #expect(
      releaseSkew(["kolla": "23.0.0", "kolla-ansible": "22.2.0"])
        == "kolla 23.0.0 and kolla-ansible 22.2.0 are of different releases")
  }

  @Test func percentagesComeFromGitsOwnLine() {
    #expect(receivedPercent(Array("Receiving objects:  45% (9/20), 1.2 MiB".utf8)) == 45)
    #expect(receivedPercent(Array("remote: Counting objects: 45% (9/20)".utf8)) == nil)
  }

  @Test func theSummaryIsTheLastErrorLine() {
    let text = "remote: hello\nfatal: no \u{1b}[31mway\n\nhint: 1\n"
    #expect(summary(of: Array(text.utf8)) == "no \u{1b}[31mway")
    #expect(summary(of: Array("a\nb\n \n".utf8)) == "b")
    #expect(summary(of: []) == "it gave no reason")
    let owner = "fatal: detected dubious ownership in repository at '/x'\nadd an exception\n"
    #expect(
      summary(of: Array("\(owner)fatal: Could not read from remote repository.\n".utf8))
        == "detected dubious ownership in repository at '/x'")
    #expect(summary(of: Array("fatal: no way.\n".utf8)) == "no way")
    #expect(UpstreamError(.network, "a\u{1b}b\u{202e}", hint: "").message == "a\\u{1b}b\\u{202e}")
  }
}
