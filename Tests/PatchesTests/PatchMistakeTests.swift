import Patches
import Testing

/// Each way in which a patch can be malformed, with the line and the rule that the message names.
@Suite struct PatchMistakeTests {
  private static let change = "@@ -1 +1 @@\n-a\n+b\n"
  private static let file = "--- a/x\n+++ b/x\n"
  private static let title = "diff --git a/x b/x\n"

  static let sections: [Mistake] = [
    Mistake("a file in CR LF", "p:1: crlf", in: "diff --git a/x b/x\r\nold mode 100644\r\n"),
    Mistake("header lines in CR LF", "p:2: crlf", in: title + "old mode 100644\r\n"),
    Mistake(
      "a plain file line in CR LF", "p:1: crlf", in: "--- a/x\r\n+++ b/x\r\n@@ -1 +1 @@\r\n"),
    Mistake("a git file line in CR LF", "p:2: crlf", in: title + "--- a/x\r\n+++ b/x\n" + change),
    Mistake("a section without a change", "p:1: section-empty", in: title),
    Mistake(
      "two sections without a change", "p:1: section-empty", "p:2: section-empty",
      in: title + title),
    Mistake(
      "the same mode twice", "p:1: section-empty",
      in: title + "old mode 100644\nnew mode 100644\n"),
    Mistake(
      "an index line alone", "p:1: section-empty", in: title + "index 1111111..2222222 100644\n"),
    Mistake("an old mode alone", "p:1: header-form", in: title + "old mode 100644\n"),
    Mistake(
      "a new mode alone", "p:1: header-form", in: title + "new mode 100755\n" + file + change),
    Mistake(
      "binary files without data", "p:3: binary-missing",
      in: title + "index 1111111..2222222\nBinary files a/x and b/x differ\n"),
    Mistake(
      "both sides are /dev/null", "p:1: path-mismatch",
      in: "--- /dev/null\n+++ /dev/null\n" + change),
    Mistake(
      "plain file lines that differ", "p:1: path-mismatch", in: "--- a/x\n+++ b/y\n" + change),
    Mistake(
      "a title of two files", "p:1: path-mismatch",
      in: "diff --git a/x b/y\nold mode 100644\nnew mode 100755\n"),
    Mistake("a title of one name", "p:1: path-mismatch", in: "diff --git a/x\n"),
    Mistake("a title with an open quote", "p:1: path-mismatch", in: "diff --git \"a/x b/x\n"),
    Mistake(
      "rename lines that are not the title's", "p:1: path-mismatch",
      in: "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to z\n"),
    Mistake(
      "an old file line of another file", "p:2: path-mismatch",
      in: title + "--- a/y\n+++ b/x\n" + change),
    Mistake(
      "a new file line of another file", "p:3: path-mismatch",
      in: title + "--- a/x\n+++ b/y\n" + change),
    Mistake(
      "a new file with an old side", "p:3: path-mismatch",
      in: title + "new file mode 100644\n" + file + "@@ -0,0 +1 @@\n+b\n"),
    Mistake(
      "a deleted file with a new side", "p:4: path-mismatch",
      in: title + "deleted file mode 100644\n" + file + "@@ -1 +0,0 @@\n-b\n"),
    Mistake(
      "a header line twice", "p:3: header-twice",
      in: title + "old mode 100644\nold mode 100644\nnew mode 100755\n"),
    Mistake(
      "a submodule", "p:2: submodule", in: title + "new file mode 160000\nindex 0000000..1111111\n"),
    Mistake(
      "a submodule's index line", "p:2: submodule", in: title + "index 1111111..2222222 160000\n"),
    Mistake("mode 100777", "p:2: mode", in: title + "new file mode 100777\n"),
    Mistake("mode 100664", "p:2: mode", in: title + "new file mode 100664\n"),
    Mistake("mode 040000", "p:2: mode", in: title + "new file mode 040000\n"),
    Mistake("mode 0", "p:2: mode", in: title + "new file mode 000000\n"),
    Mistake("no mode", "p:2: mode", in: title + "new file mode \n"),
    Mistake("a mode of 22 digits", "p:2: mode", in: title + "new mode 7777777777777777777777\n"),
    Mistake("a percentage of 101", "p:2: header-form", in: title + "similarity index 101%\n"),
    Mistake("a percentage without %", "p:2: header-form", in: title + "dissimilarity index 7\n"),
    Mistake("one name on the index line", "p:2: header-form", in: title + "index 1111111\n"),
    Mistake("an index name of 3 digits", "p:2: header-form", in: title + "index 111..222\n"),
    Mistake("an index name of letters", "p:2: header-form", in: title + "index 1111xyz..2222222\n"),
    Mistake(
      "a rename without its end", "p:1: header-form", in: "diff --git a/x b/y\nrename from x\n"),
    Mistake(
      "a rename that ends as a copy", "p:1: header-form",
      in: "diff --git a/x b/y\nrename from x\ncopy to y\n"),
    Mistake(
      "a file both new and deleted", "p:1: header-form",
      in: title + "new file mode 100644\ndeleted file mode 100644\n"),
    Mistake(
      "a file both new and renamed", "p:1: header-form",
      in: "diff --git a/x b/y\nnew file mode 100644\nrename from x\nrename to y\n"),
    Mistake(
      "a quoted name with an open end", "p:2: path-quoting",
      in: "diff --git a/x b/y\nrename from \"x\nrename to y\n"),
    Mistake(
      "a quoted name with text behind it", "p:2: path-quoting",
      in: "diff --git a/x b/y\nrename from \"x\" z\nrename to y\n"),
    Mistake(
      "a rename to itself", "p:1: rename-self", in: title + "rename from x\nrename to x\n"),
    Mistake(
      "a new file with old lines", "p:5: create-old-lines",
      in: title + "new file mode 100644\n--- /dev/null\n+++ b/x\n" + change),
    Mistake(
      "a deleted file with new lines", "p:5: delete-new-lines",
      in: title + "deleted file mode 100644\n--- a/x\n+++ /dev/null\n" + change),
    Mistake(
      "a new file of two hunks", "p:5: hunk-order",
      in: "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n@@ -0,0 +2 @@\n+b\n"),
    Mistake(
      "a file that turns into a link", "p:1: type-change",
      in: title + "old mode 100644\nnew mode 120000\n"),
    Mistake("a file line without a hunk", "p:4: hunk-header", in: title + file + "text\n"),
    Mistake(
      "one mistake in each of two sections", "p:2: mode", "p:4: header-form",
      in: title + "new file mode 100777\n" + title + "index 1\n"),
    Mistake(
      "a mistake after a sound section", "p:7: path-mismatch",
      in: file + change + title + file.replacing("x", with: "y") + change),
  ]

