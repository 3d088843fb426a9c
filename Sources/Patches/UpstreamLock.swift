/// What each stack was last proven on: `series/upstream.lock`, one line a stack.
///
/// A line has five or six fields divided by single spaces: release, project, source (`sdist:29.4.0`,
/// `git:unmaintained/2024.1`), commit, tree, and for an archive `sha256:` with its 64 digits.
public struct UpstreamLock: Hashable, Sendable {
  /// One locked upstream tree.
  public struct Entry: Hashable, Sendable {
    public let stack: StackName
    public let source: Source
    /// The commit in the project's repository under `.kerb/`.
    public let commit: ObjectID
    /// The commit's tree: what the patches apply to.
    public let tree: ObjectID
    /// The archive's SHA-256 in hexadecimal digits; nil for a source in git.
    public let archiveDigest: String?

    public init(
      _ stack: StackName, source: Source, commit: ObjectID, tree: ObjectID, archiveDigest: String?
    ) {
      self.stack = stack
      self.source = source
      self.commit = commit
      self.tree = tree
      self.archiveDigest = archiveDigest
    }
  }

  /// Where a tree came from.
  public enum Source: Hashable, Sendable {
    /// A released source archive, by its version.
    case sdist(version: String)
    /// A branch, tag or commit of a git repository, by its name there.
    case git(ref: String)
  }

  /// The largest lock, in bytes: 1 MiB.
  public static let maximumSize = 1 << 20

  /// The locked trees by stack.
  public private(set) var entries: [StackName: Entry]

  public init(_ entries: [Entry] = []) {
    self.entries = Dictionary(entries.map { ($0.stack, $0) }) { $1 }
  }

  /// The entry of a stack; setting it replaces the line.
  public subscript(stack: StackName) -> Entry? {
    get { entries[stack] }
    set { entries[stack] = newValue }
  }

  /// Reads the lock's text form. `#` starts a comment line; blank lines are skipped.
  ///
  /// - Throws: every line that is not of the form, a stack that is locked twice.
  public init(parsing bytes: [UInt8], file: String) throws(Diagnostics) {
    guard bytes.count <= Self.maximumSize else {
      throw Diagnostics(
        Diagnostic(
          Location(file), "\(bytes.count) bytes; \(Self.maximumSize) is the most",
          rule: "lock-size"))
    }
    var found: [StackName: Entry] = [:]
    var problems: [Diagnostic] = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where problems.count < Diagnostics.most {
      let text = String(decoding: line, as: UTF8.self)
      if text.isEmpty || text.hasPrefix("#") { continue }
      let location = Location(file, line: index + 1)
      guard let entry = Self.entry(text) else {
        problems.append(
          Diagnostic(
            location, "not of the form 'RELEASE PROJECT SOURCE COMMIT TREE [sha256:DIGEST]'",
            rule: "lock-form"))
        continue
      }
      if found.updateValue(entry, forKey: entry.stack) != nil {
        problems.append(Diagnostic(location, "\(entry.stack) is locked twice", rule: "lock-twice"))
      }
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
    self.entries = found
  }

  private static func entry(_ line: String) -> Entry? {
    let fields = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 5 || fields.count == 6, let release = Release(fields[0]),
      isProjectName(fields[1]), let source = Source(fields[2]), let commit = ObjectID(fields[3]),
      let tree = ObjectID(fields[4])
    else { return nil }
    var digest: String?
    if fields.count == 6 {
      guard fields[5].hasPrefix("sha256:"), fields[5].utf8.count == 7 + 64,
        fields[5].utf8.dropFirst(7).allSatisfy({ hexValue($0) != nil })
      else { return nil }
      digest = String(fields[5].dropFirst(7))
    }
    return Entry(
      StackName(release, fields[1]), source: source, commit: commit, tree: tree,
      archiveDigest: digest)
  }

  /// The text form: a line a stack, releases in order, then projects.
  public var formatted: [UInt8] {
    var text = "# What each stack was last proven on; written by kerb fetch --update.\n"
    for entry in entries.values.sorted(by: {
      ($0.stack.release, $0.stack.project) < ($1.stack.release, $1.stack.project)
    }) {
      text += "\(entry.stack.release) \(entry.stack.project) \(entry.source)"
      text += " \(entry.commit) \(entry.tree)"
      if let digest = entry.archiveDigest { text += " sha256:\(digest)" }
      text += "\n"
    }
    return Array(text.utf8)
  }
}

extension UpstreamLock.Source: CustomStringConvertible {
  /// - Returns: nil unless the text is `sdist:VERSION` or `git:REF` with a name that is safe to
  ///   hand to pip or git: no white space, no leading dash, no `..`.
  public init?(_ text: String) {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let name = String(text[text.index(after: colon)...])
    guard isSafeName(name) else { return nil }
    switch text[..<colon] {
    case "sdist": self = .sdist(version: name)
    case "git": self = .git(ref: name)
    default: return nil
    }
  }

  public var description: String {
    switch self {
    case .sdist(let version): "sdist:\(version)"
    case .git(let ref): "git:\(ref)"
    }
  }
}

/// True for a name that may be a project's folder: letters, digits, `.`, `_`, `-`, no leading dot
/// or dash.
public func isProjectName(_ name: String) -> Bool {
  guard let first = name.utf8.first, isNameByte(first), first != UInt8(ascii: ".") else {
    return false
  }
  return first != UInt8(ascii: "-") && name.utf8.count <= 100 && name.utf8.allSatisfy(isNameByte)
}

/// True for what PEP 440 takes behind the `+` of a version: lower-case letters and digits, with dots
/// between them, 50 at most.
public func isVersionLabel(_ text: String) -> Bool {
  let parts = text.split(separator: ".", omittingEmptySubsequences: false)
  return text.utf8.count <= 50
    && parts.allSatisfy { part in
      !part.isEmpty
        && part.utf8.allSatisfy {
          (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
    }
}

/// True for a version or ref name that no program can take for an option or another path.
func isSafeName(_ name: String) -> Bool {
  guard let first = name.utf8.first, isNameByte(first), first != UInt8(ascii: "-") else {
    return false
  }
  return name.utf8.count <= 200 && !name.contains("..")
    && name.utf8.allSatisfy {
      isNameByte($0) || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "+")
    }
}

private func isNameByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
    UInt8(ascii: "-"):
    true
  default: false
  }
}
