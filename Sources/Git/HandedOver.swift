import CLibgit2
import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Repository {
  /// The commits that references of a namespace (`refs/kerb/upstream/`) point at, each once, in the
  /// order of the references; those that are not here are left out.
  package func references(below prefix: String) throws(GitError) -> [ObjectID] {
    let doing = "list references"
    var iterator: OpaquePointer?
    try check(git_reference_iterator_glob_new(&iterator, handle, prefix + "*"), doing)
    defer { git_reference_iterator_free(iterator) }
    var found: [ObjectID] = []
    var name: UnsafePointer<CChar>?
    while git_reference_next_name(&name, iterator) == 0, let name {
      guard let id = try reference(String(cString: name)), contains(id), !found.contains(id) else {
        continue
      }
      found.append(id)
    }
    return found
  }
}

/// Moves the packs of one store of objects to another on the same disk. A pack is there when its index
/// is, so the index comes last.
package func movePacks(from objects: String, to other: String) throws(GitError) {
  let target = other + "/pack"
  try makeDirectories(target)
  let number = open(objects + "/pack", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
  guard number >= 0, let names = listDirectory(number) else { return }
  let all = names.map { String(decoding: $0, as: UTF8.self) }
  for index in all where index.hasPrefix("pack-") && index.hasSuffix(".idx") {
    let stem = String(index.dropLast(4))
    guard access("\(target)/\(index)", F_OK) != 0 else { continue }
    for name in ["\(stem).pack", index] {
      guard rename("\(objects)/pack/\(name)", "\(target)/\(name)") == 0 else {
        throw GitError("move \(name) to \(target)", errno: errno)
      }
    }
  }
  try synchronizeDirectory(target)
}

/// Adds commits to the list of those whose parents a repository does not have (`shallow` in
/// gitrepository-layout). Who writes it waits for who does so already.
///
/// - Parameter lines: names of commits, one a line.
package func addShallow(_ lines: [UInt8], to gitDirectory: String) throws(GitError) {
  let lock = try FolderLock(holding: gitDirectory)
  let path = "\(gitDirectory)/shallow"
  let known = try readFile(path) ?? []
  let commits = Set((known + [10] + lines).split(separator: 10).compactMap { ObjectID(hex: $0) })
  let bytes = commits.sorted().flatMap { Array("\($0)\n".utf8) }
  if bytes != known { try replaceFile(path, with: bytes) }
  _ = consume lock
}
