import Git
import PatchEngine
import Patches
import Testing

/// Binary changes, as `git diff --binary --full-index` printed them.
@Suite struct BinaryReplayTests {
  private static let literal = """
    diff --git a/a b/a
    index a96d006e1fe6f63f8cdfbb748462ac8087f02dba..c06a9ec7f1c594cbbf4c5ce6ec2b1994671543a8 100644
    GIT binary patch
    literal 8
    Pcmd1LOJxWN_vZot3*7=o

    literal 8
    Pcmd1LOJyi2&*uUF4E+M9


    """

  private static let create = """
    diff --git a/n b/n
    new file mode 100644
    index 0000000000000000000000000000000000000000..7a002a81f265a581625acf3db7b14ceb6c40b808
    GIT binary patch
    literal 2
    Jcmb<m0002;0C@la

    literal 0
    HcmV?d00001


    """

  private static let delete = """
    diff --git a/n b/n
    deleted file mode 100644
    index 7a002a81f265a581625acf3db7b14ceb6c40b808..0000000000000000000000000000000000000000
    GIT binary patch
    literal 0
    HcmV?d00001

    literal 2
    Jcmb<m0002;0C@la


    """

  private func replay(_ patch: String, onto files: [String: String]) throws -> Replayed {
    try Replayed([patch], onto: FakeTree(files))
  }

  @Test func aLiteralTakesThePlaceOfItsBase() throws {
    let replayed = try replay(Self.literal, onto: ["a": "one\0two\n"])
    #expect(replayed.lines == ["0 a clean"])
    #expect(replayed.tree == ["a": "100644 one\0TWO\n"])
  }

  @Test func aBinaryFileComesAndGoes() throws {
    let replayed = try Replayed([Self.create, Self.delete], onto: FakeTree([:]))
    #expect(replayed.lines == ["0 n clean", "1 n clean"])
    #expect(replayed.tree == ["n": nil])
    #expect(try replay(Self.create, onto: [:]).tree == ["n": "100644 x\0"])
  }

  @Test func anotherBaseIsAConflictAtTheData() throws {
    #expect(try replay(Self.literal, onto: ["a": "1\0"]).lines == ["0 a conflicted p0:4 binary"])
    #expect(try replay(Self.delete, onto: ["n": "1\0"]).lines == ["0 n conflicted p0:5 binary"])
  }

  /// The problem of the only file.
  private func problem(_ patch: String, onto files: [String: String]) throws -> BinaryProblem? {
    let conflict = try replay(patch, onto: files).steps[0].paths[0].conflict
    guard case .binary(let problem) = conflict?.reason else { return nil }
    return problem
  }

  @Test func theProblemIsNamed() throws {
    let base = ["a": "one\0two\n"]
    #expect(try problem(Self.literal, onto: ["a": "1\0"]) == .otherBase)
    #expect(
      try problem(Self.literal.replacing("c06a9ec7", with: "c06a9ec8"), onto: base) == .otherResult)
    #expect(
      try problem(
        Self.literal.replacing("literal 8\nPcmd1LOJxWN", with: "literal 7\nPcmd1LOJxWN"), onto: base
      )
        == .inflate)
    #expect(
      try problem(
        Self.literal.replacing("literal 8\nPcmd1LOJxWN", with: "literal 9\nPcmd1LOJxWN"), onto: base
      )
        == .inflate)
    #expect(
      try problem(
        Self.literal.replacing("literal 8\nPcmd1LOJxWN", with: "delta 8\nPcmd1LOJxWN"), onto: base)
        == .delta)
    #expect(
      try problem(
        Self.literal.replacing(
          "a96d006e1fe6f63f8cdfbb748462ac8087f02dba..c06a9ec7f1c594cbbf4c5ce6ec2b1994671543a8",
          with: "a96d006..c06a9ec"), onto: base) == .abbreviatedIndex)
    #expect(
      try problem(Self.create.replacing("000000000..", with: "000000001.."), onto: [:])
        == .otherBase)
  }

  @Test func aDeltaIsMadeOnItsBase() throws {
    let old = (0..<60).map { UInt8(($0 * 89 + 7) % 127) }
    let new = old[..<30] + "XY".bytes + old[30...]
    let ids = (try objectID(.blob, old), try objectID(.blob, Array(new)))
    let delta: [UInt8] = [60, 62, 0x90, 30, 2, 0x58, 0x59, 0x91, 30, 30]
    let patch = FileChange.binaryPatch("d", ids.0, ids.1, "delta 10\n\(base85(stored(delta)))")
    let replayed = try replay(patch, onto: ["d": old.text])
    #expect(replayed.lines == ["0 d clean"])
    #expect(replayed.tree == ["d": "100644 " + Array(new).text])
  }
}

