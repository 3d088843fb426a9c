import Patches
import Testing

@testable import Workspace

@Suite struct TextSharingTests {
  private func release(_ name: String) throws -> Release { try #require(Release(name)) }

  private func text(_ line: String, at number: Int = 1) -> [UInt8] {
    Array("--- a/f\n+++ b/f\n@@ -\(number),1 +\(number),2 @@\n a\n+\(line)\n".utf8)
  }

  private func group(
    _ path: String, _ bytes: [UInt8], _ releases: [String]
  ) throws -> TextSharing.Group {
    TextSharing.Group(
      path: path, patch: try Patch(parsing: bytes, name: path), bytes: bytes,
      releases: Set(try releases.map { try release($0) }))
  }

  private func sharing(_ groups: [TextSharing.Group]) -> TextSharing {
    TextSharing(project: "p", name: "n", groups: groups)
  }

  private func put(
    _ bytes: [UInt8], for name: String, into sharing: inout TextSharing, apart: Bool = false
  ) throws {
    sharing.put(bytes, try Patch(parsing: bytes, name: "new"), for: try release(name), apart: apart)
  }

  private func paths(_ sharing: TextSharing) -> [String: String] {
    Dictionary(uniqueKeysWithValues: sharing.paths.map { ($0.key.name, $0.value) })
  }

  @Test func whereTheNewestReleaseGetsAnotherTextTheOldOneTakesTheNextReleasesName() throws {
    var sharing = sharing([
      try group("p/n.patch", text("x"), ["2023.1", "2023.2", "master"])
    ])
    try put(text("y"), for: "master", into: &sharing)
    #expect(
      paths(sharing)
        == ["2023.1": "p/n@2023.2.patch", "2023.2": "p/n@2023.2.patch", "master": "p/n.patch"])
  }

  @Test func whereAnOlderReleaseGetsAnotherTextTheLivingOneStays() throws {
    var sharing = sharing([try group("p/n.patch", text("x"), ["2023.1", "master"])])
    try put(text("y"), for: "2023.1", into: &sharing)
    #expect(paths(sharing) == ["2023.1": "p/n@2023.1.patch", "master": "p/n.patch"])
  }

  @Test func aTextWithOtherLineNumbersIsTheSame() throws {
    let newest = text("x", at: 9)
    var sharing = sharing([try group("p/n.patch", text("x"), ["2023.1", "master"])])
    try put(newest, for: "master", into: &sharing)
    #expect(sharing.groups.count == 1)
    #expect(sharing.bytes(for: try release("2023.1")) == newest)
    try put(text("x", at: 3), for: "2023.1", into: &sharing)
    #expect(sharing.bytes(for: try release("2023.1")) == newest)
  }

  @Test func textsThatHaveBecomeEqualAreOneAgain() throws {
    var sharing = sharing([
      try group("p/n.patch", text("y"), ["master"]),
      try group("p/n@2023.2.patch", text("x"), ["2023.1", "2023.2"]),
    ])
    try put(text("y", at: 4), for: "2023.2", into: &sharing)
    #expect(
      paths(sharing)
        == ["2023.1": "p/n@2023.2.patch", "2023.2": "p/n.patch", "master": "p/n.patch"])
    try put(text("y", at: 4), for: "2023.1", into: &sharing)
    #expect(Set(paths(sharing).values) == ["p/n.patch"])
  }

  @Test func apartMeansATextOfItsOwn() throws {
    var sharing = sharing([try group("p/n.patch", text("x"), ["2023.1", "master"])])
    try put(text("x"), for: "2023.1", into: &sharing, apart: true)
    #expect(paths(sharing) == ["2023.1": "p/n@2023.1.patch", "master": "p/n.patch"])
  }

  @Test func aTextWithoutUsersHasNoName() throws {
    var sharing = sharing([try group("p/n.patch", text("x"), ["2023.1"])])
    sharing.drop(try release("2023.1"))
    #expect(sharing.paths.isEmpty)
    #expect(sharing.present == ["p/n.patch"])
  }

  private func replace(
    _ bytes: [UInt8], for names: [String], in sharing: inout TextSharing, apart: Bool = false
  ) throws {
    let releases = Set(try names.map { try release($0) })
    sharing.replace(bytes, try Patch(parsing: bytes, name: "new"), for: releases, apart: apart)
  }

  @Test func aTextThatAllItsUsersChangeKeepsItsFile() throws {
    var sharing = sharing([try group("p/n@2024.1.patch", text("x"), ["2023.2", "2024.1"])])
    try replace(text("y"), for: ["2023.2", "2024.1"], in: &sharing)
    #expect(Set(paths(sharing).values) == ["p/n@2024.1.patch"])
    #expect(sharing.groups.count == 1)
    #expect(sharing.groups[0].before == text("x"))
  }

  @Test func aReleaseThatPartsLeavesTheFileToTheOthers() throws {
    var sharing = sharing([try group("p/n.patch", text("x"), ["2024.1", "master"])])
    try replace(text("y"), for: ["2024.1"], in: &sharing)
    #expect(paths(sharing) == ["2024.1": "p/n@2024.1.patch", "master": "p/n.patch"])
  }

  @Test func aTextThatSaysWhatAnothersSaysJoinsIt() throws {
    var sharing = sharing([
      try group("p/n.patch", text("y"), ["master"]),
      try group("p/n@2024.1.patch", text("x"), ["2024.1"]),
    ])
    try replace(text("y", at: 7), for: ["2024.1"], in: &sharing)
    #expect(Set(paths(sharing).values) == ["p/n.patch"])
    // The line numbers are the newest release's.
    #expect(sharing.bytes(for: try release("2024.1")) == text("y"))
    try replace(text("y"), for: ["2024.1"], in: &sharing, apart: true)
    #expect(paths(sharing) == ["2024.1": "p/n@2024.1.patch", "master": "p/n.patch"])
  }
}
