import Foundation
import Git
import Patches
import TestSupport
import Testing

/// A bare repository with one commit after the other, and a work tree of it.
private struct Desk {
  let small: SmallRepository
  let bare: String
  let workTree: WorkTree

  init(_ files: [String: String]) throws {
    small = try SmallRepository(files: files)
    try small.commit()
    bare = small.directory.file("bare.git")
    try small.git("clone", "-q", "--bare", ".", bare)
    workTree = WorkTree(
      directory: small.directory.file("desk/nova"), repository: bare, name: "nova")
  }

  /// Replaces every file, commits, and sends the commit to the bare repository.
  func commit(_ files: [String: String], links: [String: String] = [:]) throws -> ObjectID {
    try small.git("rm", "-rfq", "--ignore-unmatch", ".")
    for (name, content) in files { try small.directory.write(name, content) }
    for (name, target) in links {
      try FileManager.default.createSymbolicLink(
        atPath: small.directory.file(name), withDestinationPath: target)
    }
    try small.git("add", "-A", "--", ":!bare.git", ":!desk")
    return try commitIndex()
  }

  func commitIndex() throws -> ObjectID {
    try small.git("commit", "-q", "--allow-empty", "-m", "next")
    let id = try small.id("HEAD")
    try small.git("push", "-qf", bare, "HEAD:refs/kerb/\(id)")
    return id
  }

  func checkOut(_ commit: ObjectID) throws {
    try git(["update-ref", "refs/heads/patched", "\(commit)"], in: bare)
    try workTree.checkOut(branch: "patched", commit: commit)
  }

  /// `git status` in the work tree; empty where it is clean.
  func status() throws -> String {
    try git(["status", "--porcelain", "--untracked-files=all"], in: workTree.directory)
  }

  func write(_ name: String, _ content: String) throws {
    try small.directory.write("desk/nova/" + name, content)
  }

  func read(_ name: String) -> String? { small.directory.read("desk/nova/" + name) }

  func path(_ name: String) -> String { workTree.directory + "/" + name }

  func mode(_ name: String) throws -> UInt16 {
    let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
    return (attributes[.posixPermissions] as? NSNumber)?.uint16Value ?? 0
  }

  /// The paths that a check-out refuses to overwrite.
  func refusal(_ commit: ObjectID) -> [String] {
    do throws(WorkTreeError) {
      try workTree.checkOut(branch: "patched", commit: commit)
    } catch {
      guard case .changed(let paths) = error else { return ["\(error)"] }
      return paths.map { String(decoding: $0, as: UTF8.self) }
    }
    return []
  }
}

@Suite struct WorkTreeTests {
  /// git's status passes over it, and git itself would overwrite it.
  @Test func anEditThatGitIsToldNotToLookAtIsNotWrittenOver() throws {
    let desk = try Desk(["a": "1\n", "b": "1\n"])
    try desk.checkOut(try desk.commit(["a": "1\n", "b": "1\n"]))
    try git(["update-index", "--assume-unchanged", "a"], in: desk.workTree.directory)
    try desk.write("a", "mine\n")
    guard case .clean = try desk.workTree.state() else {
      Issue.record("git's status shows nothing")
      return
    }
    try desk.checkOut(try desk.commit(["a": "1\n", "b": "2\n"]))
    #expect(desk.read("a") == "mine\n" && desk.read("b") == "2\n")
    let next = try desk.commit(["a": "2\n", "b": "2\n"])
    #expect(throws: WorkTreeError.self) { try desk.checkOut(next) }
    #expect(desk.read("a") == "mine\n")
  }

  @Test func aFreshWorkTreeIsCleanForGit() throws {
    let desk = try Desk(["a": "1\n"])
    let files = ["a": "1\n", "b/c/d": "2\n", "b.x": "3\n", "run.sh": "4\n", "empty": ""]
    var commit = try desk.commit(files, links: ["b/link": "../a"])
    try desk.small.git("update-index", "--chmod=+x", "run.sh")
    try desk.small.git(
      "update-index", "--add", "--cacheinfo", "160000,\(commit),vendor/module")
    commit = try desk.commitIndex()
    #expect(try desk.workTree.state() == .absent)
    var reports: [[Int]] = []
    try git(["update-ref", "refs/heads/patched", "\(commit)"], in: desk.bare)
    try desk.workTree.checkOut(branch: "patched", commit: commit) { reports.append([$0, $1]) }
    #expect(reports.last == [7, 7])
    #expect(try desk.status() == "")
    #expect(try git(["diff", "--exit-code", "HEAD"], in: desk.workTree.directory) == "")
    #expect(try git(["rev-parse", "HEAD"], in: desk.workTree.directory) == "\(commit)")
    #expect(try git(["branch", "--show-current"], in: desk.workTree.directory) == "patched")
    #expect(try desk.workTree.state() == .clean(head: commit))
    #expect(desk.read("b/c/d") == "2\n")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: desk.path("b/link")) == "../a")
    let worktrees = try git(["worktree", "list", "--porcelain"], in: desk.bare)
    #expect(worktrees.contains("worktree \(desk.workTree.directory)\nHEAD \(commit)"))
    #expect(!worktrees.contains("prunable"))
    try git(["fsck", "--strict"], in: desk.bare)
    try git(["update-index", "--refresh"], in: desk.workTree.directory)
  }

