import Foundation
import Git
import Patches
import TestSupport
import Testing

/// Headers of mails, against `git format-patch`.
@Suite struct MailHeaderTests {
  private static let messages = [
    "Short", "A subject\n\nA body\nof two lines.\n\nUpstream: never, because\n",
    String(repeating: "word ", count: 30) + "end",
    "a" + String(repeating: "b", count: 120) + " and more words behind it, so that it is long",
    "Größe: ein Betreff mit Umlauten, der so lang ist, dass er nicht in eine Zeile passt, nein",
    "Plain\n\nA body with ü\n", "[tag] brackets stay", "Two lines\nof subject\n\nBody\n",
    "equals =? in it", "日本語の件名はとても長いので何行にもわたってエンコードされることになります", "ends with a dot.",
    "tab\tin it and many more words so that the line has to be wrapped somewhere near its end ok",
  ]
  private static let names = [
    "A. Author", "Plain Name", "Jürgen Groß", "Doe, John", "O'Brien (Bob) \"Bob\"", "a@b",
    String(repeating: "long name ", count: 9) + "end", "名前",
  ]

  @Test func headersAreThoseThatGitWrites() throws {
    let folder = try TemporaryDirectory()
    try git(["init", "-q", "-b", "main"], in: folder.path)
    try folder.write("f", "0\n")
    try git(["add", "f"], in: folder.path)
    try git(["commit", "-q", "-m", "base"], in: folder.path)
    var count = 0
    for (number, message) in Self.messages.enumerated() {
      for (place, name) in Self.names.enumerated() where number < 2 || place < 3 {
        count += 1
        try folder.write("f", "\(count)\n")
        let zone = ["+0000", "+0530", "-0800"][count % 3]
        try git(
          ["commit", "-q", "-a", "-m", message], in: folder.path,
          environment: [
            "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": "someone@example.org",
            "GIT_AUTHOR_DATE": "\(951_782_400 + count * 7_777_777) \(zone)",
          ])
      }
    }
    let files = try git(
      [
        "format-patch", "-N", "--zero-commit", "--full-index", "--no-signature", "--no-stat", "-o",
        "out", "-\(count)",
      ], in: folder.path
    ).split(separator: "\n").map(String.init)
    #expect(files.count == count)
    let repository = try Repository(opening: folder.file(".git"))
    for file in files {
      let wanted = folder.read(file) ?? ""
      let read = try Patch(parsing: Array(wanted.utf8), name: file)
      let author = try #require(read.header.author)
      let made = try Patch(name: file, author: author, message: read.header.message)
      let text = String(decoding: made.canonical(with: read.files), as: UTF8.self)
      #expect(text == wanted)
      // The same header, put over another.
      let other = Author(name: Array("Else".utf8), email: Array("else@example.org".utf8), date: nil)
      let changed = try read.with(author: other, message: Array("Other\n\nthing\n".utf8))
      #expect(changed.header.author?.name == other.name)
      #expect(changed.header.message == Array("Other\n\nthing\n".utf8))
      #expect(changed.files.count == read.files.count)
      let back = try changed.with(author: author, message: read.header.message)
      #expect(back.header.message == read.header.message)
      #expect(back.header.author == author)
      #expect(try read.with(author: author, message: read.header.message).bytes == read.bytes)
    }
    _ = try repository.resolve("HEAD")
  }

  @Test func aLineThatEndsAMessageIsRefused() throws {
    let author = Author(name: Array("A".utf8), email: Array("a@b".utf8), date: nil)
    #expect(throws: Diagnostics.self) {
      try Patch(name: "p", author: author, message: Array("Subject\n\ntext\n---\nmore\n".utf8))
    }
  }
}
