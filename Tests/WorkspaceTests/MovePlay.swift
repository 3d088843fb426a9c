import Foundation
import Git
import Journal
import Patches
import TestSupport

@testable import Workspace

/// One command of a run. What it is about is drawn from its salt when it is executed: commands may be
/// dropped from a list, and the others stay what they are as far as they can.
struct MoveCommand: CustomStringConvertible {
  enum Kind: String, CaseIterable {
    case upstream, rebase, rebaseResolving, port, fetch
    case finish, wrong, half, nothing, take, skip, abort
    case refresh, new, header, fmt, sync, undo, redo
  }

  let kind: Kind
  let salt: UInt64

  var description: String { "\(kind.rawValue):\(salt)" }
}

/// One run: a world, its model, and the states that undo goes back to.
struct MovePlay {
  struct Failure: Error {
    /// What was judged: a name that can be switched off.
    let judge: String
    let text: String
  }

  /// What the files and the model were.
  struct Moment {
    let model: MoveModel
    let bytes: [String: [UInt8]]
    let stops: [String]
  }

  let world: MoveWorld
  let off: Set<String>
  var model: MoveModel
  var tips: [StackKey: ModelTree]
  var past: [Moment] = []
  var future: [Moment] = []
  /// Stacks that `apply` has put into `src`.
  var applied: Set<StackKey> = []
  /// Stacks whose files in `src` are not as kerb left them.
  var touched: Set<StackKey> = []
  var tally: [String: Int] = [:]
  var story: [String] = []
  var script: [String] = []
  /// Commands of kerb that were run.
  var count = 0

  init(world: MoveWorld, off: Set<String>) throws {
    (self.world, self.off) = (world, off)
    model = MoveModel(stacks: world.stacks)
    tips = world.tips
    script = world.script
    try checkModel("the start", try world.open())
  }

  func isOn(_ judge: String) -> Bool { !off.contains(judge) }

  func oracle(_ key: StackKey) -> MoveOracle { world.oracles[key.project] }

  func moment() throws -> Moment {
    Moment(
      model: model, bytes: try world.bytes(),
      stops: try world.open().stoppedMoves().map {
        String(decoding: $0.encoded, as: UTF8.self)
      })
  }

  mutating func say(_ words: String, _ lines: String...) {
    story.append(words)
    script += lines
  }

  /// One command, and the checks behind it. One that has nothing to be about does nothing.
  mutating func step(_ command: MoveCommand) async throws {
    guard isOn(command.kind.rawValue) else { return }
    var random = SeededGenerator(seed: command.salt)
    switch command.kind {
    case .upstream: try upstream(&random)
    case .rebase: try await rebase(&random, resolves: false)
    case .rebaseResolving: try await rebase(&random, resolves: true)
    case .port: try port(&random)
    case .fetch: try await fetch(&random)
    case .finish: try finish(&random)
    case .wrong, .half, .nothing: try unfinished(command.kind, &random)
    case .take: try take(&random)
    case .skip: try skip(&random)
    case .abort: try abort(&random)
    case .refresh, .new: try refresh(&random, makesNew: command.kind == .new)
    case .header: try header(&random)
    case .fmt: try format()
    case .sync: try sync(&random)
    case .undo: try reverse(isUndo: true)
    case .redo: try reverse(isUndo: false)
    }
  }

  /// What a command may come to.
  enum Wish {
    case done, refused
    /// Either is right, and a refusal names a way on.
    case any
  }