  @Test func theIndexHoldsWhatGitWouldWriteThere() throws {
    let desk = try Desk(["a": "1\n", "b/c": "2\n"])
    let commit = try desk.commit(["a": "1\n", "b/c": "2\n"])
    try desk.checkOut(commit)
    let before = try git(["ls-files", "--stage", "--debug"], in: desk.workTree.directory)
    let index = desk.bare + "/worktrees/nova/index"
    try FileManager.default.removeItem(atPath: index)
    try git(["read-tree", "HEAD"], in: desk.workTree.directory)
    try git(["update-index", "--refresh"], in: desk.workTree.directory)
    #expect(try before == git(["ls-files", "--stage", "--debug"], in: desk.workTree.directory))
  }

  @Test func onlyChangedPathsAreTouched() throws {
    let desk = try Desk(["a": "1\n", "b": "2\n"])
    try desk.checkOut(desk.commit(["a": "1\n", "b": "2\n", "gone/x": "3\n"]))
    let before = try FileManager.default.attributesOfItem(atPath: desk.path("a"))
    try desk.write("untracked", "mine\n")
    try desk.write("a", "mine too\n")
    let next = try desk.commit(["a": "1\n", "b": "2!\n", "new/y": "4\n"])
    try desk.checkOut(next)
    #expect(desk.read("b") == "2!\n")
    #expect(desk.read("new/y") == "4\n")
    #expect(!FileManager.default.fileExists(atPath: desk.path("gone")))
    #expect(desk.read("untracked") == "mine\n")
    #expect(desk.read("a") == "mine too\n")
    let after = try FileManager.default.attributesOfItem(atPath: desk.path("a"))
    #expect(
      before[.systemFileNumber] as? Int == after[.systemFileNumber] as? Int)
    #expect(try desk.status() == " M a\n?? untracked")
    #expect(try desk.workTree.state() == .dirty(head: next, ["a".bytes]))
  }

  @Test func changedFilesRefuseEverything() throws {
    let desk = try Desk(["a": "1\n"])
    let first = try desk.commit(["a": "1\n", "b": "2\n", "c": "3\n", "d": "4\n"])
    try desk.checkOut(first)
    try desk.write("a", "mine\n")
    try desk.write("c", "9\n")
    try desk.write("e/f", "untracked\n")
    let next = try desk.commit(["a": "1!\n", "b": "2!\n", "d": "4!\n", "e/f": "5\n"])
    #expect(desk.refusal(next) == ["a", "c", "e/f"])
    #expect(desk.read("a") == "mine\n")
    #expect(desk.read("b") == "2\n")
    #expect(desk.read("c") == "9\n")
    #expect(desk.read("e/f") == "untracked\n")
    #expect(try desk.workTree.state() == .dirty(head: first, ["a".bytes, "c".bytes]))
    #expect(
      try git(["rev-parse", "refs/worktree/kerb"], in: desk.workTree.directory) == "\(first)")
  }

  @Test func aStagedChangeIsNotLost() throws {
    let desk = try Desk(["a": "1\n"])
    try desk.checkOut(desk.commit(["a": "1\n", "b": "2\n"]))
    try desk.write("a", "staged\n")
    try git(["add", "a"], in: desk.workTree.directory)
    try desk.write("a", "1\n")
    try git(["rm", "-q", "--cached", "b"], in: desk.workTree.directory)
    #expect(desk.refusal(try desk.commit(["a": "1!\n", "b": "2!\n"])) == ["a", "b"])
  }

  @Test func aChangedModeIsAChange() throws {
    let desk = try Desk(["a": "1\n"])
    try desk.checkOut(desk.commit(["a": "1\n"]))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: desk.path("a"))
    #expect(desk.refusal(try desk.commit(["a": "1!\n"])) == ["a"])
  }

  @Test func modesFollowTheTree() throws {
    let desk = try Desk(["a": "1\n"])
    let plain = try desk.commit(["a": "1\n"])
    try desk.checkOut(plain)
    try desk.small.git("update-index", "--chmod=+x", "a")
    try desk.checkOut(desk.commitIndex())
    #expect(try desk.mode("a") & 0o100 != 0)
    #expect(try desk.status() == "")
    try desk.checkOut(plain)
    #expect(try desk.mode("a") & 0o111 == 0)
    let mask = umask(0)
    umask(mask)
    #expect(try desk.mode("a") == UInt16(0o666 & ~mask))
  }

  @Test func aFileAndADirectoryChangePlaces() throws {
    let desk = try Desk(["a": "1\n"])
    let one = try desk.commit(["a": "1\n", "b/c/d": "2\n"])
    let two = try desk.commit(["a/x/y": "1\n", "b": "2\n"])
    for commit in [one, two, one] {
      try desk.checkOut(commit)
      #expect(try desk.status() == "")
      #expect(try desk.workTree.state() == .clean(head: commit))
    }
    try desk.write("b/c/mine", "untracked\n")
    #expect(desk.refusal(two) == ["b/c/mine"])
    #expect(desk.read("b/c/mine") == "untracked\n")
    #expect(desk.read("a") == "1\n")
  }

  @Test func aLinkedDirectoryIsNotEntered() throws {
    let desk = try Desk(["a": "1\n"])
    try desk.checkOut(desk.commit(["d/a": "1\n", "e/a": "1\n", "keep": ""]))
    let outside = desk.small.directory
    for name in ["d", "e"] {
      try FileManager.default.removeItem(atPath: desk.path(name))
      try outside.write("desk/outside-\(name)/a", "1\n")
      try FileManager.default.createSymbolicLink(
        atPath: desk.path(name), withDestinationPath: outside.file("desk/outside-\(name)"))
    }
    #expect(desk.refusal(try desk.commit(["d/a": "2\n", "keep": ""])) == ["d/a"])
    #expect(desk.refusal(try desk.commit(["d/b": "2\n", "keep": ""])) == ["d/b"])
    try desk.checkOut(desk.commit(["keep": ""]))
    #expect(outside.read("desk/outside-d/a") == "1\n")
    #expect(outside.read("desk/outside-e/a") == "1\n")
  }

  @Test func aLinkInATreeGivesWayToADirectory() throws {
    let desk = try Desk(["a": "1\n"])
    try desk.small.directory.write("desk/outside/b", "outside\n")
    let linked = try desk.commit(["a": "1\n"], links: ["d": "../outside"])
    try desk.checkOut(linked)
    try desk.checkOut(desk.commit(["a": "1\n", "d/b": "2\n"]))
    #expect(desk.read("d/b") == "2\n")
    #expect(desk.small.directory.read("desk/outside/b") == "outside\n")
    #expect(try desk.status() == "")
  }

  @Test(arguments: [".git/config", "a\\b", "d/.GIT/x"])
  func anUnsafePathIsRefused(path: String) throws {
    let desk = try Desk(["a": "1\n"])
    let blob = try git(["hash-object", "-w", "--stdin"], in: desk.bare, input: "x".bytes)
    var tree = ""
    for (depth, name) in path.split(separator: "/").reversed().enumerated() {
      let line = depth == 0 ? "100644 blob \(blob)\t\(name)\n" : "040000 tree \(tree)\t\(name)\n"
      tree = try git(["mktree"], in: desk.bare, input: line.bytes)
    }
    let commit = try git(["commit-tree", "-m", "bad", tree], in: desk.bare)
    let refusal = desk.refusal(ObjectID(commit)!)
    #expect(refusal.count == 1)
    #expect(refusal.first?.hasPrefix("check out \(path): the path") == true)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: desk.workTree.directory) == [".git"])
  }

  @Test func aDirectoryOfOthersIsLeftAlone() throws {
    let desk = try Desk(["a": "1\n"])
    let commit = try desk.commit(["a": "1\n"])
    try desk.write("thesis.tex", "x")
    #expect(try desk.workTree.state() == .occupied)
    #expect(desk.refusal(commit).first?.contains("holds files") == true)
    let other = WorkTree(
      directory: desk.small.directory.file("desk/b"), repository: desk.bare, name: "nova")
    try other.checkOut(branch: "patched", commit: commit)
    let third = WorkTree(
      directory: desk.small.directory.file("desk/c"), repository: desk.bare, name: "nova")
    #expect(throws: WorkTreeError.self) {
      try third.checkOut(branch: "patched", commit: commit)
    }
  }

  @Test func aDeletedWorkTreeIsMadeAgain() throws {
    let desk = try Desk(["a": "1\n"])
    let commit = try desk.commit(["a": "1\n"])
    try desk.checkOut(commit)
    try FileManager.default.removeItem(atPath: desk.workTree.directory)
    #expect(try desk.workTree.state() == .absent)
    try desk.checkOut(commit)
    #expect(try desk.status() == "")
    #expect(desk.read("a") == "1\n")
  }

  @Test func aWorkTreeThatGitMadeIsLeftAlone() throws {
    let desk = try Desk(["a": "1\n"])
    let commit = try desk.commit(["a": "2\n"])
    try git(["worktree", "add", "-q", desk.workTree.directory, "main"], in: desk.bare)
    #expect(try desk.workTree.state() == .occupied)
    #expect(desk.refusal(commit).first?.contains("holds files") == true)
    #expect(desk.read("a") == "1\n")
  }

  @Test func whatGitCommandsLeaveInTheIndexIsUnderstood() throws {
    let desk = try Desk(["a": "1\n", "b": "2\n"])
    try desk.checkOut(desk.commit(["a": "1\n", "b": "2\n"]))
    try git(["status"], in: desk.workTree.directory)
    try git(["update-index", "--index-version", "4"], in: desk.workTree.directory)
    let next = try desk.commit(["a": "1!\n", "b": "2\n"])
    try desk.checkOut(next)
    #expect(try desk.status() == "")
    #expect(try desk.workTree.state() == .clean(head: next))
  }
}

