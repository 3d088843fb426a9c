import Patches
import Testing

@Suite struct MailTests {
  private static let change = "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n"

  private func header(_ fields: String, body: String = "") throws(Diagnostics) -> PatchHeader {
    try patch(fields + "\n" + body + "---\n" + Self.change).header
  }

  @Test(
    arguments: [
      ("[PATCH] plain", "plain"),
      ("[PATCH 1/2] numbered", "numbered"),
      ("[PATCH v3 07/12] version", "version"),
      ("[nova PATCH] project", "project"),
      ("[RFC PATCH 1/2] asked", "asked"),
      ("[foo] kept", "[foo] kept"),
      ("[PATCH] [foo] kept", "[foo] kept"),
      ("Re: [PATCH] answered", "answered"),
      ("RE: re: twice", "twice"),
      ("[PATCH][PATCH 2/2] two", "two"),
      ("  spaces  ", "spaces"),
      ("[PATCH open", "[PATCH open"),
      ("", ""),
    ])
  func theSubjectLosesWhatTheMailAdded(field: String, subject: String) throws {
    #expect(try header("From: A <a@b>\nSubject: \(field)\n").subject.text == subject)
  }

  @Test func aFoldedSubjectIsOneLine() throws {
    let header = try header("From: A <a@b>\nSubject: [PATCH] a very\n long\n\tsubject\n")
    #expect(header.subject.text == "a very long subject")
  }

  @Test(
    arguments: [
      ("=?UTF-8?q?t=C3=A4st?=", "täst"),
      ("=?utf-8?Q?a_b?=", "a b"),
      ("=?UTF-8?B?dMOkc3Q=?=", "täst"),
      ("=?UTF-8?b?dMOkc3Q?=", "täst"),
      ("=?us-ascii?q?plain?=", "plain"),
      ("=?UTF-8?q?t=C3?= =?UTF-8?q?=A4st?=", "täst"),
      ("=?UTF-8?q?a?= and =?UTF-8?q?b?=", "a and b"),
      ("a =?UTF-8?q?b?= c", "a b c"),
      ("is =? a word", "is =? a word"),
      ("=?UTF-8?q?open", "=?UTF-8?q?open"),
      ("=?UTF-8?q?two=0Alines?=", "two lines"),
      ("=?UTF-8?q?nul=00cr=0D.?=", "nul cr ."),
    ])
  func encodedWordsAreDecoded(field: String, subject: String) throws {
    #expect(try header("From: A <a@b>\nSubject: \(field)\n").subject.text == subject)
  }

  @Test(
    arguments: [
      ("A. Author <a@b>", "A. Author", "a@b"),
      ("\"Author, A.\" <a@b>", "Author, A.", "a@b"),
      ("\"A \\\"B\\\" C\" <a@b>", "A \"B\" C", "a@b"),
      ("=?UTF-8?q?J=C3=B6rg?= <j@b>", "Jörg", "j@b"),
      ("<a@b>", "a@b", "a@b"),
      ("A <>", "A", ""),
    ])
  func theAuthorIsANameAndAnAddress(field: String, name: String, email: String) throws {
    let author = try header("From: \(field)\nSubject: x\n").author
    #expect(author?.name.text == name)
    #expect(author?.email.text == email)
    #expect(author?.date == nil)
  }

  @Test(
    arguments: [
      ("Thu, 1 Jan 1970 00:00:00 +0000", 0, 0),
      ("Tue, 14 Nov 2023 22:13:20 +0000", 1_700_000_000, 0),
      ("Tue, 14 Nov 2023 23:43:20 +0130", 1_700_000_000, 90),
      ("Tue, 14 Nov 2023 14:13:20 -0800", 1_700_000_000, -480),
      ("14 Nov 2023 22:13:20 GMT", 1_700_000_000, 0),
      ("14 Nov 2023 22:13 +0000", 1_699_999_980, 0),
      ("Thu, 29 Feb 2024 12:00:00 +0000", 1_709_208_000, 0),
      ("Wed, 29 Feb 2000 00:00:00 +0000", 951_782_400, 0),
      ("Fri, 31 Dec 1999 23:59:59 +0000", 946_684_799, 0),
      ("Sun, 19 Jan 2038 03:14:08 +0000", 2_147_483_648, 0),
      ("Wed, 31 Dec 1969 23:59:59 +0000", -1, 0),
    ])
  func mailDatesAreSecondsSinceTheEpoch(text: String, seconds: Int64, offset: Int) throws {
    #expect(AuthorDate(mail: text) == AuthorDate(seconds: seconds, offset: offset))
    let header = try header("From: A <a@b>\nDate: \(text)\n")
    #expect(header.author?.date == AuthorDate(seconds: seconds, offset: offset))
  }

