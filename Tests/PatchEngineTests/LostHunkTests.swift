import PatchEngine
import Patches
import Testing

@Suite struct LostHunkTests {
  private func change(_ old: String, _ new: String) throws -> FileChange {
    try #require(
      FileChange.between(
        version(old, name: "1"), version(new, name: "2"), at: RepoPath(Array("a.txt".utf8))))
  }

  private func version(_ text: String, name: String) -> FileVersion {
    FileVersion(
      mode: .regular, id: ObjectID(String(repeating: name, count: 40))!,
      text: Text(Array(text.utf8)))
  }

  private func lost(_ change: FileChange, _ before: String, _ after: String) -> [Int] {
    change.lostHunks(before: Text(Array(before.utf8)), after: Text(Array(after.utf8)))
  }

  private let lines = (1...30).map { "line \($0)\n" }

  @Test func aHunkThatIsInIsNotLost() throws {
    let new = lines.map { $0 == "line 5\n" ? "five, in full\n" : $0 }.joined()
    let change = try change(lines.joined(), new)
    #expect(lost(change, lines.joined(), new) == [])
  }

  @Test func aHunkOfWhichNothingIsLeftIsLost() throws {
    var new = lines
    new[4] = "five, in full\n"
    new[24] = "twenty-five, in full\n"
    let change = try change(lines.joined(), new.joined())
    new[24] = lines[24]
    #expect(lost(change, lines.joined(), new.joined()) == [2])
    #expect(lost(change, lines.joined(), lines.joined()) == [1, 2])
  }

  @Test func aHunkThatUpstreamHadAlreadyIsNotLost() throws {
    var new = lines
    new[4] = "five, in full\n"
    let change = try change(lines.joined(), new.joined())
    #expect(lost(change, new.joined(), new.joined()) == [])
  }

  @Test func aPlaceThatAPersonChangedInTheirOwnWayIsNotLost() throws {
    var (theirs, ours, resolved) = (lines, lines, lines)
    theirs[4] = "five, in full\n"
    ours[4] = "cinq\n"
    resolved[4] = "cinq, in full\n"
    let change = try change(lines.joined(), theirs.joined())
    func text(_ lines: [String]) -> Text { Text(Array(lines.joined().utf8)) }
    let merge = Merge(base: text(lines), ours: text(ours), theirs: text(theirs))
    #expect(change.lostHunks(before: text(ours), after: text(resolved), merge: merge) == [])
    #expect(change.lostHunks(before: text(ours), after: text(ours), merge: merge) == [1])
  }
}

@Suite struct MarkedConflictTests {
  @Test func aMarkedConflictHasItsThreeSides() {
    let text = "a\n<<<<<<< x\no\n||||||| y\nb\n=======\nt\n>>>>>>> z\nc\n"
    let found = markedConflicts(in: Array(text.utf8))
    #expect(found.count == 1)
    #expect(found.first?.line == 2)
    #expect(found.first?.key == key("o\n", "b\n", "t\n"))
    #expect(found.first.map { Array(text.utf8)[$0.range].count } == text.utf8.count - 4)
  }

  @Test func emptySidesAreSides() {
    let text = "<<<<<<< x\n||||||| y\nb\n=======\n>>>>>>> z\n"
    #expect(markedConflicts(in: Array(text.utf8)).map(\.key) == [key("", "b\n", "")])
  }

  @Test func aMarkerWithoutItsFellowsMarksNothing() {
    for text in ["<<<<<<< x\na\n", ">>>>>>> z\n", "<<<<<<< x\no\n=======\nt\n>>>>>>> z\n"] {
      #expect(markedConflicts(in: Array(text.utf8)).isEmpty, "\(text)")
    }
  }

  private func key(_ ours: String, _ base: String, _ theirs: String) -> ConflictKey {
    ConflictKey(ours: Array(ours.utf8), base: Array(base.utf8), theirs: Array(theirs.utf8))
  }
}
