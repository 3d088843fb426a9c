import CLibgit2
import Crypto
import Patches

extension Repository {
  /// The tags with the commits that they name, annotated ones too; a tag of anything else is left
  /// out.
  ///
  /// - Throws: if the references cannot be read.
  public func tags() throws(GitError) -> [(name: String, commit: ObjectID)] {
    var names = git_strarray()
    try check(git_tag_list(&names, handle), "list tags")
    defer { git_strarray_dispose(&names) }
    var result: [(name: String, commit: ObjectID)] = []
    for index in 0..<names.count {
      let name = String(cString: names.strings[index]!)
      do {
        result.append((name, try resolve("refs/tags/\(name)^{commit}")))
      } catch {
        continue
      }
    }
    return result
  }

  /// Reads objects of another repository too, as if they were here; nothing there is written.
  ///
  /// - Parameter path: a repository, bare or not.
  /// - Throws: if there is none.
  public func borrowObjects(of path: String) throws(GitError) {
    let other = try Repository(opening: path)
    try check(
      git_odb_add_disk_alternate(store, other.objectsDirectory), "read the objects of \(path)")
  }
}

/// The SHA-1 of some bytes: of a patch id, never of an object that is stored.
public func sha1(_ bytes: [UInt8]) -> [UInt8] {
  Array(Insecure.SHA1.hash(data: bytes))
}
