import Foundation
import Git
import Patches
import Testing

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
