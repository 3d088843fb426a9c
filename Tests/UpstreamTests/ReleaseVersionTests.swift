import Testing

@testable import Upstream

@Suite struct ReleaseVersionTests {
  @Test func versionsHaveTheOrderOfPEP440() throws {
    let ordered = [
      "0.9", "1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12",
      "1.0b1.dev456",
      "1.0b2", "1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0",
      "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1",
      "1.2", "1.10", "29.4.0", "2024.1", "1!0.1",
    ]
    let versions = try ordered.map { try #require(ReleaseVersion($0), "\($0)") }
    for left in versions.indices {
      for right in versions.indices {
        #expect((versions[left] < versions[right]) == (left < right), "\(ordered[left])")
        #expect((versions[left] == versions[right]) == (left == right), "\(ordered[left])")
      }
    }
  }

  @Test(arguments: [
    ("1.0", "1"), ("1.0.0", "v1.0"), ("1.0a1", "1.0-ALPHA.1"), ("1.0b2", "1.0beta2"),
    ("1.0rc3", "1.0_c3"), ("1.0rc3", "1.0preview3"), ("1.0a0", "1.0a"), ("1.0.post1", "1.0-1"),
    ("1.0.post2", "1.0r2"), ("1.0.post0", "1.0.post"), ("1.0.dev0", "1.0dev"),
    ("1.0+a.b", "1.0+A_b"), ("1.1", "01.01"),
  ])
  func oneVersionHasManySpellings(one: String, other: String) throws {
    #expect(try #require(ReleaseVersion(one)) == #require(ReleaseVersion(other)))
  }

  @Test(arguments: [
    "", ".", "a", "1.", "1..0", "1.0x", "1.0+", "1.0+a..b", "1!", "-1", "1.0 ", "1.0-py3",
    "99999999999999999999", "1.0a1a2", "1.0.dev1.post1", "1.0+é",
  ])
  func whatIsNoVersionIsNone(text: String) {
    #expect(ReleaseVersion(text) == nil)
  }

  @Test func aRequestWithoutALocalPartTakesAny() throws {
    let plain = try #require(ReleaseVersion("1.0"))
    let local = try #require(ReleaseVersion("1.0.0+deb1"))
    #expect(plain.takes(local))
    #expect(!local.takes(plain))
    #expect(try !plain.takes(#require(ReleaseVersion("1.0.post1"))))
  }
}
