import Foundation
import Patches

extension Workspace {
  /// Makes a workspace in a folder: `kerb.yaml`, `patches/`, `series/`, and lines in `.gitignore`
  /// for what can be made again.
  ///
  /// - Returns: the files that were written, as paths in the folder.
  /// - Throws: `UsageError` where there is a workspace already.
  public static func initialise(
    at directory: String, project: String, git: String?, sdist: String?, releases: [Release]
  ) throws -> [String] {
    let root = URL(filePath: directory).standardizedFileURL.path
    guard !FileManager.default.fileExists(atPath: "\(root)/\(configurationName)") else {
      throw UsageError("\(directory)/\(configurationName) is there already")
    }
    let yaml = configurationText(project, git: git, sdist: sdist, releases: releases)
    _ = try Configuration(parsing: Array(yaml.utf8), file: configurationName)
    var written = [configurationName]
    for release in releases
    where !FileManager.default.fileExists(atPath: "\(root)/series/\(release)") {
      try replaceFile(
        "\(root)/series/\(release)", with: Array("# Patches for \(release), in order.\n".utf8))
      written.append("series/\(release)")
    }
    try FileManager.default.createDirectory(
      atPath: "\(root)/patches/\(project)", withIntermediateDirectories: true)
    if try ignoreDerivedFiles(root) { written.append(".gitignore") }
    try replaceFile("\(root)/\(configurationName)", with: Array(yaml.utf8))
    return written.sorted()
  }

  private static func configurationText(
    _ project: String, git: String?, sdist: String?, releases: [Release]
  ) -> String {
    let names = releases.map { $0 == .master ? "master" : "\"\($0)\"" }.joined(separator: ", ")
    var text = """
      # The projects whose patches are kept here, and where their upstream trees come from.
      version: 1
      releases: [\(names)]
      projects:
        \(project):

      """
    if let git { text += "    git: \(git)\n" }
    if let sdist {
      let versions = releases.map { "\($0 == .master ? "master" : "\"\($0)\""): latest" }
      text += "    sdist: \(sdist)\n    versions: {\(versions.joined(separator: ", "))}\n"
    }
    return text
  }

  private static func ignoreDerivedFiles(_ root: String) throws -> Bool {
    let path = "\(root)/.gitignore"
    let isThere = FileManager.default.fileExists(atPath: path)
    let bytes = isThere ? try readFile(path, name: ".gitignore", limit: 1 << 20) : []
    let lines = Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init))
    let missing = ["/.kerb/", "/src/", "/images/"].filter { !lines.contains($0) }
    guard !missing.isEmpty else { return false }
    let separator = bytes.isEmpty || bytes.last == UInt8(ascii: "\n") ? "" : "\n"
    let addition = separator + missing.joined(separator: "\n") + "\n"
    try replaceFile(path, with: bytes + Array(addition.utf8))
    return true
  }
}
