import Foundation
import Git
import Journal
import Patches

/// A rebase or port that stands still on a conflict, as it is kept in `.kerb/stopped/`.
public struct StoppedMove: Sendable, Codable {
  static let folder = ".kerb/stopped"
  /// The most bytes of a state.
  static let maximumSize = 16 << 20

  /// The stack that results, and the one whose patches it is made of.
  public let stack: String
  public let source: String
  /// The line of the lock that the stack is to have.
  let onto: String
  /// The patch files in order as paths in the workspace, with the names of their contents as blobs.
  public internal(set) var files: [String]
  var digests: [String]
  /// True where a text was put into another form since its commit was made.
  var isRewritten: Bool? = nil
  public internal(set) var done: [MovedPatch]
  /// Patches that upstream's history has under the same name, by their place in the stack.
  let landed: [Int: LandedCommit]?
  /// The numbers that the patches got instead of others, in pairs.
  var renumbered: [[String]]? = nil
  /// The names of the resolvers that the run was given.
  let resolvers: [String]
  /// The commit with the files as they were left for the user: conflicts are marked in them.
  var marked: String
  /// The files that are in conflict, each with the reason.
  public internal(set) var open: [OpenFile]

  public struct OpenFile: Sendable, Codable {
    public let path: String
    public let reason: String
  }

  /// The patch that stands still, counted from 0.
  public var patch: Int { done.count }
  public var file: String { files[patch] }
  public var name: StackName { stackName(stack)! }
  var sourceName: StackName { stackName(source)! }
  /// The patches' names, without folder and release.
  var names: [String] { files.map { patchName($0, project: name.project) } }

  /// True if every name leads where a run of kerb's leads: a state is a file like any other, and may
  /// have come with a copy of the workspace.
  private var isSound: Bool {
    stackName(stack) != nil && stackName(source) != nil
      && done.count < files.count && digests.count == files.count
      && ObjectID(marked) != nil && digests.allSatisfy { ObjectID($0) != nil }
      && files.allSatisfy { $0.hasPrefix("patches/") && (try? RepoPath($0)) != nil }
      && open.allSatisfy { (try? RepoPath($0.path)) != nil }
      && done.allSatisfy(\.isSound)
      && zip(done, names).allSatisfy { patchName($0.file, project: name.project) == $1 }
      && (landed ?? [:]).allSatisfy { files.indices.contains($0.key) && $0.value.isSound }
      && (renumbered ?? []).allSatisfy { $0.count == 2 }
  }

  /// The state's file in the workspace.
  static func path(of stack: StackName) -> RepoPath {
    path("\(folder)/\(stack.release)-\(stack.project).json")
  }

  private static func path(_ text: String) -> RepoPath {
    guard let path = try? RepoPath(Array(text.utf8)) else {
      preconditionFailure("a stack's name is safe in a path")
    }
    return path
  }

  var encoded: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("a state has only strings")
    }
    return Array(data) + [10]
  }
}

extension StoppedMove {
  /// - Returns: nil where the bytes are no state, or one that kerb does not write.
  init?(parsing bytes: [UInt8]) {
    guard let state = try? JSONDecoder().decode(StoppedMove.self, from: Data(bytes)), state.isSound
    else { return nil }
    self = state
  }
}

extension LandedCommit {
  /// True for one that names a commit: a part of the name comes into the series.
  fileprivate var isSound: Bool { ObjectID(commit) != nil }
}

extension MovedPatch {
  /// True for one whose lists are as long as those that kerb makes.
  fileprivate var isSound: Bool {
    file.hasPrefix("patches/") && (try? RepoPath(file)) != nil
      && ObjectID(commit) != nil && landedAs?.isSound != false
      && renamed.allSatisfy { $0.count == 2 } && stale.allSatisfy { !$0.isEmpty }
  }
}

private func stackName(_ text: String) -> StackName? {
  let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
  guard parts.count == 2, let release = Release(parts[0]), isProjectName(parts[1]) else {
    return nil
  }
  return StackName(release, parts[1])
}

extension Workspace {
  /// What there is to say first of runs that have stopped, of these stacks or of all; a state that cannot
  /// be read is one of them.
  public func stops(
    of stacks: [StackName]? = nil
  ) -> (states: [StoppedMove], lines: [String]) {
    do {
      let states = try stoppedMoves().filter { stacks?.contains($0.name) ?? true }
      return (states, states.map { "\($0.standing): kerb continue, skip or abort" })
    } catch {
      return ([], ["\(error)"])
    }
  }

  /// The same for a workspace whose other files need not be readable.
  public static func stops(
    in journal: Journal, for caller: Caller
  ) -> (states: [StoppedMove], lines: [String]) {
    (try? Workspace(in: journal, for: caller))?.stops() ?? ([], [])
  }

  /// The runs that stand still on a conflict, by stack.
  ///
  /// - Throws: `Diagnostics` where a state cannot be read.
  public func stoppedMoves() throws -> [StoppedMove] {
    let names = try files.names(in: StoppedMove.folder)
    return try names.filter { $0.hasSuffix(".json") }.map { name in
      let file = "\(StoppedMove.folder)/\(name)"
      let bytes = try files.read(file, limit: StoppedMove.maximumSize)
      guard let state = StoppedMove(parsing: bytes),
        StoppedMove.path(of: state.name).name.elementsEqual(name.utf8)
      else {
        throw Diagnostics(
          Diagnostic(
            Location(file), "the state of a stopped run is damaged; remove the file to give it up",
            rule: "stopped-state"))
      }
      return state
    }
  }
}
