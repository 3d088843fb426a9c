import TestSupport
import Testing
import Workspace

@Suite struct OwnDirectoryTests {
  /// A directory that the stack itself has made is not one that upstream has moved, even where
  /// upstream has added a file like the stack's elsewhere.
  @Test func aFileIsAddedToADirectoryThatTheStackHasMade() throws {
    let folder = try TemporaryDirectory()
    func commit(_ files: [String: String]) throws {
      for (name, text) in files { _ = try folder.write("r/\(name)", text) }
      try git(["add", "."], in: folder.file("r"))
      try git(["commit", "-q", "-m", "change"], in: folder.file("r"))
    }
    try git(["init", "-q", "-b", "master", folder.file("r")], in: folder.path)
    let text = (1...20).map { "line \($0)\n" }.joined()
    try commit(["top.txt": "top\n"])
    try git(["branch", "upstream"], in: folder.file("r"))
    try commit(["own/a.txt": text])
    try commit(["own/b.txt": "b\n"])
    try git(["checkout", "-q", "upstream"], in: folder.file("r"))
    try commit(["other/a.txt": text])
    let replayer = try Replayer(repository: folder.file("r/.git"))
    let commits = try replayer.commits(inRange: "upstream~1..master")
    let report = try replayer.run(
      ReplayJob(onto: "upstream", source: .commits(commits)), effect: .ref("refs/heads/made"))
    #expect(report.steps.flatMap(\.paths).map(\.followedTo) == [nil, nil])
    let names = try git(["ls-tree", "-r", "--name-only", "made"], in: folder.file("r"))
    #expect(
      names.split(separator: "\n")
        == ["other/a.txt", "own/a.txt", "own/b.txt", "top.txt"])
  }
}
