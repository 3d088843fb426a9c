import PatchEngine
import Patches

/// Gives the values that a stack's patches claim other numbers: added lines, paths of files that the
/// patches add, upper bounds, lines of the counter that they take away, titles' underlines. What is
/// upstream's stays, and what is doubtful stays and is said.
public struct StackRenumbering {
  /// What is to become of the numbers.
  public let renumbering: Renumbering
  private let counter: Counter
  /// True for a project that only uses the numbers.
  private let isClient: Bool
  /// Paths that the stack makes and that get other names.
  private var moved: [RepoPath: RepoPath] = [:]
  /// The stack's own lines that were rewritten, by the path before: later patches have them as context.
  private var lines: [RepoPath: [[UInt8]: [UInt8]]] = [:]
  /// What a person should look at.
  public private(set) var findings: [Diagnostic] = []

  public init(_ renumbering: Renumbering, of counter: Counter, isClient: Bool = false) {
    self.renumbering = renumbering
    self.counter = counter
    self.isClient = isClient
  }

  private var olds: Set<CounterValue> { Set(renumbering.values.keys) }
  private var news: Set<CounterValue> { Set(renumbering.values.values) }
  private var before: Set<CounterValue> {
    Set(olds.compactMap(\.previous)).subtracting(olds)
  }

  /// The next patch of the stack with other numbers; the same patch where none is in it.
  ///
  /// - Throws: `Diagnostics` where the rewritten text is no patch, which would be a mistake here.
  public mutating func next(_ patch: Patch) throws(Diagnostics) -> Patch {
    if isClient, knowsTheNewNumber(patch) { return patch }
    let files = patch.files.map { rewritten($0, patch) }
    let header = patch.canonical(with: [])
    let text = rewrittenHeader(header, patch) + patch.canonical(with: files).dropFirst(header.count)
    guard text != patch.canonical else { return patch }
    return try Patch(parsing: text, name: patch.name)
  }

  /// A client's patch that takes no number of its own, and speaks of the new one already, may be right
  /// as it is: it knows several releases.
  private mutating func knowsTheNewNumber(_ patch: Patch) -> Bool {
    var (uses, knows, claims) = (0, false, false)
    var first: Int?
    for file in patch.files where !isForeign(file.path) {
      forEachAdded(file) { line, number in
        let count = Renumbering.tokens(in: line, of: olds).count
        if count > 0, first == nil { first = number }
        uses += count
        if !Renumbering.tokens(in: line, of: news.subtracting(olds)).isEmpty { knows = true }
        if counterValue(line, file.path).map(olds.contains) ?? false { claims = true }
      }
    }
    guard uses > 0, knows, !claims else { return false }
    add(
      patch, first,
      "the patch speaks of \(list(news.sorted())) as well as of \(list(olds.sorted())), so it may be "
        + "right for both: it is left as it is, look at its \(uses) uses", "renumber-known")
    return true
  }

  /// The text of an entry with other numbers.
  public func rewrittenEntry(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var grown: (from: Int, by: Int)?
    for line in linesWithNewlines(of: bytes) {
      let isDoubtful = tellsOfReleases(line)
      var new =
        isDoubtful
        ? line : renumbering.rewritten(line, Renumbering.tokens(in: line, of: olds))
      if let title = grown { new = underline(new, title.from, title.by) ?? new }
      grown = new.count == line.count ? nil : (line.count, new.count - line.count)
      result += new
    }
    return result
  }

  private func forEachAdded(_ file: FileChange, _ visit: ([UInt8], Int) -> Void) {
    guard case .hunks(let hunks) = file.content else { return }
    for hunk in hunks {
      for line in hunk.side(.added) where line.counts { visit(line.content, line.number) }
    }
  }

  private mutating func rewritten(_ file: FileChange, _ patch: Patch) -> FileChange {
    guard !isForeign(file.path) else { return file }
    var path = moved[file.path] ?? file.path
    if file.kind.makesFile, let new = renamed(file.path), new != file.path {
      moved[file.path] = new
      path = new
    }
    let source = moved[file.sourcePath] ?? file.sourcePath
    let kind: FileChange.Kind =
      switch file.kind {
      case .rename(_, let similarity): .rename(from: source, similarity: similarity)
      case .copy(_, let similarity): .copy(from: source, similarity: similarity)
      case .modify, .create, .delete: file.kind
      }
    guard case .hunks(let hunks) = file.content else {
      guard path != file.path || kind != file.kind else { return file }
      return FileChange(
        path, kind, oldMode: file.oldMode, newMode: file.newMode, index: file.index,
        content: file.content)
    }
    return FileChange(
      path, kind, oldMode: file.oldMode, newMode: file.newMode, index: file.index,
      content: .hunks(hunks.map { rewritten($0, file, patch) }))
  }

