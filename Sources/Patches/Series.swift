/// One release's patches in order: a file `series/RELEASE` in quilt's syntax.
///
/// Every line is kept as it was read, comments included; the patches are its entries.
public struct Series: Sendable {
  /// A patch that the series lists.
  public struct Entry: Hashable, Sendable {
    /// The path below `patches/`, `nova/allow-concurrent@2023.2.patch`.
    public let path: String
    /// The first folder.
    public let project: String
    /// The patch's name without folder, release and ending.
    public let name: String
    /// The release after the `@`: the newest that uses this text; nil for the living text.
    public let variant: Release?
    /// The entry's line, counted from 1.
    public let line: Int
  }

  public let release: Release
  /// The series file's name, for messages.
  public let file: String
  public let entries: [Entry]
  let lines: [[UInt8]]

  /// The largest series file, in bytes: 1 MiB.
  public static let maximumSize = 1 << 20
  /// The most patches of a series.
  public static let mostEntries = 10_000

  /// Reads a series file.
  ///
  /// - Parameter soleProject: the project that entries without a folder belong to: a workspace with
  ///   one project can use a series file of quilt as it is.
  /// - Throws: every line that is not an entry, a comment or blank, and every patch listed twice.
  public init(
    parsing bytes: [UInt8], release: Release, file: String, soleProject: String? = nil
  ) throws(Diagnostics) {
    let (series, problems) = Self.reading(
      bytes, release: release, file: file, soleProject: soleProject)
    guard problems.isEmpty else { throw Diagnostics(problems) }
    self = series
  }

  /// Reads a series file as far as it can be read.
  ///
  /// - Returns: the series with the entries whose patch is known, and what `init` would throw.
  public static func reading(
    _ bytes: [UInt8], release: Release, file: String, soleProject: String? = nil
  ) -> (series: Series, problems: [Diagnostic]) {
    if let problem = unreadable(bytes, file) {
      return (Series(release: release, file: file, entries: [], lines: []), [problem])
    }
    var entries: [Entry] = []
    var problems: [Diagnostic] = []
    var seen: [String: Int] = [:]
    let lines = bytes.split(separator: newline, omittingEmptySubsequences: false).map(Array.init)
    for (index, line) in lines.enumerated() where problems.count < Diagnostics.most {
      let location = Location(file, line: index + 1)
      guard let entry = entry(line, location, release, soleProject, &problems) else { continue }
      if entries.count == mostEntries {
        problems.append(
          Diagnostic(
            location, "more than \(mostEntries) patches; nothing from here on is read",
            rule: "series-size"))
        break
      }
      let key = "\(entry.project)/\(entry.name)"
      if let first = seen.updateValue(entry.line, forKey: key) {
        problems.append(
          Diagnostic(
            location, "'\(key)' is listed on line \(first) already", rule: "series-twice"))
      }
      entries.append(entry)
    }
    return (Series(release: release, file: file, entries: entries, lines: lines), problems)
  }

  private init(release: Release, file: String, entries: [Entry], lines: [[UInt8]]) {
    (self.release, self.file, self.entries, self.lines) = (release, file, entries, lines)
  }

  /// The bytes that were read.
  public var formatted: [UInt8] { Array(lines.joined(separator: [newline])) }

  /// The entries of one project, in order.
  public func entries(of project: String) -> [Entry] { entries.filter { $0.project == project } }

  /// What becomes of a series when its stack changes.
  public struct Revision: Sendable {
    /// The new path of an entry, by its path now.
    public var renamed: [String: String] = [:]
    /// The line that takes an entry's place, without its `# `, by the entry's path.
    public var noted: [String: String] = [:]
    /// Paths that come in, each after the entry of that path; nil for the project's end.
    public var added: [(path: String, after: String?)] = []

    public init() {}
  }

  /// The bytes of the series with entries renamed, replaced by notes, and added; every other line and
  /// the comments beside entries stay.
  public func revised(_ revision: Revision, project: String) -> [UInt8] {
    var result = LineList()
    let byLine = Dictionary(entries.map { ($0.line, $0) }) { first, _ in first }
    for (index, line) in lines.enumerated() {
      guard let entry = byLine[index + 1] else {
        result.append(line)
        continue
      }
      let renamed = revision.renamed[entry.path]
      if let note = revision.noted[entry.path] {
        result.append(Array("# \(note)".utf8), as: [entry.path])
      } else if let renamed, let place = line.firstRange(of: entry.path.utf8) {
        result.append(
          line[..<place.lowerBound] + Array(renamed.utf8) + line[place.upperBound...],
          as: [renamed, entry.path])
      } else {
        result.append(line, as: [entry.path])
      }
      if entry.project == project { result.endOfProject = result.last }
    }
    if result.lines.last?.isEmpty == false { result.append([]) }
    for (path, after) in revision.added { result.insert(path, after: after) }
    return Array(result.inOrder.joined(separator: [newline]))
  }

