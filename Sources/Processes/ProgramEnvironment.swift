/// The environment of a program that kerb starts: that of this process, less what would lead it to
/// another repository than the one that it is started for.
public enum ProgramEnvironment {
  /// The variables by which git is told where a repository and its parts are (`git rev-parse
  /// --local-env-vars`), which git sets for its hooks and aliases. kerb may be started by one of these.
  static let locations = [
    "GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX",
    "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_QUARANTINE_PATH", "GIT_REPLACE_REF_BASE",
    "GIT_NO_REPLACE_OBJECTS", "GIT_INTERNAL_SUPER_PREFIX", "GIT_CONFIG",
    "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
  ]

  /// For git where kerb reads its answer: it asks nobody, uses only the transports that it is allowed,
  /// and speaks English. Settings, credentials and proxy are the user's own.
  ///
  /// - Parameter protocols: the transports, with colons between them; `none` for none.
  public static func git(protocols: String) -> [String: String?] {
    [
      "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": protocols, "GIT_OPTIONAL_LOCKS": "0",
      "LC_ALL": "C",
    ]
  }

  /// What is changed for every program, in the order in which it counts.
  static func changes(_ own: [String: String?]) -> [String: String?] {
    var changes = own
    for name in locations where changes[name] == nil { changes.updateValue(nil, forKey: name) }
    return changes
  }

  /// The path of a command by the absolute folders of `PATH`: a folder that is named relative to the
  /// current one would let a workspace bring the program.
  ///
  /// - Parameter isExecutable: asked of each path in turn.
  /// - Returns: nil where no folder has it.
  static func find(_ name: String, in path: String, isExecutable: (String) -> Bool) -> String? {
    path.split(separator: ":").lazy.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
      .first(where: isExecutable)
  }
}
