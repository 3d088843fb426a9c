/// One section of a patch: what happens to one file.
public struct FileChange: Sendable {
  /// The kind of a change, and what only that kind has.
  public enum Kind: Hashable, Sendable {
    /// An existing file keeps its path.
    case modify
    case create
    case delete
    /// The file at `from` moves to the section's path.
    case rename(from: RepoPath, similarity: Int?)
    /// The file at `from`, as it was before the patch, is also put at the section's path.
    case copy(from: RepoPath, similarity: Int?)
  }

  /// What a section changes inside the file.
  public enum Content: Sendable {
    /// Nothing: a mode change, a pure rename or copy, an empty file.
    case none
    case hunks([Hunk])
    /// Binary data: how to make the new content, and the old one again where the patch has that.
    case binary(BinaryBlock, reverse: BinaryBlock?)
    /// One blob takes the place of another; read from a commit and not from a patch file.
    case blobs(old: ObjectID, new: ObjectID)
  }

  /// The path after the change; for a deletion the path that goes.
  public let path: RepoPath
  public let kind: Kind
  /// The mode before, where the section states it.
  public let oldMode: FileMode?
  /// The mode after, where the section states it.
  public let newMode: FileMode?
  /// The `index` line's names, in full or abbreviated.
  public let index: IndexLine?
  /// The percentage of a `dissimilarity index` line.
  public let dissimilarity: Int?
  public let content: Content
  /// The line of the patch file on which the section begins, counted from 1.
  public let line: Int
  /// True for a section that begins with `diff --git`.
  public let isGitForm: Bool
  /// The section in the patch's bytes: text before it that is no part of any section, its header
  /// lines, and its hunks or binary blocks.
  let lead: Range<Int>
  let head: Range<Int>
  let tail: Range<Int>

  /// The change as one that makes its file: what git takes a section for that has no header lines of git's, says
  /// `-0,0` and is about a file that is not there (`is_new` in apply.c).
  ///
  /// - Returns: nil for every other section.
  public var asCreation: FileChange? {
    guard kind == .modify, !isGitForm, case .hunks(let hunks) = content, hunks.count == 1,
      hunks[0].oldCount == 0
    else { return nil }
    return FileChange(
      path: path, kind: .create, oldMode: nil, newMode: .regular, index: nil, dissimilarity: nil,
      content: content, line: line, isGitForm: false, lead: lead, head: head, tail: tail)
  }

  /// The path that the change reads.
  public var sourcePath: RepoPath {
    switch kind {
    case .modify, .create, .delete: path
    case .rename(let from, _), .copy(let from, _): from
    }
  }

  /// The names on an `index` line: hexadecimal digits, 4 to 40 of them.
  public struct IndexLine: Hashable, Sendable {
    public let old: [UInt8]
    public let new: [UInt8]

    public init(_ old: ObjectID, _ new: ObjectID) {
      self.old = Array("\(old)".utf8)
      self.new = Array("\(new)".utf8)
    }

    init(old: [UInt8], new: [UInt8]) {
      self.old = old
      self.new = new
    }

    /// The full names, nil where they are abbreviated.
    public var oldID: ObjectID? { ObjectID(hex: old) }
    public var newID: ObjectID? { ObjectID(hex: new) }
  }

  /// A change that was read from a commit, or made of two versions of a file.
  public init(
    _ path: RepoPath, _ kind: Kind, oldMode: FileMode?, newMode: FileMode?,
    index: IndexLine? = nil, content: Content
  ) {
    self.path = path
    self.kind = kind
    self.oldMode = oldMode
    self.newMode = newMode
    self.content = content
    self.index = index
    self.dissimilarity = nil
    self.line = 0
    self.isGitForm = true
    self.lead = 0..<0
    self.head = 0..<0
    self.tail = 0..<0
  }

  init(
    path: RepoPath, kind: Kind, oldMode: FileMode?, newMode: FileMode?, index: IndexLine?,
    dissimilarity: Int?, content: Content, line: Int, isGitForm: Bool, lead: Range<Int>,
    head: Range<Int>,
    tail: Range<Int>
  ) {
    self.path = path
    self.kind = kind
    self.oldMode = oldMode
    self.newMode = newMode
    self.index = index
    self.dissimilarity = dissimilarity
    self.content = content
    self.line = line
    self.isGitForm = isGitForm
    self.lead = lead
    self.head = head
    self.tail = tail
  }
}

/// One block of a `GIT binary patch`: deflated data, and what it inflates to.
public struct BinaryBlock: Sendable {
  public enum Method: Hashable, Sendable {
    /// The data is the whole content.
    case literal
    /// The data is a delta against the content before, in the form that packs use.
    case delta
  }

  public let method: Method
  /// The number of bytes that the data inflates to, as stated.
  public let size: Int
  /// The data as it was before base 85: a zlib stream.
  public let deflated: [UInt8]
  /// The line of the `literal` or `delta` word in the patch file, counted from 1; 0 for a block that
  /// was made and not read.
  public let line: Int

  public init(method: Method, size: Int, deflated: [UInt8], line: Int) {
    (self.method, self.size, self.deflated, self.line) = (method, size, deflated, line)
  }
}
