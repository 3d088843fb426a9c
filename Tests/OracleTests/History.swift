import Foundation
import Patches
import TestSupport

/// A repository whose history has every kind of change that a patch can carry.
struct History {
  static let commitCount = 300

  let directory: TemporaryDirectory
  /// The commits, oldest first; the first has no parent.
  let commits: [String]

  var path: String { directory.path }

  init(seed: UInt64) throws {
    directory = try TemporaryDirectory()
    try git(["init", "-q", "-b", "main"], in: directory.path)
    var writer = HistoryWriter(seed: seed)
    try git(["fast-import", "--quiet"], in: directory.path, input: writer.stream())
    commits = try git(["rev-list", "--reverse", "main"], in: directory.path)
      .split(separator: "\n").map(String.init)
  }

  /// The names of the patch files of all commits but the first, in order.
  func formatPatches(_ options: [String], into folder: String) throws -> [String] {
    let arguments =
      [
        "format-patch", "--zero-commit", "--full-index", "--no-signature", "--no-stat", "--binary",
        "-o", folder,
      ] + options + ["\(commits[0])..main"]
    return try git(arguments, in: path).split(separator: "\n").map { directory.file(String($0)) }
  }

  func tree(_ commit: String) throws -> String {
    try git(["rev-parse", "\(commit)^{tree}"], in: path)
  }
}

/// Makes commits for `git fast-import`, each the whole tree.
private struct HistoryWriter {
  private struct File: Equatable {
    var mode: String
    var content: [UInt8]
  }

  private var random: SeededGenerator
  private var files: [String: File] = [:]
  private var next = 0

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  mutating func stream() -> [UInt8] {
    for _ in 0..<30 { create() }
    var stream = commit(number: 0)
    for number in 1..<History.commitCount {
      let before = files
      while files == before {
        for _ in 0...random.below(3) { change() }
      }
      stream += commit(number: number)
    }
    return stream
  }

  private mutating func commit(number: Int) -> [UInt8] {
    let author = random.one([
      "A. Author <author@example.org>", "J\u{f6}rg M\u{fc}ller <joerg@example.org>",
      "O'Neil, Jr <o@example.org>", "A \"Nick\" B <nick@example.org>",
      "\u{5f20}\u{4e09} <zhang@example.org>",
    ])
    let zone = random.one(["+0000", "+0130", "-0800", "+1245", "-0330"])
    let date = 1_500_000_000 + number * 7_919 + random.below(5_000)
    var stream = Array(
      "commit refs/heads/main\nauthor \(author) \(date) \(zone)\ncommitter \(author) \(date) \(zone)\n"
        .utf8)
    let message = Array(message(number).utf8)
    stream += Array("data \(message.count)\n".utf8) + message + Array("\ndeleteall\n".utf8)
    for (path, file) in files.sorted(by: { $0.key < $1.key }) {
      let quoted = path.replacing("\"", with: "\\\"")
      stream += Array("M \(file.mode) inline \"\(quoted)\"\ndata \(file.content.count)\n".utf8)
      stream += file.content + [0x0a]
    }
    return stream
  }

  private mutating func message(_ number: Int) -> String {
    let subject = random.one([
      "change \(number)", "[tag] change \(number)", "\u{e4}ndern \(number)",
      "a subject that is so long that a mail has to fold it into two lines, number \(number)",
      "ein sehr langer Betreff mit \u{fc}beraus vielen Umlauten: \u{e4}\u{f6}\u{fc}\u{df} \(number) "
        + "\u{4e09}\u{4e09}\u{4e09}\u{4e09}\u{4e09}\u{4e09}\u{4e09}\u{4e09}\u{4e09}",
      "fix: a=b?c_d =? x \(number)", "\"quoted\" \(number)", "what: [PATCH] is \(number)",
    ])
    let body = random.one([
      "", "\n\nbody\n", "\n\nfirst\n\n\n\nsecond  \n\tindented\n\n",
      "\n\n- a list\n- of two\n+ and more\n",
      "\n\n--\nno signature\n", "\n\nChange-Id: I\(number)\nSigned-off-by: A <a@b>\n",
      "\n\n> From: nobody <n@b>\n\u{fc}\n", "\n\n@@ -1 +1 @@\nquoted\n", "\n\n>From the start\n",
    ])
    return subject + body
  }