extension FileChange {
  /// A section that changes a binary file, with the data of one direction.
  fileprivate static func binaryPatch(
    _ path: String, _ old: ObjectID, _ new: ObjectID, _ data: String
  ) -> String {
    "diff --git a/\(path) b/\(path)\nindex \(old)..\(new) 100644\nGIT binary patch\n\(data)\n\n"
  }
}

/// A zlib stream of one block that is not compressed.
private func stored(_ data: [UInt8]) -> [UInt8] {
  var (low, high) = (UInt32(1), UInt32(0))
  for byte in data {
    low = (low + UInt32(byte)) % 65_521
    high = (high + low) % 65_521
  }
  let count = UInt8(data.count)
  let checksum = high << 16 | low
  return [0x78, 0x01, 0x01, count, 0, ~count, 0xff] + data
    + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> UInt32($0)) }
}

/// One line of base 85, at most 52 bytes.
private func base85(_ data: [UInt8]) -> String {
  let digits = Array(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~")
  let padded = data + [UInt8](repeating: 0, count: (4 - data.count % 4) % 4)
  var line = String(UnicodeScalar(UInt8(data.count <= 26 ? 64 + data.count : 70 + data.count)))
  for start in stride(from: 0, to: padded.count, by: 4) {
    var value = padded[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    var group = ""
    for _ in 0..<5 {
      group = String(digits[Int(value % 85)]) + group
      value /= 85
    }
    line += group
  }
  return line
}

/// Changes that were read from commits: blobs in the place of blobs.
@Suite struct CommitReplayTests {
  /// The result of one change on a tree, and what the path has then.
  private func replay(
    _ kind: FileChange.Kind, _ old: String?, _ new: String?, onto files: [String: String]
  ) throws -> (result: PathResult, content: String?) {
    let path = try RepoPath("a")
    // The blobs of the commit are in the same store as the tree.
    var store = files
    if let old { store["stored/old"] = old }
    if let new { store["stored/new"] = new }
    let change = FileChange(
      path, kind, oldMode: old == nil ? nil : .regular, newMode: new == nil ? nil : .regular,
      content: .blobs(
        old: try old.map { try objectID(.blob, $0.bytes) } ?? .zero,
        new: try new.map { try objectID(.blob, $0.bytes) } ?? .zero))
    let header = PatchHeader(author: nil, subject: "x".bytes, body: [])
    let stack = [Patch(name: "commit", header: header, files: [change])]
    var recorder = Versions()
    let tree = try FakeTree(store)
    let replay = try PatchEngine.replay(
      Plan(stack).groups[0], of: stack, onto: tree, using: ReplayMeans(primitives: .real),
      into: &recorder)
    let id = replay.edits.first?.entry?.id
    let content = try id.map { try recorder.contents[$0] ?? tree.content(of: $0) }
    return (replay.results[0], content?.text)
  }

  @Test func theNewBlobTakesThePlaceOfTheOldOne() throws {
    let (result, content) = try replay(.modify, "1\n", "2\n", onto: ["a": "1\n"])
    #expect(result.outcome == .clean)
    #expect(content == "2\n")
  }

  @Test func anotherFileGetsTheHunksBetweenTheTwo() throws {
    let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
    let (result, content) = try replay(
      .modify, old, old.replacing("5", with: "X"), onto: ["a": "0\n" + old])
    #expect(result.outcome == .moved)
    #expect(result.offset == 1)
    #expect(content == "0\n1\n2\n3\n4\nX\n6\n7\n8\n9\n")
  }

  @Test func whereTheHunksDoNotFitTheTwoAreMerged() throws {
    let old = "1\n2\n3\n4\n5\n6\n7\n"
    let (result, content) = try replay(
      .modify, old, old.replacing("4", with: "X"), onto: ["a": old.replacing("2", with: "Y")])
    #expect(result.outcome == .merged)
    #expect(content == "1\nY\n3\nX\n5\n6\n7\n")
  }

  @Test func editsThatTouchAreAConflictWithoutALine() throws {
    let (result, content) = try replay(.modify, "1\n", "2\n", onto: ["a": "3\n"])
    #expect(result.outcome == .conflicted)
    #expect(result.conflict?.rule == "merge-conflict")
    #expect(result.conflict?.line == nil)
    #expect(content == nil)
  }

  @Test func aCommitDoesNotCreateWhatIsThere() throws {
    let (result, _) = try replay(.create, nil, "2\n", onto: ["a": "1\n"])
    #expect(result.conflict?.rule == "file-exists")
    #expect(result.conflict?.line == nil)
  }

  @Test func aCommitDoesNotDeleteWhatDiffers() throws {
    let (result, _) = try replay(.delete, "1\n", nil, onto: ["a": "2\n"])
    #expect(result.conflict?.rule == "content-differs")
    #expect(try replay(.delete, "1\n", nil, onto: ["a": "1\n"]).result.outcome == .clean)
  }
}