  static let hunks: [Mistake] = [
    Mistake(
      "hunks that overlap", "p:6: hunk-order",
      in: file + "@@ -1,2 +1,1 @@\n-a\n b\n@@ -2 +1 @@\n-b\n+c\n"),
    Mistake(
      "hunks in descending order", "p:6: hunk-order",
      in: file + "@@ -9 +9 @@\n-a\n+b\n@@ -1 +1 @@\n-a\n+b\n"),
    Mistake("a negative start", "p:3: hunk-header", in: file + "@@ --1,3 +1,3 @@\n-a\n+b\n"),
    Mistake("a start in hexadecimal", "p:3: hunk-header", in: file + "@@ -0x1,3 +1,3 @@\n-a\n+b\n"),
    Mistake("a start with an exponent", "p:3: hunk-header", in: file + "@@ -1e0 +1 @@\n-a\n+b\n"),
    Mistake("a start beyond 2^31", "p:3: hunk-header", in: file + "@@ -2147483648 +1 @@\n-a\n+b\n"),
    Mistake(
      "a start beyond 2^64", "p:3: hunk-header",
      in: file + "@@ -18446744073709551617 +1 @@\n-a\n+b\n"),
    Mistake(
      "a count beyond 2^31", "p:3: hunk-header", in: file + "@@ -1,2147483648 +1 @@\n-a\n+b\n"),
    Mistake("no closing signs", "p:3: hunk-header", in: file + "@@ -1 +1\n-a\n+b\n"),
    Mistake("one closing sign", "p:3: hunk-header", in: file + "@@ -1 +1 @\n-a\n+b\n"),
    Mistake("no new side", "p:3: hunk-header", in: file + "@@ -1 @@\n-a\n+b\n"),
    Mistake("a missing count", "p:3: hunk-header", in: file + "@@ -1, +1 @@\n-a\n+b\n"),
    Mistake("spaces in the header", "p:3: hunk-header", in: file + "@@ - 1,3 + 1,3 @@\n-a\n+b\n"),
    Mistake("lines at 0", "p:3: hunk-header", in: file + "@@ -0,1 +1 @@\n-a\n+b\n"),
    Mistake(
      "a malformed second header", "p:6: hunk-header", in: file + change + "@@ 7 @@\n-a\n+b\n"),
    Mistake(
      "a hunk cut at a line", "p:3: hunk-truncated", in: file + "@@ -1,50 +1,50 @@\n-a\n+b\n"),
    Mistake("a hunk cut at its header", "p:3: hunk-truncated", in: file + "@@ -1 +1 @@"),
    Mistake("a hunk cut in a line", "p:5: hunk-truncated", in: file + "@@ -1 +1 @@\n-a\n+b"),
    Mistake(
      "more old lines than counted", "p:5: hunk-count", in: file + "@@ -1 +1,2 @@\n-a\n-b\n+c\n"),
    Mistake(
      "more new lines than counted", "p:5: hunk-count", in: file + "@@ -1,2 +1 @@\n+a\n+b\n-c\n"),
    Mistake(
      "context when one side is full", "p:5: hunk-count", in: file + "@@ -1 +1,2 @@\n-a\n b\n+c\n"),
    Mistake("a removed line behind the hunk", "p:6: hunk-count", in: file + change + "-c\n"),
    Mistake("an added line behind the hunk", "p:6: hunk-count", in: file + change + "+c\n"),
    Mistake("a context line behind the hunk", "p:6: hunk-count", in: file + change + " c\n"),
    Mistake("a lost line after a blank one", "p:7: hunk-count", in: file + change + "\n+c\n"),
    Mistake("a hunk that only keeps", "p:3: hunk-empty", in: file + "@@ -1 +1 @@\n a\n"),
    Mistake("a hunk of nothing", "p:3: hunk-empty", in: file + "@@ -1,0 +1,0 @@\n"),
    Mistake("a line without a sign", "p:4: hunk-line", in: file + "@@ -1 +1 @@\na\n+b\n"),
    Mistake("a blank line in CR LF", "p:4: hunk-line", in: file + "@@ -1,2 +1 @@\n\r\n-a\n"),
    Mistake(
      "a marker before any line", "p:4: hunk-marker",
      in: file + "@@ -1 +1 @@\n\\ No newline at end of file\n-a\n+b\n"),
    Mistake(
      "a marker in the middle of the old side", "p:5: hunk-marker",
      in: file + "@@ -1,2 +1 @@\n-a\n\\ No newline at end of file\n-b\n+c\n"),
    Mistake(
      "a marker in the middle of the new side", "p:5: hunk-marker",
      in: file + "@@ -1 +1,2 @@\n+a\n\\ No newline at end of file\n+b\n-c\n"),
    Mistake(
      "a marker after context with new lines to come", "p:5: hunk-marker",
      in: file + "@@ -1 +1,2 @@\n a\n\\ No newline at end of file\n+b\n"),
    Mistake(
      "a marker twice", "p:7: hunk-marker",
      in: file + "@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n\\ No newline at end of file\n"
    ),
  ]

