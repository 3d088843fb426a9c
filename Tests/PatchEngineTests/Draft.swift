import Git
import PatchEngine
import Patches

/// A stack that is made of what the files hold after each patch.
struct Draft {
  var stack: EditedStack
  var base: BaseTree
  private let files: [String: String]

  /// - Parameters:
  ///   - files: the tree below the stack.
  ///   - patches: each with its name and the files that it leaves otherwise; nil removes one.
  init(_ files: [String: String], _ patches: [(name: String, files: [String: String?])]) throws {
    let tree = try FakeTree(files)
    self.files = files
    base = BaseTree(
      upstream: { try tree.entry(at: $0).flatMap { $0.mode == .tree ? nil : $0 } },
      stored: { try tree.content(of: $0) },
      name: { (try? objectID(.blob, $0)) ?? .zero })
    stack = EditedStack()
    for patch in patches {
      let edited = try self.patch(patch.name, patch.files)
      stack.append(edited)
    }
  }

  /// A patch on top of the stack.
  mutating func patch(_ name: String, _ files: [String: String?]) throws -> EditedPatch {
    let effect = try edits(files)
    let author = Author(
      name: "A".bytes, email: "a@b".bytes, date: AuthorDate(seconds: 0, offset: 0))
    let hint = try Patch(name: name, author: author, message: name.bytes)
    let before = base
    let bytes = try hint.remade(for: effect, over: &base) { [stack] in
      try stack.entry(at: $0, before: stack.patches.count, over: before)
    }
    return EditedPatch(
      name: name, text: try Patch(parsing: bytes, name: name), effect: effect, written: effect,
      origin: name)
  }

  /// What makes the files on top of the stack these.
  mutating func edits(_ files: [String: String?]) throws -> PatchEffect {
    var effect = PatchEffect()
    for (name, content) in files {
      let path = try RepoPath(name)
      let after = content.map { SourceEntry(rawMode: 0o100644, id: base.add($0.bytes)) }
      let before = try stack.entry(at: path, before: stack.patches.count, over: base)
      effect[path] = .init(before: before, after: after)
    }
    return effect
  }

  /// The content of a file after so many patches; by default after all. Nil where it is not there.
  func file(_ name: String, after count: Int? = nil) throws -> String? {
    var base = base
    let path = try RepoPath(name)
    let entry = try stack.entry(at: path, before: count ?? stack.patches.count, over: base)
    return try entry.map { try base.text(of: $0.id).bytes.text }
  }

  /// The texts of the patches now, in order.
  func texts() throws -> [String] {
    var base = base
    return try stack.patches.indices.map { index in
      let before = base
      return try stack.patches[index].bytes(over: &base) {
        try stack.entry(at: $0, before: index, over: before)
      }.text
    }
  }

  var names: [String] { stack.patches.map(\.name) }

  /// True where the texts, applied by the engine to the tree, give what each patch is said to do.
  func isProven() throws -> Bool {
    let patches = try zip(stack.patches, texts()).map {
      try Patch(parsing: $1.bytes, name: $0.name)
    }
    let tree = try FakeTree(files)
    var base = base
    for group in Plan(patches).groups {
      var versions = Versions()
      let means = ReplayMeans(
        primitives: Primitives(
          blobID: { (try? objectID(.blob, $0)) ?? .zero }, inflate: { _, _ in nil }))
      let result = try replay(group, of: patches, onto: tree, using: means, into: &versions)
      guard result.results.allSatisfy({ $0.outcome == .clean || $0.outcome == .moved }) else {
        return false
      }
      for edit in result.edits {
        let wanted = try stack.entry(at: edit.path, before: edit.patch + 1, over: base)
        guard edit.entry?.id == wanted?.id || edit.entry == nil && wanted != nil else {
          return false
        }
        if let wanted { _ = try base.text(of: wanted.id) }
      }
    }
    return true
  }
}

/// Lines, numbered from 1, with some of them others.
func numbered(_ count: Int, _ changes: [Int: String] = [:]) -> String {
  (1...count).map { (changes[$0] ?? "\($0)") + "\n" }.joined()
}
