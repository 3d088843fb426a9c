import Foundation
import Patches

extension Workspace {
  /// The mistakes in series files and patches that can be seen without upstream's trees.
  ///
  /// - Returns: findings in the order of their files; warnings are among them.
  public func lint() -> [Diagnostic] {
    var findings: [Diagnostic] = []
    var listed: [String: Location] = [:]
    for release in configuration.releases {
      do throws(Diagnostics) {
        let series = try series(release)
        for entry in series.entries {
          let place = Location(series.file, line: entry.line)
          listed[Self.path(of: entry)] = listed[Self.path(of: entry)] ?? place
          if configuration.project(entry.project) == nil {
            findings.append(
              Diagnostic(
                place, "kerb.yaml has no project '\(entry.project)'", rule: "series-project"))
          }
        }
      } catch {
        findings += error.all
      }
    }
    let present = patchFiles()
    findings += listed.filter { !present.contains($0.key) }.map { path, place in
      Diagnostic(place, "\(path): no such file", rule: "patch-missing")
    }
    findings += present.filter { listed[$0] == nil }.map { path in
      Diagnostic(
        Location(path), "no series lists this patch", severity: .warning, rule: "patch-unlisted")
    }
    for result in readPatches(present.map { (path: "\(root)/\($0)", name: $0) }) {
      switch result {
      case .success(let patch): findings += lint(patch)
      case .failure(let diagnostics): findings += diagnostics.all
      }
    }
    return findings.sorted {
      ($0.location.file, $0.location.line ?? 0) < ($1.location.file, $1.location.line ?? 0)
    }
  }

  private func lint(_ patch: Patch) -> [Diagnostic] {
    var findings = patch.warnings
    if patch.canonical != patch.bytes {
      findings.append(
        Diagnostic(
          Location(patch.name), "not in canonical form; 'kerb fmt' writes it so",
          severity: .warning, rule: "patch-form"))
    }
    if patch.header.subject.isEmpty || patch.header.author == nil {
      findings.append(
        Diagnostic(
          Location(patch.name, line: 1),
          "the patch needs an author and a message that says why "
            + "it exists", severity: .warning, rule: "patch-header"))
    }
    return findings
  }

  /// The patch files below `patches/`, as paths in the workspace, in order. Links are not followed.
  func patchFiles() -> [String] {
    let folder = URL(filePath: "\(root)/patches")
    let keys: [URLResourceKey] = [.isRegularFileKey]
    guard let walk = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: keys)
    else { return [] }
    var found: [String] = []
    for case let url as URL in walk where url.pathExtension == "patch" {
      let parts = url.pathComponents.suffix(walk.level)
      found.append("patches/" + parts.joined(separator: "/"))
    }
    return found.sorted()
  }
}
