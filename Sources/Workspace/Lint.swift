import Foundation
import Patches

/// What `lint` looked at and found.
public struct LintReport: Sendable {
  /// The series files and patches that were examined, as paths in the workspace, in order.
  public let files: [String]
  /// Findings in the order of their places; warnings are among them.
  public let findings: [Diagnostic]
}

extension Workspace {
  /// The mistakes in series files and patches that can be seen without upstream's trees.
  ///
  /// - Throws: `UsageError` where there is neither.
  public func lint() throws(UsageError) -> LintReport {
    var findings: [Diagnostic] = []
    var (texts, unread, present): ([String], [Release], [String]) = ([], [], [])
    do throws(Diagnostics) { (texts, unread) = try seriesFiles() } catch { findings += error.all }
    do throws(Diagnostics) { present = try patchFiles() } catch { findings += error.all }
    guard !texts.isEmpty || !present.isEmpty || !findings.isEmpty else {
      throw UsageError("there is nothing to lint: no series file, and no patch below patches/")
    }
    findings += unread.map { release in
      Diagnostic(
        Location("series/\(release)"), "kerb.yaml has no release '\(release)', so nothing reads it",
        severity: .warning, rule: "series-release")
    }
    var listed: [String: Location] = [:]
    for release in configuration.releases + unread {
      let (series, problems) = seriesAsRead(release)
      findings += problems + lint(series)
      for entry in series.entries {
        let place = Location(series.file, line: entry.line)
        listed[Self.path(of: entry)] = listed[Self.path(of: entry)] ?? place
      }
    }
    findings += listed.filter { !present.contains($0.key) }.map { path, place in
      absent(path, place)
    }
    findings += present.filter { listed[$0] == nil }.map { path in
      Diagnostic(
        Location(path), "no series lists this patch", severity: .warning, rule: "patch-unlisted")
    }
    findings += caseCollisions(in: present)
    for result in files.patches(present) {
      switch result {
      case .success(let patch): findings += lint(patch)
      case .failure(let diagnostics): findings += diagnostics.all
      }
    }
    findings += failedProofs()
    return LintReport(
      files: texts + present,
      findings: findings.sorted {
        ($0.location.file, $0.location.line ?? 0, $0.rule, $0.message)
          < ($1.location.file, $1.location.line ?? 0, $1.rule, $1.message)
      })
  }

  /// The series files that are there, as paths in the workspace, and the releases of those that
  /// kerb.yaml does not have; both in order.
  private func seriesFiles() throws(Diagnostics) -> (files: [String], unread: [Release]) {
    let names = try files.names(in: "series")
    let present = names.compactMap { Release($0) }.sorted()
    let unread = present.filter { !configuration.releases.contains($0) }
    let known = configuration.releases.filter(present.contains)
    return ((known + unread).map { "series/\($0)" }, unread)
  }

  /// What is wrong with a patch that is listed and is no file below `patches/`.
  private func absent(_ path: String, _ place: Location) -> Diagnostic {
    switch files.look(at: path) {
    case .absent: return Diagnostic(place, "\(path): no such file", rule: "patch-missing")
    case .other(let what): return Diagnostic(place, "\(path): \(what)", rule: "file-type")
    case .file, .folder: return Diagnostic(place, "\(path): not a regular file", rule: "file-type")
    }
  }

  private func lint(_ series: Series) -> [Diagnostic] {
    var findings = series.formFindings
    for entry in series.entries where configuration.project(entry.project) == nil {
      findings.append(
        Diagnostic(
          Location(series.file, line: entry.line), "kerb.yaml has no project '\(entry.project)'",
          rule: "series-project"))
    }
    return findings
  }

  private func lint(_ patch: Patch) -> [Diagnostic] {
    var findings = patch.warnings + patch.messageFindings + patch.lineFindings
    if patch.canonical != patch.bytes {
      findings.append(
        Diagnostic(
          Location(patch.name), "not in canonical form; 'kerb fmt' writes it so",
          severity: .warning, rule: "patch-form"))
    }
    return findings
  }

  /// Patch files whose names differ in case only: on Windows and macOS one takes the other's place.
  private func caseCollisions(in files: [String]) -> [Diagnostic] {
    Dictionary(grouping: files) { $0.lowercased() }.values.filter { $0.count > 1 }.flatMap { same in
      let first = same.sorted()[0]
      return same.sorted().dropFirst().map { file in
        Diagnostic(
          Location(file), "differs from \(first) in case only; 'kerb rename' one of them",
          rule: "patch-case")
      }
    }
  }

  /// The patch files below `patches/`, as paths in the workspace, in order; and what is there as a link or a
  /// device, which whoever reads it refuses by its name.
  func patchFiles() throws(Diagnostics) -> [String] {
    var found: [String] = []
    var folders = ["patches"]
    while let folder = folders.popLast() {
      for name in try files.names(in: folder) {
        let path = "\(folder)/\(name)"
        switch files.look(at: path) {
        case .folder: folders.append(path)
        case .file where name.hasSuffix(".patch"): found.append(path)
        // An editor's lock, as Emacs makes it, is no patch.
        case .other where !name.hasPrefix("."): found.append(path)
        case .file, .other, .absent: break
        }
      }
    }
    return found.sorted()
  }
}
