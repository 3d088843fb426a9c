import PatchEngine
import Patches
import TestSupport

extension String {
  var bytes: [UInt8] { Array(utf8) }
}

extension [UInt8] {
  var text: String { String(decoding: self, as: UTF8.self) }
}

/// A text from a literal.
func text(_ string: String) -> Text { Text(string.bytes) }

/// The hunks of a plain diff of one file, from its `@@` lines on.
func parsedHunks(_ hunks: String) throws -> [Hunk] {
  let patch = try Patch(parsing: "--- a/x\n+++ b/x\n\(hunks)".bytes, name: "p")
  guard case .hunks(let hunks) = patch.files[0].content else { return [] }
  return hunks
}

/// A section of a patch that makes one text of another.
func diff(_ file: String, _ old: String, _ new: String) -> String {
  let bodies = hunks(from: text(old), to: text(new)).map { hunk in
    "@@ -\(hunk.oldStart),\(hunk.oldCount) +\(hunk.newStart),\(hunk.newCount) @@\n"
      + Array(hunk.source[hunk.body]).text
  }
  return "diff --git a/\(file) b/\(file)\n--- a/\(file)\n+++ b/\(file)\n" + bodies.joined()
}

/// Patches from literals, `p0` and so on.
func parsed(_ patches: [String]) throws -> [Patch] {
  try patches.enumerated().map { try Patch(parsing: $1.bytes, name: "p\($0)") }
}

extension SeededGenerator {
  /// Up to `most` lines over the first letters of the alphabet; the last may lack its newline.
  mutating func lines(most: Int, letters: Int) -> String {
    let names = (0..<Int.random(in: 0...most, using: &self)).map { _ in
      String(UnicodeScalar(UInt8(97 + Int.random(in: 0..<letters, using: &self))))
    }
    let ends = !names.isEmpty && Int.random(in: 0..<4, using: &self) > 0
    return names.joined(separator: "\n") + (ends ? "\n" : "")
  }

  /// The text with some of its lines changed, removed and added.
  mutating func edited(_ text: String, letters: Int) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    for _ in 0..<Int.random(in: 0...3, using: &self) {
      let letter = String(UnicodeScalar(UInt8(97 + Int.random(in: 0..<letters, using: &self))))
      let index = Int.random(in: 0...lines.count, using: &self)
      switch Int.random(in: 0..<3, using: &self) {
      case 0: lines.insert(letter, at: index)
      case 1 where index < lines.count: lines.remove(at: index)
      case 2 where index < lines.count: lines[index] = letter
      default: break
      }
    }
    let ends = !lines.isEmpty && Int.random(in: 0..<6, using: &self) > 0
    return lines.joined(separator: "\n") + (ends ? "\n" : "")
  }
}
