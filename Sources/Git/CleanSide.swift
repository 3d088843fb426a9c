import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What git would store for the files of a work tree, as far as git itself knows how: line ends,
/// `$Id$`, encodings (gitattributes(5), convert.c in git). No program that is configured as a filter
/// is ever started.
///
/// A class, as the files that ask it (`DiskTree`) are also what it reads attributes from.
package final class CleanSide {
  /// What is stored for a file.
  package enum Stored: Equatable {
    case bytes([UInt8])
    /// A filter's program makes it, of this name; nobody knows what it is.
    case program(String)
    /// The file is not in the encoding that its attributes state.
    case encoding(String)
  }

  private let gitDirectory: String
  private let index: IndexFile
  private var disk: DiskTree
  private var known: FilterSettings?
  private var files: [[UInt8]: Attributes.File?] = [:]

  /// - Parameter index: the work tree's: attributes are looked for there where a file is not checked out,
  ///   and what a path has there decides about its line ends.
  init(directory: String, repository gitDirectory: String, index: IndexFile) throws(GitError) {
    (self.gitDirectory, self.index) = (gitDirectory, index)
    disk = try DiskTree(at: directory)
  }

  /// What is stored for a regular file.
  package func stored(
    _ bytes: [UInt8], at path: RepoPath
  ) throws(GitError) -> Stored {
    let settings = try self.settings()
    let attributes = Attributes.of(path, in: try attributeFiles(for: path, settings))
    if case .text(let driver) = attributes["filter"], settings.programs.contains(driver) {
      return .program(driver)
    }
    var result = bytes
    if case .text(let encoding) = attributes["working-tree-encoding"], !isUTF8(encoding) {
      guard let text = inUTF8(bytes, from: encoding) else { return .encoding(encoding) }
      result = text
    }
    if let conversion = LineEndConversion(attributes, settings) {
      result = try conversion.stored(result, indexed: { () throws(GitError) in try indexed(path) })
    }
    if attributes["ident"] == .set { result = withoutIdent(result) }
    return .bytes(result)
  }

  private func indexed(_ path: RepoPath) throws(GitError) -> [UInt8]? {
    guard let entry = index.entries[path.bytes], FileMode(raw: entry.rawMode).isFile else {
      return nil
    }
    let repository = try Repository(opening: gitDirectory)
    return repository.contains(entry.id) ? try repository.blob(entry.id) : nil
  }

  private func settings() throws(GitError) -> FilterSettings {
    if let known { return known }
    let read = try FilterSettings(of: Repository(opening: gitDirectory))
    known = read
    return read
  }

  /// The files of attributes that may speak of a path, the weakest first: the user's, those of the tree
  /// from the top down, the repository's own.
  private func attributeFiles(
    for path: RepoPath, _ settings: FilterSettings
  ) throws(GitError) -> [Attributes.File] {
    var found: [Attributes.File] = []
    if let user = settings.attributesFile ?? Self.usualAttributesFile, !user.hasPrefix("~"),
      let file = try outside(user)
    {
      found.append(file)
    }
    var folders: [RepoPath?] = []
    var above = path.parent
    while let folder = above {
      folders.append(folder)
      above = folder.parent
    }
    for folder in [nil] + folders.reversed() {
      if let file = try inTree(folder) { found.append(file) }
    }
    if let file = try outside("\(gitDirectory)/info/attributes") { found.append(file) }
    return found
  }

  private static var usualAttributesFile: String? {
    guard getenv("CI") == nil else { return nil }
    if let folder = getenv("XDG_CONFIG_HOME"), folder.pointee != 0 {
      return "\(String(cString: folder))/git/attributes"
    }
    return getenv("HOME").map { "\(String(cString: $0))/.config/git/attributes" }
  }

  private func outside(_ path: String) throws(GitError) -> Attributes.File? {
    let key = Array(path.utf8) + [0]
    if let known = files[key] { return known }
    let bytes = try? readFile(path, limit: Attributes.File.maximumSize)
    var file: Attributes.File?
    if let bytes { file = try Attributes.File(parsing: bytes, folder: [], name: path) }
    files.updateValue(file, forKey: key)
    return file
  }

  private func inTree(_ folder: RepoPath?) throws(GitError) -> Attributes.File? {
    let key = folder?.bytes ?? []
    if let known = files[key] { return known }
    let path = try safePath((key.isEmpty ? [] : key + [0x2f]) + Array(".gitattributes".utf8))
    var bytes: [UInt8]?
    switch try disk.look(at: path) {
    case .file: bytes = try disk.readFile(path, limit: Attributes.File.maximumSize)
    case .absent, .blocked: bytes = try indexed(path)
    case .symlink, .directory, .other: break
    }
    var file: Attributes.File?
    if let bytes { file = try Attributes.File(parsing: bytes, folder: key, name: "\(path)") }
    files.updateValue(file, forKey: key)
    return file
  }
}

