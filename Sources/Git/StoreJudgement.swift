import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Looks at a bare repository of kerb's own before libgit2 or git see it: that nothing in it leads to
/// another repository, and that its configuration starts nothing.
///
/// - Precondition: `StateFolder.judge` has let it through, so no path in it is a link.
/// - Parameter path: the repository; one that is absent is as it should be.
/// - Throws: the first thing that kerb does not make.
package func judgeStore(_ path: String) throws(StateProblem) {
  guard access(path, F_OK) == 0 else { return }
  for name in foreign where access("\(path)/\(name)", F_OK) == 0 {
    throw StateProblem(
      "\(path)/\(name)", "it leads git to another repository, and kerb makes none. Remove it")
  }
  try judgeConfiguration("\(path)/config")
  try judgeWorkTrees(of: path)
  try removeDerived(path)
  try judgePacks(of: path)
  try judgeLooseObjects(of: path)
}

/// Removes what git derives from the objects to be faster, and makes again where it wants it: libgit2
/// trusts every number in these files.
private func removeDerived(_ path: String) throws(StateProblem) {
  var derived = ["objects/info/commit-graph", "objects/pack/multi-pack-index"]
  let graphs = "\(path)/objects/info/commit-graphs"
  let number = open(graphs, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
  if number >= 0 {
    let names = listDirectory(number) ?? []
    derived += names.map { "objects/info/commit-graphs/" + String(decoding: $0, as: UTF8.self) }
  }
  for name in derived where access("\(path)/\(name)", F_OK) == 0 {
    guard unlink("\(path)/\(name)") == 0 else {
      throw StateProblem(
        "\(path)/\(name)",
        "kerb does not read it, and it cannot be removed: "
          + String(cString: strerror(errno)))
    }
  }
}

private func judgePacks(of path: String) throws(StateProblem) {
  let folder = "\(path)/objects/pack"
  let number = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
  guard number >= 0, let names = listDirectory(number) else { return }
  for name in names.map({ String(decoding: $0, as: UTF8.self) }) where name.hasSuffix(".idx") {
    let (index, pack) = ("\(folder)/\(name)", "\(folder)/\(name.dropLast(4)).pack")
    // One of the two alone is not read, and git may take both away at any time.
    func areThere() -> Bool { access(index, F_OK) == 0 && access(pack, F_OK) == 0 }
    guard !areThere() || isPackIndex(index, pack: pack) || !areThere() else {
      throw StateProblem(
        "\(folder)/\(name)", "it is no index of a pack beside it. Remove both, and fetch again")
    }
  }
}

/// True if a pack's index leads nowhere but to places in its pack (gitformat-pack, version 2): libgit2
/// checks neither the table of first bytes against the names nor the offsets.
private func isPackIndex(_ path: String, pack: String) -> Bool {
  var status = stat()
  guard lstat(pack, &status) == 0, status.st_size >= 32,
    let index = try? readFile(path, limit: 1 << 30), index.count >= 8 + 1024 + 40
  else { return false }
  let size = Int(status.st_size)
  return index.withUnsafeBytes { bytes in
    func word(_ at: Int) -> Int {
      Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
    }
    guard word(0) == 0xff74_4f63, word(4) == 2 else { return false }
    let count = word(8 + 255 * 4)
    let (names, offsets) = (8 + 1024, 8 + 1024 + count * 24)
    let large = offsets + count * 4
    guard large + 40 <= bytes.count, (bytes.count - 40 - large) % 8 == 0 else { return false }
    let largeCount = (bytes.count - 40 - large) / 8
    var next = 0
    for first in 0..<256 {
      let end = word(8 + first * 4)
      guard end >= next, end <= count else { return false }
      for entry in next..<end where Int(bytes[names + entry * 20]) != first { return false }
      next = end
    }
    for entry in 0..<count {
      var offset = word(offsets + entry * 4)
      if offset & 0x8000_0000 != 0 {
        let place = offset & 0x7fff_ffff
        guard place < largeCount, word(large + place * 8) == 0 else { return false }
        offset = word(large + place * 8 + 4)
      }
      guard offset >= 12, offset < size - 20 else { return false }
    }
    return true
  }
}

/// Files by which a repository takes its objects, its references or its settings from elsewhere.
private let foreign = [
  "commondir", "objects/info/alternates", "objects/info/http-alternates", "config.worktree",
  "info/grafts", "gitdir",
]

private func judgeConfiguration(_ path: String) throws(StateProblem) {
  let bytes: [UInt8]?
  do {
    bytes = try readFile(path, limit: 1 << 20)
  } catch {
    throw StateProblem(path, error.reason)
  }
  guard let bytes else { return }
  try StoreConfiguration(parsing: bytes, file: path).judge(path)
}

private func judgeWorkTrees(of path: String) throws(StateProblem) {
  let folder = "\(path)/worktrees"
  let number = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
  guard number >= 0, let names = listDirectory(number) else { return }
  for name in names.map({ "\(folder)/" + String(decoding: $0, as: UTF8.self) }) {
    if access("\(name)/config.worktree", F_OK) == 0 {
      try judgeConfiguration("\(name)/config.worktree")
    }
    guard let common = try? readFile("\(name)/commondir", limit: 4096) else { continue }
    guard common == Array("../..\n".utf8) else {
      throw StateProblem(
        "\(name)/commondir", "it leads git to another repository. Remove \(name)")
    }
  }
}

/// Makes the folders of a repository that are empty, and that git itself, an archive or a cache of CI
/// may have left out: without them libgit2 takes it for none, or finds no packs. One that cannot be
/// made is somebody else's message.
package func completeStore(_ path: String) {
  guard access("\(path)/HEAD", F_OK) == 0 else { return }
  for folder in ["objects", "objects/pack", "objects/info", "refs", "refs/heads"] {
    mkdir("\(path)/\(folder)", 0o777)
  }
}
