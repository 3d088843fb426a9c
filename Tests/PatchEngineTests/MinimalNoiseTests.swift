import PatchEngine
import Patches
import Testing

/// What a change of one patch does to the texts of the others.
@Suite struct MinimalNoiseTests {
  /// Ten patches of one file, each of one line, so many lines apart.
  private func draft(_ distance: Int) throws -> Draft {
    var changes: [Int: String] = [:]
    return try Draft(
      ["f": numbered(12 * distance)],
      (1...10).map { number in
        changes[number * distance] = "patch \(number)"
        return ("p\(number)", ["f": numbered(12 * distance, changes)])
      })
  }

  private func changed(_ distance: Int, line: Int, to text: String) throws -> [Int] {
    var draft = try draft(distance)
    let before = try draft.texts()
    var changes = Dictionary(
      uniqueKeysWithValues: (1...10).map { ($0 * distance, "patch \($0)") })
    changes[line] = text
    let edits = try draft.edits(["f": numbered(12 * distance, changes)])
    draft.stack.append(
      EditedPatch(name: "edit", text: draft.stack.patches[2].text, effect: edits, written: nil))
    try draft.stack.fold(10, into: 2, over: &draft.base)
    #expect(try draft.isProven())
    return try zip(draft.texts(), before).enumerated().filter { $0.element.0 != $0.element.1 }
      .map { $0.offset + 1 }
  }

  @Test func oneLineOfPatchThreeRewritesPatchThree() throws {
    #expect(try changed(20, line: 60, to: "another") == [3])
  }

  @Test func moreLinesInPatchThreeMoveTheOthersAndRewriteNone() throws {
    #expect(try changed(20, line: 60, to: "one\ntwo\nthree\nfour") == [3])
  }

  @Test func anotherPatchIsRewrittenWhereItsContextChanges() throws {
    // The third line is context of the fourth patch's, and of the second's no more.
    #expect(try changed(3, line: 9, to: "another") == [3, 4])
  }
}
