import Foundation
import Patches
import Testing

@testable import Git

@Suite struct ReferenceTests {
  private let small: SmallRepository
  private let first: ObjectID
  private let second: ObjectID

  init() throws {
    small = try SmallRepository(files: ["a": "1\n"])
    first = try small.commit("first")
    second = try small.commit("second")
  }

  @Test func aReferenceMovesFromWhereItIsExpected() throws {
    let repository = try Repository(opening: small.path)
    try repository.updateReference("refs/heads/x", to: first, expecting: nil, message: "new")
    try repository.updateReference("refs/heads/x", to: second, expecting: first, message: "on")
    #expect(try small.id("refs/heads/x") == second)
    #expect(try repository.reference("refs/heads/x") == second)
    #expect(try repository.reference("refs/heads/none") == nil)
  }

  @Test func manyMarksAreWaitedForAtOnce() throws {
    let marks = small.path + "/.git/kerb-writes"
    try FileManager.default.createDirectory(atPath: marks, withIntermediateDirectories: true)
    for number in 1...30 {
      let lock = small.path + "/.git/refs/heads/x\(number).lock"
      try "\n".write(toFile: lock, atomically: false, encoding: .utf8)
      try "- refs/heads/x\(number)\n".write(
        toFile: "\(marks)/\(number)-\(number)", atomically: false, encoding: .utf8)
    }
    try "mine".write(toFile: "\(marks)/notes", atomically: false, encoding: .utf8)
    var pauses = 0
    try ReferenceWrites(in: small.path + "/.git").endBroken { pauses += 1 }
    #expect(pauses == 40)
    #expect(try FileManager.default.contentsOfDirectory(atPath: marks) == ["notes"])
    #expect(!FileManager.default.fileExists(atPath: small.path + "/.git/refs/heads/x7.lock"))
  }

