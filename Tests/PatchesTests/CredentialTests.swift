import Patches
import Testing

@Suite struct CredentialTests {
  @Test(arguments: [
    (
      "git could not reach https://me:secret@host/x: no",
      "git could not reach https://***@host/x: no"
    ),
    ("https://token@host/simple", "https://***@host/simple"),
    ("HTTP://a:b@h and http://c:d@i:80/", "HTTP://***@h and http://***@i:80/"),
    ("'https://a:b@c@host'", "'https://***@host'"),
    ("https://me:with/slash@host/x", "https://***@host/x"),
    ("https://me:a?b#c@host/x", "https://***@host/x"),
    ("socks5://u:p@[::1]:1080", "socks5://***@[::1]:1080"),
    ("ssh://me:secret@host/x", "ssh://***@host/x"),
    ("first\nhttps://a:b@h\nlast", "first\nhttps://***@h\nlast"),
    ("https://a:b@h,https://c:d@i", "https://***@h,https://***@i"),
  ])
  func aUserOfAnAddressIsNotShown(text: String, shown: String) {
    #expect(withoutCredentials(text) == shown)
  }

  @Test(arguments: [
    "", "nothing here", "someone@example.org wrote", "git@host:path", "ssh://git@host/path",
    "https://host/path@1.0", "https://host:443/a@b", "https://[::1]:80/a@b", "a @ b", "://@",
  ])
  func whatIsNoSecretStays(text: String) {
    #expect(withoutCredentials(text) == text)
  }

  @Test func aLongTextOfManyAddressesIsShown() {
    let text = String(repeating: "://a:b/", count: 200_000) + "@"
    #expect(withoutCredentials(text).utf8.count < 20)
    let other = String(repeating: "://a/", count: 200_000) + "@"
    #expect(withoutCredentials(other) == other)
  }
}