  /// The comment lines that are about a project: those that begin with its name and a `/` or `:`.
  /// `# nova/require-secure landed in 30.0.0` is a note on `nova`.
  ///
  /// - Returns: the notes in order, without the `#`.
  public func notes(on project: String) -> [String] {
    lines.compactMap { line in
      guard line.first == UInt8(ascii: "#") else { return nil }
      let note = String(decoding: trimmed(line.dropFirst()), as: UTF8.self)
      return note.hasPrefix("\(project)/") || note.hasPrefix("\(project):") ? note : nil
    }
  }

  /// The paths that the lines of a series file name, also where the file has mistakes.
  package static func paths(in bytes: [UInt8]) -> [String] {
    bytes.split(separator: newline).compactMap { line in
      let words = withoutComment(Array(line)).split(whereSeparator: isSpace)
      return words.first.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private static func unreadable(_ bytes: [UInt8], _ file: String) -> Diagnostic? {
    let location = Location(file, line: 1)
    if bytes.count > maximumSize {
      return Diagnostic(
        location, "\(bytes.count) bytes; \(maximumSize) is the most", rule: "series-size")
    }
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) || bytes.starts(with: [0xff, 0xfe])
      || bytes.starts(with: [0xfe, 0xff])
    {
      return Diagnostic(
        location, "the file begins with a byte order mark; remove it", rule: "encoding")
    }
    return nil
  }

  /// The entry of a line, also of one that has something else wrong with it; nil where it names no patch.
  private static func entry(
    _ line: [UInt8], _ location: Location, _ release: Release, _ soleProject: String?,
    _ problems: inout [Diagnostic]
  ) -> Entry? {
    if line.last == 13 {
      problems.append(Diagnostic(location, "the line ends in CR LF; end it in LF", rule: "crlf"))
    }
    let fields = withoutComment(line).split(whereSeparator: isSpace)
    guard let first = fields.first else { return nil }
    if let option = fields.dropFirst().first(where: { !$0.elementsEqual("-p1".utf8) }) {
      problems.append(
        Diagnostic(
          location,
          "'\(String(decoding: option.prefix(40), as: UTF8.self))': the only option that a "
            + "series may give is -p1", rule: "series-option"))
    }
    do {
      let entry = try named(Array(first), location, soleProject)
      if let variant = entry.variant, variant < release {
        problems.append(
          refused(
            entry.path, location,
            "\(variant) is the newest release that uses this text, and this is \(release)"))
      }
      return entry
    } catch {
      problems.append(error)
      return nil
    }
  }

  private static func refused(_ text: String, _ location: Location, _ why: String) -> Diagnostic {
    Diagnostic(location, "'\(text.prefix(80))': \(why)", rule: "series-entry")
  }

  /// A `#` begins a comment at the start of a line or after white space, as in quilt.
  private static func withoutComment(_ line: [UInt8]) -> ArraySlice<UInt8> {
    for (index, byte) in line.enumerated() where byte == UInt8(ascii: "#") {
      if index == 0 || isSpace(line[index - 1]) { return line[..<index] }
    }
    return line[...]
  }

  private static func named(
    _ bytes: [UInt8], _ location: Location, _ soleProject: String?
  ) throws(Diagnostic) -> Entry {
    let text = String(decoding: bytes, as: UTF8.self)
    func refuse(_ why: String) -> Diagnostic { refused(text, location, why) }
    let path: RepoPath
    do {
      path = try RepoPath(bytes)
    } catch {
      throw refuse("\(error)")
    }
    guard bytes.allSatisfy(isPlain) else {
      throw refuse("a patch's name has letters, digits and . _ - + @ only")
    }
    var components = path.components.map { String(decoding: $0, as: UTF8.self) }
    if components.count == 1, let soleProject { components.insert(soleProject, at: 0) }
    guard components.count == 2, isProjectName(components[0]) else {
      throw refuse("an entry is of the form PROJECT/NAME.patch")
    }
    guard components[1].hasSuffix(".patch"), !"-.".contains(components[1].prefix(1)) else {
      throw refuse("a patch's name ends in .patch and does not begin with '-' or '.'")
    }
    let stem = components[1].dropLast(".patch".count)
    let parts = stem.split(separator: "@", omittingEmptySubsequences: false)
    guard let name = parts.first, !name.isEmpty, parts.count <= 2 else {
      throw refuse("a patch is named NAME.patch or NAME@RELEASE.patch")
    }
    let variant = parts.count == 2 ? Release(String(parts[1])) : nil
    guard parts.count == 1 || variant != nil else {
      throw refuse("what follows the @ is no release")
    }
    return Entry(
      path: text, project: components[0], name: String(name), variant: variant,
      line: location.line ?? 1)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "._-+@/".utf8.contains(byte)
    }
  }
}
