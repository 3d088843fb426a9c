import PatchEngine
import Patches
import Testing

@Suite struct ResolverTests {
  private func merge(_ base: String, _ ours: String, _ theirs: String) -> Merge {
    Merge(base: text(base), ours: text(ours), theirs: text(theirs))
  }

  private func resolved(
    _ merge: Merge, _ enabled: Set<Resolver>, memory: [ConflictKey: [UInt8]] = [:]
  ) -> String? {
    let resolution = Resolvers(enabled, memory: { memory[$0] }).resolution(of: merge)
    return merge.text(resolution.texts)?.bytes.text
  }

  @Test func changesOfNeighbouringLinesAreBothTakenWhereThatIsOn() {
    let touching = merge("a\nfoo\nbar\nz\n", "a\nfoo1\nbar\nz\n", "a\nfoo\nbar1\nz\n")
    #expect(!touching.isClean)
    #expect(resolved(touching, []) == nil)
    #expect(resolved(touching, [.neighbours]) == "a\nfoo1\nbar1\nz\n")
  }

  @Test func aWordThatOneSideRemovesAndTheOtherAddsKeepsTheConflictOpen() {
    let reused = merge("a\nfoo\nbar\nz\n", "a\nother\nbar\nz\n", "a\nfoo\nbar(foo, more)\nz\n")
    #expect(resolved(reused, [.neighbours]) == nil)
    let apart = merge("a\nfoo\nbar\nz\n", "a\nother\nbar\nz\n", "a\nfoo\nbar(new)\nz\n")
    #expect(resolved(apart, [.neighbours]) == "a\nother\nbar(new)\nz\n")
  }

  @Test func aDeletionBesideAnInsertionIsEndedOnlyByItsResolver() {
    let beside = merge("a\nfoo\nz\n", "a\nz\n", "a\nfoo\nnew\nz\n")
    #expect(resolved(beside, [.neighbours]) == nil)
    #expect(resolved(beside, [.deleteBesideInsert]) == "a\nnew\nz\n")
  }

  @Test func otherWordsOfOneLineAreMerged() {
    let line = merge("call(one, two)\n", "call(first, two)\n", "call(one, second)\n")
    #expect(resolved(line, [.words]) == "call(first, second)\n")
  }

  @Test func theMemoryGoesByTheExactBytes() {
    let conflict = merge("a\n", "b\n", "c\n")
    let key = ConflictKey(ours: "b\n".bytes, base: "a\n".bytes, theirs: "c\n".bytes)
    #expect(resolved(conflict, [.memory], memory: [key: "d\n".bytes]) == "d\n")
    #expect(resolved(conflict, [], memory: [key: "d\n".bytes]) == nil)
    let other = ConflictKey(ours: "b \n".bytes, base: "a\n".bytes, theirs: "c\n".bytes)
    #expect(resolved(conflict, [.memory], memory: [other: "d\n".bytes]) == nil)
  }

  @Test func nothingIsEndedBesideAStaleWord() {
    let base = "def old_name():\n1\n2\n3\n4\n5\n6\n7\nfoo\nbar\n8\n9\n10\n11\n"
    let ours = base.replacing("old_name", with: "new_name").replacing("foo", with: "foo1")
    let theirs = base.replacing("bar", with: "bar1")
    #expect(resolved(merge(base, ours, theirs), [.neighbours]) != nil)
    let stale = merge(base, ours, theirs.replacing("11", with: "old_name()"))
    let key = stale.key(of: stale.conflicts[0])
    #expect(resolved(stale, [.neighbours, .memory], memory: [key: "d\n".bytes]) == nil)
  }

  @Test func aChangeOfQuotationMarksOrWhiteSpaceIsLeftToAPerson() {
    let quotes = merge("call('a')\nx = 1\n", "call(\"a\")\nx = 1\n", "call('a')\nx = 2\n")
    #expect(resolved(quotes, [.neighbours, .words, .touching]) == nil)
    let blanks = merge("f(a,b, c)\n", "f(a, b, c)\n", "f(a,b, d)\n")
    #expect(resolved(blanks, [.words]) == nil)
  }

