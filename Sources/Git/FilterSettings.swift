import CLibgit2

/// The settings that say how git changes files between a work tree and a commit.
struct FilterSettings {
  /// `core.autocrlf`, true or input: files of which no attribute speaks are text if they look so.
  var convertsUnnamed = false
  /// The user's file of attributes.
  var attributesFile: String?
  /// The drivers of which a program makes what is stored.
  var programs: Set<String> = []

  init() {}

  /// Reads the settings of a repository, its user and the machine, as libgit2 finds them.
  init(of repository: borrowing Repository) throws(GitError) {
    let doing = "read the configuration of \(repository.gitDirectory)"
    var opened: OpaquePointer?
    try check(git_repository_config_snapshot(&opened, repository.handle), doing)
    defer { git_config_free(opened) }
    func value(_ key: String) -> String? {
      var text: UnsafePointer<CChar>?
      guard git_config_get_string(&text, opened, key) == 0, let text else { return nil }
      return String(cString: text)
    }
    if let word = value("core.autocrlf") {
      var isOn: Int32 = 0
      convertsUnnamed =
        word.lowercased() == "input" || git_config_parse_bool(&isOn, word) == 0 && isOn != 0
    }
    attributesFile = value("core.attributesfile")
    try readPrograms(opened, doing)
  }

  private mutating func readPrograms(
    _ configuration: OpaquePointer?, _ doing: String
  ) throws(GitError) {
    var iterator: OpaquePointer?
    let wanted = #"^filter\..*\.(clean|process)$"#
    try check(git_config_iterator_glob_new(&iterator, configuration, wanted), doing)
    defer { git_config_iterator_free(iterator) }
    var entry: UnsafeMutablePointer<git_config_entry>?
    while git_config_next(&entry, iterator) == 0, let found = entry?.pointee {
      guard let value = found.value, value.pointee != 0 else { continue }
      let parts = String(cString: found.name).split(separator: ".")
      programs.insert(parts.dropFirst().dropLast().joined(separator: "."))
    }
  }
}
