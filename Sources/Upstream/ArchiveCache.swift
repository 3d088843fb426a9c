import Git
import Patches

/// The archives that were received, kept so that a locked tree can be made again without a network:
/// `archives/DIGEST/nova-29.4.0.tar.gz` in the store.
///
/// What is there may have come with a clone. So no symbolic link below the workspace is followed,
/// only a regular file of a size that an archive may have is read, and its content must have the
/// digest.
struct ArchiveCache: Sendable {
  /// The directory that is opened by its path: the workspace.
  private let workspace: String
  /// The directory of the archives below it.
  private let folder: RepoPath?

  /// - Parameter store: The store's directory, `.kerb/upstream` in the workspace.
  init(store: String) {
    let own = store.hasSuffix("/.kerb/upstream") ? 2 : 1
    let components = store.split(separator: "/")
    workspace = "/" + components.dropLast(own).joined(separator: "/")
    folder = try? RepoPath(components.suffix(own).joined(separator: "/") + "/archives")
  }

  /// - Throws: `environment` where something that is no directory stands in the cache's place, such
  ///   as a link that leads out of the workspace.
  func check() throws(UpstreamError) {
    guard let folder, var tree = try? DiskTree(at: workspace) else { return }
    var paths = [folder]
    while let above = paths[0].parent { paths.insert(above, at: 0) }
    for path in paths {
      switch try? tree.look(at: path) {
      case .directory: continue
      case .absent, nil: return
      case .symlink: throw refusal(path, "a symbolic link")
      case .file, .other, .blocked: throw refusal(path, "no directory")
      }
    }
  }

  /// The archive with that digest. One whose content has another digest is removed, and is as if
  /// it had never been there.
  func archive(digest: String) -> ReceivedArchive? {
    guard var tree = try? DiskTree(at: workspace), let folder = directory(digest),
      let name = tree.names(in: folder)?.sorted(by: { $0.lexicographicallyPrecedes($1) })
        .first(where: { $0.suffix(7).elementsEqual(ReleasedFile.ending.utf8) }),
      let path = try? RepoPath(folder.bytes + [UInt8(ascii: "/")] + name),
      let content = try? tree.readFile(path, limit: ReceivedArchive.maximumSize)
    else { return nil }
    let archive = ReceivedArchive(
      fileName: String(decoding: name, as: UTF8.self), content: content)
    guard archive.digest == digest.lowercased() else {
      try? tree.removeAlone(path)
      return nil
    }
    return archive
  }

  /// Keeps an archive. A full disk only costs the next fetch a download.
  func keep(_ archive: ReceivedArchive) {
    guard var tree = try? DiskTree(at: workspace), let folder = directory(archive.digest),
      let path = try? RepoPath("\(folder)/\(archive.fileName)"),
      let new = try? RepoPath("\(folder)/new-\(UInt64.random(in: 0 ... .max))")
    else { return }
    if case .file = try? tree.look(at: path) { return }
    do {
      try tree.createNew(new, archive.content)
      try tree.move(new, to: path)
    } catch {
      try? tree.removeAlone(new)
    }
  }

  private func directory(_ digest: String) -> RepoPath? {
    guard let folder, let digest = checkedDigest(digest) else { return nil }
    return try? RepoPath("\(folder)/\(digest)")
  }

  private func refusal(_ path: RepoPath, _ what: String) -> UpstreamError {
    UpstreamError(
      .environment, "\(workspace)/\(path) is \(what), and kerb keeps its archives there",
      hint: "remove it; kerb makes a directory of its own")
  }
}
