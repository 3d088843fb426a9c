import Patches

/// A set that is on its way, as `.kerb/journal/prepared` and `committed` hold it.
///
/// Lines of fields divided by tabs; neither is in a path or in the words.
struct Manifest: Sendable, Equatable {
  let words: String
  /// The journal's folder in which the set was prepared (`FolderIdentity`): a manifest that was
  /// brought here from elsewhere is not carried out.
  let folder: String
  /// The log's newest commit before the operation; nil for the first.
  let parent: ObjectID?
  /// The operation's commit.
  let commit: ObjectID
  let changes: [Change]

  var bytes: [UInt8] {
    var text = Self.header + Array("operation\t\(words)\nfolder\t\(folder)\n".utf8)
    text += Array("log\t\(parent ?? .zero)\t\(commit)\n".utf8)
    for change in changes {
      let bits =
        change.permissions.map { String($0, radix: 8) }
        ?? (change.isExecutable ? "executable" : "regular")
      text += Array("\(change.target.place.rawValue)\t\(change.old ?? .zero)\t".utf8)
      text += Array("\(change.new ?? .zero)\t\(bits)\t".utf8)
      text += change.temporary?.bytes ?? []
      text += [tab] + change.target.path.bytes + [lineFeed]
    }
    return text + Self.end
  }

  /// - Returns: nil unless the bytes are whole and of the form: one that was not written to its end.
  init?(parsing bytes: [UInt8]) {
    guard bytes.starts(with: Self.header), bytes.suffix(Self.end.count).elementsEqual(Self.end)
    else { return nil }
    let lines = bytes[Self.header.count...].split(separator: lineFeed).dropLast()
      .map { $0.split(separator: tab, omittingEmptySubsequences: false) }
    guard lines.count > 3, lines[0].count == 2, lines[1].count == 2, lines[2].count == 3,
      let parent = ObjectID(hex: lines[2][1]), let commit = ObjectID(hex: lines[2][2])
    else { return nil }
    words = String(decoding: lines[0][1], as: UTF8.self)
    folder = String(decoding: lines[1][1], as: UTF8.self)
    self.parent = parent == .zero ? nil : parent
    self.commit = commit
    let changes = lines[3...].map { Change(parsing: $0) }
    guard changes.allSatisfy({ $0 != nil }) else { return nil }
    self.changes = changes.compactMap { $0 }
  }

  init(words: String, folder: String, parent: ObjectID?, commit: ObjectID, changes: [Change]) {
    self.words = words
    self.folder = folder
    self.parent = parent
    self.commit = commit
    self.changes = changes
  }

  private static let header = Array("kerb journal 2\n".utf8)
  private static let end = Array("end\n".utf8)
}

extension Change {
  fileprivate init?(parsing fields: [ArraySlice<UInt8>]) {
    guard fields.count == 6,
      let place = Place(rawValue: String(decoding: fields[0], as: UTF8.self)),
      let old = ObjectID(hex: fields[1]), let new = ObjectID(hex: fields[2]),
      let path = try? RepoPath(Array(fields[5]))
    else { return nil }
    let bits = String(decoding: fields[3], as: UTF8.self)
    let permissions = UInt32(bits, radix: 8)
    guard permissions != nil || bits == "regular" || bits == "executable" else { return nil }
    let temporary = try? RepoPath(Array(fields[4]))
    guard (temporary == nil) == (new == .zero) else { return nil }
    self.init(
      target: Target(place, path), old: old == .zero ? nil : old, new: new == .zero ? nil : new,
      permissions: permissions, isExecutable: bits == "executable", temporary: temporary)
  }
}

private let tab = UInt8(ascii: "\t")
private let lineFeed = UInt8(ascii: "\n")
