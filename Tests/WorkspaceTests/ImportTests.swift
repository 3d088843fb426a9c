import TestSupport
import Testing

/// What `import` makes of what it is given.
@Suite struct ImportTests {
  private let world: AuthorWorld

  init() throws {
    world = try AuthorWorld()
  }

  private func write(_ name: String, line: String) throws {
    try world.folder.write(
      name,
      """
      From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
      From: A <a@example.org>
      Subject: [PATCH] new

      diff --git a/f b/f
      --- a/f
      +++ b/f
      @@ -36,1 +36,1 @@
      -\(line)
      +new

      """)
  }

  @Test func aLetterBesideOtherFilesIsLeftOut() throws {
    try world.folder.write(
      "0000-cover-letter.patch",
      """
      From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
      From: A <a@example.org>
      Subject: [PATCH 0/1] A series

      Why.

      """)
    try write("0001-new.patch", line: "f 36")
    let letter = "../0000-cover-letter.patch"
    let alone = try kerb(["import", "2024.1/demo", letter], in: world.root)
    #expect(alone.status == 2)
    let outcome = try kerb(["import", "2024.1/demo", letter, "../0001-new.patch"], in: world.root)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.text.contains("note: \(letter):1: a letter without a patch is left out"))
    #expect(try world.outcome("2024.1").map(\.name).last == "new")
  }

  @Test func ofSeveralStacksTheOneIsNamedThatAPatchDoesNotFit() throws {
    try write("new.patch", line: "f 99")
    let outcome = try kerb(["import", "demo", "../new.patch"], in: world.root)
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("../new.patch:9: error: 2024.1/demo: f: "))
  }

  @Test func aCommitInLatin1BecomesUTF8() throws {
    let clone = world.folder.file("upstream")
    try git(["checkout", "-q", "stable/2024.1"], in: clone)
    try world.folder.write("upstream/new", "x\n")
    try world.folder.write("message", [0x66, 0xe7])
    try git(["add", "."], in: clone)
    try git(
      ["-c", "i18n.commitEncoding=latin1", "commit", "-q", "-F", world.folder.file("message")],
      in: clone)
    let outcome = try kerb(
      ["import", "2024.1/demo", "--from-repo", "../upstream", "HEAD"], in: world.root)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      world.folder.read("work/patches/demo/f.patch")?.contains("=?UTF-8?q?f=C3=A7?=") == true)
  }
}