  /// The path with folders `v2.96` renamed; release notes keep their names.
  private func renamed(_ path: RepoPath) -> RepoPath? {
    let components = path.components.map { component -> [UInt8] in
      guard component.first == UInt8(ascii: "v"),
        let new = renumbering[CounterValue(component.dropFirst())]
      else { return Array(component) }
      return [UInt8(ascii: "v")] + new.bytes
    }
    return try? RepoPath(Array(components.joined(separator: [UInt8(ascii: "/")])))
  }

  private mutating func rewritten(_ hunk: Hunk, _ file: FileChange, _ patch: Patch) -> Hunk {
    var all: [(kind: Hunk.LineKind, line: [UInt8], number: Int)] = []
    var (number, position) = (hunk.line, hunk.header.lowerBound)
    hunk.forEachLine { kind, range in
      while position < range.lowerBound {
        if hunk.source[position] == UInt8(ascii: "\n") { number += 1 }
        position += 1
      }
      all.append((kind, Array(hunk.source[range]), number))
    }
    var grown: (from: Int, by: Int)?
    for index in all.indices {
      let line = all[index].line
      switch all[index].kind {
      case .context: all[index].line = lines[file.path]?[line] ?? line
      case .removed:
        all[index].line = lines[file.path]?[line] ?? withoutClaim(line, file.path) ?? line
      case .added:
        var new = rewritten(line, file, patch, all[index].number)
        if let title = grown { new = underline(new, title.from, title.by) ?? new }
        grown = new.count == line.count ? nil : (line.count, new.count - line.count)
        if new != line { lines[file.path, default: [:]][line] = new }
        all[index].line = new
      }
      if all[index].kind != .added { grown = nil }
    }
    var builder = HunkBuilder()
    for line in all { builder.add(line.kind, line.line[...]) }
    return builder.hunk(
      oldStart: hunk.oldStart, newStart: hunk.newStart,
      heading: Array(hunk.source[hunk.heading].drop(while: isBlank)))
  }

  /// The underline of a title of another length; nil where the line is none.
  private func underline(_ line: [UInt8], _ length: Int, _ growth: Int) -> [UInt8]? {
    let text = line.prefix { $0 != UInt8(ascii: "\n") }
    guard let first = text.first, #"-=~^"'`#*+."#.utf8.contains(first),
      text.allSatisfy({ $0 == first }), text.count + 1 >= length, text.count + growth > 0
    else { return nil }
    return [UInt8](repeating: first, count: text.count + growth) + line.dropFirst(text.count)
  }

  /// A line of the counter that the patch takes away: upstream has another value there.
  private func withoutClaim(_ line: [UInt8], _ path: RepoPath) -> [UInt8]? {
    guard let (value, range) = counterPlace(line, path), let new = renumbering.before(value) else {
      return nil
    }
    var result = line
    result.replaceSubrange(range, with: new.bytes)
    return result
  }

  private func counterValue(_ line: [UInt8], _ path: RepoPath) -> CounterValue? {
    counterPlace(line, path)?.value
  }

  /// The newest value that a line of the counter, or of a client's, says.
  private func counterPlace(
    _ line: [UInt8], _ path: RepoPath
  ) -> (value: CounterValue, range: Range<Int>)? {
    let text = Array(line.prefix { $0 != UInt8(ascii: "\n") })
    for counter in [counter] + Counter.renumberedWithIt {
      for reading in counter.readings
      where reading.role == .maximum && reading.files.match(path.bytes, isWhole: true) != nil {
        if let match = reading.firstMatch(text), let range = match.fields[.value] {
          return (CounterValue(text[range]), range)
        }
      }
    }
    return nil
  }

  private mutating func rewritten(
    _ line: [UInt8], _ file: FileChange, _ patch: Patch, _ number: Int
  ) -> [UInt8] {
    let bound = upperBound(line)
    let tokens = Renumbering.tokens(in: line, of: olds).filter { $0.range != bound?.range }
    for token in Renumbering.tokens(in: line, of: before)
    where token.range != bound?.range && counterValue(line, file.path) == nil {
      add(
        patch, number,
        "\(file.path): \(token.value) may stand for the last microversion before the stack's; it is "
          + "left as it is", "renumber-previous")
    }
    guard !tokens.isEmpty || bound != nil else { return withMinor(line, file.path) }
    if !tokens.isEmpty, tellsOfReleases(line) {
      add(
        patch, number,
        "\(file.path): the line says what \(list(Set(tokens.map(\.value)).sorted())) is in some "
          + "release; it is left as it is", "renumber-prose")
      return line
    }
    var new = line
    let changes =
      tokens.map { ($0.range, renumbering[$0.value].map($0.text) ?? []) }
      + [bound].compactMap { $0 }.map { ($0.range, $0.text) }
    for (range, text) in changes.sorted(by: { $0.0.lowerBound > $1.0.lowerBound }) {
      new.replaceSubrange(range, with: text)
    }
    if file.path.bytes.suffix(3) == Array(".py".utf8), line.count <= 80, new.count > 80 {
      add(
        patch, number, "\(file.path): the line is longer than 79 columns now", "renumber-length")
    }
    return new
  }

