import Foundation
import TestSupport
import Testing

@testable import Git

/// Folders of kerb's own, as a clone, a cache or an artifact may have filled them.
@Suite struct StateFolderTests {
  private let directory: TemporaryDirectory
  private var state: String { directory.file("state") }

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("state/a/b/file", "text\n")
    try directory.write("outside/precious", "mine\n")
  }

  @Test func foldersAndFilesAreAsTheyShouldBe() throws {
    try StateFolder.judge(state)
    try StateFolder.judge(directory.file("absent"))
  }

  @Test(arguments: ["a/link", "link", "a/b/link"])
  func aLinkIsRefusedWhereverItIs(_ name: String) throws {
    for target in [directory.file("outside"), directory.file("outside/precious"), "nowhere"] {
      try? FileManager.default.removeItem(atPath: "\(state)/\(name)")
      try FileManager.default.createSymbolicLink(
        atPath: "\(state)/\(name)", withDestinationPath: target)
      let problem = #expect(throws: StateProblem.self) { try StateFolder.judge(state) }
      #expect(problem?.path == "\(state)/\(name)")
      #expect(problem?.reason.contains("symbolic link") == true)
    }
  }

  @Test func theFolderItselfMayBeNoLink() throws {
    let link = directory.file("elsewhere")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: state)
    #expect(throws: StateProblem.self) { try StateFolder.judge(link) }
  }

  @Test func aPipeIsRefusedAndNothingWaitsForIt() throws {
    #expect(mkfifo("\(state)/a/pipe", 0o600) == 0)
    let problem = #expect(throws: StateProblem.self) { try StateFolder.judge(state) }
    #expect(problem?.path == "\(state)/a/pipe")
  }

  @Test func aFileThatIsReadWholeHasALimitAndAPackHasNone() throws {
    for (name, isRefused) in [("a/hole", true), ("x.git/objects/pack/hole", false)] {
      try directory.write("state/\(name)", "")
      #expect(truncate("\(state)/\(name)", 3 << 30) == 0)
      let refused = (try? StateFolder.judge(state)) == nil
      #expect(refused == isRefused)
      try FileManager.default.removeItem(atPath: "\(state)/\(name)")
    }
  }

  @Test func foldersInFoldersHaveALimit() throws {
    let deep = Array(repeating: "d", count: StateFolder.maximumDepth + 1).joined(separator: "/")
    try directory.write("state/\(deep)/file", "")
    #expect(throws: StateProblem.self) { try StateFolder.judge(state) }
  }

  @Test func aFileIsReadWithoutFollowingALinkOrWaitingForAPipe() throws {
    let place = directory.file("place")
    try FileManager.default.createSymbolicLink(
      atPath: place, withDestinationPath: directory.file("outside/precious"))
    #expect(throws: GitError.self) { try readFile(place) }
    #expect(unlink(place) == 0 && mkfifo(place, 0o600) == 0)
    #expect(throws: GitError.self) { try readFile(place) }
    #expect(try readFile(directory.file("nothing")) == nil)
    #expect(try readFile(directory.file("outside/precious"), limit: 5) == Array("mine\n".utf8))
    #expect(throws: GitError.self) { try readFile(directory.file("outside/precious"), limit: 4) }
  }

  @Test func aFileIsReplacedWithoutWritingThroughWhatStandsInTheTemporarysPlace() throws {
    let place = directory.file("state/HEAD")
    try FileManager.default.createSymbolicLink(
      atPath: place + ".new", withDestinationPath: directory.file("outside/precious"))
    try replaceFile(place, with: Array("ref\n".utf8))
    #expect(directory.read("state/HEAD") == "ref\n")
    #expect(directory.read("outside/precious") == "mine\n")
  }
}