  static let binaries: [Mistake] = [
    Mistake("no data", "p:4: binary", in: binary + "\n"),
    Mistake("another method", "p:4: binary", in: binary + "packed 3\nKcmb=PX5-{!XJX*>\n\n"),
    Mistake("a size of letters", "p:4: binary", in: binary + "literal x\nKcmb=PX5-{!XJX*>\n\n"),
    Mistake("text after the size", "p:4: binary", in: binary + "literal 3 x\nKcmb=PX5-{!XJX*>\n\n"),
    Mistake("a size beyond 2^31", "p:4: binary", in: binary + "literal 4611686018427387904\n"),
    Mistake("33554433 bytes", "p:4: binary-size", in: binary + "literal 33554433\n"),
    Mistake(
      "far more than the patch is long", "p:7: binary-size",
      in: binary + "literal 20000000\nHcmV?d00001\n\nliteral 20000000\nHcmV?d00001\n\n"),
    Mistake(
      "data without its end", "p:6: binary-truncated", in: binary + "literal 0\nHcmV?d00001\n"),
    Mistake(
      "a character that is no digit", "p:5: binary-base85",
      in: binary + "literal 0\nHcm\"?d00001\n\n"),
    Mistake(
      "five digits beyond 2^32", "p:5: binary-base85", in: binary + "literal 0\nD~~~~~\n\n"),
    Mistake("a length beyond the line", "p:5: binary-base85", in: binary + "literal 0\nzcmV?d\n\n"),
    Mistake(
      "a length below the line", "p:5: binary-base85", in: binary + "literal 0\nAcmV?d00001\n\n"),
    Mistake(
      "a length that is no letter", "p:5: binary-base85", in: binary + "literal 0\n0cmV?d\n\n"),
    Mistake(
      "a mistake on the way back", "p:7: binary",
      in: binary + "literal 0\nHcmV?d00001\n\ndelta x\n\n"),
  ]
  private static let binary = title + "index 1111111..2222222 100644\nGIT binary patch\n"

