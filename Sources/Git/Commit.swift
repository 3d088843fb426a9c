import Patches

/// A commit as it was read.
public struct Commit: Hashable, Sendable {
  public let id: ObjectID
  public let tree: ObjectID
  public let parents: [ObjectID]
  public let author: Signature
  public let committer: Signature
  /// The `encoding` header: how name and message are encoded; nil for UTF-8.
  public let encoding: String?
  /// Everything after the headers.
  public let message: [UInt8]

  /// The first parent.
  ///
  /// - Throws: for a commit that has none.
  public func firstParent() throws(GitError) -> ObjectID {
    guard let parent = parents.first else {
      throw GitError("read the parent of commit \(id)", because: "it has none")
    }
    return parent
  }

  /// The commit with its author and message in UTF-8; nil for an encoding that is neither UTF-8 nor a
  /// part of it nor Latin-1.
  public var inUTF8: Commit? {
    switch encoding?.lowercased() {
    case nil, "utf-8", "utf8", "us-ascii", "ascii": return self
    case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin-1", "latin1":
      return Commit(
        id: id, tree: tree, parents: parents, author: author.fromLatin1,
        committer: committer.fromLatin1, encoding: nil, message: fromLatin1(message))
    default: return nil
    }
  }
}

extension Signature {
  fileprivate var fromLatin1: Signature {
    Signature(
      name: Git.fromLatin1(name), email: Git.fromLatin1(email), seconds: seconds, offset: offset)
  }
}

private func fromLatin1(_ bytes: [UInt8]) -> [UInt8] {
  bytes.flatMap { Array(String(UnicodeScalar($0)).utf8) }
}

extension Repository {
  /// Reads a commit. Headers that are not listed in `Commit`, such as a signature, are passed over.
  ///
  /// - Throws: if the object is missing, is no commit, or is malformed.
  public func commit(_ id: ObjectID) throws(GitError) -> Commit {
    guard let commit = Commit(id, parsing: try bytes(of: id, .commit)) else {
      throw GitError("read commit \(id)", because: "the commit is malformed")
    }
    return commit
  }
}

extension Commit {
  /// - Returns: nil where the bytes are no commit.
  init?(_ id: ObjectID, parsing bytes: [UInt8]) {
    var tree: ObjectID?
    var parents: [ObjectID] = []
    var author: Signature?
    var committer: Signature?
    var encoding: String?
    var rest = bytes[...]
    while let end = rest.firstIndex(of: lineFeed), end > rest.startIndex {
      let line = rest[..<end]
      rest = rest[(end + 1)...]
      // A line that begins with a space continues the header before it.
      guard line.first != space, let gap = line.firstIndex(of: space) else { continue }
      let value = line[(gap + 1)...]
      switch String(decoding: line[..<gap], as: UTF8.self) {
      case "tree" where tree == nil: tree = ObjectID(hex: value)
      case "parent":
        guard let parent = ObjectID(hex: value) else { return nil }
        parents.append(parent)
      case "author" where author == nil: author = Signature(parsing: value)
      case "committer" where committer == nil: committer = Signature(parsing: value)
      case "encoding": encoding = String(decoding: value, as: UTF8.self)
      default: break
      }
    }
    guard let tree, let author, let committer else { return nil }
    self.init(
      id: id, tree: tree, parents: parents, author: author, committer: committer,
      encoding: encoding, message: Array(rest.dropFirst()))
  }
}

/// A commit to be written.
public struct CommitRecord: Hashable, Sendable {
  public let tree: ObjectID
  public let parents: [ObjectID]
  public let author: Signature
  public let committer: Signature
  /// The message in UTF-8; it should end in a line feed.
  public let message: [UInt8]

  public init(
    tree: ObjectID, parents: [ObjectID], author: Signature, committer: Signature,
    message: [UInt8]
  ) {
    self.tree = tree
    self.parents = parents
    self.author = author
    self.committer = committer
    self.message = message
  }

  /// The object's bytes, as `git commit-tree` writes them. NULs in the message are dropped: git
  /// takes none.
  public var bytes: [UInt8] {
    var bytes = Array("tree \(tree)\n".utf8)
    for parent in parents { bytes += Array("parent \(parent)\n".utf8) }
    bytes += Array("author ".utf8) + author.bytes
    bytes += Array("\ncommitter ".utf8) + committer.bytes
    bytes += Array("\n\n".utf8)
    return bytes + message.filter { $0 != 0 }
  }
}

private let lineFeed = UInt8(ascii: "\n")
private let space = UInt8(ascii: " ")
