import Patches
import Testing

@Suite struct PatchFormTests {
  static let mail = """
    From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
    From: A. Author <author@example.org>
    Date: Tue, 14 Nov 2023 23:43:20 +0130
    Subject: [PATCH] change a line

    Why it changes.

    Change-Id: I0123
    ---
     a | 2 +-
     1 file changed, 1 insertion(+), 1 deletion(-)

    diff --git a/a b/a
    index 1111111..2222222 100644
    --- a/a
    +++ b/a
    @@ -1,3 +1,3 @@ def f():
     one
    -two
    +TWO
     three
    --\u{20}
    2.39.5


    """

  @Test func aMailHasAnAuthorADateASubjectAndABody() throws {
    let header = try patch(Self.mail).header
    #expect(header.form == .mail)
    #expect(header.author?.name.text == "A. Author")
    #expect(header.author?.email.text == "author@example.org")
    #expect(header.author?.date == AuthorDate(seconds: 1_700_000_000, offset: 90))
    #expect(header.subject.text == "change a line")
    #expect(header.body.text == "Why it changes.\n\nChange-Id: I0123")
    #expect(header.message.text == "change a line\n\nWhy it changes.\n\nChange-Id: I0123\n")
    #expect(header.warnings.isEmpty)
  }

  @Test func aMailHasSectionsAndHunksWithTheirNumbers() throws {
    let patch = try patch(Self.mail)
    #expect(patch.files.map(summary) == ["modify a"])
    let file = patch.files[0]
    #expect(file.line == 13)
    #expect(file.isGitForm)
    #expect(file.oldMode == .regular)
    #expect(file.newMode == .regular)
    #expect(file.index?.old.text == "1111111")
    #expect(file.index?.new.text == "2222222")
    #expect(file.index?.oldID == nil)
    let hunk = hunks(file)[0]
    #expect([hunk.oldStart, hunk.oldCount, hunk.newStart, hunk.newCount] == [1, 3, 1, 3])
    #expect([hunk.leadingContext, hunk.trailingContext] == [1, 1])
    #expect(hunk.line == 17)
    #expect(Array(hunk.source[hunk.heading]).text == " def f():")
    #expect(lines(hunk) == [" one\n", "-two\n", "+TWO\n", " three\n"])
  }

  static let show = """
    commit 0123456789012345678901234567890123456789 (HEAD -> main)
    Author: A. Author <author@example.org>
    Date:   Tue Nov 14 23:43:20 2023 +0130

        change a line

        Why it changes.

    diff --git a/a b/a
    index 1111111..2222222 100644
    --- a/a
    +++ b/a
    @@ -1 +1 @@
    -two
    +TWO

    """

  @Test func gitShowHasTheSameParts() throws {
    let patch = try patch(Self.show)
    #expect(patch.header.form == .show)
    #expect(patch.header.author?.name.text == "A. Author")
    #expect(patch.header.author?.email.text == "author@example.org")
    #expect(patch.header.author?.date == AuthorDate(seconds: 1_700_000_000, offset: 90))
    #expect(patch.header.message.text == "change a line\n\nWhy it changes.\n")
    #expect(patch.files.map(summary) == ["modify a"])
  }

  static let plain = """
    --- dir.orig/a\t2023-11-14 23:43:20.000000000 +0000
    +++ dir/a\t2023-11-14 23:43:21.000000000 +0000
    @@ -1,2 +1,2 @@
     one
    -two
    +TWO

    """

  @Test func aPlainDiffHasNoHeaderAndNoModes() throws {
    let patch = try patch(Self.plain)
    #expect(patch.header.form == .none)
    #expect(patch.header.author == nil)
    #expect(patch.header.message.isEmpty)
    #expect(patch.files.map(summary) == ["modify a"])
    #expect(patch.files[0].oldMode == nil)
    #expect(!patch.files[0].isGitForm)
    #expect(patch.files[0].line == 1)
  }

  @Test(
    arguments: ["1970-01-01 00:00:00.000000000 +0000", "1969-12-31 19:00:00.000000000 -0500"]
  )
  func aPlainDiffMarksAnAbsentFileByTheEpoch(epoch: String) throws {
    let created = try patch("--- x/new\t\(epoch)\n+++ y/new\t2024-01-01\n@@ -0,0 +1 @@\n+one\n")
    #expect(created.files.map(summary) == ["create new"])
    #expect(created.files[0].newMode == .regular)
    let deleted = try patch("--- x/old\t2024-01-01\n+++ y/old\t\(epoch)\n@@ -1 +0,0 @@\n-one\n")
    #expect(deleted.files.map(summary) == ["delete old"])
  }

