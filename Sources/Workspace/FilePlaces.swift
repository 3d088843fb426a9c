extension Workspace {
  /// The path in the workspace of a file that is named from the current folder, also through links to
  /// folders above the clone; nil for one that is elsewhere.
  ///
  /// - Throws: `UsageError` for a link in the clone, which is never followed.
  public func path(ofFile file: String) throws -> String? {
    try NamedPlace(file, in: root).pathInWorkspace.map { String(decoding: $0, as: UTF8.self) }
  }
}