  static let files: [Mistake] = [
    Mistake("nothing", "p:1: no-patch", in: ""),
    Mistake("prose", "p:1: no-patch", in: "Dear maintainers,\nno patch today.\n"),
    Mistake(
      "a context diff", "p:1: no-patch", in: "*** a/x\n--- b/x\n***************\n*** 1 ****\n"),
    Mistake("a normal diff", "p:1: no-patch", in: "1c1\n< a\n---\n> b\n"),
    Mistake("UTF-16, low byte first", ["p:1: encoding"], bytes: [0xff, 0xfe, 0x64, 0x00]),
    Mistake("UTF-16, high byte first", ["p:1: encoding"], bytes: [0xfe, 0xff, 0x00, 0x64]),
    Mistake(
      "a byte order mark", ["p:1: encoding"], bytes: [0xef, 0xbb, 0xbf] + (file + change).bytes),
    Mistake(
      "a combined diff", "p:1: combined-diff",
      in: "diff --cc x\nindex 1,2..3\n--- a/x\n+++ b/x\n@@@ -1,1 -1,1 +1,1 @@@\n"),
    Mistake(
      "a combined hunk", "p:6: combined-diff", in: file + change + "@@@ -1,1 -1,1 +1,1 @@@\n"),
    Mistake("a hunk without a file", "p:3: hunk-without-file", in: "text\n\n" + change),
    Mistake(
      "a hunk above the first file", "p:1: hunk-without-file", in: change + file + change),
    Mistake(
      "a hunk below the separator", "p:2: hunk-without-file", in: "---\n" + change + file + change),
    Mistake("a letter above a mail", "p:1: no-patch", in: "hello\n" + mail),
    Mistake("two mails", "p:7: several-mails", in: mail + mail),
    Mistake("two mails with mistakes", "p:5: section-empty", in: emptyMail + emptyMail),
  ]
  private static let commit =
    "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
  private static let mail =
    commit + "From: A <a@b>\n\n" + title + "old mode 100644\nnew mode 100755\n"
  private static let emptyMail = commit + "From: A <a@b>\nSubject: x\n\n" + title

  @Test(arguments: sections) func sectionsAreRefused(mistake: Mistake) throws {
    expectFindings(mistake)
  }