  /// Runs a command, and compares what it came to with the model.
  ///
  /// - Parameters:
  ///   - loose: stacks of which kerb may say what they come to; they have to be good, with no line lost.
  ///   - change: what the model makes of it.
  /// - Returns: nil where the command was refused.
  @discardableResult
  mutating func perform<Result>(
    _ name: String, _ words: String, _ wish: Wish, loose: Set<StackKey> = [],
    _ command: (Workspace) async throws -> Result,
    then change: (inout MoveModel, Result) throws -> Void
  ) async throws -> Result? {
    let before = try moment()
    let workspace = try world.open()
    let number = try workspace.journal.operations().first?.number
    count += 1
    say("\(name) \(words)", "kerb \(name) \(words)")
    let result: Result
    do {
      result = try await command(workspace)
    } catch {
      try refused(name, "\(error)", error, wish, before)
      return nil
    }
    tally[name, default: 0] += 1
    guard wish != .refused else {
      throw Failure(judge: "\(name)-accepted", text: "\(name) \(words) was not refused")
    }
    try change(&model, result)
    let now = try world.open()
    try checkModel("\(name) \(words)", now, loose: loose, before.model)
    if try now.journal.operations().first?.number != number {
      past.append(before)
      future = []
    }
    return result
  }

  /// The same for a command that does not wait.
  @discardableResult
  mutating func perform<Result>(
    _ name: String, _ words: String, _ wish: Wish, loose: Set<StackKey> = [],
    _ command: (Workspace) throws -> Result,
    then change: (inout MoveModel, Result) throws -> Void
  ) throws -> Result? {
    let before = try moment()
    let workspace = try world.open()
    let number = try workspace.journal.operations().first?.number
    count += 1
    say("\(name) \(words)", "kerb \(name) \(words)")
    let result: Result
    do {
      result = try command(workspace)
    } catch {
      try refused(name, "\(error)", error, wish, before)
      return nil
    }
    tally[name, default: 0] += 1
    guard wish != .refused else {
      throw Failure(judge: "\(name)-accepted", text: "\(name) \(words) was not refused")
    }
    try change(&model, result)
    let now = try world.open()
    try checkModel("\(name) \(words)", now, loose: loose, before.model)
    if try now.journal.operations().first?.number != number {
      past.append(before)
      future = []
    }
    return result
  }

  private mutating func refused(
    _ name: String, _ text: String, _ error: any Error, _ wish: Wish, _ before: Moment
  ) throws {
    let open = (error as? OpenConflicts)?.findings.map { "\($0)" }.joined(separator: "; ")
    let text = open ?? text
    story[story.count - 1] += ": refused, \(text)"
    guard error is Refusal || error is UsageError || error is JournalError || open != nil else {
      throw Failure(judge: "error", text: "\(name): \(type(of: error)): \(text)")
    }
    tally["\(name) refused", default: 0] += 1
    guard wish != .done else {
      throw Failure(judge: "\(name)-refused", text: "\(name) was refused: \(text)")
    }
    if wish == .any, error is Refusal, !model.stops.isEmpty, !text.contains("'kerb "), isOn("way") {
      throw Failure(judge: "way", text: "\(name) was refused with no way on: \(text)")
    }
    try check(before, "a refused \(name)", withStops: true)
  }

  /// Compares every byte with what it was.
  func check(_ before: Moment, _ what: String, withStops: Bool) throws {
    let now = try moment()
    let paths = Set(now.bytes.keys).union(before.bytes.keys).filter {
      now.bytes[$0] != before.bytes[$0]
    }
    guard paths.isEmpty else {
      throw Failure(judge: "bytes", text: "after \(what) other bytes: \(paths.sorted())")
    }
    guard !withStops || now.stops == before.stops else {
      throw Failure(judge: "stops", text: "after \(what) other stopped runs")
    }
  }

  /// Ends every run that has stopped, one way or another, so that a world never ends in a dead end.
  mutating func end(_ random: inout SeededGenerator) throws {
    var left = 60
    while let key = model.stops.keys.sorted().first {
      left -= 1
      guard left > 0 else { throw Failure(judge: "end", text: "\(world.name(key)) has no end") }
      switch random.below(6) {
      case 0 where isOn("skip"): try skip(key)
      case 1 where isOn("abort"): try abort(key)
      default:
        guard isOn("finish") else { return try abort(key) }
        try finish(key)
      }
    }
    for key in world.keys where isOn("apply") { try checkWithGit(key) }
  }
}
