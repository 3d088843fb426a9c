import Git
import Patches
import TestSupport
import Testing

@Suite struct HistoryTests {
  private let small: SmallRepository

  init() throws {
    small = try SmallRepository(files: ["a/one": "1\n", "a/two": "2\n", "b": "3\n"])
  }

  private func commit(_ message: String, _ path: String, _ text: String) throws -> ObjectID {
    try small.directory.write(path, text)
    return try small.commit(message)
  }

  @Test func everyCommitBehindATipIsReadOnceWithItsMessage() throws {
    let first = try small.commit("first")
    let second = try commit("second", "b", "4\n")
    try small.git("checkout", "-q", "-b", "side", "\(first)")
    let side = try commit("side\n\nbody", "a/one", "5\n")
    try small.git("checkout", "-q", "main")
    try small.git("merge", "-q", "--no-ff", "-m", "join", "side")
    let tip = try small.id("HEAD")
    var messages: [ObjectID: String] = [:]
    let history = try History(of: tip, in: Repository(opening: small.path)) { id, message in
      messages[id] = String(decoding: message, as: UTF8.self)
    }
    #expect(
      messages == [
        tip: "join\n", second: "second\n", side: "side\n\nbody\n", first: "first\n",
      ])
    #expect(history.order.count == 4)
    #expect(history.nodes[tip]?.parents == [second, side])
    #expect(try history.nodes[first]?.tree == small.id("\(first)^{tree}"))
    #expect(history.firstParent(1) == second)
    #expect(history.firstParent(9) == first)
    let repository = try Repository(opening: small.path)
    #expect(try history.ancestors(of: side, in: repository) == [side, first])
  }

  @Test func aShallowCloneEndsWhereItsCommitsEnd() throws {
    try small.commit("first")
    let tip = try small.commit("second")
    let clone = try TemporaryDirectory()
    try git(
      ["clone", "-q", "--depth", "1", "file://\(small.path)", clone.file("c")], in: clone.path)
    let history = try History(of: tip, in: Repository(opening: clone.file("c")))
    #expect(history.order == [tip])
  }

  @Test func theFirstReleaseOfACommitIsTheFirstThatHasItBehindIt() throws {
    let first = try small.commit("first")
    try small.git("tag", "1.0")
    let second = try commit("second", "b", "4\n")
    try small.git("tag", "-a", "-m", "two", "2.0")
    try small.git("checkout", "-q", "-b", "stable", "\(first)")
    let fix = try commit("fix", "b", "9\n")
    try small.git("tag", "1.1")
    try small.git("checkout", "-q", "main")
    let last = try commit("last", "b", "5\n")
    let repository = try Repository(opening: small.path)
    let tags = try repository.tags().sorted { $0.name < $1.name }
    #expect(tags.map(\.name) == ["1.0", "1.1", "2.0"])
    #expect(tags.map(\.commit) == [first, fix, second])
    let history = try History(of: last, in: repository)
    let marks = try history.firstMark(
      of: [first, second, fix, last], among: tags.map { ($0.name, $0.commit) }, in: repository)
    #expect(marks == [first: "1.0", fix: "1.1", second: "2.0"])
  }

  @Test func onlyPathsThatWereAskedForAreCompared() throws {
    let first = try small.commit("first")
    try small.directory.write("b", "changed\n")
    try small.directory.write("a/new", "new\n")
    let second = try commit("second", "a/two", "changed\n")
    let repository = try Repository(opening: small.path)
    let (old, new) = (try repository.commit(first).tree, try repository.commit(second).tree)
    let paths = PathSet(["a/one", "a/two", "a/new", "c/none", "a"].map { try! RepoPath($0) })
    let touched = try repository.touched(paths, from: old, to: new)
    #expect(touched.map(\.path.description).sorted() == ["a", "a/new", "a/two"])
    let file = touched.first { $0.path.description == "a/two" }
    #expect(try file?.old == small.id("\(first):a/two"))
    #expect(try file?.new == small.id("\(second):a/two"))
    let added = touched.first { $0.path.description == "a/new" }
    #expect(added?.old == nil && added?.new != nil)
    #expect(try repository.touched(paths, from: new, to: new).isEmpty)
    #expect(try repository.touched(paths, from: nil, to: old).count == 3)
  }

  @Test func objectsOfAnotherRepositoryCanBeBorrowed() throws {
    let other = try SmallRepository(files: ["x": "elsewhere\n"])
    let commit = try other.commit("other")
    let repository = try Repository(opening: small.path)
    let before = repository.contains(commit)
    try repository.borrowObjects(of: other.path)
    let after = repository.contains(commit)
    #expect(!before && after)
    #expect(throws: GitError.self) { try repository.borrowObjects(of: small.path + "/none") }
  }
}