  @Test func aFileOfTheEpochThatHasContentIsNotAbsent() throws {
    let patch = try patch(
      "--- x/a\t1970-01-01 00:00:00 +0000\n+++ y/a\t1970-01-01 00:00:00 +0000\n"
        + "@@ -1 +1 @@\n-one\n+two\n")
    #expect(patch.files.map(summary) == ["modify a"])
  }

  @Test func aPlainDiffNamesAnAbsentFileDevNull() throws {
    let patch = try patch(
      "--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+one\n"
        + "--- a/old\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n")
    #expect(patch.files.map(summary) == ["create new", "delete old"])
  }

  static let quilt = """
    Change a line of two files.

    It was wrong before.
    Index: project/a
    ===================================================================
    --- project.orig/a
    +++ project/a
    @@ -1 +1 @@
    -one
    +ONE
    Index: project/b
    ===================================================================
    --- project.orig/b
    +++ project/b
    @@ -1 +1 @@
    -two
    +TWO

    """

  @Test func aQuiltPatchHasATextAndIndexLines() throws {
    let patch = try patch(Self.quilt)
    #expect(patch.header.form == .text)
    #expect(patch.header.author == nil)
    #expect(patch.header.subject.text == "Change a line of two files.")
    #expect(patch.header.body.text == "It was wrong before.")
    #expect(patch.files.map(summary) == ["modify a", "modify b"])
    #expect(patch.files.map(\.line) == [6, 13])
  }

  static let dep3 = """
    Description: change a line
     It was wrong before.
    Author: A. Author <author@example.org>
    Forwarded: not-needed
    Last-Update: 2023-11-14
    ---
    This patch header follows DEP-3: http://dep.debian.net/deps/dep3/
    --- a/a
    +++ b/a
    @@ -1 +1 @@
    -one
    +ONE

    """

