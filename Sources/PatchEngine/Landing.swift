import Patches

/// How much of a patch a tree has, and where.
public struct Landing: Hashable, Sendable {
  /// How much of a patch upstream has.
  public enum Extent: String, Hashable, Sendable, CaseIterable {
    /// All of it.
    case whole
    /// Some of its hunks, as they are.
    case inPart = "in_part"
    /// The same thing in another form: much of the text, or a commit that is known to be it.
    case reworked
    /// Nothing that could be found.
    case not
  }

  /// The sections of the patch, in order.
  public let files: [FileLanding]

  public init(files: [FileLanding]) {
    self.files = files
  }

  public var parts: [PartLanding] { files.flatMap(\.parts) }
  /// How many added lines say something, and how many of them the tree has gained.
  public var wanted: Int { parts.reduce(0) { $0 + $1.lines.count } }
  public var found: Int { parts.reduce(0) { $0 + $1.lines.count(where: \.isFound) } }
  /// The share of the added text that the tree has; 0 where the patch adds none.
  public var share: Double { wanted == 0 ? 0 : Double(found) / Double(wanted) }

  /// The extent.
  ///
  /// - Parameter isKnownCommit: true where an upstream commit is known to be about the same thing:
  ///   named by the patch, or of a similar subject and text.
  public func extent(isKnownCommit: Bool = false) -> Extent {
    let there = parts.count(where: \.isThere)
    if !parts.isEmpty, there == parts.count { return .whole }
    let isMuch = found >= 3 && found * 4 >= wanted
    if there > 0 {
      return there * 4 < parts.count && (isMuch || isKnownCommit) ? .reworked : .inPart
    }
    return isMuch || isKnownCommit ? .reworked : .not
  }

  /// The added lines that the tree has gained, by file.
  public var foundLines: [RepoPath: Set<LineKey>] {
    var result: [RepoPath: Set<LineKey>] = [:]
    for file in files {
      let found = file.parts.flatMap(\.lines).filter(\.isFound).map(\.key)
      if !found.isEmpty { result[file.path, default: []].formUnion(found) }
    }
    return result
  }

  /// The landing with lines found that upstream has in other files.
  public func finding(_ keys: Set<LineKey>) -> Landing {
    Landing(files: files.map { $0.finding(keys) })
  }
}

/// How much of one section a tree has.
public struct FileLanding: Hashable, Sendable {
  public let path: RepoPath
  /// Where upstream has the file now, if it was renamed.
  public let followedTo: RepoPath?
  /// The section's line in the patch file, counted from 1; nil for a change from a commit.
  public let line: Int?
  /// The hunks, or the section as one part where it has none.
  public let parts: [PartLanding]

  public init(path: RepoPath, followedTo: RepoPath?, line: Int?, parts: [PartLanding]) {
    self.path = path
    self.followedTo = followedTo
    self.line = line
    self.parts = parts
  }

  func finding(_ keys: Set<LineKey>) -> FileLanding {
    FileLanding(
      path: path, followedTo: followedTo, line: line, parts: parts.map { $0.finding(keys) })
  }
}

/// Whether a tree has one hunk.
public struct PartLanding: Hashable, Sendable {
  /// An added line that says something.
  public struct AddedLine: Hashable, Sendable {
    public let key: LineKey
    /// True where the tree has gained it.
    public let isFound: Bool

    public init(key: LineKey, isFound: Bool) {
      self.key = key
      self.isFound = isFound
    }
  }

  /// The hunk's number in its section, counted from 1; 0 for a section without hunks.
  public let hunk: Int
  /// Its line in the patch file, counted from 1; nil for a change from a commit.
  public let line: Int?
  public let isThere: Bool
  public let lines: [AddedLine]

  public init(hunk: Int, line: Int?, isThere: Bool, lines: [AddedLine]) {
    self.hunk = hunk
    self.line = line
    self.isThere = isThere
    self.lines = lines
  }

  func finding(_ keys: Set<LineKey>) -> PartLanding {
    PartLanding(
      hunk: hunk, line: line, isThere: isThere,
      lines: lines.map { AddedLine(key: $0.key, isFound: $0.isFound || keys.contains($0.key)) })
  }
}

