import CLibgit2

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension WorkTree {
  /// The files that git does not know and does not ignore, as `git status` shows them: a folder without
  /// known files is one path with a final slash.
  public func untracked() throws(WorkTreeError) -> [[UInt8]] {
    do throws(GitError) {
      return try untrackedPaths()
    } catch {
      throw .git(error)
    }
  }

  private func untrackedPaths() throws(GitError) -> [[UInt8]] {
    GitLibrary.setUp()
    let doing = "look for untracked files in \(directory)"
    var repository: OpaquePointer?
    let flags = GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue
    try check(git_repository_open_ext(&repository, directory, flags, nil), doing)
    defer { git_repository_free(repository) }
    var options = git_status_options()
    try check(
      git_status_options_init(&options, UInt32(GIT_STATUS_OPTIONS_VERSION)), doing)
    options.show = GIT_STATUS_SHOW_WORKDIR_ONLY
    options.flags =
      GIT_STATUS_OPT_INCLUDE_UNTRACKED.rawValue | GIT_STATUS_OPT_EXCLUDE_SUBMODULES.rawValue
    var list: OpaquePointer?
    try check(git_status_list_new(&list, repository, &options), doing)
    defer { git_status_list_free(list) }
    var found: [[UInt8]] = []
    for place in 0..<git_status_list_entrycount(list) {
      guard let entry = git_status_byindex(list, place)?.pointee,
        entry.status.rawValue & GIT_STATUS_WT_NEW.rawValue != 0,
        let path = entry.index_to_workdir?.pointee.new_file.path
      else { continue }
      found.append(Array(UnsafeRawBufferPointer(start: path, count: strlen(path))))
    }
    return found
  }
}