  @Test func whatOursTakesOutMayHaveWordsOfWhatTheirsPutsBeside() {
    let base = "a\n  call(one, two)\nz\nother(one)\n"
    let beside = merge(
      base, base.replacing("  call(one, two)\n", with: ""),
      base.replacing("two)\n", with: "two)\n  more(one)\n"))
    #expect(resolved(beside, [.deleteBesideInsert]) == "a\n  more(one)\nz\nother(one)\n")
    let twice = merge(
      base, base.replacing("  call(one, two)\n", with: ""),
      base.replacing("  call(one, two)\n", with: "  new()\n  call(one, two)\n  more()\n"))
    #expect(resolved(twice, [.deleteBesideInsert]) == nil)
  }

  @Test func anInsertionBesideAChangeIsTakenByTouching() {
    let beside = merge("a\nfoo\nz\n", "a\nfoo1\nz\n", "a\nfoo\nnew\nz\n")
    #expect(resolved(beside, [.neighbours, .deleteBesideInsert, .words]) == nil)
    #expect(resolved(beside, [.touching]) == "a\nfoo1\nnew\nz\n")
  }

  @Test func atMostFiveCandidatesAreOfferedEachTextOnce() {
    let offered = candidates(
      for: ConflictKey(ours: "b\n".bytes, base: "a\n".bytes, theirs: "c\n".bytes))
    #expect(offered.map(\.name) == ["theirs", "ours", "ours, theirs", "theirs, ours"])
    #expect(offered.map(\.text.text) == ["c\n", "b\n", "b\nc\n", "c\nb\n"])
  }

  @Test func whatAPersonMadeOfAConflictIsReadFromTheFile() {
    let conflict = merge("1\na\n2\n", "1\nb\n2\n", "1\nc\n2\n")
    let open = OpenMerge(merge: conflict, resolution: [nil])
    #expect(open.resolutions(in: text("1\nd\ne\n2\n")).texts == ["d\ne\n".bytes])
    #expect(!open.resolutions(in: text("1\nd\n2\n")).isChangedElsewhere)
    #expect(open.resolutions(in: text("one\nd\n2\n")).isChangedElsewhere)
  }

  @Test func markersAreFound() {
    let conflict = merge("1\na\n2\n", "1\nb\n2\n", "1\nc\n2\n")
    let marked = conflict.marked(ConflictLabels(ours: "upstream", base: "base", theirs: "p.patch"))
    #expect(
      marked.text
        == "1\n<<<<<<< upstream\nb\n||||||| base\na\n=======\nc\n>>>>>>> p.patch\n2\n")
    #expect(firstConflictMarker(in: marked) == 2)
    #expect(firstConflictMarker(in: "Title\n=======\ntext\n".bytes) == nil)
  }

  @Test func aWordThatUpstreamHasGivenUpIsStale() {
    let base = "def old_name():\n1\n2\n3\n4\n5\n6\n7\nend\n"
    let merged = merge(
      base, base.replacing("old_name", with: "new_name"), base.replacing("end", with: "old_name()"))
    #expect(merged.isClean)
    #expect(merged.staleWords == ["old_name".bytes])
  }
}

@Suite struct RelocationTests {
  private func lone(_ path: String, _ content: String) throws -> LoneFile {
    LoneFile(path: try RepoPath(path), id: try blob(content))
  }

  private func blob(_ content: String) throws -> ObjectID { Primitives.real.blobID(content.bytes) }

  private func found(
    _ gone: [String: String], _ come: [String: String]
  ) throws -> [String: String] {
    var contents: [ObjectID: [UInt8]] = [:]
    for content in Array(gone.values) + Array(come.values) {
      contents[try blob(content)] = content.bytes
    }
    let result = try renames(
      gone: gone.map { try lone($0, $1) }, come: come.map { try lone($0, $1) },
      wanted: Set(gone.keys.map { try RepoPath($0) })
    ) { contents[$0]! }.found
    return Dictionary(uniqueKeysWithValues: result.map { ("\($0)", "\($1)") })
  }

  @Test func theSameContentIsTheSameFile() throws {
    #expect(try found(["a": "1\n2\n"], ["b": "x\n", "c": "1\n2\n"]) == ["a": "c"])
  }

  @Test func halfOfTheContentIsEnough() throws {
    let lines = (0..<20).map { "line \($0)\n" }
    let half = lines[..<12].joined() + "other\n"
    #expect(try found(["a": lines.joined()], ["b": half]) == ["a": "b"])
    #expect(try found(["a": lines.joined()], ["b": lines[..<5].joined()]) == [:])
  }
}