  @Test(
    arguments: [
      "", "yesterday", "Tue, 14 Nov 2023", "Tue, 14 Nov 2023 22:13:20",
      "14 Nov 2023 24:00:00 +0000",
      "14 Nov 2023 22:60:00 +0000", "14 Nov 2023 22:13:20 0100", "14 Nov 2023 22:13:20 +2400",
      "14 Nov 2023 22:13:20 +0060", "0 Nov 2023 22:13:20 +0000", "32 Nov 2023 22:13:20 +0000",
      "14 Foo 2023 22:13:20 +0000", "14 Nov 23 22:13:20 +0000", "14 Nov 99999 22:13:20 +0000",
      "31 Nov 2023 22:13:20 +0000", "29 Feb 2023 22:13:20 +0000", "29 Feb 1900 22:13:20 +0000",
      "-1 Nov 2023 22:13:20 +0000", "14 Nov 2023 22:13:20:00 +0000", "14 Nov 2023 ²2:13:20 +0000",
    ])
  func textsThatAreNoDateAreRefused(text: String) {
    #expect(AuthorDate(mail: text) == nil)
  }

  @Test func showDatesHaveTheYearLast() {
    let date = AuthorDate(show: "Tue Nov 14 23:43:20 2023 +0130")
    #expect(date == AuthorDate(seconds: 1_700_000_000, offset: 90))
    #expect(AuthorDate(show: "Tue, 14 Nov 2023 23:43:20 +0130") == nil)
    #expect(AuthorDate(show: "Tue Nov 31 23:43:20 2023 +0130") == nil)
  }

  @Test func theBodyIsCleanedUp() throws {
    let header = try header(
      "From: A <a@b>\nSubject: x\n", body: "\n\none  \n\t\n\n\ntwo\t\n  three\n\n\n")
    #expect(header.body.text == "one\n\ntwo\n  three")
    #expect(header.message.text == "x\n\none\n\ntwo\n  three\n")
  }

  @Test func aMessageWithoutASubjectIsItsBody() throws {
    #expect(try header("From: A <a@b>\n", body: "one\n").message.text == "one\n")
    #expect(try header("From: A <a@b>\nSubject: x\n").message.text == "x\n")
    #expect(try header("From: A <a@b>\n").message.text == "")
  }

  @Test(arguments: ["---", "--- ", "--- a/x", "diff -u x y", "Index: x"])
  func theMessageEndsAtTheseLines(line: String) throws {
    let text = "From: A <a@b>\nSubject: x\n\nbody\n\(line)\nmore\n\n" + Self.change
    #expect(try patch(text).header.body.text == "body")
  }

  @Test(arguments: ["----", "---x", "--- ", "-- ", "index: x", "diff", "> ---"])
  func otherLinesAreText(line: String) throws {
    let text = "From: A <a@b>\nSubject: x\n\nbody\n\(line)y\nmore\n---\n\n" + Self.change
    guard !line.hasPrefix("--- ") else { return }
    #expect(try patch(text).header.body.text == "body\n\(line)y\nmore")
  }

