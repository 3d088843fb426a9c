import Patches

/// A hunk of which a stack has nothing left.
public struct LostHunk: Hashable, Sendable {
  /// The patch, counted from 0 as the stack was.
  public let patch: Int
  public let path: RepoPath
  /// The hunk's number in its file, counted from 1, and its line in the patch file.
  public let hunk: Int
  public let line: Int
}

extension EditedStack {
  /// The hunks of an earlier state of the stack of which nothing is left: neither in their patch nor in
  /// the files on top.
  ///
  /// - Parameter earlier: the stack as it was; patches that are no longer there are not looked at.
  public func hunksLost(
    since earlier: EditedStack, over base: inout BaseTree
  ) throws -> [LostHunk] {
    var lost: [LostHunk] = []
    for (number, old) in earlier.patches.enumerated() {
      guard let origin = old.origin, let index = patches.firstIndex(where: { $0.origin == origin }),
        patches[index].effect != old.effect
      else { continue }
      for file in old.text.files where old.effect[file.path] != patches[index].effect[file.path] {
        let before = try content(file.sourcePath, before: index, over: &base)
        let (path, end) = try places(of: file, from: old.effect, at: index, over: &base)
        let after = try content(path, before: index + 1, over: &base)
        let top = try content(end, before: patches.count, over: &base)
        let gone = Set(file.lostHunks(before: before, after: after))
          .intersection(file.lostHunks(before: before, after: top))
        guard !gone.isEmpty, case .hunks(let hunks) = file.content else { continue }
        let edits = difference(from: before, to: after)
        for hunk in gone.sorted() where !hunks[hunk - 1].isTouched(by: edits, of: before) {
          lost.append(
            LostHunk(patch: number, path: file.path, hunk: hunk, line: hunks[hunk - 1].line))
        }
      }
    }
    return lost
  }

  /// Where the file of a section is after its patch, and on top: an edit may have put it elsewhere, or
  /// back.
  private func places(
    of file: FileChange, from old: PatchEffect, at index: Int, over base: inout BaseTree
  ) throws -> (after: RepoPath, top: RepoPath) {
    func follow(_ path: RepoPath, _ effect: PatchEffect) throws -> RepoPath {
      try effect.renames(over: &base)[path] ?? path
    }
    var path = file.path
    if try entry(at: path, before: index + 1, over: base) == nil, old[path]?.after != nil {
      let now = patches[index].effect
      path = try follow(path, old.inverse.then(now))
      // A rename that was taken back.
      if path == file.path, try entry(at: file.sourcePath, before: index + 1, over: base) != nil {
        path = file.sourcePath
      }
    }
    var top = path
    for patch in patches[(index + 1)...] where patch.effect[top]?.after == nil {
      if patch.effect[top] != nil { top = try follow(top, patch.effect) }
    }
    return (path, top)
  }

  private func content(
    _ path: RepoPath, before index: Int, over base: inout BaseTree
  ) throws -> Text {
    guard let entry = try entry(at: path, before: index, over: base) else { return Text([]) }
    return try base.text(of: entry.id)
  }
}

extension Hunk {
  /// True where edits of a text change the lines that the hunk is about, perhaps in another way.
  fileprivate func isTouched(by edits: [Edit], of text: Text) -> Bool {
    guard let line = try? apply([self], to: text).placements.first?.line else { return false }
    let start = line - 1 + leadingContext
    let end = max(start, line - 1 + oldCount - trailingContext)
    return edits.contains { $0.old.lowerBound <= end && start <= $0.old.upperBound }
  }
}
