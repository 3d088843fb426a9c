/// A path inside a tree: relative, canonical, and safe to create on any of the file systems that
/// git runs on. There is no other way to name a file that a patch touches.
public struct RepoPath: Hashable, Sendable {
  /// The path's bytes, components divided by single slashes.
  public let bytes: [UInt8]

  /// Why bytes are no path.
  public enum Problem: Error, Hashable, Sendable {
    case empty
    case absolute
    case dotComponent
    case emptyComponent
    case controlByte
    case backslash
    case driveLetter
    case gitDirectory
    case longComponent(Int)
    case longPath(Int)
    case deepPath(Int)
  }

  /// The longest component that Linux, macOS and Windows can store.
  public static let maximumComponent = 255
  /// The longest path, PATH_MAX less its NUL.
  public static let maximumLength = 4095
  /// The most components: git built with Visual C++ walks no deeper (`core.maxTreeDepth`), and each folder
  /// above a file costs as much as the file.
  public static let maximumDepth = 512

  /// Checks the bytes against every rule.
  ///
  /// - Throws: the first rule that the bytes break.
  public init(_ bytes: [UInt8]) throws(Problem) {
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.count <= Self.maximumLength else { throw .longPath(bytes.count) }
    guard bytes[0] != slash else { throw .absolute }
    for byte in bytes {
      if byte < 0x20 || byte == 0x7f { throw .controlByte }
      if byte == UInt8(ascii: "\\") { throw .backslash }
    }
    if bytes.count >= 2, bytes[1] == UInt8(ascii: ":"), isLetter(bytes[0]) { throw .driveLetter }
    var (start, depth) = (0, 0)
    for index in 0...bytes.count where index == bytes.count || bytes[index] == slash {
      try Self.check(component: bytes[start..<index])
      start = index + 1
      depth += 1
    }
    guard depth <= Self.maximumDepth else { throw .deepPath(depth) }
    self.bytes = bytes
  }

  /// Checks the string's UTF-8 against every rule.
  public init(_ string: String) throws(Problem) {
    try self.init(Array(string.utf8))
  }

  private static func check(component: ArraySlice<UInt8>) throws(Problem) {
    guard let first = component.first else { throw .emptyComponent }
    guard component.count <= maximumComponent else { throw .longComponent(component.count) }
    if first == dot, component.count == 1 || (component.count == 2 && component.last == dot) {
      throw .dotComponent
    }
    if namesGitDirectory(component) { throw .gitDirectory }
  }

  /// The components, first to last.
  public var components: [ArraySlice<UInt8>] {
    bytes.split(separator: slash, omittingEmptySubsequences: false)
  }

  /// The directory that holds the path, or nil at the top of the tree.
  public var parent: RepoPath? {
    bytes.lastIndex(of: slash).map { RepoPath(unchecked: Array(bytes[..<$0])) }
  }

  /// The directory whose path ends before one of the path's slashes.
  ///
  /// - Precondition: `bytes` has a slash there.
  package func directory(endingAt slashIndex: Int) -> RepoPath {
    precondition(bytes[slashIndex] == slash)
    return RepoPath(unchecked: Array(bytes[..<slashIndex]))
  }

  /// The last component.
  public var name: ArraySlice<UInt8> {
    bytes[((bytes.lastIndex(of: slash) ?? -1) + 1)...]
  }

  /// True where `self` is a directory above `other`.
  public func contains(_ other: RepoPath) -> Bool {
    other.bytes.count > bytes.count && other.bytes[bytes.count] == slash
      && other.bytes.starts(with: bytes)
  }

