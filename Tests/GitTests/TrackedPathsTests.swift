import Foundation
import TestSupport
import Testing

@testable import Git

/// What git's index lists, beside `git ls-files`.
@Suite struct TrackedPathsTests {
  private let directory: TemporaryDirectory
  private var repository: String { directory.path }

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func make(_ options: [String] = []) throws {
    try git(["init", "-q"] + options + ["."], in: repository)
    var random = SeededGenerator(seed: 5)
    for number in 0..<60 {
      let depth = random.below(3)
      let folders = (0..<depth).map { _ in "d\(random.below(4))/" }.joined()
      try directory.write(
        "\(folders)file-\(number)-\(String(repeating: "x", count: number))", "\(number)\n")
    }
    try git(["add", "."], in: repository)
  }

  /// Every path that is asked about, and what git lists.
  private func paths(below folder: String) throws -> (asked: [String], listed: [String]) {
    var asked: Set<String> = []
    let found = try firstTrackedPath(below: real(folder)) { path in
      asked.insert(String(decoding: path, as: UTF8.self))
      return false
    }
    #expect(found == nil)
    let listed = try git(["ls-files", "-z"], in: folder).split(separator: "\0").map(String.init)
    return (asked.sorted(), listed.sorted())
  }

  private func real(_ path: String) -> String {
    let resolved = realpath(path, nil)!
    defer { free(resolved) }
    return String(cString: resolved)
  }

  @Test(arguments: [
    [], ["--object-format=sha256"],
  ])
  func everyFormOfAnIndexIsRead(_ options: [String]) throws {
    try make(options)
    for change in [
      [], ["update-index", "--index-version", "4"], ["update-index", "--index-version", "3"],
      ["add", "-N", "new"], ["update-index", "--split-index"],
      ["rm", "-q", "--cached", "-r", "d1"],
      ["add", "later"], ["update-index", "--no-split-index", "--index-version", "2"],
    ] {
      try directory.write("new", "new\n")
      try directory.write("later", "later\n")
      if !change.isEmpty { try git(change, in: repository) }
      let (asked, listed) = try paths(below: repository)
      // A split index may still hold what was removed since: more is safe, less is not.
      #expect(Set(asked).isSuperset(of: listed), "\(change)")
      if change != ["rm", "-q", "--cached", "-r", "d1"], change != ["add", "later"] {
        #expect(asked == listed, "\(change)")
      }
    }
  }

  @Test func aFolderIsAskedAboutWhatIsBelowIt() throws {
    try make()
    let folder = "\(repository)/d1"
    let (asked, listed) = try paths(below: folder)
    #expect(!listed.isEmpty && asked == listed)
  }

  @Test func aLinkedWorkTreeHasItsOwnIndex() throws {
    try make()
    try git(["commit", "-q", "-m", "all"], in: repository)
    try git(["worktree", "add", "-q", "\(repository)/linked"], in: repository)
    try directory.write("linked/only-here", "1\n")
    try git(["add", "."], in: "\(repository)/linked")
    let (asked, listed) = try paths(below: "\(repository)/linked")
    #expect(asked.contains("only-here") && asked == listed)
  }

  @Test func outsideOfARepositoryNothingIsTracked() throws {
    try directory.write("plain/HEAD", "ref: refs/heads/main\n")
    try directory.write("plain/objects/x", "")
    try directory.write("plain/refs/x", "")
    #expect(try firstTrackedPath(below: real(directory.file("plain"))) { _ in true } == nil)
  }

  @Test func anIndexThatIsNoneIsNotPassedOver() throws {
    try make()
    for text in ["", "DIRC", "garbage", "DIRC\0\0\0\u{9}\0\0\0\0"] {
      try directory.write(".git/index", text)
      #expect(throws: GitError.self) {
        try firstTrackedPath(below: real(repository)) { _ in true }
      }
    }
  }

  @Test func anIndexThatWasCutShortOrChangedNeverTraps() throws {
    try make()
    let whole = Array(try Data(contentsOf: URL(filePath: "\(repository)/.git/index")))
    var random = SeededGenerator(seed: 9)
    for _ in 0..<2_000 {
      var bytes = whole
      for _ in 0...random.below(4) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      _ = IndexPaths(Array(bytes.prefix(random.below(bytes.count + 1))))
      _ = IndexPaths(bytes)?.first(below: []) { _ in false }
    }
  }

  @Test func pathsThatAreManyTimesLongerThanTheIndexTakeNoRoom() {
    let (count, length) = (5_000, 60_000)
    let entry = [UInt8](repeating: 0, count: 62)
    var bytes = Array("DIRC".utf8) + [0, 0, 0, 4, 0, 0, UInt8(count >> 8), UInt8(count & 0xff)]
    bytes += entry + [0] + [UInt8](repeating: UInt8(ascii: "a"), count: length) + [0]
    for _ in 2..<count { bytes += entry + [1, UInt8(ascii: "b"), 0] }
    bytes += entry + [1, UInt8(ascii: "c"), 0] + [UInt8](repeating: 0, count: 20)
    let found = IndexPaths(bytes)?.first(below: []) { $0.last == UInt8(ascii: "c") }
    #expect(found?.count == length)
    let tooLong =
      bytes.prefix(12 + 63) + [UInt8](repeating: 97, count: 70_000) + bytes.dropFirst(12 + 63)
    #expect(IndexPaths(Array(tooLong)) == nil, "no file system has such a path")
  }
}