  @Test func aLockThatAKillLeftIsRemovedWhereTheReferenceIsKerbs() throws {
    let repository = try Repository(opening: small.path)
    for (name, isOurs) in [("refs/heads/kerb/x", true), ("refs/heads/other", false)] {
      try repository.updateReference(name, to: first, expecting: nil, message: "new")
      let lock = "\(repository.gitDirectory)/\(name).lock"
      #expect(FileManager.default.createFile(atPath: lock, contents: nil))
      if isOurs {
        try repository.updateReference(name, to: second, expecting: first, message: "on")
      } else {
        #expect(throws: GitError.self) {
          try repository.updateReference(name, to: second, expecting: first, message: "on")
        }
      }
      #expect(try small.id(name) == (isOurs ? second : first))
      #expect(FileManager.default.fileExists(atPath: lock) != isOurs)
    }
  }

  /// What a process that is killed leaves: the mark of its write, and the lock in some state.
  private func leave(
    _ mark: String, _ lock: String?, holding content: String, in repository: borrowing Repository
  ) throws -> (mark: String, lock: String) {
    let folder = "\(repository.gitDirectory)/kerb-writes"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/1-1"
    try mark.write(toFile: path, atomically: false, encoding: .utf8)
    let lockPath = "\(repository.gitDirectory)/\(lock ?? "refs/heads/x.lock")"
    if lock != nil { try content.write(toFile: lockPath, atomically: false, encoding: .utf8) }
    return (path, lockPath)
  }

  @Test(arguments: ["whole", "empty", "none"])
  func theLockThatABrokenWriteLeftIsRemoved(state: String) throws {
    let repository = try Repository(opening: small.path)
    let left = try leave(
      "\(second) refs/heads/x\n", state == "none" ? nil : "refs/heads/x.lock",
      holding: state == "whole" ? "\(second)\n" : "", in: repository)
    try ReferenceWrites(in: repository.gitDirectory).endBroken {}
    #expect(!FileManager.default.fileExists(atPath: left.lock))
    #expect(!FileManager.default.fileExists(atPath: left.mark))
    try small.git("update-ref", "refs/heads/x", "\(second)")
  }

  @Test func theLockThatABrokenRemovalLeftIsRemoved() throws {
    let repository = try Repository(opening: small.path)
    let left = try leave("- refs/heads/x\n", "packed-refs.lock", holding: "", in: repository)
    try ReferenceWrites(in: repository.gitDirectory).endBroken {}
    #expect(!FileManager.default.fileExists(atPath: left.lock))
    try small.git("pack-refs", "--all")
  }

  @Test(arguments: ["", "00 re", "\(ObjectID.zero) ../../x\n", "\(ObjectID.zero) HEAD\n"])
  func aMarkThatIsNotCompleteOrNamesNoReferenceTouchesNoLock(mark: String) throws {
    let repository = try Repository(opening: small.path)
    let left = try leave(mark, "HEAD.lock", holding: "", in: repository)
    try ReferenceWrites(in: repository.gitDirectory).endBroken {}
    #expect(FileManager.default.fileExists(atPath: left.lock))
    #expect(!FileManager.default.fileExists(atPath: left.mark))
  }

  @Test func theLockOfAProcessThatLivesStays() throws {
    let repository = try Repository(opening: small.path)
    let left = try leave(
      "\(second) refs/heads/x\n", "refs/heads/x.lock", holding: "\(second)\n", in: repository)
    let file = try #require(fopen(left.mark, "r"))
    defer { fclose(file) }
    #expect(flock(fileno(file), LOCK_EX | LOCK_NB) == 0)
    try ReferenceWrites(in: repository.gitDirectory).endBroken {}
    #expect(FileManager.default.fileExists(atPath: left.lock))
    #expect(FileManager.default.fileExists(atPath: left.mark))
  }

  @Test func theMarkOfALockThatStaysStays() throws {
    let repository = try Repository(opening: small.path)
    let lock = "\(repository.gitDirectory)/refs/heads/x.lock"
    #expect(FileManager.default.createFile(atPath: lock, contents: nil))
    #expect(throws: GitError.self) {
      try repository.updateReference("refs/heads/x", to: first, expecting: nil, message: "new")
    }
    try ReferenceWrites(in: repository.gitDirectory).endBroken {}
    try repository.updateReference("refs/heads/x", to: first, expecting: nil, message: "new")
  }

  @Test func aWriteLeavesNoMark() throws {
    let repository = try Repository(opening: small.path)
    try repository.updateReference("refs/heads/x", to: first, expecting: nil, message: "new")
    try repository.removeReference("refs/heads/x")
    let folder = "\(repository.gitDirectory)/kerb-writes"
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
  }

  @Test func aReferenceThatMovedMeanwhileStays() throws {
    try small.git("update-ref", "refs/heads/x", "\(second)")
    let repository = try Repository(opening: small.path)
    let error = #expect(throws: GitError.self) {
      try repository.updateReference("refs/heads/x", to: first, expecting: first, message: "")
    }
    #expect(error?.reason == "it was expected to be \(first) and is \(second)")
    #expect(try small.id("refs/heads/x") == second)
  }

  @Test func aReferenceThatShouldNotExistStays() throws {
    try small.git("update-ref", "refs/heads/x", "\(second)")
    try small.git("pack-refs", "--all")
    let repository = try Repository(opening: small.path)
    let error = #expect(throws: GitError.self) {
      try repository.updateReference("refs/heads/x", to: first, expecting: nil, message: "")
    }
    #expect(error?.reason == "it was expected to be absent and is \(second)")
    #expect(try small.id("refs/heads/x") == second)
  }

  @Test func aReferenceThatShouldExistIsNotMade() throws {
    let repository = try Repository(opening: small.path)
    #expect(throws: GitError.self) {
      try repository.updateReference("refs/heads/x", to: first, expecting: second, message: "")
    }
    #expect(try repository.reference("refs/heads/x") == nil)
  }

  @Test(arguments: ["HEAD", "refs/heads/a..b", "refs/heads/x.lock", "main", "refs/heads/a b"])
  func anInvalidNameIsRefused(name: String) throws {
    let repository = try Repository(opening: small.path)
    #expect(throws: GitError.self) {
      try repository.updateReference(name, to: first, expecting: nil, message: "")
    }
  }

  @Test func aReferenceToNothingIsRefused() throws {
    let repository = try Repository(opening: small.path)
    let nothing = ObjectID("00000000000000000000000000000000000000ff")!
    #expect(throws: GitError.self) {
      try repository.updateReference("refs/heads/x", to: nothing, expecting: nil, message: "")
    }
  }
}