  private mutating func change() {
    switch random.below(15) {
    case 0, 1, 2, 3: edit(random.one(paths))
    case 4: create()
    case 5: files[random.one(paths)] = nil
    case 6, 7: move(keeping: false, editing: random.below(2) == 0)
    case 8, 9: move(keeping: true, editing: random.below(2) == 0)
    case 10:
      let path = random.one(paths)
      if files[path]!.mode != "120000" {
        files[path]!.mode = files[path]!.mode == "100644" ? "100755" : "100644"
      }
    case 11: swapFileAndDirectory()
    case 12:
      let path = random.one(paths)
      files[path] = File(mode: "120000", content: Array("target-\(random.below(9))".utf8))
    case 13:
      let (one, other) = (random.one(paths), random.one(paths))
      (files[one], files[other]) = (files[other], files[one])
    default: files[random.one(paths)] = File(mode: "100644", content: content())
    }
  }

  private var paths: [String] { files.keys.sorted() }

  private mutating func freshPath() -> String {
    next += 1
    let folder = random.one(["", "", "d/", "d/e/", "with space/", "t\u{e4}st/"])
    return folder
      + random.one(["f\(next)", "with space \(next)", "q\"\(next)", "\u{fc}\(next)", "end\(next) "])
  }

  private mutating func create() {
    files[freshPath()] = File(mode: random.below(6) == 0 ? "100755" : "100644", content: content())
  }

  private mutating func move(keeping: Bool, editing: Bool) {
    let from = random.one(paths)
    let to = freshPath()
    files[to] = files[from]
    if !keeping { files[from] = nil }
    if editing { edit(to) }
  }

  private mutating func swapFileAndDirectory() {
    if let nested = paths.first(where: { $0.hasPrefix("swap") && $0.contains("/") }) {
      let folder = String(nested.prefix { $0 != "/" })
      for path in paths where path.hasPrefix(folder + "/") { files[path] = nil }
      files[folder] = File(mode: "100644", content: content())
    } else if let file = paths.first(where: { $0.hasPrefix("swap") }) {
      files[file] = nil
      files[file + "/a"] = File(mode: "100644", content: content())
      files[file + "/b c"] = File(mode: "100755", content: content())
    } else {
      files["swap\(next)"] = File(mode: "100644", content: content())
    }
  }

  private mutating func content() -> [UInt8] {
    switch random.below(10) {
    case 0: return []
    case 1: return (0..<random.below(300)).map { _ in UInt8(random.below(256)) } + [0]
    case 2: return Array(lines().joined(separator: "\n").utf8)
    case 3: return Array(lines().map { $0 + "\r\n" }.joined().utf8)
    default: return Array(lines().map { $0 + "\n" }.joined().utf8)
    }
  }

  private mutating func lines() -> [String] {
    (0...random.below(60)).map { _ in line() }
  }

  private mutating func line() -> String {
    random.one([
      "", "a", "b", "  indented", "\ttab", "-- ", "--- a/x", "+++ b/x", "diff --git a/x b/x",
    ])
      + random.one(["", "", " \(random.below(100))", " \(random.below(100)) \u{e4}", " "])
  }

  private mutating func edit(_ path: String) {
    guard let file = files[path], file.mode != "120000" else { return }
    if file.content.contains(0) {
      files[path]!.content.insert(UInt8(random.below(256)), at: random.below(file.content.count))
      return
    }
    var lines = file.content.split(separator: 0x0a, omittingEmptySubsequences: false).map(
      Array.init)
    for _ in 0...random.below(4) {
      let index = random.below(lines.count)
      switch random.below(3) {
      case 0: lines.insert(Array(line().utf8), at: index)
      case 1 where lines.count > 1: lines.remove(at: index)
      default: lines[index] = Array(line().utf8)
      }
    }
    files[path]!.content = Array(lines.joined(separator: [0x0a]))
  }
}
