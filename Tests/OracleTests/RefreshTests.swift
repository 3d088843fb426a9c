import Foundation
import Git
import Patches
import TestSupport
import Testing
import Workspace

/// Patches made anew from two trees, against `git format-patch`.
@Suite struct RefreshTests {
  @Test(arguments: HistoryTests.forms)
  func aPatchMadeAnewFromItsTreesIsTheOneThatGitWrites(form: [String]) throws {
    let history = try History(seed: 23)
    let files = try history.formatPatches(form, into: "out")
    let repository = try Repository(opening: history.path)
    var compared = 0
    for (index, file) in files.enumerated() {
      let bytes = Array(FileManager.default.contents(atPath: file) ?? Data())
      let patch = try Patch(parsing: bytes, name: file)
      let made = try repository.refreshed(
        patch, from: repository.tree(of: history.commits[index]),
        to: repository.tree(of: history.commits[index + 1]))
      let isSame = comparable(made) == comparable(bytes)
      #expect(isSame, "\(file): \(firstDifference(made, bytes))")
      compared += 1
    }
    #expect(compared == History.commitCount - 1)
  }

  /// Git before 2.44 leaves a last line without a newline out when it measures how alike files are.
  private func comparable(_ patch: [UInt8]) -> [ArraySlice<UInt8>] {
    patch.split(separator: 10, omittingEmptySubsequences: false)
      .filter { !$0.starts(with: Array("similarity index ".utf8)) }
  }

  private func firstDifference(_ one: [UInt8], _ other: [UInt8]) -> String {
    for (left, right) in zip(comparable(one), comparable(other)) where left != right {
      return "\(String(decoding: left, as: UTF8.self)) | \(String(decoding: right, as: UTF8.self))"
    }
    return "one is longer"
  }
}
