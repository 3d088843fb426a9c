import Patches

/// The name of a patch without folders, release and ending, as a person may have given any of them.
func patchName(_ word: String, project: String) -> String {
  var name = Substring(word)
  for prefix in ["patches/", "\(project)/"] where name.hasPrefix(prefix) {
    name = name.dropFirst(prefix.count)
  }
  if name.hasSuffix(".patch") { name = name.dropLast(".patch".count) }
  if let at = name.firstIndex(of: "@") { name = name[..<at] }
  return String(name)
}

/// The place of the patch that a word names among those of one stack: a name, with or without folder,
/// release and ending, or its place, counted from 1. Nil where it names none.
func place(ofPatch word: String, in names: [String], project: String) -> Int? {
  if let found = names.firstIndex(of: patchName(word, project: project)) { return found }
  return Int(word).map { $0 - 1 }.flatMap { names.indices.contains($0) ? $0 : nil }
}

extension Workspace {
  /// The places of the patches of a stack that words name.
  ///
  /// - Throws: `UsageError` for a word that names none, `Diagnostics` for a broken series file.
  func places(ofPatches words: [String], in stack: StackName) throws -> [Int] {
    let names = try series(stack.release).entries(of: stack.project).map(\.name)
    return try words.map { word in
      guard let found = place(ofPatch: word, in: names, project: stack.project) else {
        throw UsageError("\(stack) has no patch '\(word)'; 'kerb series \(stack)' lists them")
      }
      return found
    }
  }
}
