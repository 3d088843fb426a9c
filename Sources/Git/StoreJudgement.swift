import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The repositories that kerb keeps, by what they may hold.
package enum StoreKind {
  /// Trees of upstream's, and what people commit on top.
  case upstream
  /// Files of the workspace that were written, patches of the largest size among them.
  case log

  /// The most bytes of an object. What an archive may have as one file; and a patch.
  var maximumObject: Int { self == .upstream ? 128 << 20 : 256 << 20 }
}

/// Looks at a bare repository of kerb's own before libgit2 or git see it: that nothing in it leads to
/// another repository, and that its configuration starts nothing.
///
/// - Precondition: `StateFolder.judge` has let it through, so no path in it is a link.
/// - Parameter path: the repository; one that is absent is as it should be.
/// - Throws: the first thing that kerb does not make.
package func judgeStore(
  _ path: String, as kind: StoreKind = .upstream
) throws(StateProblem) {
  guard access(path, F_OK) == 0 else { return }
  for name in foreign where access("\(path)/\(name)", F_OK) == 0 {
    throw StateProblem(
      "\(path)/\(name)", "it leads git to another repository, and kerb makes none. Remove it")
  }
  for name in ["config", "config.worktree"] { try judgeConfiguration("\(path)/\(name)") }
  try judgeWorkTrees(of: path)
  try judgeReferences(of: path)
  try removeDerived(path)
  try judgePacks(of: path, limit: kind.maximumObject)
  try judgeLooseObjects(of: path, limit: kind.maximumObject)
}

/// Removes what git derives from the objects to be faster, and makes again where it wants it: libgit2
/// trusts every number in these files.
private func removeDerived(_ path: String) throws(StateProblem) {
  var derived = ["objects/info/commit-graph", "objects/pack/multi-pack-index"]
  let graphs = "\(path)/objects/info/commit-graphs"
  derived += namesOf(graphs).map { "objects/info/commit-graphs/\($0)" }
  for name in derived where access("\(path)/\(name)", F_OK) == 0 {
    guard unlink("\(path)/\(name)") == 0 else {
      throw StateProblem(
        "\(path)/\(name)",
        "kerb does not read it, and it cannot be removed: "
          + String(cString: strerror(errno)))
    }
  }
}

/// Files by which a repository takes its objects, its references or its settings from elsewhere.
private let foreign = [
  "commondir", "objects/info/alternates", "objects/info/http-alternates", "info/grafts", "gitdir",
]

/// Refuses symbolic references that lead out of the folder of references: libgit2 reads whatever file is
/// there.
private func judgeReferences(of path: String) throws(StateProblem) {
  var folders = ["refs"]
  var files = ["HEAD"]
  for name in namesOf("\(path)/worktrees") {
    folders.append("worktrees/\(name)/refs")
    files.append("worktrees/\(name)/HEAD")
  }
  while let folder = folders.popLast() {
    for name in namesOf("\(path)/\(folder)") {
      var status = stat()
      let place = "\(folder)/\(name)"
      guard lstat("\(path)/\(place)", &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR { folders.append(place) } else { files.append(place) }
    }
  }
  for file in files {
    guard let bytes = try? readFile("\(path)/\(file)", limit: 1 << 16), bytes.starts(with: symbolic)
    else {
      continue
    }
    let target = bytes.dropFirst(symbolic.count).drop { $0 == 0x20 || $0 == 9 }
      .prefix { $0 != 10 && $0 != 13 }
    guard target.starts(with: "refs/".utf8), (try? RepoPath(Array(target))) != nil else {
      throw StateProblem("\(path)/\(file)", "it leads out of the repository. Remove it")
    }
  }
}

private let symbolic = Array("ref:".utf8)

/// The names in a folder that is no link; none where it is absent.
func namesOf(_ folder: String) -> [String] {
  let number = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
  guard number >= 0 else { return [] }
  return (listDirectory(number) ?? []).map { String(decoding: $0, as: UTF8.self) }
}

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
  for name in namesOf("\(path)/worktrees").map({ "\(path)/worktrees/\($0)" }) {
    // git takes settings from here, and all of a repository where nothing leads back to it.
    for foreign in ["config", "objects", "hooks", "packed-refs", "reftable"]
    where access("\(name)/\(foreign)", F_OK) == 0 {
      throw StateProblem(
        "\(name)/\(foreign)", "a work tree has none of its own. Remove \(name)")
    }
    try judgeConfiguration("\(name)/config.worktree")
    let common = try? readFile("\(name)/commondir", limit: 4096)
    // A work tree that is being made has no HEAD yet, and git does not take it for one.
    let isBegun = common == .some(nil) && access("\(name)/HEAD", F_OK) != 0
    guard isBegun || common == Array("../..\n".utf8) else {
      throw StateProblem(
        "\(name)/commondir", "it does not lead back to the repository. Remove \(name)")
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
