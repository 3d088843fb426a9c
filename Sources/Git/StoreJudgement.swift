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
