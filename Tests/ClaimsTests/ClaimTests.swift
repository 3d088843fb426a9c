import Patches
import Testing

@testable import Claims

@Suite struct ClaimTests {
  private let base = [("2.94", "a"), ("2.95", "x")]

  private func claims(_ patches: Patch...) throws -> StackClaims {
    StackClaims(.microversion, of: patches, base: try SmallNova.upstream(base))
  }

  private func messages(_ claims: StackClaims) throws -> [String] {
    claims.disagreements.map(\.message)
  }

  @Test func aPatchClaimsWhatItAdds() throws {
    let found = try claims(
      try SmallNova.claim("2.96", after: "2.95", text: "Add direct consoles to servers."))
    #expect(found.claims.map { "\($0.value)" } == ["2.96"])
    #expect(
      found.claims[0].evidence.map { Counter.microversion.readings[$0.entry.reading].name } == [
        "constant", "history entry", "version sample", "versions sample",
      ])
    #expect(found.claims[0].evidence.map(\.entry.line) == [10, 6, 18, 26])
    #expect(try messages(found) == [])
  }

  @Test func twoPatchesClaimTwoNumbers() throws {
    let found = try claims(
      try SmallNova.claim("2.96", after: "2.95", text: "First."),
      try SmallNova.claim("2.97", after: "2.96", text: "Second."))
    #expect(found.claims.map { "\($0.value)" } == ["2.96", "2.97"])
    #expect(found.claims.map(\.patches) == [[0], [1]])
    #expect(try messages(found) == [])
  }

  @Test func onePatchClaimsTwoNumbers() throws {
    let found = try claims(
      try patch(
        section(
          SmallNova.versionFile,
          """
          @@ -2,2 +2,4 @@
               * 2.95 - x
          +    * 2.96 - one
          +    * 2.97 - two
           \"""
          @@ -6,2 +8,2 @@
          -_MAX_API_VERSION = '2.95'
          +_MAX_API_VERSION = '2.97'
           DEFAULT = 1
          """)))
    #expect(found.claims.map { "\($0.value)" } == ["2.96", "2.97"])
    #expect(
      try messages(found) == [
        "the constant claims API microversion 2.97, and no version sample does",
        "the constant claims API microversion 2.97, and no versions sample does",
      ])
  }

  @Test func evidenceThatDisagreesIsSaid() throws {
    let found = try claims(
      try patch(
        section(
          SmallNova.versionFile,
          """
          @@ -2,2 +2,3 @@
               * 2.95 - x
          +    * 2.96 - text
           \"""
          @@ -6,2 +7,2 @@
          -_MAX_API_VERSION = '2.95'
          +_MAX_API_VERSION = '2.97'
           DEFAULT = 1
          """)
          + section(
            SmallNova.sample,
            "@@ -1,3 +1,3 @@\n {\n-  \"version\": \"2.95\",\n+  \"version\": \"2.96\",\n }")
          + section(
            "nova/api/openstack/compute/x.py",
            "@@ -1,1 +1,2 @@\n x\n+    @wsgi.api_version('2.98')")))
    #expect(
      Set(try messages(found)) == [
        "the constant claims API microversion 2.97, and no history entry does",
        "the version sample says 2.96, and the stack claims API microversion 2.97 elsewhere",
        "the constant claims API microversion 2.97, and no versions sample does",
        "the decorator is for API microversion 2.98, and the stack claims 2.96 and 2.97",
      ])
  }

  @Test func usesOfOlderNumbersAreNoEvidence() throws {
    let found = try claims(
      try patch(
        section(
          "nova/api/openstack/compute/x.py",
          "@@ -1,1 +1,2 @@\n x\n+    @validation.schema(s, '2.8', '2.95')")))
    #expect(found.claims.isEmpty)
    #expect(found.mentions.isEmpty)
  }

  @Test func anotherSpellingOrTextOfWhatIsThereIsNoClaim() throws {
    let found = try claims(
      try patch(
        section(
          SmallNova.versionFile,
          """
          @@ -2,5 +2,5 @@
          -    * 2.95 - x
          +    * 2.95 - y
           \"""
           \u{20}
          -_MAX_API_VERSION = '2.95'
          +_MAX_API_VERSION = "2.95"
           DEFAULT = 1
          """.replacing(" \u{20}\n", with: " \n"))))
    #expect(found.claims.isEmpty)
  }

  @Test func contextIsNoClaim() throws {
    let found = try claims(
      try patch(
        section(
          SmallNova.versionFile, "@@ -6,2 +6,3 @@\n _MAX_API_VERSION = '2.95'\n+x\n DEFAULT = 1")))
    #expect(found.claims.isEmpty)
  }

  @Test func anEntryGoesOnInDeeperLines() throws {
    let lines = "* 2.96 - Add pinned zones in\n         ``server show`` responses.\n* 2.97 - b\n"
    let path = try RepoPath(SmallNova.versionFile)
    let entries = Counter.microversion.entries(in: path) { Array(lines.utf8) }
    #expect(
      entries.map { text($0.fingerprint) } == [
        "Add pinned zones in ``server show`` responses.", "b",
      ])
  }

  @Test func objectsCountForThemselves() throws {
    let path = try RepoPath("nova/objects/image_meta.py")
    let source = """
      class ImageMeta(base.NovaObject):
          # Version 1.8: Added x
      class ImageMetaProps(base.NovaObject):
          # Version 1.39: Added igb value to 'hw_vif_model' enum
      """
    let entries = Counter.objects.entries(in: path) { Array(source.utf8) }
    #expect(
      entries.map { "\(text($0.identity)) \($0.value)" } == [
        "ImageMeta 1.8", "ImageMetaProps 1.39",
      ])
  }

  @Test func theHeadingOfAHunkSaysWhatItIsIn() throws {
    let found = Counter.users.changes(
      in: try patch(
        section(
          "kolla/common/users.py",
          """
          @@ -340,3 +340,7 @@ USERS = {
               'zun-user': {
                   'uid': 42494,
               },
          +    'kerbside-user': {
          +        'uid': 42495,
          +        'gid': 42495,
          +    },
          """)))
    #expect(found.added.map { "\(text($0.identity)) \($0.value)" } == ["kerbside-user 42495"])
  }
}
