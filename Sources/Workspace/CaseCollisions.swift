import Git
import Patches

/// Files that patches add beside others whose names differ in case only: on Windows and macOS one
/// takes the other's place.
///
/// - Parameter root: the tree that the patches are put on.
/// - Returns: a warning for each such file, at its section in the patch.
/// - Throws: `GitError` where the tree cannot be read.
func caseCollisions(
  _ stack: [Patch], on root: ObjectID, in repository: borrowing Repository
) throws -> [Diagnostic] {
  var folders = [CaseFolder(try repository.entries(ofTree: root))]
  var found: [Diagnostic] = []
  for patch in stack {
    for file in patch.files where file.kind != .modify && file.kind != .delete {
      var place = 0
      let components = file.path.components.map(Array.init)
      for (depth, component) in components.enumerated() {
        if let present = folders[place].take(component) {
          found.append(
            Diagnostic(
              Location(patch.name, line: file.line > 0 ? file.line : nil),
              "'\(file.path)' differs from '\(String(decoding: present, as: UTF8.self))' beside it "
                + "in case only", severity: .warning, rule: "path-case"))
          break
        }
        if depth < components.count - 1 {
          place = try enter(component, from: place, &folders, repository)
        }
      }
    }
  }
  return found
}

/// One directory with the names that are in it, or that a patch has put there.
private struct CaseFolder {
  /// Names by their lower-case form.
  private var names: [[UInt8]: [UInt8]] = [:]
  let trees: [[UInt8]: ObjectID]
  /// The directories in it that were entered.
  var children: [[UInt8]: Int] = [:]

  init(_ entries: [TreeEntry]) {
    names = Dictionary(entries.map { ($0.name.map(lowercased), $0.name) }) { first, _ in first }
    trees = Dictionary(entries.filter { $0.mode == .tree }.map { ($0.name, $0.id) }) { first, _ in
      first
    }
  }

  /// Adds a name.
  ///
  /// - Returns: the one that differs from it in case only, if there is one; it stays.
  mutating func take(_ name: [UInt8]) -> [UInt8]? {
    let folded = name.map(lowercased)
    if let present = names[folded] { return present == name ? nil : present }
    names[folded] = name
    return nil
  }
}

/// The place of a directory that is in another one, read where it is new.
private func enter(
  _ name: [UInt8], from place: Int, _ folders: inout [CaseFolder],
  _ repository: borrowing Repository
) throws -> Int {
  if let known = folders[place].children[name] { return known }
  var entries: [TreeEntry] = []
  if let tree = folders[place].trees[name] { entries = try repository.entries(ofTree: tree) }
  folders.append(CaseFolder(entries))
  folders[place].children[name] = folders.count - 1
  return folders.count - 1
}
