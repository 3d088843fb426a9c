import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The files that make a directory a work tree: `.git` in it, and `worktrees/NAME/` in the
/// repository (gitrepository-layout).
struct WorkTreeFiles {
  private let directory: String
  private let own: String

  init(_ workTree: WorkTree) {
    directory = workTree.directory
    own = workTree.gitDirectory + "/worktrees/" + workTree.name
  }

  /// Whose a directory is.
  enum Place {
    case fresh, ours, occupied
  }

  var index: String { own + "/index" }
  var head: String { own + "/HEAD" }
  private var link: String { directory + "/.git" }
  private var linkContent: [UInt8] { Array("gitdir: \(own)\n".utf8) }

  func place() throws(GitError) -> Place {
    // A link to a folder is somebody's; no work tree is made through it.
    let number = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0 else {
      if errno == ENOENT { return .fresh }
      if errno == ENOTDIR || errno == ELOOP { return .occupied }
      throw GitError("open \(directory)", errno: errno)
    }
    // A file that was to become `.git` is left by a process that was killed.
    let names = (listDirectory(number) ?? []).filter { $0 != Array(".git.new".utf8) }
    guard !names.isEmpty else { return .fresh }
    // Without a record, as git makes work trees, nobody knows what has been checked out.
    let recorded = try (checkedOut(), target())
    guard recorded != (nil, nil) else { return .occupied }
    if try isOurs(link) { return .ours }
    guard try isMoved() else { return .occupied }
    // Where nothing can be written, git does not find its way, and kerb needs none of the two.
    try? replaceFile(own + "/gitdir", with: Array("\(link)\n".utf8))
    try? replaceFile(link, with: linkContent)
    return .ours
  }

  /// True where the folder and the repository have gone to another place together, or the repository alone: what
  /// each says of the other is where both stood before, as `git worktree repair` has to be told.
  private func isMoved() throws(GitError) -> Bool {
    guard let back = try lines(link)?.first, back.hasPrefix("gitdir: "),
      let forth = try lines(own + "/gitdir")?.first
    else { return false }
    let old = String(back.dropFirst("gitdir: ".count))
    // The part of the path that moved along: PROJECT.git/worktrees/NAME at least.
    let common = commonEnd(old, own)
    guard common.split(separator: "/").count >= 3, common.hasPrefix("/") else { return false }
    let (before, now) = (old.dropLast(common.count), own.dropLast(common.count))
    // Of two repositories that claim one folder, the one that the folder names has it.
    return forth == link && access(old, F_OK) != 0
      || forth.hasPrefix(before) && link.hasPrefix(now)
        && forth.dropFirst(before.count) == link.dropFirst(now.count)
  }

  private func lines(_ path: String) throws(GitError) -> [String]? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return try readFile(path, limit: 64 << 10)?.split(separator: 10).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// The whole components in which two paths end alike, with the slash before them.
  private func commonEnd(_ one: String, _ other: String) -> String {
    let pairs = zip(one.split(separator: "/").reversed(), other.split(separator: "/").reversed())
    let same = pairs.prefix { $0 == $1 }.map { "/\($0.0)" }
    return same.reversed().joined()
  }

  /// True if this name serves another directory.
  func isTaken() throws(GitError) -> Bool {
    guard let other = try readFile(own + "/gitdir") else { return false }
    let path = String(decoding: other.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    guard path != link else { return false }
    return try isOurs(path)
  }

  private func isOurs(_ path: String) throws(GitError) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    return try readFile(path) == linkContent
  }

  /// Makes an empty work tree whose first check-out is on its way.
  func create(target: ObjectID) throws(GitError) {
    try makeDirectories(directory)
    try makeDirectories(own + "/refs/worktree")
    for stale in [index, checkedOutPath] { unlink(stale) }
    try set(target: target)
    try replaceFile(own + "/commondir", with: Array("../..\n".utf8))
    try replaceFile(own + "/gitdir", with: Array("\(link)\n".utf8))
    try replaceFile(own + "/HEAD", with: Array("\(target)\n".utf8))
    try replaceFile(link, with: linkContent)
  }

  private var checkedOutPath: String { own + "/refs/worktree/kerb" }
  private var targetPath: String { own + "/refs/worktree/kerb-target" }

  /// The commit that was checked out last; nil before the first time.
  func checkedOut() throws(GitError) -> ObjectID? { try id(in: checkedOutPath) }

  /// The commit of a check-out that has begun and has not ended.
  func target() throws(GitError) -> ObjectID? { try id(in: targetPath) }

  func set(target: ObjectID) throws(GitError) {
    try makeDirectories(own + "/refs/worktree")
    try replaceFile(targetPath, with: Array("\(target)\n".utf8))
  }

  /// Ends a check-out.
  func set(branch: String, checkedOut commit: ObjectID) throws(GitError) {
    try replaceFile(own + "/HEAD", with: Array("ref: refs/heads/\(branch)\n".utf8))
    try replaceFile(checkedOutPath, with: Array("\(commit)\n".utf8))
    guard unlink(targetPath) == 0 else { throw GitError("remove \(targetPath)", errno: errno) }
  }

  private func id(in path: String) throws(GitError) -> ObjectID? {
    guard let bytes = try readFile(path) else { return nil }
    guard let id = ObjectID(hex: bytes.dropLast()) else {
      throw GitError("read \(path)", because: "it does not hold an object's name")
    }
    return id
  }
}
