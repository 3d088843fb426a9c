extension Patch {
  /// What a reader should know about the patch though it is no mistake: an author inside the
  /// message, names that some systems cannot store, submodule configuration.
  public var warnings: [Diagnostic] {
    var found = header.warnings
    for file in files where file.kind != .delete {
      func warn(_ message: String, _ rule: String) {
        found.append(
          Diagnostic(
            Location(name, line: file.line > 0 ? file.line : nil), message, severity: .warning,
            rule: rule))
      }
      if file.path.namesDevice {
        warn("'\(file.path)' is a device on Windows and cannot be checked out there", "path-device")
      }
      if file.path.name.elementsEqual(".gitmodules".utf8) {
        warn("the patch changes submodule addresses; kerb never runs submodules", "gitmodules")
      }
    }
    return found
  }
}
