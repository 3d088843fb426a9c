import PatchEngine
import Patches
import Testing

@Suite struct AbsorbTests {
  private func draft() throws -> Draft {
    try Draft(
      ["f": numbered(60)],
      [
        ("five", ["f": numbered(60, [5: "five"])]),
        ("twenty", ["f": numbered(60, [5: "five", 20: "twenty"])]),
        ("new", ["made": "a\nb\n"]),
        ("again", ["f": numbered(60, [5: "FIVE", 20: "twenty"])]),
      ])
  }

  private func owners(_ draft: inout Draft, _ files: [String: String?]) throws -> [String] {
    let edits = try draft.edits(files)
    return try draft.stack.parts(of: edits, over: &draft.base).map { part in
      part.owner.map { draft.names[$0] } ?? "nobody"
    }
  }

  @Test func eachEditBelongsToThePatchWhoseLinesItTouches() throws {
    var draft = try draft()
    let edited = numbered(60, [5: "fünf", 20: "zwanzig", 50: "fifty"])
    #expect(
      try owners(&draft, ["f": edited, "made": "a\nB\n"]) == ["twenty", "new", "again", "nobody"])
  }

  @Test func aLineBesideTheirsIsTouched() throws {
    var draft = try draft()
    #expect(
      try owners(&draft, ["f": numbered(60, [5: "FIVE", 20: "twenty", 21: "x"])]) == ["twenty"])
    #expect(
      try owners(&draft, ["f": numbered(60, [5: "FIVE", 20: "twenty", 22: "x"])]) == ["nobody"])
  }

  @Test func aFileThatIsPutElsewhereIsOneChange() throws {
    var draft = try Draft(
      ["f": numbered(60), "g": numbered(30)],
      [
        ("new", ["made": numbered(20)]),
        ("five", ["f": numbered(60, [5: "five"])]),
      ])
    #expect(try owners(&draft, ["made": nil, "put": numbered(20, [3: "x"])]) == ["new"])
    #expect(try owners(&draft, ["f": nil, "put": numbered(60, [5: "five"])]) == ["nobody"])
    #expect(
      try owners(&draft, ["g": nil, "put": numbered(30), "f": numbered(60, [5: "FIVE"])])
        == ["five", "nobody"])
  }

  @Test func linesAboveMoveThePlacesBelow() throws {
    var draft = try Draft(
      ["f": numbered(40)],
      [
        ("low", ["f": numbered(40, [30: "thirty"])]),
        ("high", ["f": numbered(40, [2: "2\nmore\nmore\nmore", 30: "thirty"])]),
      ])
    #expect(
      try owners(&draft, ["f": numbered(40, [2: "2\nmore\nmore\nmore", 30: "THIRTY"])]) == ["low"])
  }

  @Test func thePartsTogetherAreTheEdits() throws {
    var draft = try draft()
    let edited = numbered(60, [5: "fünf", 20: "zwanzig\nund mehr", 50: "fifty"])
    let edits = try draft.edits(["f": edited])
    let parts = try draft.stack.parts(of: edits, over: &draft.base)
    #expect(parts.reduce(PatchEffect()) { $0.then($1.effect) } == edits)
    #expect(parts.last?.places.map(\.line) == [51])
    for part in parts {
      draft.stack.append(
        EditedPatch(
          name: "part", text: draft.stack.patches[0].text, effect: part.effect, written: nil))
      try draft.stack.fold(4, into: part.owner ?? 3, over: &draft.base)
    }
    #expect(try draft.file("f") == edited)
    #expect(try draft.file("f", after: 1) == numbered(60, [5: "five"]))
    #expect(try draft.file("f", after: 2) == numbered(60, [5: "five", 20: "zwanzig\nund mehr"]))
    #expect(try draft.isProven())
  }

  @Test func aFileThatGoesBelongsToThePatchThatMadeIt() throws {
    var draft = try draft()
    #expect(try owners(&draft, ["made": nil]) == ["new"])
    #expect(try owners(&draft, ["unknown": "x\n"]) == ["nobody"])
  }
}
