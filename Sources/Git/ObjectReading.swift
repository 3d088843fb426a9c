import CLibgit2
import Patches

extension Repository {
  /// A blob's bytes.
  ///
  /// - Throws: if the object is missing or is no blob.
  public func blob(_ id: ObjectID) throws(GitError) -> [UInt8] {
    try bytes(of: id, .blob)
  }

  /// True if the object is in the store, as far as this handle knows: packs that appeared since
  /// the last `refresh()` are not looked for.
  public func contains(_ id: ObjectID) -> Bool {
    var oid = id.oid
    return git_odb_exists_ext(store, &oid, GIT_ODB_LOOKUP_NO_REFRESH.rawValue) == 1
  }

  /// Looks for packs that others have written since the repository was opened.
  public func refresh() throws(GitError) {
    try check(git_odb_refresh(store), "look for new packs")
  }

  /// An object's bytes, copied once out of libgit2's buffer.
  func bytes(of id: ObjectID, _ kind: ObjectKind) throws(GitError) -> [UInt8] {
    var oid = id.oid
    var object: OpaquePointer?
    try check(git_odb_read(&object, store, &oid), "read \(kind) \(id)")
    defer { git_odb_object_free(object) }
    guard git_odb_object_type(object) == kind.type else {
      throw GitError("read \(kind) \(id)", because: "the object is no \(kind)")
    }
    return Array(
      UnsafeRawBufferPointer(start: git_odb_object_data(object), count: git_odb_object_size(object))
    )
  }
}
