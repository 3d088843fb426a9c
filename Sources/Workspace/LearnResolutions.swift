import Git
import Journal
import PatchEngine
import Patches

extension Workspace {
  /// What a conflict was resolved to, as far as the memory knows it.
  private func known(_ name: String, _ project: String) -> Resolution? {
    let file = "\(Resolution.folder)/\(project)/\(name)"
    let bytes = try? files.read(file, limit: Resolution.maximumSize)
    return bytes.flatMap { Resolution(parsing: $0) }
  }

  /// The memory of a project's resolutions, as a resolver asks it: what was done in the same file comes
  /// first.
  func memory(of project: String) -> @Sendable (ConflictKey, RepoPath?) -> [UInt8]? {
    { key, path in
      if let path, let here = known(Resolution.name(of: key, in: path.bytes), project),
        here.key == key, here.path == path.bytes
      {
        return here.text
      }
      guard let known = known(Resolution.name(of: key), project), known.key == key else {
        return nil
      }
      return known.text
    }
  }

  /// What the conflicts were resolved to, as files of the memory. Where the same conflict was resolved
  /// differently in different files, each is remembered for its file only; where in one file, not at all.
  func resolutions(
    _ step: Step, _ taken: [MoveFiles.Content], project: String
  ) throws -> FileSet {
    var found: [Resolution] = []
    for result in step.paths {
      let path = result.followedTo ?? result.path
      guard let open = result.conflict?.merge,
        let bytes = taken.first(where: { $0.path == path })?.bytes
      else { continue }
      let texts = open.resolutions(in: Text(bytes)).texts
      for (chunk, text) in zip(open.merge.conflicts, texts) {
        guard let text else { continue }
        let key = open.merge.key(of: chunk)
        guard Resolution.isUsable(text, for: key) else { continue }
        found.append(Resolution(path: path.bytes, key: key, text: text))
      }
    }
    return try remembered(found, project)
  }

  /// The files of the memory once it has learned some resolutions.
  func remembered(_ found: [Resolution], _ project: String) throws -> FileSet {
    var set = FileSet()
    let names = (try? files.names(in: "\(Resolution.folder)/\(project)")) ?? []
    func path(_ name: String) throws -> RepoPath {
      try RepoPath(Array("\(Resolution.folder)/\(project)/\(name)".utf8))
    }
    for (key, learned) in Dictionary(grouping: found, by: \.key) {
      let name = Resolution.name(of: key)
      let byPath = Dictionary(grouping: learned, by: \.path)
      let clear = byPath.values.filter { Set($0.map(\.text)).count == 1 }.map { $0[0] }
      let before = known(name, project).flatMap { $0.key == key ? $0 : nil }
      // What another file was resolved to before is not forgotten.
      let kept = before.flatMap { byPath[$0.path] == nil ? $0 : nil }
      let isKnownByPath = names.contains { $0.hasPrefix("\(name)-") }
      let all = clear + (kept.map { [$0] } ?? [])
      if byPath.count == clear.count, Set(all.map(\.text)).count == 1, !isKnownByPath {
        set.put(try path(name), learned[0].formatted)
        continue
      }
      for one in all { set.put(try path(Resolution.name(of: key, in: one.path)), one.formatted) }
      for (file, texts) in byPath where Set(texts.map(\.text)).count > 1 {
        let own = Resolution.name(of: key, in: file)
        if names.contains(own) { set.remove(try path(own)) }
      }
      if before != nil { set.remove(try path(name)) }
    }
    return set
  }
}
