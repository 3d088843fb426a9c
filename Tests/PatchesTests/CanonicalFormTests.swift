import Patches
import Testing

@Suite struct CanonicalFormTests {
  static let zero = "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n"
  static let canonicalMail =
    zero + """
      From: A. Author <author@example.org>
      Date: Tue, 14 Nov 2023 23:43:20 +0130
      Subject: [PATCH] change a line

      Why it changes.

      Change-Id: I0123

      diff --git a/a b/a
      index 1111111..2222222 100644
      --- a/a
      +++ b/a
      @@ -1,3 +1,3 @@ def f():
       one
      -two
      +TWO
       three

      """

  @Test func aSectionThatMayMakeTheFileStaysWithoutGitsLines() throws {
    let plain = "--- a/x\t2024-01-01\n+++ b/x\t2024-01-02\n@@ -0,0 +1,1 @@\n+one\n"
    let canonical = "--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+one\n"
    #expect(try patch(plain).canonical.text == canonical)
    #expect(try patch(canonical).canonical.text == canonical)
  }

  @Test func aMailLosesItsCommitNameDiffstatAndSignature() throws {
    #expect(try patch(PatchFormTests.mail).canonical.text == Self.canonicalMail)
  }

  @Test(
    arguments: [
      canonicalMail, PatchFormTests.sections, PatchFormTests.binary,
      zero + "From: A <a@b>\nDate: Tue, 14 Nov 2023 23:43:20 +0130\nSubject: [PATCH] x\n\n\n"
        + "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n",
      "diff --git \"a/t\\303\\244st\" \"b/t\\303\\244st\"\n"
        + "index 1111111..2222222 100644\n--- \"a/t\\303\\244st\"\n+++ \"b/t\\303\\244st\"\n"
        + "@@ -1 +1 @@\n-one\n+two\n",
      "diff --git a/with space b/with space\nindex 1111111..2222222 100644\n"
        + "--- a/with space\t\n+++ b/with space\t\n@@ -1 +1 @@\n-one\n+two\n",
      "diff --git a/x b/x\nindex 1111111..2222222 100644\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n"
        + " one\r\n-two\n\\ No newline at end of file\n+TWO\n\\ No newline at end of file\n",
    ])
  func canonicalInputStaysAsItIs(text: String) throws {
    #expect(try patch(text).canonical.text == text)
  }

  @Test(
    arguments: [
      PatchFormTests.mail, PatchFormTests.show, PatchFormTests.plain, PatchFormTests.quilt,
      PatchFormTests.dep3, PatchFormTests.sections, PatchFormTests.binary,
      "\n\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n\n\n",
      "text\n---\n x | 2 +-\n\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
      "text\n---\nmore text\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
      "From: A <a@b>\nSubject: x\n---\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
    ])
  func theCanonicalFormIsCanonical(text: String) throws {
    let canonical = try patch(text).canonical.text
    #expect(try patch(canonical).canonical.text == canonical)
    #expect(try patch(canonical).formatted.text == canonical)
    #expect(try patch(canonical).files.map(summary) == patch(text).files.map(summary))
    #expect(try patch(canonical).header.message == patch(text).header.message)
  }

