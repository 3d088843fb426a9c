import Patches
import Testing

@Suite struct SeriesTests {
  private func series(_ text: String, _ release: String = "2024.1") throws(Diagnostics) -> Series {
    try Series(parsing: text.bytes, release: Release(release)!, file: "series/\(release)")
  }

  static let text = """
    # OpenStack 2024.1 "Caracal"

    nova/require-secure-spice@2024.1.patch\t # master renamed the option group
      nova/b.patch -p1
    kolla/build.patch
    # nova/a landed in 30.0.0
    #nova: more
    # novax/other
    """

  @Test func aSeriesListsPatchesInOrder() throws {
    let series = try series(Self.text)
    #expect(series.release.name == "2024.1")
    #expect(series.file == "series/2024.1")
    #expect(
      series.entries.map(\.path) == [
        "nova/require-secure-spice@2024.1.patch", "nova/b.patch", "kolla/build.patch",
      ])
    #expect(series.entries.map(\.project) == ["nova", "nova", "kolla"])
    #expect(series.entries.map(\.name) == ["require-secure-spice", "b", "build"])
    #expect(series.entries.map { $0.variant?.name } == ["2024.1", nil, nil])
    #expect(series.entries.map(\.line) == [3, 4, 5])
  }

  @Test func entriesAndNotesAreFoundByProject() throws {
    let series = try series(Self.text)
    #expect(series.entries(of: "nova").map(\.name) == ["require-secure-spice", "b"])
    #expect(series.entries(of: "novax").isEmpty)
    #expect(series.notes(on: "nova") == ["nova/a landed in 30.0.0", "nova: more"])
    #expect(series.notes(on: "kolla").isEmpty)
  }

  @Test(arguments: [text, text + "\n", "", "\n", "\n\n# x\n \t\n", "# \u{1b}[31m\n"])
  func aSeriesIsPrintedAsItWasRead(text: String) throws {
    #expect(try series(text).formatted.text == text)
  }

  @Test(arguments: ["2024.1", "2024.2", "master"])
  func aVariantIsForItsReleaseAndOlderOnes(variant: String) throws {
    #expect(try series("nova/a@\(variant).patch\n").entries[0].variant?.name == variant)
  }

  @Test func aHashInsideANameIsNoComment() throws {
    #expect(
      findings { () throws(Diagnostics) in _ = try series("nova/a.patch#b\n") }
        == ["series/2024.1:1: series-entry"])
  }

  static let mistakes: [Mistake] = [
    Mistake(
      "a byte order mark", ["series/2024.1:1: encoding"],
      bytes: [0xef, 0xbb, 0xbf] + "nova/a.patch\n".bytes),
    Mistake("UTF-16", ["series/2024.1:1: encoding"], bytes: [0xff, 0xfe, 0x6e, 0x00]),
    Mistake(
      "UTF-16, high byte first", ["series/2024.1:1: encoding"], bytes: [0xfe, 0xff, 0, 0x6e]),
    Mistake(
      "1048577 bytes", ["series/2024.1:1: series-size"],
      bytes: [UInt8](repeating: 0x0a, count: 1 << 20 + 1)),
    Mistake("CR LF", "series/2024.1:2: crlf", in: "# x\nnova/a.patch\r\n"),
    Mistake("CR LF on a comment", "series/2024.1:1: crlf", in: "# x\r\n"),
    Mistake(
      "a patch twice", "series/2024.1:3: series-twice", in: "nova/a.patch\n\nnova/a@2024.1.patch\n"),
    Mistake("-p0", "series/2024.1:1: series-option", in: "nova/a.patch -p0\n"),
    Mistake("-p 1", "series/2024.1:1: series-option", in: "nova/a.patch -p 1\n"),
    Mistake("-R", "series/2024.1:1: series-option", in: "nova/a.patch -p1 -R\n"),
    Mistake("-o FILE", "series/2024.1:1: series-option", in: "nova/a.patch -o /tmp/x\n"),
    Mistake(
      "every line has a mistake", "series/2024.1:1: series-entry", "series/2024.1:3: series-option",
      in: "a.patch\nnova/a.patch\nnova/b.patch -p2\n"),
  ]

  @Test func aLineWithAMistakeHidesNoOther() throws {
    let text =
      "nova/a.patch\nnova/b.patch -p0\nnova/c.patch\r\nc d\nnova/d@2023.2.patch\nnova/a.patch\n"
      + "nova/e.patch\n"
    let release = try #require(Release("2024.1"))
    let (series, problems) = Series.reading(text.bytes, release: release, file: "s")
    #expect(series.entries.map(\.name) == ["a", "b", "c", "d", "a", "e"])
    #expect(series.formatted.text == text)
    #expect(
      problems.map { "\($0.location): \($0.rule)" } == [
        "s:2: series-option", "s:3: crlf", "s:4: series-option", "s:4: series-entry",
        "s:5: series-entry", "s:6: series-twice",
      ])
  }

  @Test(arguments: mistakes) func aSeriesIsRefused(mistake: Mistake) throws {
    let release = try #require(Release("2024.1"))
    let found = findings { () throws(Diagnostics) in
      _ = try Series(parsing: mistake.bytes, release: release, file: "series/2024.1")
    }
    #expect(found == mistake.findings)
  }

  @Test(
    arguments: [
      "a.patch", "nova/x/a.patch", "nova/", "nova", "/nova/a.patch", "../nova/a.patch",
      "nova/../a.patch", "./nova/a.patch", "nova//a.patch", "nova/a.diff", "nova/a.patch.gz",
      "nova/.patch", "nova/@2024.1.patch", "nova/-a.patch", "nova/--help.patch", "-nova/a.patch",
      ".nova/a.patch", "nova/a@.patch", "nova/a@x.patch", "nova/a@2024.1@2024.2.patch",
      "nova/a@2023.2.patch", "nova/$(touch).patch", "nova/`x`.patch", "nova/a|b.patch",
      "nova/a;b.patch", "nova/\u{1b}[31m.patch", "nova/a\0b.patch", "nova/ä.patch",
      "nova\\a.patch", ".git/a.patch", "@2024.1/a.patch",
    ])
  func otherEntriesAreRefused(entry: String) {
    #expect(
      findings { () throws(Diagnostics) in _ = try series("# x\n\(entry)\n") }
        == ["series/2024.1:2: series-entry"])
  }
}

