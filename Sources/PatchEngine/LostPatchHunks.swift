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
        let after = try content(file.path, before: index + 1, over: &base)
        let top = try content(file.path, before: patches.count, over: &base)
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
