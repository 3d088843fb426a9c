import CLibgit2
import Synchronization

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
  /// - Objects are hashed when they are read, unless `trustObjects` was called: what a cache brought
  ///   under the name of upstream's commit has to be upstream's.
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

  /// Lets objects be what their names say, as git itself does: for a repository of the user's own.
  ///
  /// - Precondition: nothing has been read yet.
  public static func trustObjects() { isTrusting.store(true, ordering: .relaxed) }

  private static let isTrusting = Atomic(false)

  private static let started: Void = {
    precondition(git_libgit2_init() > 0, "libgit2 does not start")
    precondition(kerb_git_opts_verify_hashes(isTrusting.load(ordering: .relaxed) ? 0 : 1) == 0)
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
