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

extension String {
  var bytes: [UInt8] { Array(utf8) }
}

extension RepoPath: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) {
    try! self.init(text)
  }
}
