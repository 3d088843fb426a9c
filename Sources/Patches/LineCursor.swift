/// Walks bytes line by line and knows the number of the line it stands on.
struct LineCursor {
  let bytes: [UInt8]
  /// Where the line begins, where its newline stands (or the bytes end), where the next begins.
  private(set) var start: Int
  private(set) var end: Int
  private(set) var next: Int
  /// The line's number, counted from 1.
  private(set) var number: Int

  init(_ bytes: [UInt8], at start: Int = 0, number: Int = 1) {
    self.bytes = bytes
    self.start = start
    self.end = start
    self.next = start
    self.number = number
    findEnd()
  }

  var isAtEnd: Bool { start >= bytes.count }
  var content: Range<Int> { start..<end }
  var isBlank: Bool { start == end }
  /// The line as text, cut to what a message can hold.
  var excerpt: String {
    String(decoding: bytes[start..<min(end, start + 60)], as: UTF8.self)
  }

  mutating func advance() {
    start = next
    number += 1
    findEnd()
  }

  private mutating func findEnd() {
    next = endOfLine(bytes.span, from: start)
    end = next > start && bytes[next - 1] == newline ? next - 1 : next
  }

  /// Goes to a line whose place is known.
  mutating func jump(to offset: Int, number: Int) {
    start = offset
    self.number = number
    findEnd()
  }

  /// The line after this one.
  var following: LineCursor { LineCursor(bytes, at: next, number: number + 1) }

  func starts(with prefix: Word) -> Bool { hasPrefix(prefix.bytes, at: start, before: end) }

  func equals(_ word: Word) -> Bool {
    end - start == word.bytes.count && starts(with: word)
  }

  /// What follows the prefix on this line, or nil where the line does not begin with it.
  func rest(after prefix: Word) -> Range<Int>? {
    starts(with: prefix) ? start + prefix.bytes.count..<end : nil
  }

  private func hasPrefix(_ prefix: [UInt8], at start: Int, before end: Int) -> Bool {
    guard end - start >= prefix.count else { return false }
    for index in prefix.indices where bytes[start + index] != prefix[index] { return false }
    return true
  }
}

/// A word of the patch form, as bytes.
struct Word: ExpressibleByStringLiteral, Sendable {
  let bytes: [UInt8]

  init(stringLiteral value: String) {
    self.bytes = Array(value.utf8)
  }
}

extension Word {
  static let diffGit: Word = "diff --git "
  static let diff: Word = "diff -"
  static let combined: Word = "diff --c"
  static let oldFile: Word = "--- "
  static let newFile: Word = "+++ "
  static let hunk: Word = "@@ -"
  static let anyHunk: Word = "@@ "
  static let combinedHunk: Word = "@@@"
  static let indexFile: Word = "Index: "
  static let separator: Word = "---"
  static let mailStart: Word = "From "
  static let signature: Word = "-- "
  static let bareSignature: Word = "--"
  static let binary: Word = "GIT binary patch"
  static let binaryDiffer: Word = "Binary files "
  static let literal: Word = "literal "
  static let delta: Word = "delta "
  static let marker: Word = "\\ "
  static let oldMode: Word = "old mode "
  static let newMode: Word = "new mode "
  static let newFileMode: Word = "new file mode "
  static let deletedFileMode: Word = "deleted file mode "
  static let renameFrom: Word = "rename from "
  static let renameTo: Word = "rename to "
  static let copyFrom: Word = "copy from "
  static let copyTo: Word = "copy to "
  static let similarity: Word = "similarity index "
  static let dissimilarity: Word = "dissimilarity index "
  static let index: Word = "index "
  static let devNull: Word = "/dev/null"
}
