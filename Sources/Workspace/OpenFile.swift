import Git
import Patches

extension StoppedMove {
  /// A file that is in conflict.
  public struct OpenFile: Sendable, Codable {
    public let path: String
    public let reason: String
    /// True where the conflict is marked in the file, so that the file is settled when the markers are
    /// gone; else it is settled when git's index has no stages for it.
    var isMarked: Bool? = nil
    /// What each side has there, a mode and a blob's name; nil where it has no file.
    var base: String? = nil
    var ours: String? = nil
    var theirs: String? = nil
  }

  /// The paths that are in conflict in the index, as the run left them.
  var unmerged: [UnmergedPath] { open.compactMap(\.unmerged) }
}

extension StoppedMove.OpenFile {
  init(_ conflict: UnmergedPath, reason: String, isMarked: Bool) {
    self.init(
      path: "\(conflict.path)", reason: reason, isMarked: isMarked, base: conflict.base?.word,
      ours: conflict.ours?.word, theirs: conflict.theirs?.word)
  }

  /// The stages; nil where nobody knows what the sides have.
  var unmerged: UnmergedPath? {
    guard [base, ours, theirs].contains(where: { $0 != nil }),
      let path = try? RepoPath(Array(path.utf8))
    else { return nil }
    return UnmergedPath(
      path, base: base.flatMap { .init(word: $0) }, ours: ours.flatMap { .init(word: $0) },
      theirs: theirs.flatMap { .init(word: $0) })
  }

  /// True for one that kerb may have written.
  var isSound: Bool {
    (try? RepoPath(Array(path.utf8))) != nil
      && [base, ours, theirs].allSatisfy { $0.map { UnmergedPath.Side(word: $0) != nil } ?? true }
  }
}

extension UnmergedPath.Side {
  fileprivate var word: String { "\(mode.digits) \(id)" }

  /// Reads a mode and a name, as a stopped state has them.
  fileprivate init?(word: String) {
    let parts = word.split(separator: " ").map(String.init)
    guard parts.count == 2, let raw = UInt32(parts[0], radix: 8), let id = ObjectID(parts[1])
    else { return nil }
    let mode = FileMode(raw: raw)
    guard mode != .tree, mode.raw == raw else { return nil }
    self.init(mode: mode, id: id)
  }
}
