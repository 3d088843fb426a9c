import CLibgit2
import Patches

/// What an object is.
public enum ObjectKind: Hashable, Sendable {
  case commit, tree, blob, tag

  /// The kind's number, in libgit2 and in a pack.
  var number: UInt8 {
    switch self {
    case .commit: 1
    case .tree: 2
    case .blob: 3
    case .tag: 4
    }
  }

  var type: git_object_t { git_object_t(rawValue: Int32(number)) }
}

/// The name that git gives to an object with these bytes.
///
/// - Throws: if the bytes are a known SHA-1 collision attack, which libgit2's hash detects.
public func objectID(
  _ kind: ObjectKind, _ bytes: Span<UInt8>
) throws(GitError) -> ObjectID {
  GitLibrary.setUp()
  var oid = git_oid()
  let code = bytes.withUnsafeBytes {
    git_odb_hash(&oid, $0.baseAddress ?? nowhere, $0.count, kind.type)
  }
  try check(code, "hash a \(kind)")
  return ObjectID(oid)
}

/// The name that git gives to an object with these bytes, as the same function of a span.
public func objectID(_ kind: ObjectKind, _ bytes: [UInt8]) throws(GitError) -> ObjectID {
  try objectID(kind, bytes.span)
}

/// An address for an empty buffer where C wants one.
private nonisolated(unsafe) let nowhere = UnsafeRawPointer(
  UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1))

extension ObjectID {
  /// The same name as libgit2 holds it.
  init(_ oid: git_oid) {
    self = withUnsafeBytes(of: oid) { ObjectID(raw: $0.bytes)! }
  }

  /// The 20 bytes as libgit2 holds them.
  var oid: git_oid {
    var oid = git_oid()
    let bytes = raw
    withUnsafeMutableBytes(of: &oid) { $0.copyBytes(from: bytes) }
    return oid
  }
}
