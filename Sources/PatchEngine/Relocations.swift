import Patches

/// Where files of the tree that a stack was made on stand in the tree that it is put on, as far as
/// upstream has renamed them, and where new files belong whose directory upstream has renamed.
public struct Relocations: Hashable, Sendable {
  /// The new path of a file by its old one.
  public var files: [RepoPath: RepoPath]
  /// The new place of a file that the stack adds, by the path that its patch gives.
  public var additions: [RepoPath: RepoPath]
  /// Set where so many files went and came that renamed ones were not looked for by their content.
  public var unsearched: UnsearchedFiles?

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

/// How many of the files that are asked for are gone, and how many are new, where these are too many to
/// compare each with each.
public struct UnsearchedFiles: Hashable, Sendable {
  /// So many files are compared with as many (`merge.renameLimit` in git).
  public static let limit = 7_000

  public let gone: Int
  public let come: Int
}

/// Finds renamed files as `git merge` does: the same content first, then the same name with similar
/// content where the name is unique, then the most similar.
///
/// - Parameters:
///   - gone: every file that only the old tree has.
///   - come: every file that only the new tree has.
///   - wanted: the old files that are asked for; others take part in exact matches only.
///   - content: reads a blob.
/// - Returns: the new path of each old file that was renamed, and whether the last step was left out
///   because there are more pairs of files than git compares.
/// - Throws: what `content` throws.
public func renames(
  gone: [LoneFile], come: [LoneFile], wanted: Set<RepoPath>,
  content: (ObjectID) throws -> [UInt8]
) throws -> (found: [RepoPath: RepoPath], unsearched: UnsearchedFiles?) {
  var search = RenameSearch(gone: gone, come: come)
  search.matchExactly()
  try search.matchNames(wanted, content)
  try search.matchSimilar(wanted, content)
  return (search.found, search.unsearched)
}

/// A file may be renamed where at least half of it is the same; by its name alone where three
/// quarters are.
private let leastScore = 30_000
private let leastNameScore = 45_000

struct RenameSearch {
  private var gone: [LoneFile]
  private var come: [LoneFile]
  private var prints: [ObjectID: ContentPrint] = [:]
  private var taken: Set<RepoPath> = []
  private(set) var found: [RepoPath: RepoPath] = [:]
  private(set) var unsearched: UnsearchedFiles?
  /// How many files were compared with others.
  private(set) var work = 0

  init(gone: [LoneFile], come: [LoneFile]) {
    self.gone = gone.sorted { $0.path < $1.path }
    self.come = come.sorted { $0.path < $1.path }
  }

  private mutating func match(_ old: LoneFile, _ new: LoneFile) {
    found[old.path] = new.path
    taken.insert(new.path)
  }

  /// Leaves the files that are not matched.
  private mutating func dropMatched() {
    gone.removeAll { found[$0.path] != nil }
    come.removeAll { taken.contains($0.path) }
  }

  mutating func matchExactly() {
    var olds = Dictionary(grouping: gone, by: \.id).mapValues { SameFiles($0) }
    for new in come {
      work += 1
      if let old = olds[new.id]?.take(name: new.path.name) { match(old, new) }
    }
    dropMatched()
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
    dropMatched()
  }

  /// What speaks for a pair of files: the score, then the same name.
  private struct Pair {
    let rank: Int
    let old: Int
    let new: Int
  }

  /// As many old files are kept for a new one (`NUM_CANDIDATE_PER_DST` in git).
  private static let candidates = 4

