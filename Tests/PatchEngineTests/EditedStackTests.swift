import PatchEngine
import Patches
import Testing

@Suite struct EditedStackTests {
  /// Three patches of one file, far from each other, and one of another file.
  private func draft() throws -> Draft {
    try Draft(
      ["f": numbered(60), "g": "g\n"],
      [
        ("five", ["f": numbered(60, [5: "five"])]),
        ("twenty", ["f": numbered(60, [5: "five", 20: "twenty"])]),
        ("other", ["g": "g\nmore\n"]),
        ("forty", ["f": numbered(60, [5: "five", 20: "twenty", 40: "forty"])]),
      ])
  }

  @Test func anUntouchedStackKeepsItsTexts() throws {
    let draft = try draft()
    #expect(try draft.texts() == draft.stack.patches.map { $0.text.bytes.text })
    #expect(try draft.isProven())
  }

  @Test func aPatchMovesAndTheFilesOnTopStay() throws {
    var draft = try draft()
    let before = try draft.texts()
    try draft.stack.move(from: 3, to: 0, over: &draft.base)
    #expect(draft.names == ["forty", "five", "twenty", "other"])
    #expect(try draft.file("f", after: 1) == numbered(60, [40: "forty"]))
    #expect(try draft.file("f") == numbered(60, [5: "five", 20: "twenty", 40: "forty"]))
    #expect(try draft.isProven())
    // No context has changed, so no text has.
    #expect(try draft.texts() == [before[3], before[0], before[1], before[2]])
  }

