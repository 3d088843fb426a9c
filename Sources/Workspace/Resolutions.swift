import Foundation
import Git
import Journal
import PatchEngine
import Patches

/// What conflicts were resolved to, kept in the repository so that everybody who has it shares them:
/// one file a conflict, `series/resolutions/PROJECT/NAME`, named for the bytes of the three sides.
///
/// A file holds a line `kerb-resolution 1`, then for `path`, `ours`, `base`, `theirs` and
/// `resolution` a line with the word and a number of bytes, those bytes, and a newline.
struct Resolution {
  let path: [UInt8]
  let key: ConflictKey
  let text: [UInt8]

  private static let first = Array("kerb-resolution 1\n".utf8)
  private static let words = ["path", "ours", "base", "theirs", "resolution"]

  static let folder = "series/resolutions"
  /// The most bytes that a file of the memory may have.
  static let maximumSize = 16 << 20

  /// The name that the conflict's file has.
  static func name(of key: ConflictKey) -> String {
    var bytes: [UInt8] = []
    for side in [key.ours, key.base, key.theirs] { bytes += Array("\(side.count)\n".utf8) + side }
    // A resolution is found by the bytes that its file holds, so a name made to collide finds none.
    return (try? objectID(.blob, bytes)).map { "\($0)" } ?? "unsafe"
  }

  var formatted: [UInt8] {
    var result = Self.first
    for (word, bytes) in zip(Self.words, [path, key.ours, key.base, key.theirs, text]) {
      result += Array("\(word) \(bytes.count)\n".utf8) + bytes + [10]
    }
    return result
  }

  init(path: [UInt8], key: ConflictKey, text: [UInt8]) {
    (self.path, self.key, self.text) = (path, key, text)
  }

  init?(parsing bytes: [UInt8]) {
    guard bytes.starts(with: Self.first) else { return nil }
    var position = Self.first.count
    var parts: [[UInt8]] = []
    for word in Self.words {
      guard let end = bytes[position...].firstIndex(of: 10) else { return nil }
      let fields = String(decoding: bytes[position..<end], as: UTF8.self).split(separator: " ")
      guard fields.count == 2, fields[0] == word, let count = Int(fields[1]), count >= 0,
        count <= bytes.count, end + 1 + count < bytes.count, bytes[end + 1 + count] == 10
      else { return nil }
      parts.append(Array(bytes[end + 1..<end + 1 + count]))
      position = end + 2 + count
    }
    guard position == bytes.count else { return nil }
    path = parts[0]
    key = ConflictKey(ours: parts[1], base: parts[2], theirs: parts[3])
    text = parts[4]
    guard Self.isUsable(text, for: key) else { return nil }
  }

  /// True for a text that may end a conflict: without markers that no side has, and no longer than
  /// 64 KiB and four times the sides. One that is kept for a small conflict may be used in many places.
  static func isUsable(_ text: [UInt8], for key: ConflictKey) -> Bool {
    let sides = [key.ours, key.base, key.theirs]
    guard text.count <= 1 << 16 + 4 * sides.reduce(0, { $0 + $1.count }) else { return false }
    return firstConflictMarker(in: text) == nil
      || sides.contains { firstConflictMarker(in: $0) != nil }
  }
}

extension Workspace {
  /// The memory of a project's resolutions, as a resolver asks it.
  func memory(of project: String) -> @Sendable (ConflictKey) -> [UInt8]? {
    let folder = "\(Resolution.folder)/\(project)"
    return { [files] key in
      let name = Resolution.name(of: key)
      guard let bytes = try? files.read("\(folder)/\(name)", limit: Resolution.maximumSize),
        let known = Resolution(parsing: bytes), known.key == key
      else { return nil }
      return known.text
    }
  }

  /// The names of the remembered resolutions, `PROJECT/NAME`, each with the file that it was for.
  public func resolutions() -> [(name: String, path: String)] {
    let folder = Resolution.folder
    return ((try? files.names(in: folder)) ?? []).flatMap { project in
      ((try? files.names(in: "\(folder)/\(project)")) ?? []).compactMap {
        let name = "\(project)/\($0)"
        let bytes = try? files.read("\(folder)/\(name)", limit: Resolution.maximumSize)
        guard let known = bytes.flatMap(Resolution.init(parsing:)) else { return nil }
        return (name, String(decoding: known.path, as: UTF8.self))
      }
    }
  }

  /// Forgets remembered resolutions.
  ///
  /// - Parameter words: names as `resolutions` lists them, beginnings of the part after the `/`, or
  ///   paths of files.
  /// - Returns: the names of those that are gone.
  /// - Throws: `UsageError` for a word that names none.
  public func forget(_ words: [String]) throws -> [String] {
    let all = resolutions()
    var set = FileSet()
    var gone: [String] = []
    for word in words {
      let found = all.filter { known in
        let id = known.name.split(separator: "/").last ?? ""
        return known.name == word || known.path == word || (word.count >= 4 && id.hasPrefix(word))
      }
      guard !found.isEmpty else { throw UsageError("'\(word)' names no remembered resolution") }
      for known in found {
        set.remove(try RepoPath(Array("\(Resolution.folder)/\(known.name)".utf8)))
        gone.append(known.name)
      }
    }
    try hold { try write(set, $0) }
    return gone
  }
}