  /// The order of pairs for which as much speaks is git's: that of the new files, then of the slots in
  /// which their candidates are kept.
  mutating func matchSimilar(
    _ wanted: Set<RepoPath>, _ content: (ObjectID) throws -> [UInt8]
  ) throws {
    let olds = gone.filter { wanted.contains($0.path) }
    guard olds.count * come.count <= UnsearchedFiles.limit * UnsearchedFiles.limit else {
      unsearched = UnsearchedFiles(gone: olds.count, come: come.count)
      return
    }
    var pairs: [Pair] = []
    for (newIndex, new) in come.enumerated() {
      var best: [Pair] = []
      for (index, old) in olds.enumerated() {
        // One that is not alike enough holds a place too, until a better one comes.
        let score = try score(old, new, content)
        let rank = score * 2 + (old.path.name == new.path.name ? 1 : 0)
        let pair = Pair(rank: rank, old: index, new: newIndex)
        if best.count < Self.candidates {
          best.append(pair)
        } else {
          // The first of the worst.
          let worst = best.indices.min { best[$0].rank < best[$1].rank }!
          if best[worst].rank < rank { best[worst] = pair }
        }
      }
      pairs += best.filter { $0.rank >= leastScore * 2 }
    }
    // Swift's sort is stable.
    pairs.sort { $0.rank > $1.rank }
    for pair in pairs {
      let (old, new) = (olds[pair.old], come[pair.new])
      if found[old.path] == nil, !taken.contains(new.path) { match(old, new) }
    }
    dropMatched()
  }

  private mutating func score(
    _ old: LoneFile, _ new: LoneFile, _ content: (ObjectID) throws -> [UInt8]
  ) throws -> Int {
    work += 1
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

/// Old files of one content, in the order of their paths, each given once.
private struct SameFiles {
  private let files: [LoneFile]
  private var isTaken: [Bool]
  private var next = 0
  private var named: [ArraySlice<UInt8>: [Int]] = [:]

  init(_ files: [LoneFile]) {
    self.files = files
    isTaken = Array(repeating: false, count: files.count)
    for index in files.indices.reversed() {
      named[files[index].path.name, default: []].append(index)
    }
  }

  /// The first that is left with a name, or else the first that is left.
  mutating func take(name: ArraySlice<UInt8>) -> LoneFile? {
    while let index = named[name]?.popLast() {
      if isTaken[index] { continue }
      isTaken[index] = true
      return files[index]
    }
    while next < files.count, isTaken[next] { next += 1 }
    guard next < files.count else { return nil }
    isTaken[next] = true
    return files[next]
  }
}

/// How many bytes of a file stand in each of its pieces: lines, at most 64 bytes long. What
/// `diffcore-delta.c` in git compares to tell how alike two files are.
struct ContentPrint {
  private struct Piece {
    let hash: UInt32
    var count: UInt32
  }

  private let size: Int
  /// By hash, each once.
  private let pieces: [Piece]

  init(_ bytes: [UInt8]) {
    size = bytes.count
    let isText = !bytes.prefix(8_000).contains(0)
    var pieces: [Piece] = []
    var (first, second): (UInt32, UInt32) = (0, 0)
    var count: UInt32 = 0
    func close() {
      pieces.append(Piece(hash: (first &+ second &* 0x61) % 107_927, count: count))
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
    self.pieces = Self.joined(pieces)
  }

  /// One piece of each hash, in their order.
  private static func joined(_ pieces: [Piece]) -> [Piece] {
    var result: [Piece] = []
    for piece in pieces.sorted(by: { $0.hash < $1.hash }) {
      if result.last?.hash == piece.hash {
        result[result.count - 1].count += piece.count
      } else {
        result.append(piece)
      }
    }
    return result
  }

  /// How much of the larger file comes from this one: 0 to 60,000.
  func similarity(to other: ContentPrint) -> Int {
    let (most, least) = (max(size, other.size), min(size, other.size))
    guard most > 0 else { return 0 }
    // Sizes alone can rule a pair out.
    if most * (60_000 - leastScore) < (most - least) * 60_000 { return 0 }
    var copied = 0
    var (one, two) = (0, 0)
    while one < pieces.count, two < other.pieces.count {
      let (mine, others) = (pieces[one], other.pieces[two])
      if mine.hash == others.hash { copied += Int(min(mine.count, others.count)) }
      if mine.hash <= others.hash { one += 1 }
      if others.hash <= mine.hash { two += 1 }
    }
    return copied * 60_000 / most
  }
}
