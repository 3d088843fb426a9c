import Foundation
import Git
import Journal
import PatchEngine
import Patches
import Processes

/// A conflict that is open in a file of a stopped run.
public struct OpenConflict: Sendable {
  public let stack: StackName
  /// The file in the workspace: `src/RELEASE/PROJECT/PATH`.
  public let file: String
  /// Its place in the file, counted from 1.
  public let number: Int
  public let conflict: MarkedConflict
  /// What it may be resolved to, the likeliest first.
  public let candidates: [Candidate]
}

extension Workspace {
  /// The conflicts that are marked in the files of a run, as the files are now.
  public func openConflicts(_ state: StoppedMove) throws -> [OpenConflict] {
    return state.open.flatMap { open -> [OpenConflict] in
      let file = self.file(open.path, of: state)
      guard let bytes = try? files.read(file, limit: Patch.maximumSize) else { return [] }
      return markedConflicts(in: bytes).enumerated().map { index, conflict in
        OpenConflict(
          stack: state.name, file: file, number: index + 1,
          conflict: conflict, candidates: candidates(for: conflict.key))
      }
    }
  }

  /// The path in the workspace of a file of a run.
  private func file(_ path: String, of state: StoppedMove) -> String {
    "src/\(state.stack)/\(path)"
  }

  /// Puts candidates in the places of conflicts.
  ///
  /// - Parameter choices: for each conflict its candidate; conflicts that have none stay.
  /// - Throws: `Refusal` where a file has changed meanwhile; nothing is written then. `UsageError` and
  ///   `GitError` where one cannot be written.
  public func resolve(_ choices: [(OpenConflict, Candidate)]) throws {
    try hold { held in
      var resolved: [(place: String, bytes: [UInt8])] = []
      for (file, ofFile) in Dictionary(grouping: choices, by: { $0.0.file }) {
        let place = "\(root)/\(file)"
        var bytes = try files.read(file, limit: Patch.maximumSize)
        for (conflict, candidate) in ofFile.sorted(by: { $0.0.number > $1.0.number }) {
          let range = conflict.conflict.range
          guard markedConflicts(in: bytes).contains(conflict.conflict) else {
            throw Refusal("\(file) has changed meanwhile; nothing was written")
          }
          bytes.replaceSubrange(range, with: candidate.text)
        }
        resolved.append((place, bytes))
      }
      for (place, bytes) in resolved.sorted(by: { $0.place < $1.place }) {
        try write(bytes, over: place, held)
      }
    }
  }

  /// Replaces a file of a run. The new one is written in a place of kerb's own first: nothing that a kill
  /// leaves may stand among the user's files.
  private func write(
    _ bytes: [UInt8], over place: String, _ held: borrowing HeldJournal
  ) throws {
    var status = stat()
    let mode = lstat(place, &status) == 0 ? status.st_mode & 0o777 : 0o644
    try replaceFile(
      place, in: root, with: bytes, through: "\(root)/.kerb/resolved", mode: mode)
  }

  /// Opens the user's merge tool, as `git mergetool` is configured, on a file of a run. The tool works
  /// in a folder of its own; what it makes is taken where it leaves no marker.
  ///
  /// - Parameter tool: the tool's name; nil for the configured one.
  /// - Returns: true where the file is resolved.
  public func mergeWithTool(
    _ state: StoppedMove, path: String, tool: String?
  ) async throws -> Bool {
    let file = file(path, of: state)
    let place = "\(root)/\(file)"
    let marked = try files.read(file, limit: Patch.maximumSize)
    let folder = try makePrivateFolder(for: "merge")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let name = fileName(path)
    try await git(["init", "-q", "."], in: folder)
    var info: [UInt8] = []
    for (stage, side) in sides(of: marked).enumerated() {
      let id = try await git(["hash-object", "-w", "--stdin"], in: folder, input: side)
      info += Array("100644 ".utf8) + id.prefix(40) + Array(" \(stage + 1)\t\(name)\n".utf8)
    }
    try await git(["update-index", "--index-info"], in: folder, input: info)
    try writeNew("\(folder)/\(name)", marked)
    var arguments = ["-C", folder, "mergetool", "--no-prompt"]
    if let tool { arguments.append("--tool=\(tool)") }
    let status = try await Program("git", arguments + ["--", name], directory: folder)
      .runForwarding()
    let made = try readFile("\(folder)/\(name)", name: path, limit: Patch.maximumSize)
    guard status == .exited(0), firstConflictMarker(in: made) == nil else { return false }
    try hold { try write(made, over: place, $0) }
    return true
  }

  /// The file as base, ours and theirs have it: the order of git's stages.
  private func sides(of marked: [UInt8]) -> [[UInt8]] {
    let conflicts = markedConflicts(in: marked)
    return [\ConflictKey.base, \.ours, \.theirs].map { side in
      var bytes = marked
      for conflict in conflicts.reversed() {
        bytes.replaceSubrange(conflict.range, with: conflict.key[keyPath: side])
      }
      return bytes
    }
  }

  @discardableResult
  private func git(
    _ arguments: [String], in folder: String, input: [UInt8]? = nil
  ) async throws -> [UInt8] {
    var program = Program("git", arguments, directory: folder)
    program.input = input
    let output = try await program.run()
    guard output.succeeded else {
      throw Refusal(
        "git \(arguments[0]): \(String(decoding: output.standardError.prefix(400), as: UTF8.self))")
    }
    return output.standardOutput
  }
}
