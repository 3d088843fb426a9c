import CLibgit2
import Patches

/// A repository as one thread reads it. Make one for each thread: opening is cheap, and libgit2
/// promises nothing about a repository that two threads use at once.
public struct Repository: ~Copyable {
  let handle: OpaquePointer
  let store: OpaquePointer
  let trees = TreeCache()

  /// Opens a repository, bare or not, at exactly this path; directories above are not searched.
  ///
  /// - Throws: if there is no repository.
  public init(opening path: String) throws(GitError) {
    GitLibrary.setUp()
    try refuseEndlessFiles(ofRepository: path)
    var opened: OpaquePointer?
    let flags = GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue
    try check(git_repository_open_ext(&opened, path, flags, nil), "open repository \(path)")
    try self.init(owning: opened!)
  }

  /// Opens a repository for its objects and references alone: none of its settings are read, nor files that these
  /// include. For the repository that a workspace came in, whose owner may not be the one who runs kerb.
  ///
  /// - Throws: if there is no repository.
  public init(withoutSettings path: String) throws(GitError) {
    GitLibrary.setUp()
    try refuseEndlessFiles(ofRepository: path)
    let place = gitFolder(of: path) ?? path
    var opened: OpaquePointer?
    try check(git_repository_open_bare(&opened, place), "open repository \(path)")
    var settings: OpaquePointer?
    var code = git_config_new(&settings)
    if code == 0 { code = git_repository_set_config(opened, settings) }
    git_config_free(settings)
    guard code == 0 else {
      let error = GitError("open repository \(path)", code: code)
      git_repository_free(opened)
      throw error
    }
    try self.init(owning: opened!)
  }

  /// Makes a bare repository without hooks, and directories above it where they are missing.
  ///
  /// - Throws: if there is a repository already.
  public init(creatingBareAt path: String) throws(GitError) {
    GitLibrary.setUp()
    var options = git_repository_init_options()
    git_repository_init_options_init(&options, UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION))
    options.flags =
      GIT_REPOSITORY_INIT_BARE.rawValue | GIT_REPOSITORY_INIT_MKPATH.rawValue
      | GIT_REPOSITORY_INIT_NO_REINIT.rawValue
    var created: OpaquePointer?
    try check(git_repository_init_ext(&created, path, &options), "create repository \(path)")
    try self.init(owning: created!)
  }

  private init(owning handle: OpaquePointer) throws(GitError) {
    var store: OpaquePointer?
    let code = git_repository_odb(&store, handle)
    guard code == 0, let store else {
      let error = GitError("open the object store", code: code)
      git_repository_free(handle)
      throw error
    }
    self.handle = handle
    self.store = store
  }

  deinit {
    git_odb_free(store)
    git_repository_free(handle)
  }

  /// The directory with `HEAD` and `config`, without a final slash: `/srv/nova.git`. That of a
  /// linked work tree is the repository's own, not the one in `worktrees/`.
  public var gitDirectory: String { withoutFinalSlash(git_repository_commondir(handle)) }

  /// The directory that holds loose objects and `pack/`.
  public var objectsDirectory: String { gitDirectory + "/objects" }
}

private func withoutFinalSlash(_ path: UnsafePointer<CChar>) -> String {
  let path = String(cString: path)
  return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
}
