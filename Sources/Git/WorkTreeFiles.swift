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
    return try isOurs(link) && recorded != (nil, nil) ? .ours : .occupied
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
