import Git
import Patches
import TestSupport

/// A repository that the git program made, with files in its index and no commit yet.
struct SmallRepository {
  let directory: TemporaryDirectory
  var path: String { directory.path }
  var objects: String { path + "/.git/objects" }

  init(files: [String: String] = [:]) throws {
    directory = try TemporaryDirectory()
    try git("init", "-q", "-b", "main")
    for (name, content) in files { try directory.write(name, content) }
    try git("add", "-A")
  }

  @discardableResult
  func git(_ arguments: String...) throws -> String {
    try TestSupport.git(arguments, in: path)
  }

  @discardableResult
  func git(_ arguments: String..., input: [UInt8]) throws -> String {
    try TestSupport.git(arguments, in: path, input: input)
  }

  /// Commits everything in the work tree.
  @discardableResult
  func commit(_ message: String = "change") throws -> ObjectID {
    try git("add", "-A")
    try git("commit", "-q", "--allow-empty", "-m", message)
    return try id("HEAD")
  }

  func id(_ revision: String) throws -> ObjectID {
    ObjectID(try git("rev-parse", revision))!
  }
}

/// Numbers that are the same in every run (SplitMix64).
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}

extension String {
  var bytes: [UInt8] { Array(utf8) }
}

extension RepoPath: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) {
    try! self.init(text)
  }
}
