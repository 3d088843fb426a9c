import Foundation
import TestSupport
import Testing

@testable import Git

/// git waits for a pipe in a repository, and reads a file without end to its end: kerb names it instead.
@Suite struct EndlessFilesTests {
  private func problem(_ path: String) -> String? {
    do throws(GitError) {
      try refuseEndlessFiles(ofRepository: path)
      return nil
    } catch {
      return error.description
    }
  }

  private func plant(_ path: String) {
    unlink(path)
    mkfifo(path, 0o666)
  }

  @Test(arguments: ["HEAD", "packed-refs", "refs/heads/main", "refs/remotes/o/x", "info/grafts"])
  func whatIsNoRegularFileIsNamed(_ name: String) throws {
    let small = try SmallRepository(files: ["a": "1\n"])
    try small.commit()
    #expect(problem(small.path) == nil)
    let place = "\(small.path)/.git/\(name)"
    try FileManager.default.createDirectory(
      atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    plant(place)
    #expect(problem(small.path)?.contains("/.git/\(name) is no regular file") == true)
    #expect(problem("\(small.path)/.git")?.contains("/.git/\(name) is no regular file") == true)
  }

  @Test func aWorkTreeLeadsToWhatItShares() throws {
    let small = try SmallRepository(files: ["a": "1\n"])
    try small.commit()
    let beside = try TemporaryDirectory()
    try small.git("worktree", "add", "-q", "\(beside.path)/w")
    #expect(problem("\(beside.path)/w") == nil)
    plant("\(small.path)/.git/refs/heads/main")
    #expect(problem("\(beside.path)/w")?.contains("/refs/heads/main is no regular file") == true)
  }

  @Test func foldersThatLeadRoundEnd() throws {
    let small = try SmallRepository(files: ["a": "1\n"])
    try small.commit()
    try small.directory.write(".git/commondir", ".\n")
    symlink("..", "\(small.path)/.git/refs/round")
    #expect(problem(small.path) != "never")
  }
}