  /// An upper bound that is the last value before a claimed one, in the second place of a decorator or a
  /// check: `@validation.schema(x, '2.8', '2.95')`.
  private func upperBound(_ line: [UInt8]) -> (range: Range<Int>, text: [UInt8])? {
    guard
      ["schema(", "api_version(", "wraps(", "is_supported("].contains(where: {
        line.firstRange(of: Array($0.utf8)) != nil
      })
    else { return nil }
    let strings = quotedVersions(line)
    guard let last = strings.last, strings.count >= 2 || isNamedMaximum(line, last),
      Set(olds.compactMap(\.previous)).contains(CounterValue(line[last])),
      let new = renumbering.before(CounterValue(line[last]))
    else { return nil }
    return (last, new.bytes)
  }

  private func isNamedMaximum(_ line: [UInt8], _ range: Range<Int>) -> Bool {
    line[..<max(0, range.lowerBound - 1)].suffix(12) == Array("max_version=".utf8)[...]
  }

  /// The dotted numbers of a line that have quotation marks on both sides.
  private func quotedVersions(_ line: [UInt8]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start: Int?
    for (index, byte) in line.enumerated() where byte == 0x22 || byte == 0x27 {
      if let begun = start, line[begun - 1] == byte {
        if let numbers = CounterValue(line[begun..<index]).numbers, numbers.count == 2 {
          result.append(begun..<index)
        }
        start = nil
      } else {
        start = index + 1
      }
    }
    return result
  }

  /// The line of a list that has only the last numbers of values.
  private func withMinor(_ line: [UInt8], _ path: RepoPath) -> [UInt8] {
    let text = Array(line.prefix { $0 != UInt8(ascii: "\n") })
    for reading in Counter.renumbered.flatMap(\.readings)
    where reading.files.match(path.bytes, isWhole: true) != nil {
      guard let match = reading.firstMatch(text), match.kinds[.value] == .minor,
        let value = match.bytes(.value, of: text), let new = renumbering[CounterValue(value)]
      else { continue }
      return match.replacing(new, in: line)
    }
    return line
  }

  private mutating func rewrittenHeader(_ header: [UInt8], _ patch: Patch) -> [UInt8] {
    var result: [UInt8] = []
    for (index, line) in linesWithNewlines(of: header).enumerated() {
      let tokens = Renumbering.tokens(in: line, of: olds)
      let isField =
        index == 0 || isTrailer(line) && !line.starts(with: Array("Subject:".utf8))
      for token in Renumbering.tokens(in: line, of: before) where !isField {
        add(
          patch, index + 1,
          "the message: \(token.value) may stand for the last microversion before the stack's; it is left "
            + "as it is", "renumber-previous")
      }
      if tokens.isEmpty || isField || tellsOfReleases(line) {
        result += line
        if !tokens.isEmpty {
          add(
            patch, index + 1,
            "the message says what \(list(Set(tokens.map(\.value)).sorted())) is in some release; the "
              + "line is left as it is", "renumber-prose")
        }
      } else {
        result += renumbering.rewritten(line, tokens)
      }
    }
    return result
  }

  /// `Upstream: …`, and the header lines of a mail.
  private func isTrailer(_ line: [UInt8]) -> Bool {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
      colon + 1 < line.count, line[colon + 1] == UInt8(ascii: " ")
    else { return false }
    return line[..<colon].allSatisfy { isLetter($0) || $0 == UInt8(ascii: "-") }
      && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(line[0])
  }

  /// True for files whose numbers are versions of other things, or no numbers.
  private func isForeign(_ path: RepoPath) -> Bool {
    let name = String(decoding: path.name, as: UTF8.self)
    let endings = [".svg", ".png", ".po", ".pot", ".lock", ".pdf", ".gz"]
    return ["setup.cfg", "setup.py", "pyproject.toml", "tox.ini"].contains(name)
      || name.contains("requirements") || name.contains("constraints")
      || endings.contains { name.hasSuffix($0) }
  }

  private mutating func add(_ patch: Patch, _ line: Int?, _ message: String, _ rule: String) {
    let finding = Diagnostic(
      Location(patch.name, line: line), message, severity: .warning, rule: rule)
    if findings.last != finding { findings.append(finding) }
  }
}

extension Counter {
  /// Counters of clients that name the same values.
  static let renumberedWithIt = [clientMaximum]

  /// The counters whose values can be changed in a stack's patches.
  public static let renumbered = [microversion] + renumberedWithIt
}

/// The lines of some bytes, each with its newline.
func linesWithNewlines(of bytes: [UInt8]) -> [[UInt8]] {
  var result: [[UInt8]] = []
  var start = 0
  for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
    result.append(Array(bytes[start...index]))
    start = index + 1
  }
  if start < bytes.count { result.append(Array(bytes[start...])) }
  return result
}
