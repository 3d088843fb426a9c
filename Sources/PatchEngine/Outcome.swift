import Patches

/// How a patch or one of its files fared, best first.
public enum Outcome: String, Hashable, Sendable, CaseIterable {
  /// Every hunk was where it says.
  case clean
  /// Every hunk was found, at a unique other place.
  case moved
  /// A three-way merge without a conflict.
  case merged
  /// A conflict that a named resolver resolved.
  case resolved
  /// Upstream has all of it.
  case landed
  /// Upstream has some of it.
  case partlyLanded = "partly_landed"
  /// It does not apply.
  case conflicted
  /// Not tried: an earlier patch left the file in conflict.
  case blocked

  /// True where the change is in the resulting tree.
  public var isApplied: Bool {
    switch self {
    case .clean, .moved, .merged, .resolved, .landed: true
    case .partlyLanded, .conflicted, .blocked: false
    }
  }

  /// The outcome of a whole from the outcomes of its parts.
  public static func worst(_ outcomes: some Sequence<Outcome>) -> Outcome {
    let order = Outcome.allCases
    return outcomes.max { order.firstIndex(of: $0)! < order.firstIndex(of: $1)! } ?? .clean
  }
}

/// Why one file of a patch does not apply.
public struct Conflict: Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    case hunk(Rejection)
    case missing
    /// As `missing`, and too many files went and came to look whether it was renamed.
    case missingUnsearched(UnsearchedFiles)
    case exists
    case changedBefore
    case isDirectory
    case parentIsFile(RepoPath)
    case wrongType(FileMode)
    case wrongMode(expected: FileMode, found: FileMode)
    case keepsContent
    case link(LinkProblem)
    case binary(BinaryProblem)
    case differs
    /// Both sides changed the same lines, in so many places.
    case merge(open: Int)
    /// Upstream has put the file elsewhere, and the patch takes it away.
    case renamed(to: RepoPath)
    /// Changed copies of files have more bytes than the stack may make of them.
    case copies
  }

  /// The line in the patch file, counted from 1; nil for a change that was read from a commit.
  public let line: Int?
  public let reason: Reason
  /// The texts, where both sides changed the same lines.
  public let merge: OpenMerge?

  public init(line: Int?, _ reason: Reason, merge: OpenMerge? = nil) {
    self.line = line
    self.reason = reason
    self.merge = merge
  }

  /// A stable name for the reason, for machines.
  public var rule: String {
    switch reason {
    case .hunk(let rejection):
      switch rejection.reason {
      case .noMatch: "hunk-no-match"
      case .ambiguous: "hunk-ambiguous"
      case .noContext: "hunk-no-context"
      }
    case .missing, .missingUnsearched: "file-missing"
    case .exists: "file-exists"
    case .changedBefore: "file-changed-twice"
    case .isDirectory: "file-is-directory"
    case .parentIsFile: "parent-is-file"
    case .wrongType: "file-type"
    case .wrongMode: "file-mode"
    case .keepsContent: "delete-keeps-content"
    case .link: "link-target"
    case .binary: "binary"
    case .differs: "content-differs"
    case .merge: "merge-conflict"
    case .renamed: "file-renamed"
    case .copies: "copy-size"
    }
  }
}

extension Conflict: CustomStringConvertible {
  /// What is wrong, in the user's words; not escaped for any medium.
  public var description: String {
    switch reason {
    case .hunk(let rejection): "\(rejection)"
    case .missing: "the file is not in the tree"
    case .missingUnsearched(let files):
      "the file is not in the tree; it was not looked for under another name by its content: "
        + "\(files.gone) files that patches name are gone and \(files.come) are new, and at most "
        + "\(UnsearchedFiles.limit) with \(UnsearchedFiles.limit) are compared"
    case .exists: "the file is in the tree already"
    case .changedBefore: "another section of the patch takes this file away or changes it"
    case .isDirectory: "there is a directory of that name in the tree"
    case .parentIsFile(let path): "'\(path)' above it is a file or a link, not a directory"
    case .wrongType(let found): "the file in the tree has mode \(found.digits)"
    case .wrongMode(let expected, let found):
      "the patch expects mode \(expected.digits), the file in the tree has \(found.digits)"
    case .keepsContent: "the patch deletes the file but does not remove all of its lines"
    case .link(let problem): "\(problem)"
    case .binary(let problem): "\(problem)"
    case .differs: "the file in the tree differs from the one that the change was made on"
    case .merge(let open):
      open == 1
        ? "upstream and the patch change the same lines"
        : "upstream and the patch change the same lines in \(open) places"
    case .renamed(let path): "upstream has moved the file to '\(path)'"
    case .copies:
      "the changed copies of one file have more than \(VirtualTree.mostCopied >> 20) MiB in all"
    }
  }
}