@Suite struct UpstreamLockTests {
  private static let one = String(repeating: "1", count: 40)
  private static let two = String(repeating: "2", count: 40)
  private static let digest = String(repeating: "ab", count: 32)
  static let text = """
    # What each stack was last proven on; written by kerb fetch --update.
    2023.2 nova git:stable/2023.2 \(one) \(two)
    2024.1 cinder sdist:24.0.0 \(one) \(two) sha256:\(digest)
    2024.1 nova git:unmaintained/2024.1 \(two) \(one)
    master nova git:master \(one) \(two)

    """

  private func lock(_ text: String) throws(Diagnostics) -> UpstreamLock {
    try UpstreamLock(parsing: text.bytes, file: "lock")
  }

  @Test func aLockHasALineAStack() throws {
    let lock = try lock(Self.text)
    let release = try #require(Release("2024.1"))
    #expect(lock.entries.count == 4)
    let cinder = lock[StackName(release, "cinder")]
    #expect(cinder?.source == .sdist(version: "24.0.0"))
    #expect(cinder?.commit == ObjectID(Self.one))
    #expect(cinder?.tree == ObjectID(Self.two))
    #expect(cinder?.archiveDigest == Self.digest)
    let nova = lock[StackName(release, "nova")]
    #expect(nova?.source == .git(ref: "unmaintained/2024.1"))
    #expect(nova?.archiveDigest == nil)
    #expect(lock[StackName(release, "glance")] == nil)
  }

  @Test func aLockIsPrintedInOrder() throws {
    #expect(try lock(Self.text).formatted.text == Self.text)
    let lines = Self.text.split(separator: "\n")
    let shuffled = (["", "# more"] + lines.dropFirst().reversed()).joined(separator: "\n")
    #expect(try lock(shuffled).formatted.text == Self.text)
  }

  @Test func aLineCanBeReplacedAndTakenAway() throws {
    var lock = try lock(Self.text)
    let stack = StackName(.master, "nova")
    lock[stack] = UpstreamLock.Entry(
      stack, source: .git(ref: "v1"), commit: .zero, tree: .zero, archiveDigest: nil)
    #expect(lock.entries.count == 4)
    #expect(lock[stack]?.source == .git(ref: "v1"))
    lock[stack] = nil
    #expect(lock.entries.count == 3)
  }

  @Test func anEmptyLockLocksNothing() throws {
    #expect(try lock("").entries.isEmpty)
    #expect(try lock("# x\n\n").entries.isEmpty)
  }

  @Test func aLockIsOneMebibyteAtMost() {
    let text = String(repeating: "#", count: UpstreamLock.maximumSize + 1)
    #expect(findings { () throws(Diagnostics) in _ = try lock(text) } == ["lock: lock-size"])
  }

  /// So many are enough; a file of a mebibyte would have half a million.
  @Test func aThousandMistakesOfAFileAreFound() throws {
    let text = String(repeating: "/\n", count: 5_000)
    #expect(findings { () throws(Diagnostics) in _ = try lock(text) }.count == 1_000)
    let series = Series.reading(Array(text.utf8), release: .master, file: "s")
    #expect(series.problems.count == 1_000)
    #expect(series.problems.last?.location.line == 1_000)
  }

  @Test func aStackIsLockedOnce() {
    let line = "master nova git:x \(Self.one) \(Self.two)\n"
    #expect(
      findings { () throws(Diagnostics) in _ = try lock(line + line) } == ["lock:2: lock-twice"])
  }

  @Test(
    arguments: [
      "master", "master nova git:x \(one)", "main nova git:x \(one) \(two)",
      "master no/va git:x \(one) \(two)", "master nova x \(one) \(two)",
      "master nova svn:x \(one) \(two)", "master nova git: \(one) \(two)",
      "master nova git:-x \(one) \(two)", "master nova git:a..b \(one) \(two)",
      "master nova git:/x \(one) \(two)", "master nova git:ä \(one) \(two)",
      "master nova git:x \(one)1 \(two)", "master nova git:x \(one) z\(two.dropFirst())",
      "master  nova git:x \(one) \(two)", " master nova git:x \(one) \(two)",
      "master nova git:x \(one) \(two) ", "master nova git:x \(one) \(two)\r",
      "master nova sdist:1 \(one) \(two) sha256:\(digest)0",
      "master nova sdist:1 \(one) \(two) sha256:\(digest.dropLast())g",
      "master nova sdist:1 \(one) \(two) md5:\(digest)00",
      "master nova sdist:1 \(one) \(two) sha256:\(digest) x",
      "master nova git:\(String(repeating: "x", count: 201)) \(one) \(two)",
    ])
  func otherLinesAreRefused(line: String) {
    #expect(
      findings { () throws(Diagnostics) in _ = try lock("\n\(line)\n") } == ["lock:2: lock-form"])
  }
}