  @Test func aPlainDiffBecomesAGitDiff() throws {
    #expect(
      try patch(PatchFormTests.plain).canonical.text == """
        diff --git a/a b/a
        --- a/a
        +++ b/a
        @@ -1,2 +1,2 @@
         one
        -two
        +TWO

        """)
  }

  @Test func plainFilesThatComeAndGoGetTheirModes() throws {
    let text =
      "--- /dev/null\n+++ b/new\n@@ -0,0 +1,1 @@\n+one\n"
      + "--- a/old\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-one\n"
    #expect(
      try patch(text).canonical.text == """
        diff --git a/new b/new
        new file mode 100644
        --- /dev/null
        +++ b/new
        @@ -0,0 +1 @@
        +one
        diff --git a/old b/old
        deleted file mode 100644
        --- a/old
        +++ /dev/null
        @@ -1 +0,0 @@
        -one

        """)
  }

  @Test(arguments: ["  v2: reworked", " see a | b", " 3 reviewers asked for it", " rename it?"])
  func notesBelowTheSeparatorStay(note: String) throws {
    let text = "From: A <a@b>\nSubject: x\n\nWhy.\n---\n\(note)\n x | 2 +-\n\n" + Self.section
    #expect(try patch(text).canonical.text.contains("\n\(note)\n"))
  }

  @Test(
    arguments: [
      " x | 2 +-", " a/{b => c}/x |  12 ++++++-----", " x | Bin 0 -> 12 bytes", " x | 0",
      " 1 file changed, 1 insertion(+)", " 12 files changed, 1 deletion(-)",
      " create mode 100755 x", " delete mode 100644 x", " mode change 100644 => 100755 x",
      " rename a => b (100%)",
    ])
  func aDiffstatGoes(line: String) throws {
    let text = "From: A <a@b>\nSubject: x\n\nWhy.\n---\n\(line)\n\n" + Self.section
    #expect(
      try patch(text).canonical.text
        == Self.zero + "From: A <a@b>\nSubject: x\n\nWhy.\n\n" + Self.section)
  }

  private static let section = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"

  @Test func anIndexThatNamesNoFileIsText() throws {
    let text = "A title\n\nIndex: of all\n\n" + Self.section
    #expect(try patch(text).canonical.text == text)
    #expect(
      try patch("A title\n\nIndex: w/x\n" + Self.section).canonical.text
        == "A title\n\n" + Self.section)
  }

  @Test func theIndexLinesOfQuiltGo() throws {
    #expect(
      try patch(PatchFormTests.quilt).canonical.text == """
        Change a line of two files.

        It was wrong before.

        diff --git a/a b/a
        --- a/a
        +++ b/a
        @@ -1 +1 @@
        -one
        +ONE
        diff --git a/b b/b
        --- a/b
        +++ b/b
        @@ -1 +1 @@
        -two
        +TWO

        """)
  }

  @Test func aLostSpaceComesBack() throws {
    let text = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n\n-one\n+two\n\n"
    #expect(
      try patch(text).canonical.text
        == "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n \n-one\n+two\n \n")
  }

  @Test func headerLinesComeInTheOrderOfGit() throws {
    let text = """
      diff --git a/x b/y
      rename to y
      index 1111111..2222222
      rename from x
      new mode 100755
      similarity index 50%
      old mode 100644
      --- a/x
      +++ b/y
      @@ -1,1 +1,1 @@
      -a
      +b

      """
    #expect(
      try patch(text).canonical.text == """
        diff --git a/x b/y
        old mode 100644
        new mode 100755
        similarity index 50%
        rename from x
        rename to y
        index 1111111..2222222
        --- a/x
        +++ b/y
        @@ -1 +1 @@
        -a
        +b

        """)
  }

  @Test func namesAreQuotedWhereGitQuotesThem() throws {
    let text = "--- a/täst \"1\"\n+++ b/täst \"1\"\n@@ -1 +1 @@\n-a\n+b\n"
    #expect(
      try patch(text).canonical.text == """
        diff --git "a/t\\303\\244st \\"1\\"" "b/t\\303\\244st \\"1\\""
        --- "a/t\\303\\244st \\"1\\""\t
        +++ "b/t\\303\\244st \\"1\\""\t
        @@ -1 +1 @@
        -a
        +b

        """)
  }

  @Test func aTextBetweenSectionsStays() throws {
    let section = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
    let text = section + "A note on the next file.\n" + section.replacing("x", with: "y")
    #expect(try patch(text).canonical.text == text)
  }

  @Test func aTextBelowTheSeparatorStays() throws {
    let text =
      Self.zero + """
        From: A <a@b>
        Subject: x

        body
        ---
        v2: rebased

        diff --git a/x b/x
        old mode 100644
        new mode 100755

        """
    #expect(try patch(text).canonical.text == text)
  }
}
