import Patches

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Repository {
  /// Puts everything that can be reached from a commit into one pack, and removes the other packs.
  ///
  /// Killed anywhere, it leaves every object where it was or where it is now, or in both places.
  ///
  /// - Parameter most: how many packs may stand; up to so many nothing is done.
  /// - Precondition: nobody else writes, and nothing but this commit is to be kept.
  /// - Throws: where the disk fails; the packs that were there are there still.
  public func gatherPacks(reachableFrom tip: ObjectID, atMost most: Int) throws(GitError) {
    let folder = objectsDirectory + "/pack"
    let old = indexNames(in: folder)
    guard old.count > most else { return }
    let pack = try PackWriter(objectsDirectory: objectsDirectory)
    var encoder = ObjectEncoder()
    var waiting = [tip]
    while let id = waiting.popLast() {
      if pack.contains(id) { continue }
      let bytes = try bytes(of: id, .commit)
      try pack.append(encoder.whole(.commit, bytes, id: id))
      let commit = try commit(id)
      try gather(tree: commit.tree, depth: 0, into: pack, &encoder)
      waiting += commit.parents
    }
    guard let made = try pack.finish() else { return }
    for name in old where "\(folder)/\(name)" != made + ".idx" {
      // The index first: without it a pack is not looked for.
      unlink("\(folder)/\(name)")
      unlink("\(folder)/\(name.dropLast(4)).pack")
    }
  }

  private func gather(
    tree id: ObjectID, depth: Int, into pack: PackWriter, _ encoder: inout ObjectEncoder
  ) throws(GitError) {
    guard depth <= TreeLimits.maximumDepth else {
      throw GitError(
        "pack tree \(id)", because: "it is more than \(TreeLimits.maximumDepth) folders deep")
    }
    if pack.contains(id) { return }
    try pack.append(encoder.whole(.tree, try bytes(of: id, .tree), id: id))
    for entry in try entries(ofTree: id) {
      switch entry.mode {
      case .tree: try gather(tree: entry.id, depth: depth + 1, into: pack, &encoder)
      case .gitlink: continue
      default:
        if pack.contains(entry.id) { continue }
        try pack.append(encoder.whole(.blob, try blob(entry.id), id: entry.id))
      }
    }
  }

  private func indexNames(in folder: String) -> [String] {
    let number = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0, let names = listDirectory(number) else { return [] }
    return names.map { String(decoding: $0, as: UTF8.self) }.filter {
      $0.hasPrefix("pack-") && $0.hasSuffix(".idx")
    }
  }
}
