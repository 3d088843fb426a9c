import PatchEngine
import Patches

/// Gives the values that a stack's patches claim other numbers: added lines, paths of files that the
/// patches add, upper bounds, lines of the counter that they take away, titles' underlines. What is
/// upstream's stays, and what is doubtful stays and is said.
///
/// Values are dotted numbers of two parts. What else stands for one is Nova's way: folders `v2.96`, names
/// like `create_v296`, and the upper bounds of its decorators.
public struct StackRenumbering {
  /// What is to become of the numbers.
  public let renumbering: Renumbering
  let counters: [Counter]
  /// True for a project that only uses the numbers.
  private let isClient: Bool
  /// Paths that the stack makes and that get other names.
  private var moved: [RepoPath: RepoPath] = [:]
  /// The stack's own lines that were rewritten, by the path before: later patches have them as context.
  private var lines: [RepoPath: [[UInt8]: [UInt8]]] = [:]
  /// What a person should look at.
  public private(set) var findings: [Diagnostic] = []

  /// - Parameter counters: those that name the values: the project's own, or a client's maximum.
  public init(_ renumbering: Renumbering, of counters: [Counter], isClient: Bool = false) {
    self.renumbering = renumbering
    self.counters = counters
    self.isClient = isClient
  }

  var olds: Set<CounterValue> { Set(renumbering.values.keys) }
  var news: Set<CounterValue> { Set(renumbering.values.values) }
  var before: Set<CounterValue> {
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

  func counterValue(_ line: [UInt8], _ path: RepoPath) -> CounterValue? {
    counterPlace(line, path)?.value
  }

  /// The newest value that a line of the counter, or of a client's, says.
  private func counterPlace(
    _ line: [UInt8], _ path: RepoPath
  ) -> (value: CounterValue, range: Range<Int>)? {
    let text = Array(line.prefix { $0 != UInt8(ascii: "\n") })
    for reading in counters.flatMap(\.readings)
    where reading.role == .maximum && reading.files.match(path.bytes, isWhole: true) != nil {
      if let match = reading.firstMatch(text), let range = match.fields[.value] {
        return (CounterValue(text[range]), range)
      }
    }
    return nil
  }

  mutating func add(_ patch: Patch, _ line: Int?, _ message: String, _ rule: String) {
    let finding = Diagnostic(
      Location(patch.name, line: line), message, severity: .warning, rule: rule)
    if findings.last != finding { findings.append(finding) }
  }
}

extension Counter {
  /// The counters whose values can be changed in a stack's patches: the microversions, and the one of
  /// a client that names the same values.
  public static let renumbered = [microversion, clientMaximum]
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
