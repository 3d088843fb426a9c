import Patches

/// A line of a file, known by its number in the oldest release; what a patch makes of it is text that
/// may be several lines, or none.
struct LineKey: Hashable, Comparable {
  let file: String
  let line: Int

  static func < (left: LineKey, right: LineKey) -> Bool {
    (left.file, left.line) < (right.file, right.line)
  }

  /// True where patches of the two lines might meet.
  func isNear(_ other: LineKey) -> Bool { file == other.file && abs(line - other.line) <= 6 }
}

/// What stacks should come to: patches as the lines that each changes, without any of kerb's code.
struct AuthorModel: Equatable {
  struct Patch: Equatable {
    var name: String
    var lines: [LineKey: String]
  }

  static let files = ["f", "g"]
  static let lineCount = 36

  /// The patches of each release in order.
  var stacks: [String: [Patch]]

  /// The lines of an upstream file. Master has three at the top of one file that the other release has
  /// not, and another line in the middle of the other.
  static func upstream(_ file: String, _ release: String) -> [(key: LineKey, text: String)] {
    var lines = (1...lineCount).map { number in
      let isOther = release == "master" && file == "g" && number == 18
      return (
        key: LineKey(file: file, line: number), text: "\(file) \(number)\(isOther ? " new" : "")"
      )
    }
    if release == "master", file == "f" {
      lines.insert(
        contentsOf: (-2...0).map { (LineKey(file: file, line: $0), "top \($0)") }, at: 0)
    }
    return lines
  }

  /// A file's content after so many patches of a release.
  func content(_ file: String, _ release: String, after count: Int) -> String {
    var changed: [LineKey: String] = [:]
    for patch in stacks[release, default: []].prefix(count) {
      changed.merge(patch.lines) { $1 }
    }
    return Self.upstream(file, release).map { key, text in
      let now = changed[key] ?? text
      return now.isEmpty ? "" : now + "\n"
    }.joined()
  }

  func content(_ file: String, _ release: String) -> String {
    content(file, release, after: stacks[release, default: []].count)
  }

  /// Takes away what patches say that the ones before them have said already: no text can.
  mutating func normalize() {
    for (release, patches) in stacks {
      var now: [LineKey: String] = [:]
      stacks[release] = patches.map { patch in
        let lines = patch.lines.filter { now[$0.key] != $0.value }
        now.merge(lines) { $1 }
        return Patch(name: patch.name, lines: lines)
      }
    }
  }

  /// The lines of a release that are there on top of the stack.
  func presentLines(_ release: String) -> [LineKey] {
    Self.files.flatMap { file in
      Self.upstream(file, release).map(\.key).filter { key in
        stacks[release, default: []].last { $0.lines[key] != nil }?.lines[key] != ""
      }
    }
  }

  /// True where some line of one patch is near a line of another.
  static func meet(_ one: some Sequence<LineKey>, _ other: some Sequence<LineKey>) -> Bool {
    let others = Array(other)
    return one.contains { key in others.contains { key.isNear($0) } }
  }
}
