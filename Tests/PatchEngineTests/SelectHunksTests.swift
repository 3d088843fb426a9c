import PatchEngine
import Patches
import Testing

@Suite struct SelectHunksTests {
  private func draft() throws -> Draft {
    try Draft(
      ["f": numbered(60), "g": "g\n"],
      [
        (
          "three",
          [
            "f": numbered(60, [5: "five", 30: "thirty\nmore", 31: "x", 50: ""]), "g": "G\n",
            "n": "n\n",
          ]
        )
      ])
  }

  private func part(_ selection: [PatchSelection]) throws -> [String: String?] {
    var draft = try draft()
    let effect = try draft.stack.patches[0].part(selection, over: &draft.base)
    var files: [String: String?] = [:]
    for path in effect.paths {
      let entry = effect[path]?.after
      files["\(path)"] = .some(try entry.map { try draft.base.text(of: $0.id).bytes.text })
    }
    return files
  }

  @Test func hunksAreTakenByTheirNumbers() throws {
    let path = try RepoPath("f")
    #expect(
      try part([.hunks(path, [2])]) == ["f": numbered(60, [30: "thirty\nmore", 31: "x"])])
    #expect(
      try part([.hunks(path, [1, 3])]) == ["f": numbered(60, [5: "five", 50: ""])])
  }

  @Test func filesAreTakenWhole() throws {
    #expect(
      try part([.file(try RepoPath("n")), .file(try RepoPath("g"))]) == ["n": "n\n", "g": "G\n"])
  }

  @Test func whatIsNotInThePatchIsRefused() throws {
    let path = try RepoPath("f")
    #expect(throws: SelectionProblem.noHunk(path, 4, count: 3)) { try part([.hunks(path, [4])]) }
    let other = try RepoPath("other")
    #expect(throws: SelectionProblem.noFile(other)) { try part([.file(other)]) }
    let new = try RepoPath("n")
    #expect(throws: SelectionProblem.whole(new)) { try part([.hunks(new, [1])]) }
    #expect(throws: SelectionProblem.nothing) { try part([]) }
    #expect(throws: SelectionProblem.everything) {
      try part([.file(path), .file(try RepoPath("g")), .file(new)])
    }
  }
}
