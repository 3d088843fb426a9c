import Git
import Patches
import TestSupport
import Testing

/// First-parent history between two commits.
@Suite struct FirstParentsTests {
  /// main: 1 2 M 3, where M merges s; side: 1 s; old: 2 o.
  private struct Fork {
    let repository: SmallRepository
    let ids: [String: ObjectID]

    init() throws {
      repository = try SmallRepository()
      var ids = ["1": try repository.commit("1"), "2": try repository.commit("2")]
      try repository.git("checkout", "-q", "-b", "side", "HEAD~1")
      ids["s"] = try repository.commit("s")
      try repository.git("checkout", "-q", "main")
      try repository.git("merge", "-q", "--no-ff", "-m", "M", "side")
      ids["M"] = try repository.id("HEAD")
      ids["3"] = try repository.commit("3")
      try repository.git("checkout", "-q", "-b", "old", "main~2")
      ids["o"] = try repository.commit("o")
      self.ids = ids
    }

    /// The names of the commits since `oldest`, and of the one that they start on.
    func history(_ newest: String, since oldest: String) throws -> (String, String?) {
      let opened = try Repository(opening: repository.path)
      let found = try opened.firstParents(of: ids[newest]!, since: ids[oldest]!)
      func name(_ id: ObjectID) -> String { ids.first { $0.value == id }?.key ?? "?" }
      return (found.commits.map(name).joined(separator: " "), found.start.map(name))
    }
  }

  @Test func theCommitsOfAMergedBranchAreLeftOut() throws {
    #expect(try Fork().history("3", since: "1") == ("2 M 3", "1"))
  }

  @Test func theHistoryStartsWhereAnOlderBranchParts() throws {
    #expect(try Fork().history("3", since: "o") == ("M 3", "2"))
  }

  @Test func theHistoryStartsBeforeTheMergeOfTheOlderCommit() throws {
    #expect(try Fork().history("3", since: "s") == ("2 M 3", "1"))
  }

  @Test func aCommitThatIsPartOfTheOlderOneHasNoHistorySinceIt() throws {
    #expect(try Fork().history("1", since: "3") == ("", "1"))
    #expect(try Fork().history("3", since: "3") == ("", "3"))
  }

  @Test func historiesWithoutACommonCommitHaveNoStart() throws {
    let fork = try Fork()
    try fork.repository.git("checkout", "-q", "--orphan", "other")
    let other = try fork.repository.commit("other")
    let found = try Repository(opening: fork.repository.path)
      .firstParents(of: fork.ids["2"]!, since: other)
    #expect(found.start == nil && found.commits == [fork.ids["1"]!, fork.ids["2"]!])
  }

  @Test func aShallowCloneHasWhatItHasAndSaysSoOfTheRest() throws {
    let fork = try Fork()
    let clone = try TemporaryDirectory()
    let source = "file://\(fork.repository.path)"
    try git(
      ["clone", "-q", "--bare", "--depth", "3", "-b", "main", source, "c"], in: clone.path)
    let opened = try Repository(opening: clone.file("c"))
    let ids = fork.ids
    let found = try opened.firstParents(of: ids["3"]!, since: ids["2"]!)
    #expect(found.commits == [ids["M"]!, ids["3"]!])
    let error = #expect(throws: GitError.self) {
      try Repository(opening: clone.file("c")).firstParents(of: ids["3"]!, since: ids["1"]!)
    }
    #expect(error?.isNotFound == true)
  }
}