  /// True if a component is a name that Windows keeps for a device (`aux`, `con.txt`).
  public var namesDevice: Bool {
    components.contains { component in
      let stem = component.prefix { $0 != dot }.map(lowercased)
      let name = String(decoding: stem, as: UTF8.self)
      if ["con", "prn", "aux", "nul"].contains(name) { return true }
      return stem.count == 4 && (name.hasPrefix("com") || name.hasPrefix("lpt"))
        && (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(stem[3])
    }
  }

  private init(unchecked bytes: [UInt8]) {
    self.bytes = bytes
  }
}

extension RepoPath: Comparable {
  /// Byte order.
  public static func < (left: RepoPath, right: RepoPath) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}

extension RepoPath: CustomStringConvertible {
  /// The path as text; bytes that are no UTF-8 are replaced. Not escaped for any medium.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension RepoPath.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .empty: "the path is empty"
    case .absolute: "the path is absolute; it must lie inside the tree"
    case .dotComponent: "the path has a '.' or '..' component; it must lie inside the tree"
    case .emptyComponent: "the path has an empty component ('//' or a final '/')"
    case .controlByte: "the path has a control character"
    case .backslash: "the path has a backslash"
    case .driveLetter: "the path begins with a drive letter"
    case .gitDirectory: "the path names a .git directory"
    case .longComponent(let count): "the path has a component of \(count) bytes; 255 is the most"
    case .longPath(let count): "the path has \(count) bytes; 4095 is the most"
    case .deepPath(let count): "the path has \(count) components; 512 is the most"
    }
  }
}

private let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")

/// True for a letter of ASCII.
func isLetter(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}

/// The byte, a letter of ASCII in lower case.
package func lowercased(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

/// Every spelling that HFS+ or NTFS opens as `.git` (`is_hfs_dotgit`, `is_ntfs_dotgit` in git), the short
/// name `git~1` among them.
private func namesGitDirectory(_ component: ArraySlice<UInt8>) -> Bool {
  guard let first = component.first,
    first == dot || first | 0x20 == UInt8(ascii: "g") || first >= 0x80
  else { return false }
  let visible = foldedName(component)
  return visible == Array(".git".utf8) || visible == Array("git~1".utf8)
}

/// A name as the file systems that fold the most take it: letters of ASCII, and what folds to them, in
/// lower case, without code points that HFS+ ignores, without what NTFS leaves out (dots and blanks at
/// the end, the name of a stream).
private func foldedName(_ component: ArraySlice<UInt8>) -> [UInt8] {
  var visible = foldingToASCII(droppingIgnoredByHFS(component)).map(lowercased)
  if let colon = visible.firstIndex(of: UInt8(ascii: ":")) { visible.removeSubrange(colon...) }
  while let last = visible.last, last == dot || last == UInt8(ascii: " ") { visible.removeLast() }
  return visible
}

/// True for a component that a file system may take for `.kerb` or `src`, the folders at the top of a
/// workspace that kerb makes.
package func namesOwnFolder(_ component: ArraySlice<UInt8>) -> Bool {
  // Most names are told by their first byte.
  guard let first = component.first, first >= 0x80 || ".ks".utf8.contains(lowercased(first)) else {
    return false
  }
  let name = foldedName(component)
  return [".kerb", "kerb~1", "src"].contains { name.elementsEqual($0.utf8) }
}

/// The bytes with the two code points that fold to a letter of ASCII as that: U+017F, U+212A.
private func foldingToASCII(_ bytes: [UInt8]) -> [UInt8] {
  guard bytes.contains(where: { $0 >= 0x80 }) else { return bytes }
  var folded: [UInt8] = []
  var rest = bytes[...]
  while let first = rest.first {
    if rest.starts(with: [0xc5, 0xbf]) {
      folded.append(UInt8(ascii: "s"))
      rest.removeFirst(2)
    } else if rest.starts(with: [0xe2, 0x84, 0xaa]) {
      folded.append(UInt8(ascii: "k"))
      rest.removeFirst(3)
    } else {
      folded.append(first)
      rest.removeFirst()
    }
  }
  return folded
}

/// The bytes without the code points that HFS+ ignores in names (`next_hfs_char` in git's utf8.c):
/// U+200C to U+200F, U+202A to U+202E, U+206A to U+206F, U+FEFF.
private func droppingIgnoredByHFS(_ component: ArraySlice<UInt8>) -> [UInt8] {
  let bytes = Array(component)
  var kept: [UInt8] = []
  var index = 0
  while index < bytes.count {
    if index + 2 < bytes.count {
      let ignored =
        switch (bytes[index], bytes[index + 1], bytes[index + 2]) {
        case (0xe2, 0x80, 0x8c...0x8f), (0xe2, 0x80, 0xaa...0xae), (0xe2, 0x81, 0xaa...0xaf),
          (0xef, 0xbb, 0xbf):
          true
        default: false
        }
      if ignored {
        index += 3
        continue
      }
    }
    kept.append(bytes[index])
    index += 1
  }
  return kept
}
