import Git
import PatchEngine
import Patches

/// A tree in a dictionary: every directory above a file is there too.
struct FakeTree: TreeSource {
  struct File {
    let rawMode: UInt32
    let content: [UInt8]
  }

  private var files: [RepoPath: File] = [:]
  /// The tree that the stack was made on.
  private var base: [RepoPath: File]?

  /// - Parameter files: content by path; a mode may stand before the path: `100755 tool`.
  init(_ files: [String: String], base: [String: String]? = nil) throws {
    self.files = try Self.files(files)
    self.base = try base.map { try Self.files($0) }
  }

  private static func files(_ literal: [String: String]) throws -> [RepoPath: File] {
    var result: [RepoPath: File] = [:]
    for (key, content) in literal {
      let parts = key.split(separator: " ", maxSplits: 1)
      let mode = parts.count == 2 ? UInt32(parts[0], radix: 8) : nil
      let path = try RepoPath(mode == nil ? key : String(parts[1]))
      result[path] = File(rawMode: mode ?? 0o100644, content: content.bytes)
    }
    return result
  }

  private static func entry(_ files: [RepoPath: File], _ path: RepoPath) throws -> SourceEntry? {
    if let file = files[path] {
      return SourceEntry(rawMode: file.rawMode, id: try objectID(.blob, file.content))
    }
    let isDirectory = files.keys.contains { path.contains($0) }
    return isDirectory ? SourceEntry(rawMode: 0o040000, id: .zero) : nil
  }

  func entry(at path: RepoPath) throws -> SourceEntry? { try Self.entry(files, path) }

  func content(of blob: ObjectID) throws -> [UInt8] {
    for file in Array(files.values) + Array(base?.values ?? [:].values)
    where try objectID(.blob, file.content) == blob {
      return file.content
    }
    throw NoSuchBlob(id: blob)
  }

  func storedContent(of blob: ObjectID) throws -> [UInt8]? {
    do { return try content(of: blob) } catch is NoSuchBlob { return nil }
  }

  func files(under directory: RepoPath) throws -> [[UInt8]] {
    files.keys.filter { directory.contains($0) }.map(\.bytes)
  }

  var hasBase: Bool { base != nil }

  func baseEntry(at path: RepoPath) throws -> SourceEntry? {
    try base.flatMap { try Self.entry($0, path) }
  }

  struct NoSuchBlob: Error {
    let id: ObjectID
  }
}

/// Keeps each version of a file by its name.
struct Versions: VersionRecorder {
  /// A version that does not share the storage of the one that it was made from.
  struct OtherStorage: Error {}

  private(set) var contents: [ObjectID: [UInt8]] = [:]

  mutating func record(
    _ text: Text, over previous: (text: Text, id: ObjectID)?, mark: Int
  ) throws -> ObjectID? {
    if let previous {
      // Whoever stores the version as a delta goes by this.
      guard previous.text.storageSize <= mark else { throw OtherStorage() }
      var rest = previous.text.lines[...]
      for line in text.lines where Int(line.start) < mark {
        guard let index = rest.firstIndex(of: line),
          text.bytes(of: line) == previous.text.bytes(of: line)
        else { throw OtherStorage() }
        rest = rest[(index + 1)...]
      }
    }
    let id = try objectID(.blob, text.bytes)
    contents[id] = text.bytes
    return id
  }
}

extension Primitives {
  static let real = Primitives(
    blobID: { (try? objectID(.blob, $0)) ?? .zero },
    inflate: { Git.inflate($0.span, exactly: $1) })
}

/// What a replay comes to, in words.
struct Replayed {
  /// A line a file change in the order of the stack: `0 a clean`, `1 b conflicted p1:7 file-missing`.
  let lines: [String]
  let steps: [Step]
  /// What each path has in the end where a patch changed it: `100644 content`, nil where it is gone.
  let tree: [String: String?]

  /// - Parameter patches: texts of patches; the first is named `p0`.
  init(_ patches: [String], onto tree: FakeTree) throws {
    let stack = try patches.enumerated().map { index, text in
      try Patch(parsing: text.bytes, name: "p\(index)")
    }
    var recorder = Versions()
    var groups: [(Plan.Group, [PathResult])] = []
    var edits: [TreeEdit] = []
    for group in Plan(stack).groups {
      let replay = try PatchEngine.replay(
        group, of: stack, onto: tree, using: ReplayMeans(primitives: .real), into: &recorder)
      groups.append((group, replay.results))
      edits += replay.edits
    }
    steps = PatchEngine.steps(groups, patches: stack.count)
    lines = steps.flatMap { step in step.paths.map { Self.line($0, patch: step.patch) } }
    var result: [String: String?] = [:]
    for edit in edits.enumerated().sorted(by: {
      ($0.element.patch, $0.offset) < ($1.element.patch, $1.offset)
    }).map(\.element) {
      guard let entry = edit.entry, let id = entry.id else {
        result[edit.path.description] = .some(nil)
        continue
      }
      let content = try recorder.contents[id] ?? tree.content(of: id)
      result[edit.path.description] = "\(String(entry.rawMode, radix: 8)) \(content.text)"
    }
    self.tree = result
  }

  private static func line(_ result: PathResult, patch: Int) -> String {
    var line = "\(patch) \(result.source.map { "\($0) to " } ?? "")\(result.path) \(result.outcome)"
    if result.outcome == .moved { line += " \(result.offset)" }
    if let conflict = result.conflict {
      line += " p\(patch):\(conflict.line.map(String.init) ?? "-") \(conflict.rule)"
    }
    if let blocker = result.blockedBy { line += " by \(blocker)" }
    return line
  }
}
