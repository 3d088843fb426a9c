import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The paths that the git repository around a folder tracks below that folder, out of git's index
/// (gitformat-index). Nothing else of the repository is read, and no git is asked.
///
/// - Parameters:
///   - folder: an absolute path without links.
///   - isWanted: asked of each path, relative to the folder.
/// - Returns: the first wanted path in the order of the index; nil where there is none, or no
///   repository.
/// - Throws: where there is an index that cannot be read.
package func firstTrackedPath(
  below folder: String, where isWanted: (ArraySlice<UInt8>) -> Bool
) throws(GitError) -> [UInt8]? {
  guard let (gitDirectory, prefix) = try enclosingRepository(folder) else { return nil }
  let path = "\(gitDirectory)/index"
  guard let index = try readFile(path, limit: IndexPaths.maximumSize) else { return nil }
  var files = [(path, index)]
  while let (path, bytes) = files.popLast() {
    guard let paths = IndexPaths(bytes) else {
      throw GitError(
        "read \(path)", because: "it is no index that kerb knows, so nobody can say what is tracked"
      )
    }
    if let found = paths.first(below: Array(prefix.utf8), where: isWanted) { return found }
    if let shared = paths.sharedName, files.isEmpty, path.hasSuffix("/index") {
      let path = "\(gitDirectory)/sharedindex.\(shared)"
      if let bytes = try readFile(path, limit: IndexPaths.maximumSize) {
        files.append((path, bytes))
      }
    }
  }
  return nil
}

/// The git directory of the repository that a folder is in, and the folder's place in its work tree with
/// a final slash; nil where it is in none. A folder that only looks like a bare repository is none.
private func enclosingRepository(
  _ folder: String
) throws(GitError) -> (gitDirectory: String, prefix: String)? {
  var folder = folder
  var prefix = ""
  while true {
    let place = folder == "/" ? "/.git" : "\(folder)/.git"
    var status = stat()
    if lstat(place, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFDIR: return (place, prefix)
      case S_IFREG:
        if let other = try linkedDirectory(place, in: folder) { return (other, prefix) }
      default: break
      }
    }
    guard folder != "/", let slash = folder.lastIndex(of: "/") else { return nil }
    prefix = folder[folder.index(after: slash)...] + "/" + prefix
    folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
  }
}

/// What a `.git` file names (`gitdir: PATH`), as linked work trees and submodules have one.
private func linkedDirectory(_ file: String, in folder: String) throws(GitError) -> String? {
  guard let bytes = try readFile(file, limit: 16 << 10) else { return nil }
  let text = String(decoding: bytes.prefix { $0 != 10 && $0 != 13 }, as: UTF8.self)
  guard text.hasPrefix("gitdir: ") else { return nil }
  let path = String(text.dropFirst("gitdir: ".count))
  return path.hasPrefix("/") ? path : "\(folder)/\(path)"
}

/// The paths of an index file of version 2, 3 or 4, with names of objects of SHA-1 or SHA-256.
struct IndexPaths {
  static let maximumSize = 64 << 20

  /// No file system has longer paths.
  private static let maximumPath = 64 << 10

  private let bytes: [UInt8]
  /// Of each path how many bytes it has from the one before it, and where the rest stands: version 4
  /// divides them so, and all of them together may be far longer than the file.
  private let paths: [(kept: Int, rest: Range<Int>)]
  /// The name behind `sharedindex.` of the file that holds the rest of a split index.
  private(set) var sharedName: String?

  /// - Returns: nil where the bytes are no such index.
  init?(_ bytes: [UInt8]) {
    for hashSize in [20, 32] {
      if let read = IndexPaths(bytes, hashSize: hashSize) {
        self = read
        return
      }
    }
    return nil
  }

  private init?(_ bytes: [UInt8], hashSize: Int) {
    self.bytes = bytes
    guard bytes.count >= 12 + hashSize, bytes.starts(with: Array("DIRC".utf8)) else { return nil }
    let (version, count) = (Self.number(bytes, 4), Self.number(bytes, 8))
    guard (2...4).contains(version), count <= bytes.count / (40 + hashSize) else { return nil }
    var paths: [(kept: Int, rest: Range<Int>)] = []
    var length = 0
    var at = 12
    for _ in 0..<count {
      let start = at
      at += 40 + hashSize + 2
      guard at <= bytes.count else { return nil }
      let isExtended = bytes[at - 2] & 0x40 != 0
      guard !isExtended || version > 2 else { return nil }
      if isExtended { at += 2 }
      var kept = 0
      if version == 4 {
        guard let (strip, next) = Self.varint(bytes, at), strip <= length else { return nil }
        (kept, at) = (length - strip, next)
      }
      guard at < bytes.count, let nul = bytes[at...].firstIndex(of: 0) else { return nil }
      paths.append((kept, at..<nul))
      length = kept + nul - at
      guard length <= Self.maximumPath else { return nil }
      at = version == 4 ? nul + 1 : start + ((nul - start) / 8 + 1) * 8
    }
    self.paths = paths
    guard readExtensions(from: at, hashSize: hashSize) else { return nil }
  }

  /// Walks the extensions to the checksum at the end.
  private mutating func readExtensions(from start: Int, hashSize: Int) -> Bool {
    var at = start
    while at + 8 <= bytes.count - hashSize {
      let size = Self.number(bytes, at + 4)
      // An extension's name is four letters; what has none is no index.
      guard size <= bytes.count - hashSize - at - 8,
        bytes[at..<at + 4].allSatisfy({ (0x21...0x7e).contains($0) })
      else { return false }
      if bytes[at..<at + 4].elementsEqual(Array("link".utf8)), size >= hashSize {
        sharedName = bytes[at + 8..<at + 8 + hashSize].map { byte in
          (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
      }
      at += 8 + size
    }
    return at == bytes.count - hashSize
  }

  /// The first path below a folder (with a final slash, or empty) that is wanted, relative to it.
  func first(below prefix: [UInt8], where isWanted: (ArraySlice<UInt8>) -> Bool) -> [UInt8]? {
    var path: [UInt8] = []
    for (kept, rest) in paths {
      path.removeLast(path.count - kept)
      path += bytes[rest]
      guard path.count > prefix.count, path.starts(with: prefix),
        isWanted(path.dropFirst(prefix.count))
      else { continue }
      return Array(path.dropFirst(prefix.count))
    }
    return nil
  }

  private static func number(_ bytes: [UInt8], _ at: Int) -> Int {
    bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  /// A number of version 4 (`decode_varint` in git's varint.c), and the place behind it.
  private static func varint(_ bytes: [UInt8], _ start: Int) -> (value: Int, next: Int)? {
    var value = 0
    var at = start
    while at < bytes.count, at - start < 5 {
      let byte = bytes[at]
      value = value << 7 | Int(byte & 0x7f)
      at += 1
      if byte & 0x80 == 0 { return (value, at) }
      value += 1
    }
    return nil
  }
}
