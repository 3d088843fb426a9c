import Foundation
import PatchEngine
import Patches
import TestSupport
import Testing

/// Every small text with every small hunk, against `git apply`.
@Suite struct SmallWorldTests {
  /// One file with the only hunk of its section.
  struct Case {
    let text: String
    /// Lines as a hunk has them, each with its sign and what follows it.
    let hunk: [String]
    let oldStart: Int
    let newStart: Int

    /// True where the result has another number of newlines than the text and the hunk make.
    ///
    /// git compares a context line without its newline with as many bytes of the text
    /// (`match_fragment` in apply.c), finds it in a line that has a newline, and takes the newline
    /// away. The patch does not say so: here such a line matches only its like.
    func losesNewline(_ result: [UInt8]?) -> Bool {
      guard let result, hunk.last?.hasPrefix(" ") == true, hunk.last?.contains("\\") == true else {
        return false
      }
      let growth = hunk.count { $0.hasPrefix("+") } - hunk.count { $0.hasPrefix("-") }
      return result.count { $0 == 0x0a } != text.utf8.count { $0 == 0x0a } + growth
    }
  }

  @Test func everySmallHunkGoesWhereGitPutsIt() throws {
    var cases: [Case] = []
    for text in Self.texts(lines: 1...4) {
      for hunk in Self.hunks(lines: 1...3) {
        for line in 1...4 {
          cases.append(Case(text: text, hunk: hunk, oldStart: line, newStart: line))
        }
      }
    }
    #expect(cases.count == 30 * 244 * 4)
    try compare(cases)
  }

  @Test func aHunkWhoseSidesNameDifferentLinesGoesWhereGitPutsIt() throws {
    var cases: [Case] = []
    for text in Self.texts(lines: 2...4) {
      for hunk in Self.hunks(lines: 1...2) {
        for (old, new) in [(1, 3), (3, 1), (2, 9), (9, 2)] {
          cases.append(Case(text: text, hunk: hunk, oldStart: old, newStart: new))
        }
      }
    }
    try compare(cases)
  }

  @Test func everySmallHunkWithoutFinalNewlinesGoesWhereGitPutsIt() throws {
    var cases: [Case] = []
    let texts = Self.texts(lines: 1...3)
    for text in texts + texts.map({ String($0.dropLast()) }) {
      for hunk in Self.hunks(lines: 1...2).flatMap(Self.withoutNewlines) {
        for line in 1...3 {
          cases.append(Case(text: text, hunk: hunk, oldStart: line, newStart: line))
        }
      }
    }
    try compare(cases, losses: 248)
  }

  /// Applies all cases with one git process: a file a case, so that a refusal stops no other.
  private func compare(_ cases: [Case], losses expectedLosses: Int = 0) throws {
    let directory = try TemporaryDirectory(inMemory: true)
    var patch: [UInt8] = []
    for (index, item) in cases.enumerated() {
      try directory.write("\(index)", item.text)
      patch += Self.section(item, name: "\(index)").utf8
    }
    let outcome = try tryGit(["apply", "--reject", "-"], in: directory.path, input: patch)
    try #require(outcome.status <= 1, "\(outcome.errors.prefix(1000))")
    let refused = Set(
      try FileManager.default.contentsOfDirectory(atPath: directory.path).compactMap {
        $0.hasSuffix(".rej") ? Int($0.dropLast(4)) : nil
      })
    #expect(!refused.isEmpty)
    #expect(refused.count < cases.count)

    let files = try Patch(parsing: patch, name: "p").files
    try #require(files.count == cases.count)
    var differences: [String] = []
    var losses = 0
    for (index, file) in files.enumerated() {
      guard case .hunks(let hunks) = file.content else { continue }
      let text = Text(Array(cases[index].text.utf8))
      let content = FileManager.default.contents(atPath: directory.file("\(index)"))
      let expected = refused.contains(index) ? nil : content.map { Array($0) }
      if cases[index].losesNewline(expected) {
        losses += 1
        let own = try? apply(hunks, to: text, policy: .nearest).text.bytes
        if cases[index].losesNewline(own) { differences.append("newline: \(cases[index])") }
        continue
      }
      let nearest = try? apply(hunks, to: text, policy: .nearest).text.bytes
      if nearest != expected { differences.append("nearest: \(cases[index])") }
      do throws(Rejection) {
        let unique = try apply(hunks, to: text).text.bytes
        if unique != expected { differences.append("unique: \(cases[index])") }
      } catch {
        let isStrict = error.reason != .noMatch
        if isStrict != (expected != nil) { differences.append("\(error): \(cases[index])") }
      }
    }
    #expect(losses == expectedLosses)
    #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(10))")
  }

  private static func section(_ item: Case, name: String) -> String {
    let olds = item.hunk.count { !$0.hasPrefix("+") }
    let news = item.hunk.count { !$0.hasPrefix("-") }
    let old = olds == 0 ? item.oldStart - 1 : item.oldStart
    let new = news == 0 ? item.newStart - 1 : item.newStart
    return "diff --git a/\(name) b/\(name)\n--- a/\(name)\n+++ b/\(name)\n"
      + "@@ -\(old),\(olds) +\(new),\(news) @@\n" + item.hunk.joined()
  }

  /// All texts of so many lines over two letters.
  private static func texts(lines: ClosedRange<Int>) -> [String] {
    lines.flatMap { words(["a\n", "b\n"], count: $0) }.map { $0.joined() }
  }

  /// All hunks of so many lines over two letters that change something.
  private static func hunks(lines: ClosedRange<Int>) -> [[String]] {
    let letters = [" a\n", " b\n", "-a\n", "-b\n", "+a\n", "+b\n"]
    return lines.flatMap { words(letters, count: $0) }.filter { hunk in
      hunk.contains { !$0.hasPrefix(" ") }
    }
  }

  /// All rows of so many of the letters.
  private static func words(_ letters: [String], count: Int) -> [[String]] {
    count == 0
      ? [[]] : words(letters, count: count - 1).flatMap { word in letters.map { word + [$0] } }
  }

  /// The hunk with its last old line, its last new line or both lacking the newline.
  private static func withoutNewlines(_ hunk: [String]) -> [[String]] {
    let marker = "\\ No newline at end of file\n"
    let lastOld = hunk.lastIndex { !$0.hasPrefix("+") }
    let lastNew = hunk.lastIndex { !$0.hasPrefix("-") }
    var ends: [[Int]] = []
    if let lastOld, lastOld != lastNew, hunk[lastOld].hasPrefix("-") { ends.append([lastOld]) }
    if let lastNew, lastNew != lastOld, hunk[lastNew].hasPrefix("+") { ends.append([lastNew]) }
    if let lastOld, let lastNew,
      lastOld == lastNew || (hunk[lastOld].hasPrefix("-") && hunk[lastNew].hasPrefix("+"))
    {
      ends.append(lastOld == lastNew ? [lastOld] : [lastOld, lastNew])
    }
    return ends.map { lines in
      hunk.enumerated().map { lines.contains($0.offset) ? $0.element + marker : $0.element }
    }
  }
}
