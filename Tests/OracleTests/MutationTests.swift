import Foundation
import Patches
import TestSupport
import Testing
import Workspace

/// Damaged patches and patches on other commits, against `git apply --cached`.
@Suite struct MutationTests {
  private enum Mutation: CaseIterable {
    case none, shift, trim, carriageReturns, loseLine, doubleLine, changeContext, loseIndex
  }

  @Test func aDamagedPatchDoesWhatGitDoesOrIsRefusedWithAReason() throws {
    let history = try History(seed: 21)
    let files = try history.formatPatches(["-M", "-C", "-C"], into: "out")
    let replayer = try Replayer(repository: history.path)
    var random = SeededGenerator(seed: 22)
    var counts: [String: Int] = [:]
    for round in 0..<400 {
      let index = random.below(files.count)
      let mutation = Mutation.allCases[round % Mutation.allCases.count]
      let onto = history.commits[max(0, index - random.below(6))]
      let bytes = Array(FileManager.default.contents(atPath: files[index]) ?? Data())
      let mutant = try history.directory.write("mutant", mutated(bytes, mutation, &random))
      let expected = try gitTree(mutant, onto: onto, in: history.path)
      let report = try replayer.run(
        ReplayJob(onto: onto, source: .patches([mutant])), effect: .treeName)
      let own = report.isApplied ? report.tree?.description : nil
      let reasons =
        report.diagnostics.map(\.rule)
        + report.steps.flatMap { $0.paths.compactMap { $0.conflict?.rule } }
      let message: Comment = "round \(round): \(mutation) of \(files[index]) on \(onto): \(reasons)"
      switch (own, expected) {
      case (nil, nil):
        #expect(!reasons.isEmpty, message)
        counts["both refuse", default: 0] += 1
      case (nil, _):
        #expect(!reasons.isEmpty && Self.stricter.isSuperset(of: reasons), message)
        counts["stricter", default: 0] += 1
      default:
        #expect(own == expected, message)
        counts["same", default: 0] += 1
      }
    }
    #expect(counts["same", default: 0] > 80, "\(counts)")
    #expect(counts["both refuse", default: 0] > 80, "\(counts)")
    #expect(counts["stricter", default: 0] < 60, "\(counts)")
  }

  /// The reasons for which kerb refuses what git takes: lines that could be a lost part of a hunk,
  /// converted patches, places that nothing proves.
  private static let stricter: Set<String> = [
    "hunk-ambiguous", "hunk-no-context", "hunk-count", "hunk-marker", "crlf", "hunk-truncated",
    "link-target",
  ]

  /// The tree that `git apply --cached` makes, or nil.
  private func gitTree(_ patch: String, onto commit: String, in path: String) throws -> String? {
    let index = ["GIT_INDEX_FILE": path + "/.git/mutant-index"]
    try git(["read-tree", commit], in: path, environment: index)
    // The mail's message is for git am: git apply would take a hunk that it quotes for a part of
    // the patch.
    let bytes = Array(FileManager.default.contents(atPath: patch) ?? Data())
    let title = bytes.firstRange(of: Array("\ndiff --git ".utf8))
    let input = Array(bytes[(title?.lowerBound ?? 0)...])
    let outcome = try tryGit(
      ["apply", "--cached", "-"], in: path, input: input, environment: index)
    guard outcome.status == 0 else { return nil }
    return try git(["write-tree"], in: path, environment: index)
  }

  private func mutated(
    _ bytes: [UInt8], _ mutation: Mutation, _ random: inout SeededGenerator
  ) -> [UInt8] {
    var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).map(Array.init)
    let isBinary = lines.contains(Array("GIT binary patch".utf8))
    let hunks = lines.indices.filter { lines[$0].starts(with: Array("@@ -".utf8)) }
    guard let hunk = hunks.isEmpty ? nil : random.one(hunks), !isBinary else { return bytes }
    let end =
      lines[(hunk + 1)...].firstIndex { !" +-\\".utf8.contains($0.first ?? 0) } ?? lines.count
    let body = hunk + 1..<end
    guard !body.isEmpty else { return bytes }
    let line = body.lowerBound + random.below(body.count)
    switch mutation {
    case .none: return bytes
    case .shift: lines[hunk] = shifted(lines[hunk], by: random.below(9) - 4)
    case .trim: if lines[line].last == 0x20 { lines[line].removeLast() } else { lines[line] = [] }
    case .carriageReturns: for index in body { lines[index].append(0x0d) }
    case .loseLine: lines.remove(at: line)
    case .doubleLine: lines.insert(lines[line], at: line)
    case .changeContext: lines[line].append(UInt8(ascii: "x"))
    case .loseIndex: lines.removeAll { $0.starts(with: Array("index ".utf8)) }
    }
    return Array(lines.joined(separator: [0x0a]))
  }

  /// The hunk header with both starts moved.
  private func shifted(_ header: [UInt8], by offset: Int) -> [UInt8] {
    var fields = String(decoding: header, as: UTF8.self).split(
      separator: " ", omittingEmptySubsequences: false
    )
    .map(String.init)
    for index in 1...2 {
      var numbers = fields[index].dropFirst().split(separator: ",").map(String.init)
      numbers[0] = String(max(1, (Int(numbers[0]) ?? 1) + offset))
      fields[index] = fields[index].prefix(1) + numbers.joined(separator: ",")
    }
    return Array(fields.joined(separator: " ").utf8)
  }
}