@Suite struct InterruptedCheckOutTests {
  /// Ends a check-out after some paths, as a killed process does: by never coming back.
  @Test(arguments: 0...6)
  func aCheckOutThatWasBrokenOffIsEndedByTheNext(paths: Int) throws {
    let desk = try Desk(["a": "1\n"])
    let first = try desk.commit(["a": "1\n", "b": "2\n", "c": "3\n", "gone": "4\n"])
    let second = try desk.commit(["a": "1!\n", "b": "2!\n", "c": "3!\n", "d/e": "5\n", "f": "6\n"])
    let third = try desk.commit(["a": "1?\n", "b": "2\n", "c": "3\n", "gone": "4\n"])
    try desk.checkOut(first)
    try halfway(desk, from: first, to: second, paths: paths)
    #expect(try desk.workTree.state() == .interrupted(second))
    try desk.checkOut(third)
    #expect(try desk.status().isEmpty)
    #expect(try desk.workTree.state() == .clean(head: third))
    #expect(!FileManager.default.fileExists(atPath: desk.path("d")))
  }

  @Test func aFirstCheckOutThatWasBrokenOffIsEnded() throws {
    let desk = try Desk(["a": "1\n"])
    let commit = try desk.commit(["a": "1\n", "b/c": "23456\n"])
    try desk.checkOut(commit)
    let own = desk.bare + "/worktrees/nova"
    try FileManager.default.removeItem(atPath: own + "/index")
    try FileManager.default.moveItem(
      atPath: own + "/refs/worktree/kerb", toPath: own + "/refs/worktree/kerb-target")
    try FileManager.default.removeItem(atPath: desk.path("a"))
    try desk.write("b/c", "234")
    try desk.checkOut(commit)
    #expect(try desk.status() == "")
    #expect(desk.read("b/c") == "23456\n")
  }

