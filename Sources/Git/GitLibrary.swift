import CLibgit2

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// libgit2 as a whole.
public enum GitLibrary {
  /// Starts libgit2 with this program's choices; the second and later calls do nothing. Everything
  /// in this module that needs the library calls it.
  ///
  /// - Objects are not hashed again when they are read, as git itself does.
  /// - A repository may belong to another user: a cache that several users share is read, and
  ///   nothing that a repository's configuration names is ever run.
  /// - Refs are synced to disk when they are written.
  /// - With `CI` in the environment no configuration of the system or the user is read.
  public static func setUp() {
    _ = started
  }

  /// libgit2's version, such as `1.5.1`.
  public static var version: String {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    git_libgit2_version(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }

  private static let started: Void = {
    precondition(git_libgit2_init() > 0, "libgit2 does not start")
    precondition(kerb_git_opts_verify_hashes(0) == 0)
    precondition(kerb_git_opts_owner_validation(0) == 0)
    precondition(kerb_git_opts_fsync_gitdir(1) == 0)
    guard getenv("CI") != nil else { return }
    for level in [
      GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
      GIT_CONFIG_LEVEL_GLOBAL,
    ] {
      precondition(kerb_git_opts_search_path(level.rawValue, "") == 0)
    }
  }()
}