  @Test func aDEP3HeaderIsText() throws {
    let patch = try patch(Self.dep3)
    #expect(patch.header.form == .text)
    #expect(patch.header.subject.text == "Description: change a line")
    #expect(
      patch.header.body.text == " It was wrong before.\n"
        + "Author: A. Author <author@example.org>\nForwarded: not-needed\nLast-Update: 2023-11-14")
    #expect(patch.files.map(summary) == ["modify a"])
  }

  @Test func aMailboxIsReadMailByMail() throws {
    let second = Self.mail.replacing("[PATCH] change", with: "[PATCH 2/2] change again")
    let patches = try mailbox(parsing: (Self.mail + second).bytes, name: "p")
    #expect(patches.map(\.header.subject.text) == ["change a line", "change again a line"])
    #expect(patches.map { $0.files[0].line } == [13, 37])
    #expect(patches.map(\.formatted.text) == [Self.mail, second])
  }

  static let sections = """
    diff --git a/created b/created
    new file mode 100755
    index 0000000..2222222
    --- /dev/null
    +++ b/created
    @@ -0,0 +1 @@
    +one
    diff --git a/deleted b/deleted
    deleted file mode 100644
    index 1111111..0000000
    --- a/deleted
    +++ /dev/null
    @@ -1 +0,0 @@
    -one
    diff --git a/old name b/new name
    similarity index 100%
    rename from old name
    rename to new name
    diff --git a/moved b/deep/moved
    old mode 100644
    new mode 100755
    similarity index 66%
    rename from moved
    rename to deep/moved
    index 1111111..2222222
    --- a/moved
    +++ b/deep/moved
    @@ -1 +1 @@
    -one
    +two
    diff --git a/model b/copy
    similarity index 100%
    copy from model
    copy to copy
    diff --git a/empty b/empty
    new file mode 100644
    index 0000000..e69de29
    diff --git a/gone b/gone
    deleted file mode 100644
    index e69de29..0000000
    diff --git a/script b/script
    old mode 100644
    new mode 100755
    diff --git a/link b/link
    new file mode 120000
    index 0000000..2222222
    --- /dev/null
    +++ b/link
    @@ -0,0 +1 @@
    +target
    \\ No newline at end of file
    diff --git a/rewritten b/rewritten
    dissimilarity index 90%
    index 1111111..2222222 100644
    --- a/rewritten
    +++ b/rewritten
    @@ -1 +1 @@
    -one
    +two

    """

  @Test func everyKindOfSectionIsRead() throws {
    let files = try patch(Self.sections).files
    #expect(
      files.map(summary) == [
        "create created", "delete deleted", "rename old name new name 100",
        "rename moved deep/moved 66", "copy model copy 100", "create empty", "delete gone",
        "modify script", "create link", "modify rewritten",
      ])
    #expect(
      files.map { "\($0.oldMode?.digits ?? "-") \($0.newMode?.digits ?? "-")" } == [
        "- 100755", "100644 -", "- -", "100644 100755", "- -", "- 100644", "100644 -",
        "100644 100755", "- 120000", "100644 100644",
      ])
    #expect(files.map { hunks($0).count } == [1, 1, 0, 1, 0, 0, 0, 0, 1, 1])
    #expect(files.map(\.line) == [1, 8, 15, 19, 31, 35, 38, 41, 44, 52])
    #expect(files[9].dissimilarity == 90)
    #expect(files[3].sourcePath.description == "moved")
    #expect(lines(hunks(files[8])[0]) == ["+target"])
    #expect(hunks(files[8])[0].newLacksNewline)
  }

  static let binary = """
    diff --git a/literal b/literal
    new file mode 100644
    index 0000000000000000000000000000000000000000..ce542efaa5123b6fdb5e5ab2a6c3f6ea1b4b0a5a
    GIT binary patch
    literal 3
    Kcmb=PX5-{!XJX*>

    literal 0
    HcmV?d00001

    diff --git a/delta b/delta
    index 1111111111111111111111111111111111111111..2222222222222222222222222222222222222222 100644
    GIT binary patch
    delta 3
    Kcmb=PX5-{!XJX*>

    delta 4
    Kcmb=PX5-{!XJX*>


    """

  @Test func binarySectionsHaveBothDirections() throws {
    let files = try patch(Self.binary).files
    #expect(files.map(summary) == ["create literal", "modify delta"])
    guard case .binary(let literal, let empty) = files[0].content,
      case .binary(let delta, let reverse) = files[1].content
    else {
      Issue.record("both sections are binary")
      return
    }
    #expect([literal.method, empty?.method] == [.literal, .literal])
    #expect([delta.method, reverse?.method] == [.delta, .delta])
    #expect([literal.size, empty?.size, delta.size, reverse?.size] == [3, 0, 3, 4])
    #expect([literal.line, empty?.line, delta.line, reverse?.line] == [5, 8, 14, 17])
    #expect(literal.deflated.count == 11)
    #expect(empty?.deflated == [0x78, 0x01, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01])
  }

  @Test func aBinarySectionMayLackTheWayBack() throws {
    let text =
      "diff --git a/x b/x\nindex 1111111..2222222 100644\nGIT binary patch\n"
      + "literal 0\nHcmV?d00001\n\n"
    guard case .binary(_, let reverse) = try patch(text).files[0].content else {
      Issue.record("the section is binary")
      return
    }
    #expect(reverse == nil)
    #expect(try patch(text).formatted.text == text)
  }

  @Test(
    arguments: [
      ("diff --git \"a/t\\303\\244st\" \"b/t\\303\\244st\"", "täst"),
      ("diff --git \"a/q\\\"q\" \"b/q\\\"q\"", "q\"q"),
      ("diff --git \"a/plain\" b/plain", "plain"),
      ("diff --git a/plain \"b/plain\"", "plain"),
      ("diff --git a/with space b/with space", "with space"),
      ("diff --git a/x b/x b/x b/x", "x b/x"),
      ("diff --git a/end  b/end ", "end "),
      ("diff --git i/mnemonic w/mnemonic", "mnemonic"),
      ("diff --git a/deep/er/x b/deep/er/x", "deep/er/x"),
      ("diff --git a/ä b/ä", "ä"),
    ])
  func theTitleNamesOneFileTwice(title: String, path: String) throws {
    let patch = try patch("\(title)\nold mode 100644\nnew mode 100755\n")
    #expect(patch.files.map(summary) == ["modify \(path)"])
  }

  @Test func aFileLineMayEndInATabAfterAPathWithASpace() throws {
    let patch = try patch(
      "diff --git a/with space b/with space\n--- a/with space\t\n+++ b/with space\t\n"
        + "@@ -1 +1 @@\n-one\n+two\n")
    #expect(patch.files.map(summary) == ["modify with space"])
  }

  @Test func theMarkerTakesTheNewlineOffTheLineBeforeIt() throws {
    let text = """
      --- a/x
      +++ b/x
      @@ -1,2 +1,2 @@
       one
      -two
      \\ No newline at end of file
      +two

      """
    let hunk = hunks(try patch(text).files[0])[0]
    #expect(lines(hunk) == [" one\n", "-two", "+two\n"])
    #expect(hunk.oldLacksNewline)
    #expect(!hunk.newLacksNewline)
  }

  @Test func aMarkerAfterContextEndsBothSides() throws {
    let text =
      "--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-one\n two\n\\ No newline at end of file\n"
    let hunk = hunks(try patch(text).files[0])[0]
    #expect(lines(hunk) == ["-one\n", " two"])
    #expect(hunk.oldLacksNewline)
    #expect(hunk.newLacksNewline)
  }

  @Test func aBlankContextLineMayHaveLostItsSpace() throws {
    let text = "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n\n-one\n+two\n\n"
    let hunk = hunks(try patch(text).files[0])[0]
    #expect(lines(hunk) == [" \n", "-one\n", "+two\n", " \n"])
    #expect([hunk.leadingContext, hunk.trailingContext] == [1, 1])
  }

  @Test func contentKeepsItsCarriageReturns() throws {
    let text = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n one\r\n-two\r\n+TWO\r\n"
    #expect(lines(hunks(try patch(text).files[0])[0]) == [" one\r\n", "-two\r\n", "+TWO\r\n"])
  }

  @Test func contentMayBeAnyBytes() throws {
    let bytes =
      "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-".bytes + [0, 0xff, 0x0a] + "+".bytes + [0x80, 0x0a]
    let patch = try Patch(parsing: bytes, name: "p")
    var contents: [[UInt8]] = []
    hunks(patch.files[0])[0].forEachLine { _, range in contents.append(Array(bytes[range])) }
    #expect(contents == [[0, 0xff, 0x0a], [0x80, 0x0a]])
    #expect(patch.formatted == bytes)
  }

  @Test func aCountOfOneMayBeLeftOut() throws {
    let hunk = hunks(try patch("--- a/x\n+++ b/x\n@@ -7 +9 @@\n-a\n+b\n").files[0])[0]
    #expect([hunk.oldStart, hunk.oldCount, hunk.newStart, hunk.newCount] == [7, 1, 9, 1])
  }

  @Test func anEmptySideMayStandAtAnyLine() throws {
    let hunk = hunks(try patch("--- a/x\n+++ b/x\n@@ -7,0 +8,1 @@\n+b\n").files[0])[0]
    #expect([hunk.oldStart, hunk.oldCount, hunk.newStart, hunk.newCount] == [7, 0, 8, 1])
  }

  @Test func textAfterTheClosingSignsIsAHeading() throws {
    let hunk = hunks(try patch("--- a/x\n+++ b/x\n@@ -1 +1 @@@ x\n-a\n+b\n").files[0])[0]
    #expect(Array(hunk.source[hunk.heading]).text == "@ x")
  }

  @Test func anIndexLineInFullGivesNames() throws {
    let old = String(repeating: "1", count: 40)
    let new = String(repeating: "a", count: 40)
    let patch = try patch(
      "diff --git a/x b/x\nindex \(old)..\(new) 100644\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
    #expect(patch.files[0].index?.oldID == ObjectID(old))
    #expect(patch.files[0].index?.newID == ObjectID(new))
  }

  @Test func aSignatureMayHoldAnything() throws {
    let text = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n-- \n- A. Author\n+ list\n"
    #expect(try patch(text).files.count == 1)
    #expect(try patch(text).formatted.text == text)
  }

  @Test(
    arguments: [
      mail, show, plain, quilt, dep3, sections, binary,
      "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n\n-one\n+two\n\n",
      "--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-one\r\n+two\r\n",
      "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file",
      "text\n\n---\n\n x | 2 +-\n\ndiff --git a/x b/x\nold mode 100644\nnew mode 100755\n\n\n",
    ])
  func printingGivesTheBytesThatWereRead(text: String) throws {
    #expect(try patch(text).formatted.text == text)
  }
}