/// How the line ends of one file become those that are stored.
private struct LineEndConversion {
  /// True where the content decides whether the file is text.
  private let isAutomatic: Bool

  /// - Returns: nil where line ends stay.
  init?(_ attributes: [String: Attributes.Value], _ settings: FilterSettings) {
    var isText: Bool?
    var isAutomatic = false
    // `crlf` is what `text` was called before.
    search: for name in ["text", "crlf"] {
      switch attributes[name] {
      case .set, .text("input"): isText = true
      case .unset: isText = false
      case .text("auto"): isAutomatic = true
      case .text, nil: continue search
      }
      break
    }
    guard isText != false else { return nil }
    if isText == nil, !isAutomatic {
      switch attributes["eol"] {
      case .text("lf"), .text("crlf"): isText = true
      default:
        guard settings.convertsUnnamed else { return nil }
        isAutomatic = true
      }
    }
    self.isAutomatic = isText != true && isAutomatic
  }

  func stored(
    _ bytes: [UInt8], indexed: () throws(GitError) -> [UInt8]?
  ) throws(GitError) -> [UInt8] {
    guard isAutomatic else { return withoutReturns(bytes) }
    let found = LineEndCount(bytes)
    guard found.pairs > 0, !found.isBinary else { return bytes }
    // A file that was stored with CR LF stays so.
    if let before = try indexed() {
      let old = LineEndCount(before)
      if old.pairs > 0, !old.isBinary { return bytes }
    }
    return withoutReturns(bytes)
  }

  private func withoutReturns(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    for (place, byte) in bytes.enumerated() {
      if byte == 13, place + 1 < bytes.count, bytes[place + 1] == 10 { continue }
      result.append(byte)
    }
    return result
  }
}

/// What a content is made of (`gather_stats` in git's convert.c).
private struct LineEndCount {
  /// CR LF.
  private(set) var pairs = 0
  private var lonelyReturns = 0
  private var nuls = 0
  private var printable = 0
  private var others = 0

  init(_ bytes: [UInt8]) {
    var place = 0
    while place < bytes.count {
      switch bytes[place] {
      case 13:
        if place + 1 < bytes.count, bytes[place + 1] == 10 {
          pairs += 1
          place += 1
        } else {
          lonelyReturns += 1
        }
      case 10: break
      case 8, 9, 27, 12: printable += 1
      case 0:
        nuls += 1
        others += 1
      case 127, 1..<32: others += 1
      default: printable += 1
      }
      place += 1
    }
    // The end-of-file mark of old.
    if bytes.last == 0x1a { others -= 1 }
  }

  var isBinary: Bool { lonelyReturns > 0 || nuls > 0 || printable >> 7 < others }
}

/// `$Id: … $` on one line becomes `$Id$` (`ident_to_git` in git's convert.c).
private func withoutIdent(_ bytes: [UInt8]) -> [UInt8] {
  let (dollar, start) = (UInt8(ascii: "$"), Array("Id:".utf8))
  var result: [UInt8] = []
  var rest = bytes[...]
  while let place = rest.firstIndex(of: dollar) {
    result += rest[...place]
    rest = rest[(place + 1)...]
    guard rest.count > 3, rest.starts(with: start) else { continue }
    guard let end = rest.dropFirst(3).firstIndex(of: dollar) else { break }
    guard !rest[..<end].contains(10) else { continue }
    result += Array("Id$".utf8)
    rest = rest[(end + 1)...]
  }
  return result + rest
}

private func isUTF8(_ encoding: String) -> Bool {
  ["utf-8", "utf8"].contains(encoding.lowercased())
}

/// A text in UTF-8; nil where it is not in the encoding, or nobody knows that.
private func inUTF8(_ bytes: [UInt8], from encoding: String) -> [UInt8]? {
  let name = encoding.uppercased()
  let marks: [[UInt8]] = [[0xff, 0xfe], [0xfe, 0xff], [0, 0, 0xfe, 0xff]]
  let isMarked = marks.contains { bytes.starts(with: $0) }
  // As git has it: without the byte order in the name there has to be a mark, and with it none.
  if ["UTF-16", "UTF16", "UTF-32", "UTF32"].contains(name), !isMarked { return nil }
  if ["LE", "BE"].contains(where: name.hasSuffix), name.hasPrefix("UTF"), isMarked { return nil }
  guard let converter = iconv_open("UTF-8", encoding), converter != iconv_t(bitPattern: -1) else {
    return nil
  }
  defer { iconv_close(converter) }
  var input = bytes.map { CChar(bitPattern: $0) }
  var output = [CChar](repeating: 0, count: bytes.count * 4 + 16)
  let capacity = output.count
  return input.withUnsafeMutableBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      var (source, left) = (input.baseAddress, input.count)
      var (target, room) = (output.baseAddress, capacity)
      guard iconv(converter, &source, &left, &target, &room) != -1, left == 0 else { return nil }
      return output[..<(capacity - room)].map { UInt8(bitPattern: $0) }
    }
  }
}