/// Why a binary change does not apply.
public enum BinaryProblem: Error, Hashable, Sendable, CustomStringConvertible {
  case abbreviatedIndex
  case inflate
  case delta
  case otherBase
  case otherResult

  public var description: String {
    switch self {
    case .abbreviatedIndex: "a binary change needs an index line with full names"
    case .inflate: "the binary data does not inflate to the size that it states"
    case .delta: "the binary delta is malformed"
    case .otherBase: "the binary file in the tree is not the one that the patch was made on"
    case .otherResult: "the binary data does not give the content that the index line promises"
    }
  }
}

/// What one file of a patch came to.
public struct PathResult: Hashable, Sendable {
  public let path: RepoPath
  /// Where the file was before, for a rename or copy.
  public let source: RepoPath?
  /// The section's line in the patch file, counted from 1; nil for a change from a commit.
  public let line: Int?
  public let outcome: Outcome
  public let placements: [Placement]
  public let conflict: Conflict?
  /// The patch, counted from 0, that left the file in conflict.
  public let blockedBy: Int?
  /// Where the change went instead of `path`, because upstream has renamed the file.
  public let followedTo: RepoPath?
  /// What ended conflicts in it.
  public let resolvers: [Resolver]
  /// Words that the patch adds, that the file it was made on has, and that upstream's file no longer
  /// has: a hint that a clean merge is not right. Looked for on request only.
  public let staleWords: [[UInt8]]

  /// The greatest distance of a hunk from where it says it belongs, in lines; negative for up.
  public var offset: Int { placements.map(\.offset).furthest }
}

/// What one patch came to.
public struct Step: Hashable, Sendable {
  /// The patch's place in the stack, counted from 0.
  public let patch: Int
  public let paths: [PathResult]

  public init(patch: Int, paths: [PathResult]) {
    self.patch = patch
    self.paths = paths
  }

  public var outcome: Outcome { .worst(paths.map(\.outcome)) }

  /// The greatest distance of a hunk of any file, in lines; negative for up.
  public var greatestOffset: Int { paths.map(\.offset).furthest }

  /// True where a file got a word that it has lost upstream.
  public var isStale: Bool { paths.contains { !$0.staleWords.isEmpty } }

  /// True where the tree has every file's change already.
  public var isLanded: Bool { !paths.isEmpty && paths.allSatisfy { $0.outcome == .landed } }
}

extension [Step] {
  /// The greatest distance of a hunk of any of the patches, in lines; negative for up.
  public var greatestOffset: Int { map(\.greatestOffset).furthest }
}

extension [Int] {
  /// The number furthest from 0; of two the earlier, 0 where there is none.
  fileprivate var furthest: Int { self.max { abs($0) < abs($1) } ?? 0 }
}

extension Step {
  /// The step with every file that applies said to be resolved.
  public func resolved(by resolver: Resolver, as patch: Int) -> Step {
    Step(
      patch: patch,
      paths: paths.map { path in
        PathResult(
          path: path.path, source: path.source, line: path.line,
          outcome: path.outcome.isApplied ? .resolved : path.outcome, placements: path.placements,
          conflict: path.conflict, blockedBy: path.blockedBy, followedTo: path.followedTo,
          resolvers: [resolver] + path.resolvers.filter { $0 != resolver },
          staleWords: path.staleWords)
      })
  }
}