  @Test func anInnerFromLineNeverChangesTheAuthor() throws {
    let header = try header(
      "From: A <a@b>\nSubject: x\n", body: "From: Other <o@x>\n\nbody\n")
    #expect(header.author?.name.text == "A")
    #expect(header.body.text == "From: Other <o@x>\n\nbody")
    #expect(
      header.warnings.map { "\($0.location): \($0.severity) \($0.rule)" } == [
        "p:4: warning mail-inner-from"
      ])
  }

  @Test func aScissorsLineIsText() throws {
    let header = try header("From: A <a@b>\nSubject: x\n", body: "above\n-- >8 --\nbelow\n")
    #expect(header.body.text == "above\n-- >8 --\nbelow")
  }

  @Test(arguments: ["UTF-8", "utf-8; format=flowed", "\"utf-8\"", "us-ascii"])
  func plainMailsOfTheseCharsetsAreTaken(charset: String) throws {
    let fields =
      "From: A <a@b>\nContent-Type: text/plain; charset=\(charset)\n"
      + "Content-Transfer-Encoding: 8bit\n"
    #expect(try header(fields).form == .mail)
  }

  static let mistakes: [Mistake] = [
    Mistake("no author", "p:1: mail-author", in: "Subject: x\n"),
    Mistake("no author below the commit line", "p:1: mail-author", in: "From x\nSubject: x\n"),
    Mistake("an address alone", "p:1: mail-author", in: "From: a@b\n"),
    Mistake("text behind the address", "p:1: mail-author", in: "From: A <a@b> (x)\n"),
    Mistake("a space in the address", "p:1: mail-author", in: "From: A <a b>\n"),
    Mistake("an address in the name", "p:2: mail-author", in: "Subject: x\nFrom: A <x> <a@b>\n"),
    Mistake("a date of another form", "p:2: mail-date", in: "From: A <a@b>\nDate: 2023-11-14\n"),
    Mistake("a line without a colon", "p:2: mail-header", in: "From: A <a@b>\nfoo\n"),
    Mistake("a folded first line", "p:2: mail-header", in: "From x\n folded\nFrom: A <a@b>\n"),
    Mistake(
      "2001 header lines", "p:2001: mail-header",
      in: "From: A <a@b>\n" + String(repeating: "X: y\n", count: 2_000)),
    Mistake(
      "base64", "p:2: mail-encoding", in: "From: A <a@b>\nContent-Transfer-Encoding: base64\n"),
    Mistake(
      "quoted-printable", "p:2: mail-encoding",
      in: "From: A <a@b>\nContent-Transfer-Encoding: quoted-printable\n"),
    Mistake(
      "several parts", "p:2: mail-encoding",
      in: "From: A <a@b>\nContent-Type: multipart/mixed; boundary=x\n"),
    Mistake(
      "another character set", "p:2: mail-encoding",
      in: "From: A <a@b>\nContent-Type: text/plain; charset=iso-8859-1\n"),
    Mistake(
      "another character set in upper case", "p:2: mail-encoding",
      in: "From: A <a@b>\nContent-Type: text/plain; CHARSET=\"UTF-7\"\n"),
    Mistake(
      "an encoded word in Latin-1", "p:2: mail-encoding",
      in: "From: A <a@b>\nSubject: =?iso-8859-1?q?=E4?=\n"),
    Mistake(
      "a malformed =XX", "p:2: mail-encoding", in: "From: A <a@b>\nSubject: =?utf-8?q?=ZZ?=\n"),
    Mistake("a cut =X", "p:2: mail-encoding", in: "From: A <a@b>\nSubject: =?utf-8?q?=A?=\n"),
    Mistake(
      "malformed base64", "p:2: mail-encoding", in: "From: A <a@b>\nSubject: =?utf-8?b?!?=\n"),
    Mistake(
      "several at once", "p:2: mail-encoding", "p:1: mail-author", "p:5: section-empty",
      in: "From: a@b\nContent-Transfer-Encoding: base64\n\n---\ndiff --git a/x b/x\n"),
  ]

  @Test(arguments: mistakes) func mailsAreRefused(mistake: Mistake) {
    let found = findings { () throws(Diagnostics) in
      _ = try Patch(parsing: mistake.bytes + "\n---\n\(Self.change)".bytes, name: "p")
    }
    #expect(found == mistake.findings)
  }

  @Test func aShownMergeIsRefused() {
    let text =
      "commit 0123456789012345678901234567890123456789\nMerge: 1111111 2222222\n"
      + "Author: A <a@b>\nDate:   Tue Nov 14 23:43:20 2023 +0130\n\n    x\n\n" + Self.change
    #expect(findings { () throws(Diagnostics) in _ = try patch(text) } == ["p:2: combined-diff"])
  }

  @Test func aShownCommitWithoutAnAuthorIsRefused() {
    let text = "commit 0123456789012345678901234567890123456789\n\n    x\n\n" + Self.change
    #expect(findings { () throws(Diagnostics) in _ = try patch(text) } == ["p:1: mail-author"])
  }

  @Test func aShownFullerHeaderIsTheAuthors() throws {
    let text =
      "commit 0123456789012345678901234567890123456789\nAuthor:     A <a@b>\n"
      + "AuthorDate: Tue Nov 14 23:43:20 2023 +0130\nCommit:     C <c@d>\n"
      + "CommitDate: Wed Nov 15 23:43:20 2023 +0130\n\n    x\n\n" + Self.change
    let author = try patch(text).header.author
    #expect(author?.email.text == "a@b")
    #expect(author?.date == AuthorDate(seconds: 1_700_000_000, offset: 90))
  }
}