  @Test(arguments: hunks) func hunksAreRefused(mistake: Mistake) throws {
    expectFindings(mistake)
  }

  @Test(arguments: binaries) func binaryDataIsRefused(mistake: Mistake) throws {
    expectFindings(mistake)
  }

  @Test(arguments: files) func filesAreRefused(mistake: Mistake) throws {
    expectFindings(mistake)
  }

  private func expectFindings(_ mistake: Mistake) {
    let found = findings { () throws(Diagnostics) in
      _ = try Patch(parsing: mistake.bytes, name: "p")
    }
    #expect(found == mistake.findings)
  }

  @Test(
    arguments: [
      "a/../x", "a/dir/../../x", "a//x", "a/x/", "a/./x", "a/dir//x", "a/.git/config",
      "a/.GIT/config", "a/dir/.git", "a/c:/x", "a/",
    ])
  func pathsOutsideTheTreeAreRefused(name: String) {
    let other = "b" + name.dropFirst()
    let git = "diff --git \(name) \(other)\nold mode 100644\nnew mode 100755\n"
    #expect(findings { () throws(Diagnostics) in _ = try patch(git) } == ["p:1: path"])
    let plain = "--- \(name)\n+++ \(other)\n@@ -1 +1 @@\n-a\n+b\n"
    #expect(findings { () throws(Diagnostics) in _ = try patch(plain) } == ["p:1: path"])
  }

  @Test(arguments: ["\\000", "\\n", "\\033", "\\177", "\\\\"])
  func quotedPathsWithControlBytesAreRefused(escape: String) {
    let text = "diff --git \"a/x\(escape)\" \"b/x\(escape)\"\nold mode 100644\nnew mode 100755\n"
    #expect(findings { () throws(Diagnostics) in _ = try patch(text) } == ["p:1: path"])
  }

  @Test(arguments: ["/x", "x", "\"x\"", "/dev/nul"])
  func fileLinesWithoutTwoComponentsAreRefused(name: String) {
    let text = "--- \(name)\n+++ \(name)\n@@ -1 +1 @@\n-a\n+b\n"
    #expect(findings { () throws(Diagnostics) in _ = try patch(text) } == ["p:1: path"])
  }

  @Test func aRenameFromOutsideIsRefused() {
    let text = "diff --git a/../x b/x\nrename from ../x\nrename to x\n"
    #expect(findings { () throws(Diagnostics) in _ = try patch(text) } == ["p:1: path"])
  }

  @Test func aPatchIsAtMost256MiB() {
    let found = findings { () throws(Diagnostics) in
      _ = try Patch(parsing: [UInt8](repeating: 0x0a, count: 256 << 20 + 1), name: "p")
    }
    #expect(found == ["p:1: patch-size"])
  }

  @Test func theMistakesOfEveryMailAreFound() {
    let found = findings { () throws(Diagnostics) in
      _ = try mailbox(parsing: (Self.emptyMail + Self.emptyMail).bytes, name: "p")
    }
    #expect(found == ["p:5: section-empty", "p:10: section-empty"])
  }

  @Test func aMailWithoutAPatchIsRefusedInAMailbox() {
    let letter = Self.commit + "From: A <a@b>\nSubject: [PATCH 0/1] letter\n\nhello\n\n"
    let found = findings { () throws(Diagnostics) in
      _ = try mailbox(parsing: (letter + Self.mail).bytes, name: "p")
    }
    #expect(found == ["p:1: no-patch"])
    let after = findings { () throws(Diagnostics) in
      _ = try mailbox(parsing: (Self.mail + letter + Self.mail).bytes, name: "p")
    }
    #expect(after == ["p:7: no-patch"])
  }

  @Test func aMessageSaysWhatToDo() throws {
    let text = "*** a/x\n--- b/x\n***************\n*** 1 ****\n"
    let error = try #require(throws: Diagnostics.self) { try patch(text) }
    #expect(
      error.description == "p:1: error: no patch in this file; a context diff is not taken, "
        + "make it with 'diff -u' [no-patch]")
  }
}