  @Test func aChangeMadeAfterABrokenCheckOutIsKept() throws {
    let desk = try Desk(["a": "1\n"])
    let first = try desk.commit(["a": "1\n", "b": "2\n"])
    let second = try desk.commit(["a": "1!\n", "b": "2!\n"])
    try desk.checkOut(first)
    try halfway(desk, from: first, to: second, paths: 1)
    try desk.write("a", "mine\n")
    #expect(desk.refusal(second) == ["a"])
    #expect(desk.read("a") == "mine\n")
  }

  /// Puts the first paths of a change in place by hand, the last of them half written.
  private func halfway(_ desk: Desk, from old: ObjectID, to new: ObjectID, paths: Int) throws {
    try desk.small.directory.write(
      "bare.git/worktrees/nova/refs/worktree/kerb-target", "\(new)\n")
    let repository = try Repository(opening: desk.bare)
    let changes = try repository.changes(
      from: repository.commit(old).tree, to: repository.commit(new).tree)
    for (number, change) in changes.prefix(paths).enumerated() {
      let name = String(decoding: change.path, as: UTF8.self)
      try? FileManager.default.removeItem(atPath: desk.path(name))
      guard let entry = change.new else { continue }
      let content = String(decoding: try repository.blob(entry.id), as: UTF8.self)
      try desk.write(name, number == paths - 1 ? String(content.prefix(1)) : content)
    }
  }
}
