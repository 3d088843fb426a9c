import Foundation

extension Workspace {
  /// The path in the workspace of a file that is named from the current folder, also through links to
  /// folders; nil for one that is elsewhere.
  public func path(ofFile file: String) -> String? {
    let place = URL(filePath: file).standardizedFileURL
    let real = withoutLinks(place.deletingLastPathComponent()) + "/" + place.lastPathComponent
    let pairs = [(place.path, root), (real, withoutLinks(URL(filePath: root)))]
    guard let (path, folder) = pairs.first(where: { $0.0.hasPrefix($0.1 + "/") }) else {
      return nil
    }
    return String(path.dropFirst(folder.count + 1))
  }
}

/// The path of a folder with its links followed, as far as it exists.
private func withoutLinks(_ folder: URL) -> String {
  if let real = realpath(folder.path, nil) {
    defer { free(real) }
    let path = String(cString: real)
    return path == "/" ? "" : path
  }
  let above = folder.deletingLastPathComponent()
  guard above.path != folder.path else { return "" }
  return withoutLinks(above) + "/" + folder.lastPathComponent
}