/// Says of the patches of a stack, in order, how much of each a tree has.
///
/// What the files were before a patch is followed through the stack: with it a line that they had all
/// along is no sign of a landing, and a merge that brings nothing proves one.
public struct LandingSearch {
  private let relocations: Relocations
  private var bases = BaseTexts()
  /// The files that earlier patches change in a way that the tree does not have. What a later patch
  /// undoes of that was never upstream.
  private var open: Set<RepoPath> = []

  /// - Parameter relocations: where upstream has renamed files of the stack.
  public init(relocations: Relocations = Relocations()) {
    self.relocations = relocations
  }

  /// How much of the next patch of the stack the tree has; the tree is that of upstream, without the
  /// stack.
  ///
  /// - Throws: what the tree throws.
  public mutating func landing(
    of patch: Patch, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Landing {
    var files: [FileLanding] = []
    for file in patch.files { files.append(try landing(of: file, in: tree)) }
    for (file, landing) in zip(patch.files, files)
    where landing.parts.contains(where: { !$0.isThere }) {
      open.formUnion([file.path, file.sourcePath])
    }
    return Landing(files: files)
  }

  private mutating func landing(
    of file: FileChange, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> FileLanding {
    let place = relocations.place(of: file.path)
    let path = place ?? file.path
    let entry = try tree.entry(at: path)
    let base = try base(before: file, in: tree)
    defer { bases.pass(file, after: nil) }
    let present = entry.flatMap { $0.mode == .tree ? nil : $0 }
    let parts: [PartLanding]
    switch file.content {
    case .hunks(let hunks) where file.kind == .delete:
      let wasThere = try !open.contains(path) || tree.baseEntry(at: path) != nil
      let isGone = present == nil && wasThere
      parts = hunks.enumerated().map {
        PartLanding(hunk: $0 + 1, line: lineNumber($1.line), isThere: isGone, lines: [])
      }
    case .hunks(let hunks):
      let text = try present.map { Text(try tree.content(of: $0.id)) }
      let locked = try open.contains(file.path) ? lockedText(file.path, in: tree) : nil
      var work = HunkSearch(file: file, hunks: hunks, base: base, locked: locked, text: text)
      let hasMode = hasMode(file, present)
      parts = work.parts(isPossible: hasMode)
    case .none, .binary, .blobs:
      let isThere = try isThere(file, present, in: tree)
      parts = [PartLanding(hunk: 0, line: lineNumber(file.line), isThere: isThere, lines: [])]
    }
    return FileLanding(
      path: file.path, followedTo: place, line: lineNumber(file.line), parts: parts)
  }

  /// The file before the patch, where it is known for certain: the patch fits on it. Nothing for a new
  /// file.
  private mutating func base(
    before file: FileChange, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Text? {
    guard case .hunks(let hunks) = file.content else { return nil }
    let known = try bases.text(before: file, in: tree)
    if file.kind == .create { return known == nil ? Text([]) : nil }
    guard let known, (try? apply(hunks, to: known)) != nil else { return nil }
    return known
  }

  /// The file in the tree that the stack was made on.
  private func lockedText(
    _ path: RepoPath, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Text? {
    guard let entry = try tree.baseEntry(at: path), entry.mode.isFile else { return nil }
    return Text(try tree.content(of: entry.id))
  }

  /// True where a mode that the patch changes is the one that it makes.
  private func hasMode(_ file: FileChange, _ present: SourceEntry?) -> Bool {
    guard let present, let new = file.newMode, new != file.oldMode else { return true }
    return present.mode == new
  }

  private func isThere(
    _ file: FileChange, _ present: SourceEntry?, in tree: borrowing some TreeSource & ~Copyable
  ) throws -> Bool {
    if file.kind == .delete { return present == nil }
    guard let present, hasMode(file, present) else { return false }
    switch file.kind {
    case .rename(let from, _): if try tree.entry(at: from) != nil { return false }
    case .create, .modify, .copy, .delete: break
    }
    switch file.content {
    case .none: return true
    case .binary: return file.index?.newID == present.id
    case .blobs(_, let new): return new == present.id
    case .hunks: return false
    }
  }
}

private func lineNumber(_ line: Int) -> Int? { line > 0 ? line : nil }
