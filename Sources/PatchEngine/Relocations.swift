import Patches

/// Where files of the tree that a stack was made on stand in the tree that it is put on, as far as
/// upstream has renamed them, and where new files belong whose directory upstream has renamed.
public struct Relocations: Hashable, Sendable {
  /// The new path of a file by its old one.
  public var files: [RepoPath: RepoPath]
  /// The new place of a file that the stack adds, by the path that its patch gives.
  public var additions: [RepoPath: RepoPath]

  public init(files: [RepoPath: RepoPath] = [:], additions: [RepoPath: RepoPath] = [:]) {
    self.files = files
    self.additions = additions
  }

  public var isEmpty: Bool { files.isEmpty && additions.isEmpty }

  /// Where a path went, nil where it stayed.
  public func place(of path: RepoPath) -> RepoPath? { files[path] ?? additions[path] }
}

/// A file that only one of two trees has.
public struct LoneFile: Hashable, Sendable {
  public let path: RepoPath
  public let id: ObjectID

  public init(path: RepoPath, id: ObjectID) {
    self.path = path
    self.id = id
  }
}

/// Finds renamed files as `git merge` does: the same content first, then the same name with similar
/// content where the name is unique, then the most similar.
///
/// - Parameters:
///   - gone: every file that only the old tree has.
///   - come: every file that only the new tree has.
///   - wanted: the old files that are asked for; others take part in exact matches only.
///   - content: reads a blob.
/// - Returns: the new path of each old file that was renamed.
/// - Throws: what `content` throws.
public func renames(
  gone: [LoneFile], come: [LoneFile], wanted: Set<RepoPath>,
  content: (ObjectID) throws -> [UInt8]
) throws -> [RepoPath: RepoPath] {
  var search = RenameSearch(gone: gone, come: come)
  search.matchExactly()
  try search.matchNames(wanted, content)
  try search.matchSimilar(wanted, content)
  return search.found
}

/// A file may be renamed where at least half of it is the same; by its name alone where three
/// quarters are.
private let leastScore = 30_000
private let leastNameScore = 45_000

private struct RenameSearch {
  private var gone: [LoneFile]
  private var come: [LoneFile]
  private var prints: [ObjectID: ContentPrint] = [:]
  private(set) var found: [RepoPath: RepoPath] = [:]

  init(gone: [LoneFile], come: [LoneFile]) {
    self.gone = gone.sorted { $0.path < $1.path }
    self.come = come.sorted { $0.path < $1.path }
  }

  private mutating func match(_ old: LoneFile, _ new: LoneFile) {
    found[old.path] = new.path
    gone.removeAll { $0.path == old.path }
    come.removeAll { $0.path == new.path }
  }

  mutating func matchExactly() {
    let olds = Dictionary(grouping: gone, by: \.id)
    var taken: Set<RepoPath> = []
    for new in come {
      guard let candidates = olds[new.id]?.filter({ found[$0.path] == nil }), !candidates.isEmpty
      else { continue }
      let old = candidates.first { $0.path.name == new.path.name } ?? candidates[0]
      found[old.path] = new.path
      taken.insert(new.path)
    }
    gone.removeAll { found[$0.path] != nil }
    come.removeAll { taken.contains($0.path) }
  }

  mutating func matchNames(
    _ wanted: Set<RepoPath>, _ content: (ObjectID) throws -> [UInt8]
  ) throws {
    let olds = Dictionary(grouping: gone, by: \.path.name)
    let news = Dictionary(grouping: come, by: \.path.name)
    for old in gone where wanted.contains(old.path) {
      guard olds[old.path.name]?.count == 1, let new = news[old.path.name], new.count == 1,
        try score(old, new[0], content) >= leastNameScore
      else { continue }
      match(old, new[0])
    }
  }

  mutating func matchSimilar(
    _ wanted: Set<RepoPath>, _ content: (ObjectID) throws -> [UInt8]
  ) throws {
    var pairs: [(score: Int, isSameName: Bool, old: LoneFile, new: LoneFile)] = []
    for old in gone where wanted.contains(old.path) {
      for new in come {
        let score = try score(old, new, content)
        if score >= leastScore { pairs.append((score, old.path.name == new.path.name, old, new)) }
      }
    }
    pairs.sort {
      ($0.score, $0.isSameName ? 1 : 0, $1.old.path, $1.new.path)
        > ($1.score, $1.isSameName ? 1 : 0, $0.old.path, $0.new.path)
    }
    for pair in pairs
    where found[pair.old.path] == nil && come.contains(where: { $0.path == pair.new.path }) {
      match(pair.old, pair.new)
    }
  }

  private mutating func score(
    _ old: LoneFile, _ new: LoneFile, _ content: (ObjectID) throws -> [UInt8]
  ) throws -> Int {
    let one = try print(old.id, content)
    let two = try print(new.id, content)
    return one.similarity(to: two)
  }

  private mutating func print(
    _ id: ObjectID, _ content: (ObjectID) throws -> [UInt8]
  ) throws -> ContentPrint {
    if let known = prints[id] { return known }
    let made = ContentPrint(try content(id))
    prints[id] = made
    return made
  }
}

/// How many bytes of a file stand in each of its pieces: lines, at most 64 bytes long. What
/// `diffcore-delta.c` in git compares to tell how alike two files are.
struct ContentPrint {
  private let size: Int
  private let pieces: [UInt32: Int]

  init(_ bytes: [UInt8]) {
    size = bytes.count
    let isText = !bytes.prefix(8_000).contains(0)
    var pieces: [UInt32: Int] = [:]
    var (first, second): (UInt32, UInt32) = (0, 0)
    var count = 0
    func close() {
      pieces[(first &+ second &* 0x61) % 107_927, default: 0] += count
      (first, second, count) = (0, 0, 0)
    }
    for (index, byte) in bytes.enumerated() {
      if isText, byte == 13, index + 1 < bytes.count, bytes[index + 1] == 10 { continue }
      let old = first
      first = (first << 7) ^ (second >> 25)
      second = (second << 7) ^ (old >> 25)
      first &+= UInt32(byte)
      count += 1
      if count == 64 || byte == 10 { close() }
    }
    if count > 0 { close() }
    self.pieces = pieces
  }

  /// How much of the larger file comes from this one: 0 to 60,000.
  func similarity(to other: ContentPrint) -> Int {
    let (most, least) = (max(size, other.size), min(size, other.size))
    guard most > 0 else { return 0 }
    // Sizes alone can rule a pair out.
    if most * (60_000 - leastScore) < (most - least) * 60_000 { return 0 }
    var copied = 0
    for (piece, count) in pieces {
      if let there = other.pieces[piece] { copied += min(count, there) }
    }
    return copied * 60_000 / most
  }
}
