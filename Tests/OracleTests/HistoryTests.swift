import Foundation
import Patches
import TestSupport
import Testing
import Workspace

/// Patches of a whole history, against git's own trees and commits.
@Suite struct HistoryTests {
  static let forms = [["-M", "-C", "-C"], ["--no-renames"]]

  @Test(arguments: forms)
  func thePatchesOfAHistoryArePrintedAsTheyWereRead(form: [String]) throws {
    let history = try History(seed: 11)
    let files = try history.formatPatches(form, into: "out")
    #expect(files.count == History.commitCount - 1)
    var kinds: [String: Int] = [:]
    for file in files {
      let bytes = Array(FileManager.default.contents(atPath: file) ?? Data())
      let patch = try Patch(parsing: bytes, name: file)
      #expect(patch.formatted == bytes, "\(file)")
      #expect(patch.canonical == bytes, "\(file)")
      for section in patch.files {
        switch section.kind {
        case .modify: kinds["modify", default: 0] += 1
        case .create: kinds["create", default: 0] += 1
        case .delete: kinds["delete", default: 0] += 1
        case .rename: kinds["rename", default: 0] += 1
        case .copy: kinds["copy", default: 0] += 1
        }
        if case .binary = section.content { kinds["binary", default: 0] += 1 }
        if section.newMode == .symlink { kinds["link", default: 0] += 1 }
      }
    }
    let expected =
      ["modify", "create", "delete", "binary", "link"]
      + (form.contains("-M") ? ["rename", "copy"] : [])
    for kind in expected { #expect(kinds[kind, default: 0] >= 20, "\(kind): \(kinds)") }
  }

  @Test(arguments: forms)
  func aPatchOnItsParentGivesTheTreeOfItsCommit(form: [String]) throws {
    let history = try History(seed: 12)
    let files = try history.formatPatches(form, into: "out")
    let replayer = try Replayer(repository: history.path)
    for (index, file) in files.enumerated() {
      let job = ReplayJob(onto: history.commits[index], source: .patches([file]))
      let report = try replayer.run(job, effect: .treeName)
      #expect(
        report.steps.map(\.outcome) == [.clean], "\(file): \(report.diagnostics) \(report.steps)")
      #expect(try report.tree?.description == history.tree(history.commits[index + 1]), "\(file)")
    }
  }

  @Test(arguments: forms)
  func aSeriesBecomesTheCommitsThatGitAmMakes(form: [String]) throws {
    let history = try History(seed: 13)
    let files = try history.formatPatches(form, into: "out")
    let replayer = try Replayer(repository: history.path)
    let job = ReplayJob(onto: history.commits[0], source: .patches(files))
    let report = try replayer.run(job, effect: .ref("refs/heads/kerb"))
    #expect(report.isApplied)
    #expect(try report.tree?.description == history.tree("main"))
    let check = try tryGit(["fsck", "--strict", "--full"], in: history.path)
    #expect(check.status == 0, "\(check.errors)")

    try git(["checkout", "-q", "-b", "am", history.commits[0]], in: history.path)
    try git(
      ["am", "-q", "--keep-non-patch", "--keep-cr", "--committer-date-is-author-date"] + files,
      in: history.path)
    let log = ["log", "--reverse", "--format=%T%n%an%n%ae%n%ad%n%B%x00", "--date=raw"]
    let range = "\(history.commits[0])..."
    let own = try git(log + [range + "kerb"], in: history.path).split(separator: "\0")
    let gits = try git(log + [range + "am"], in: history.path).split(separator: "\0")
    #expect(own.count == files.count)
    for (mine, other) in zip(own, gits) { #expect(mine == other) }
    let authors = ["log", "--reverse", "--format=%an <%ae> %at"]
    let made = try git(authors + [range + "kerb"], in: history.path).split(separator: "\n")
    let real = try git(authors + [range + "main"], in: history.path).split(separator: "\n")
    #expect(made.count == real.count)
    for (one, other) in zip(made, real) { #expect(one == other) }
  }

  @Test func theWholeSeriesReplaysFromCommitsToo() throws {
    let history = try History(seed: 14)
    let replayer = try Replayer(repository: history.path)
    let job = ReplayJob(
      onto: history.commits[0], source: .commits(Array(history.commits.dropFirst())))
    let report = try replayer.run(job, effect: .treeName)
    #expect(report.steps.allSatisfy { $0.outcome == .clean })
    #expect(try report.tree?.description == history.tree("main"))
  }
}