  @Test func aPatchThatNeedsAnotherCannotPassIt() throws {
    var draft = try Draft(
      ["f": numbered(9)],
      [("one", ["f": numbered(9, [4: "x"])]), ("two", ["f": numbered(9, [4: "y"])])])
    let error = #expect(throws: Obstruction.self) {
      try draft.stack.move(from: 1, to: 0, over: &draft.base)
    }
    #expect(error?.patch == "two")
    #expect(error?.by == "one")
    #expect(error?.paths == [try RepoPath("f")])
    #expect(draft.names == ["one", "two"])
  }

  @Test func whatBothPatchesDoIsNotLostInOneOfThem() throws {
    var draft = try Draft(
      ["f": "a\n"], [("one", ["f": "b\n"]), ("back", ["f": "a\n"])])
    #expect(throws: Obstruction.self) { try draft.stack.move(from: 0, to: 1, over: &draft.base) }
  }

  @Test func aFileCannotPassTheFolderThatTakesItsPlace() throws {
    var draft = try Draft(
      ["f": "a\n"], [("file", ["f": nil]), ("folder", ["f/g": "g\n"])])
    let error = #expect(throws: Obstruction.self) {
      try draft.stack.move(from: 1, to: 0, over: &draft.base)
    }
    #expect(error?.paths == [try RepoPath("f/g")])
  }

  @Test func anEditOnTopGoesIntoAPatchBelow() throws {
    var draft = try draft()
    let before = try draft.texts()
    let edited = numbered(60, [5: "five", 20: "twenty", 30: "thirty", 40: "forty"])
    let edits = try draft.edits(["f": edited])
    draft.stack.append(
      EditedPatch(name: "edit", text: draft.stack.patches[0].text, effect: edits, written: nil))
    try draft.stack.fold(4, into: 0, over: &draft.base)
    #expect(draft.names == ["five", "twenty", "other", "forty"])
    #expect(try draft.file("f", after: 1) == numbered(60, [5: "five", 30: "thirty"]))
    #expect(try draft.file("f") == edited)
    #expect(try draft.isProven())
    // Only the patch that took the edit is written anew: nobody else's context has changed.
    #expect(try zip(draft.texts(), before).map { $0 == $1 } == [false, true, true, true])
  }

  @Test func aFileThatAnEditPutsElsewhereIsARename() throws {
    var draft = try Draft(
      ["f": numbered(9), "g": numbered(30)], [("one", ["f": numbered(9, [4: "x"])])])
    let edits = try draft.edits(["g": nil, "h": numbered(30, [7: "seven"])])
    draft.stack.append(
      EditedPatch(name: "edit", text: draft.stack.patches[0].text, effect: edits, written: nil))
    try draft.stack.fold(1, into: 0, over: &draft.base)
    let text = try draft.texts()[0]
    #expect(text.contains("rename from g\nrename to h\n"))
    #expect(!text.contains("deleted file"))
    #expect(try draft.isProven())
  }

  @Test func aFileThatIsRenamedAgainIsOneRename() throws {
    var draft = try Draft(["g": numbered(30)], [])
    let moved = try draft.edits(["g": nil, "h": numbered(30, [7: "seven"])])
    let author = Author(
      name: "A".bytes, email: "a@b".bytes, date: AuthorDate(seconds: 0, offset: 0))
    let hint = FileChange(
      try RepoPath("h"), .rename(from: try RepoPath("g"), similarity: nil), oldMode: nil,
      newMode: nil, content: .none)
    let text = try Patch(name: "one", author: author, message: "one".bytes, files: [hint])
    draft.stack.append(EditedPatch(name: "one", text: text, effect: moved, written: nil))
    let first = try Patch(parsing: draft.texts()[0].bytes, name: "one")
    var renamed = try Draft(["g": numbered(30)], [])
    renamed.stack.append(
      EditedPatch(name: "one", text: first, effect: moved, written: moved, origin: "one"))
    renamed.base = draft.base
    let before = renamed.stack
    for (name, isRename) in [("i", true), ("g", false)] {
      var again = renamed
      let edits = try again.edits(["h": nil, name: numbered(30, [7: "seven"])])
      again.stack.append(EditedPatch(name: "edit", text: first, effect: edits, written: nil))
      try again.stack.fold(1, into: 0, over: &again.base)
      let made = try again.texts()[0]
      #expect(made.contains("rename from g\nrename to i\n") == isRename)
      #expect(!made.contains("new file"))
      #expect(made.contains("+seven"))
      #expect(try again.stack.hunksLost(since: before, over: &again.base).isEmpty)
    }
  }

  @Test func aPatchThatTakesOneFileAwayAndBringsAnotherStaysSo() throws {
    var draft = try Draft(
      ["g": "g\nmore\n", "f": numbered(9)], [("move", ["g": nil, "h": "g\nmore\n"])])
    let before = try draft.texts()[0]
    let edits = try draft.edits(["f": numbered(9, [4: "x"])])
    draft.stack.append(
      EditedPatch(name: "edit", text: draft.stack.patches[0].text, effect: edits, written: nil))
    try draft.stack.fold(1, into: 0, over: &draft.base)
    let after = try draft.texts()[0]
    #expect(before.contains("deleted file") && after.contains("deleted file"))
    #expect(try draft.isProven())
  }

  @Test func aNeighbourWhoseContextChangesIsMadeAnew() throws {
    var draft = try draft()
    let before = try draft.texts()
    let edits = try draft.edits(
      ["f": numbered(60, [5: "five", 20: "twenty", 37: "context", 40: "forty"])])
    draft.stack.append(
      EditedPatch(name: "edit", text: draft.stack.patches[0].text, effect: edits, written: nil))
    try draft.stack.fold(4, into: 1, over: &draft.base)
    #expect(try zip(draft.texts(), before).map { $0 == $1 } == [true, false, true, false])
    #expect(try draft.isProven())
  }

  @Test func foldingUpwardsKeepsTheLaterHeader() throws {
    var draft = try draft()
    let left = try draft.stack.fold(0, into: 3, over: &draft.base)
    #expect(left == 2)
    #expect(draft.names == ["twenty", "other", "forty"])
    #expect(try draft.file("f", after: 2) == numbered(60, [20: "twenty"]))
    #expect(try draft.texts()[2].contains("Subject: [PATCH] forty"))
    #expect(try draft.isProven())
  }

  @Test func whatIsTakenAwayIsGoneFromThePatchesAfterIt() throws {
    var draft = try draft()
    try draft.stack.remove(at: 1, over: &draft.base)
    #expect(try draft.file("f") == numbered(60, [5: "five", 40: "forty"]))
    #expect(try draft.isProven())
  }

  @Test func aPatchThatOthersNeedIsNotTakenAway() throws {
    var draft = try Draft([:], [("make", ["f": "a\n"]), ("use", ["f": "a\nb\n"])])
    let error = #expect(throws: Obstruction.self) {
      try draft.stack.remove(at: 0, over: &draft.base)
    }
    #expect(error?.by == "use")
  }

  @Test func aPatchIsDividedByFiles() throws {
    var draft = try Draft(
      ["f": "a\n", "g": "b\n"], [("both", ["f": "A\n", "g": "B\n"]), ("next", ["g": "B\nC\n"])])
    var part = PatchEffect()
    part[try RepoPath("g")] = draft.stack.patches[0].effect[try RepoPath("g")]
    let new = EditedPatch(
      name: "part", text: draft.stack.patches[0].text, effect: part, written: nil)
    try draft.stack.split(0, new, before: false, over: &draft.base)
    #expect(draft.names == ["both", "part", "next"])
    #expect(try draft.file("g", after: 1) == "b\n")
    #expect(try draft.file("g", after: 2) == "B\n")
    #expect(try draft.isProven())
  }

  @Test func anotherEffectIsCarriedThroughLaterPatches() throws {
    var draft = try draft()
    var effect = draft.stack.patches[0].effect
    let path = try RepoPath("f")
    effect[path] = .init(
      before: effect[path]?.before,
      after: SourceEntry(
        rawMode: 0o100644, id: draft.base.add(numbered(60, [6: "six"]).bytes)))
    try draft.stack.replace(at: 0, effect: effect, over: &draft.base)
    #expect(try draft.file("f") == numbered(60, [6: "six", 20: "twenty", 40: "forty"]))
    #expect(try draft.isProven())
  }

  @Test func aRenameStaysARename() throws {
    var draft = try Draft(
      ["old": numbered(30)],
      [
        ("move", ["old": nil, "new": numbered(30, [3: "x"])]),
        ("edit", ["new": numbered(30, [3: "x", 20: "y"])]),
      ])
    let path = try RepoPath("new")
    let hint = FileChange(
      path, .rename(from: try RepoPath("old"), similarity: nil), oldMode: nil, newMode: nil,
      content: .none)
    let author = Author(name: "A".bytes, email: "a@b".bytes, date: nil)
    let text = try Patch(name: "move", author: author, message: "Move".bytes, files: [hint])
    draft.stack.replace(at: 0) {
      $0 = EditedPatch(name: "move", text: text, effect: $0.effect, written: nil)
    }
    let made = try draft.texts()[0]
    #expect(made.contains("similarity index 97%\nrename from old\nrename to new\n"))
    #expect(try draft.isProven())
    try draft.stack.fold(1, into: 0, over: &draft.base)
    #expect(try draft.texts()[0].contains("rename from old\n"))
    #expect(try draft.isProven())
  }

  @Test func hunksOfWhichNothingIsLeftAreNamed() throws {
    var draft = try draft()
    let before = draft.stack
    let edits = try draft.edits(["f": numbered(60, [5: "five", 40: "forty", 50: "fifty"])])
    draft.stack.append(
      EditedPatch(name: "edit", text: draft.stack.patches[0].text, effect: edits, written: nil))
    try draft.stack.fold(4, into: 1, over: &draft.base)
    let lost = try draft.stack.hunksLost(since: before, over: &draft.base)
    #expect(lost.map(\.patch) == [1])
    #expect(lost.map(\.hunk) == [1])
  }

  @Test func aHunkInAnotherPatchIsNotLost() throws {
    var draft = try Draft(
      ["f": numbered(60)], [("both", ["f": numbered(60, [5: "five", 40: "forty"])])])
    let before = draft.stack
    let path = try RepoPath("f")
    let part = PatchEffect([
      path: .init(
        before: draft.stack.patches[0].effect[path]?.before,
        after: SourceEntry(rawMode: 0o100644, id: draft.base.add(numbered(60, [5: "five"]).bytes)))
    ])
    for isBefore in [true, false] {
      var copy = draft
      let new = EditedPatch(
        name: "part", text: copy.stack.patches[0].text, effect: part, written: nil)
      try copy.stack.split(0, new, before: isBefore, over: &copy.base)
      #expect(try copy.stack.hunksLost(since: before, over: &copy.base).isEmpty)
      #expect(try copy.isProven())
    }
  }
}
