import Git
import PatchEngine
import Patches
import Synchronization

/// How what a person made of a replay compares with it.
public struct HumanPort: Sendable {
  /// True where the person changed something that was not in conflict.
  public let isChangedElsewhere: Bool
  /// For each open place which candidate the person chose, from 0; nil where none of them.
  public let chosen: [Int?]
  /// What each place was resolved to.
  public let resolutions: [(ConflictKey, [UInt8])]
}

extension Replayer {
  /// Compares a replay, conflicts and all, with a tree that a person made.
  ///
  /// - Throws: `GitError` for an unknown revision.
  public func compare(
    _ report: ReplayReport, onto: String, with revision: String
  ) throws -> HumanPort {
    let repository = try Repository(opening: repositoryPath)
    let (root, tree) = (try repository.tree(of: onto), try repository.tree(of: revision))
    var chosen: [Int?] = []
    var resolutions: [(ConflictKey, [UInt8])] = []
    var isChangedElsewhere = false
    var open: Set<[UInt8]> = []
    for path in report.steps.flatMap(\.paths) where !path.outcome.isApplied {
      open.formUnion([path.path.bytes, (path.source ?? path.path).bytes])
      if let moved = path.followedTo { open.insert(moved.bytes) }
      guard let merge = path.conflict?.merge else { continue }
      let place = path.followedTo ?? path.path
      guard let entry = try repository.entry(at: place, inTree: tree), entry.mode.isFile else {
        chosen += Array(repeating: nil, count: merge.merge.conflicts.count)
        continue
      }
      let (texts, isChanged) = merge.resolutions(in: Text(try repository.blob(entry.id)))
      isChangedElsewhere = isChangedElsewhere || isChanged
      for (chunk, text) in zip(merge.merge.conflicts, texts) {
        let key = merge.merge.key(of: chunk)
        chosen.append(text.flatMap { text in candidates(for: key).firstIndex { $0.text == text } })
        if let text { resolutions.append((key, text)) }
      }
    }
    let expected = Dictionary(report.edits.map { ($0.path.bytes, $0.entry?.id) }) { $1 }
    let changes = try repository.changes(from: root, to: tree)
    for change in changes where !open.contains(change.path) {
      guard let edit = expected[change.path], edit == change.new?.id else {
        isChangedElsewhere = true
        continue
      }
    }
    let changed = Set(changes.map(\.path))
    if expected.keys.contains(where: { !changed.contains($0) && !open.contains($0) }) {
      isChangedElsewhere = true
    }
    return HumanPort(
      isChangedElsewhere: isChangedElsewhere, chosen: chosen, resolutions: resolutions)
  }
}

/// What conflicts were resolved to during a run; the last resolution counts. A class, because jobs
/// that run one after another share it.
public final class LearnedResolutions: Sendable {
  private let known = Mutex<[ConflictKey: [UInt8]]>([:])

  public init() {}

  public func learn(_ key: ConflictKey, _ text: [UInt8]) { known.withLock { $0[key] = text } }
  public func resolution(of key: ConflictKey) -> [UInt8]? { known.withLock { $0[key] } }
}

extension Resolvers {
  /// A set of resolvers by its name, or by names with commas between them.
  ///
  /// - Throws: `UsageError` for another word.
  public static func named(_ name: String) throws(UsageError) -> Set<Resolver> {
    switch name {
    case "none": return []
    case "sure": return sure
    case "eager": return eager
    default:
      let names = name.split(separator: ",").map { Resolver(rawValue: String($0)) }
      let found = Set(names.compactMap(\.self))
      if !names.isEmpty, !names.contains(nil) { return found }
      throw UsageError(
        "'\(name)' is no way to resolve; there are none, sure, eager and "
          + Resolver.allCases.map(\.rawValue).joined(separator: ", "))
    }
  }
}
