import Patches

/// A part of a patch's section of which nothing may be left once a person has resolved or edited.
public enum LostPart: Hashable, Sendable {
  /// A hunk, counted from 1 in its section.
  case hunk(Int)
  /// Another content of a binary file.
  case binary
  case mode
  case rename
  case creation
  case deletion

  /// How it is named on the command line, behind the file.
  public var word: String {
    switch self {
    case .hunk(let number): "\(number)"
    case .binary: "binary"
    case .mode: "mode"
    case .rename: "rename"
    case .creation: "creation"
    case .deletion: "deletion"
    }
  }

  /// What is lost, for the start of a sentence: `nothing of … is left`.
  public var phrase: String {
    switch self {
    case .hunk: "this hunk"
    case .binary: "the binary change"
    case .mode: "the change of mode"
    case .rename: "the rename"
    case .creation: "the new file"
    case .deletion: "the deletion"
    }
  }
}

/// The files before and after a person's work, as far as that could have lost something.
public struct FilesBeside {
  /// The entry at a path before.
  public let before: (RepoPath) throws -> SourceEntry?
  public let after: (RepoPath) throws -> SourceEntry?
  /// Paths whose entries may differ.
  public let changed: [RepoPath]

  public init(
    before: @escaping (RepoPath) throws -> SourceEntry?,
    after: @escaping (RepoPath) throws -> SourceEntry?, changed: [RepoPath]
  ) {
    (self.before, self.after, self.changed) = (before, after, changed)
  }

  /// True where some file has a content now that it did not have.
  fileprivate func have(new id: ObjectID) throws -> Bool {
    try changed.contains { try after($0)?.id == id && before($0)?.id != id }
  }

  /// True where a file has come whose name none of the patch's sections gives.
  fileprivate func haveNewName(beside patch: Patch) throws -> Bool {
    let own = Set(patch.files.map(\.path))
    return try changed.contains { try !own.contains($0) && before($0) == nil && after($0) != nil }
  }
}

extension FileChange {
  /// What is lost of a section besides the lines of hunks.
  ///
  /// - Parameters:
  ///   - patch: the section's patch.
  ///   - place: where the section's file was before.
  ///   - target: where the section's result belongs.
  public func lostParts(
    of patch: Patch, place: RepoPath, target: RepoPath, in files: FilesBeside
  ) throws -> [LostPart] {
    let (old, new) = (try files.before(place), try files.after(target))
    var lost: [LostPart] = []
    switch kind {
    case .delete:
      if !hasHunks, old != nil, try files.after(place) != nil { lost.append(.deletion) }
      return lost
    case .create, .copy:
      guard new == nil else { break }
      if !hasHunks || kind != .create, try !isElsewhere(files) { lost.append(.creation) }
      return lost
    case .rename:
      if try files.after(path) == nil, try !files.haveNewName(beside: patch) { return [.rename] }
    case .modify: break
    }
    if changesMode, new?.mode != newMode, old?.mode != newMode, new != nil || isOfModeOnly {
      lost.append(.mode)
    }
    if case .binary = content, try isBinaryLost(target, old, new, files) { lost.append(.binary) }
    return lost
  }

  private func isBinaryLost(
    _ target: RepoPath, _ old: SourceEntry?, _ new: SourceEntry?, _ files: FilesBeside
  ) throws -> Bool {
    let known = kind == .create ? try files.before(target) : old
    guard new == nil || new?.id == known?.id, known?.id != index?.newID else { return false }
    return try !isElsewhere(files)
  }

  private func isElsewhere(_ files: FilesBeside) throws -> Bool {
    guard let id = index?.newID, id != .zero else { return false }
    return try files.have(new: id)
  }

  private var hasHunks: Bool {
    if case .hunks(let hunks) = content { !hunks.isEmpty } else { false }
  }

  private var changesMode: Bool { oldMode != nil && newMode != nil && oldMode != newMode }

  private var isOfModeOnly: Bool {
    if case .none = content { kind == .modify } else { false }
  }
}

/// Lines that files have got beyond what a patch adds to them: where a person may have put a hunk that
/// belongs to another file.
public struct LinesBeside {
  private var counts: [[UInt8]: Int] = [:]

  public init() {}

  /// Takes one file.
  ///
  /// - Parameter sections: the patch's sections for it.
  public mutating func add(before: Text, after: Text, _ sections: [FileChange]) {
    var gained: [[UInt8]: Int] = [:]
    for edit in difference(from: before, to: after) {
      for index in edit.old { gained[Array(before[line: index]), default: 0] -= 1 }
      for index in edit.new { gained[Array(after[line: index]), default: 0] += 1 }
    }
    for section in sections {
      guard case .hunks(let hunks) = section.content else { continue }
      for hunk in hunks {
        hunk.forEachLine { kind, range in
          if kind == .added { gained[Array(hunk.source[range]), default: 0] -= 1 }
        }
      }
    }
    for (line, count) in gained where count > 0 { counts[line, default: 0] += count }
  }

  /// True where most of some lines have come.
  func have(_ lines: [[UInt8]]) -> Bool {
    let come = lines.filter { counts[$0, default: 0] > 0 }.count
    return come > 0 && come * 2 >= lines.count
  }
}
