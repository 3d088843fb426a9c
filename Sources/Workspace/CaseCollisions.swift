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
  var names: [[UInt8]: [[UInt8]: [UInt8]]] = [:]
  var found: [Diagnostic] = []
  for patch in stack {
    for file in patch.files where file.kind != .modify && file.kind != .delete {
      var directory: [UInt8] = []
      for component in file.path.components {
        if names[directory] == nil {
          names[directory] = try entryNames(directory, root, repository)
        }
        let folded = component.map(lowercased)
        let present = names[directory]?[folded]
        if let present, !present.elementsEqual(component) {
          found.append(
            Diagnostic(
              Location(patch.name, line: file.line > 0 ? file.line : nil),
              "'\(file.path)' differs from '\(String(decoding: present, as: UTF8.self))' beside it "
                + "in case only", severity: .warning, rule: "path-case"))
          break
        }
        names[directory]?[folded] = Array(component)
        directory += (directory.isEmpty ? [] : [UInt8(ascii: "/")]) + component
      }
    }
  }
  return found
}

private func lowercased(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

/// The names in a directory by their lower-case form; none where there is no directory.
private func entryNames(
  _ directory: [UInt8], _ root: ObjectID, _ repository: borrowing Repository
) throws -> [[UInt8]: [UInt8]] {
  var tree = root
  if !directory.isEmpty {
    guard let path = try? RepoPath(directory),
      let entry = try repository.entry(at: path, inTree: root), entry.mode == .tree
    else { return [:] }
    tree = entry.id
  }
  let names = try repository.entries(ofTree: tree).map(\.name)
  return Dictionary(names.map { ($0.map(lowercased), $0) }) { first, _ in first }
}
