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

/// Why a name that a series file may list is none that a patch should get; nil where it is a good one.
private func fault(inName name: String) -> String? {
  let lower = name.lowercased()
  if let ending = [".patch", ".diff"].first(where: lower.hasSuffix) {
    return "without the ending \(ending)"
  }
  if Int(name) != nil { return "a number is the place of a patch in its stack" }
  let path = try? RepoPath(name)
  return path?.namesDevice == true ? "Windows keeps this name for a device" : nil
}

/// The name as one that a patch can have, with a number behind it where it is taken, in whatever case.
func freeName(_ name: String, besides taken: Set<String>) -> String {
  var good = name
  for ending in [".patch", ".diff"] where good.lowercased().hasSuffix(ending) {
    good = good.dropLast(ending.count) + "-" + ending.dropFirst()
  }
  if fault(inName: good) != nil { good = "patch-\(good)" }
  let lower = Set(taken.map { $0.lowercased() })
  guard lower.contains(good.lowercased()) else { return good }
  var number = 2
  while lower.contains("\(good.lowercased())-\(number)") { number += 1 }
  return "\(good)-\(number)"
}

extension Workspace {
  /// Refuses a name that cannot be a patch's, that the stack has already, or that differs from another
  /// of the project in case only.
  ///
  /// - Parameter old: the name that the patch has had so far in stacks, and will no longer have.
  func refuse(
    name: String, in open: OpenStack, renaming old: (name: String, stacks: [StackName])? = nil
  ) throws {
    let project = open.name.project
    let line = Array("\(project)/\(name).patch".utf8)
    let series = try? Series(parsing: line + [10], release: open.name.release, file: "name")
    guard let entry = series?.entries.first, entry.name == name else {
      throw UsageError(
        "'\(name)' is no name for a patch: letters, digits and . _ - +, without an ending")
    }
    if let fault = fault(inName: name) {
      throw UsageError("'\(name)' is no name for a patch: \(fault)")
    }
    guard open.stack.index(of: name) == nil else {
      throw UsageError("\(open.name) has a patch '\(name)' already")
    }
    for release in configuration.releases {
      let names = try self.series(release).entries(of: project).map(\.name)
      let stack = StackName(release, project)
      for other in names where other != name && other.lowercased() == name.lowercased() {
        if let old, old.name == other, old.stacks.contains(stack) { continue }
        throw UsageError(
          "'\(name)' is no name for a patch: it differs from \(other) of \(stack) in case only")
      }
    }
  }

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
