import Foundation
import Git
import Images
import PatchEngine
import Patches

/// What a stack is exported as.
public enum ExportFormat: String, Sendable, CaseIterable {
  /// The patched tree as a gzipped tar archive with one top folder.
  case tar
  /// The patched tree as a folder.
  case dir
  /// The patches as one mailbox, as `git am` takes it.
  case mbox
  /// The patches as a folder for quilt: `patches/series` and what it lists.
  case quilt
}

/// How stacks are exported.
public struct ExportOptions: Sendable {
  public var format = ExportFormat.tar
  /// Where the files go; it is made where it is missing.
  public var directory = "."
  /// What stands in versions before the number of patches; nil for the configuration's.
  public var label: String?

  public init() {}
}

/// What exporting one stack came to.
public struct Export: Sendable {
  public let verdict: StackVerdict
  /// Nil where the stack does not apply.
  public let written: Written?

  /// What is now on disk.
  public struct Written: Sendable {
    /// The archive, mailbox or folder.
    public let path: String
    /// `29.4.0+kerbside.13`; nil where the tree states no version.
    public let version: String?
    /// The patched tree, before version and list of files were completed.
    public let tree: ObjectID
    /// The digest of the file; nil for a folder.
    public let sha256: String?
    /// The number of bytes of the file, or of files in the folder.
    public let size: Int
  }
}

extension Workspace {
  /// Writes patched trees, or the patches as they fit their trees exactly. The same stack gives the same
  /// bytes on every machine.
  ///
  /// In a tree of a released archive, `PKG-INFO` gets a version of its own and `SOURCES.txt` the files
  /// that the patches add, so that what is built of it is whole and says what it is.
  ///
  /// - Throws: `Refusal` where a folder with something in it is in the way, `GitError`.
  public func export(_ stacks: [StackName], _ options: ExportOptions) throws -> [Export] {
    var files = PatchCache(self.files)
    var places: [String: StackName] = [:]
    return try stacks.map { stack in
      switch load(stack, &files) {
      case .verdict(let verdict):
        guard verdict.state == .empty, let upstream = verdict.upstream else {
          return Export(verdict: verdict, written: nil)
        }
        guard try store.has(upstream) else {
          return Export(
            verdict: StackVerdict(stack, .notFetched, upstream: upstream, notes: verdict.notes),
            written: nil)
        }
        let bare = LoadedStack(name: stack, upstream: upstream, entries: [], patches: [])
        return Export(verdict: verdict, written: try write(bare, [], options, &places))
      case .stack(let loaded):
        let (verdict, commits) = try storeCommits(of: loaded)
        guard verdict.isGood else { return Export(verdict: verdict, written: nil) }
        return Export(verdict: verdict, written: try write(loaded, commits, options, &places))
      }
    }
  }

  private func write(
    _ loaded: LoadedStack, _ commits: [ObjectID], _ options: ExportOptions,
    _ places: inout [String: StackName]
  ) throws -> Export.Written {
    let repository = try Repository(
      opening: store.repositoryPath(project: loaded.name.project))
    try repository.refresh()
    let label = options.label ?? configuration.versionLabel
    let tree = try ExportedTree(loaded, commits.last, label: label, in: repository)
    let place = "\(options.directory)/\(tree.name)"
    if let other = places.updateValue(loaded.name, forKey: place) {
      throw Refusal(
        "\(other) and \(loaded.name) both make \(tree.name); export them into two folders")
    }
    func written(_ path: String, _ bytes: [UInt8]) throws -> Export.Written {
      try replaceFile(path, in: root, with: bytes)
      return Export.Written(
        path: path, version: tree.version, tree: tree.tree, sha256: sha256(bytes),
        size: bytes.count)
    }
    switch options.format {
    case .tar: return try written("\(place).tar.gz", gzipped(try tree.archive(repository)))
    case .dir:
      let count = try NamedPlace(place, in: root).makeFolder {
        try tree.write(into: $0, repository)
      }
      return Export.Written(
        path: place, version: tree.version, tree: tree.tree, sha256: nil, size: count)
    case .mbox:
      let mails = try exactPatches(loaded, commits, repository).map(\.1)
      return try written("\(place).mbox", Array(mails.joined()))
    case .quilt:
      let patches = try exactPatches(loaded, commits, repository)
      try NamedPlace(place, in: root).makeFolder { try writeQuilt(patches, into: $0) }
      return Export.Written(
        path: place, version: tree.version, tree: tree.tree, sha256: nil, size: patches.count + 1)
    }
  }

  private func writeQuilt(_ patches: [(Series.Entry, [UInt8])], into folder: String) throws {
    try makeDirectories("\(folder)/patches")
    var names: Set = ["series"]
    for (entry, bytes) in patches {
      let name = fileName(entry.path)
      guard names.insert(name).inserted else {
        throw Refusal("\(entry.path): another file of quilt's folder is named \(name) too")
      }
      try writeNew("\(folder)/patches/\(name)", bytes)
    }
    let series = patches.map { fileName($0.0.path) + "\n" }.joined()
    try writeNew("\(folder)/patches/series", Array(series.utf8))
  }

  /// The patches as mails that fit the stack's tree to the line.
  private func exactPatches(
    _ loaded: LoadedStack, _ commits: [ObjectID], _ repository: borrowing Repository
  ) throws -> [(Series.Entry, [UInt8])] {
    var before = loaded.upstream.tree
    var result: [(Series.Entry, [UInt8])] = []
    for (index, commit) in commits.enumerated() {
      let made = try repository.commit(commit)
      var patch = loaded.patches[index]
      if patch.header.form != .mail {
        let author = Author(
          name: made.author.name, email: made.author.email,
          date: AuthorDate(seconds: made.author.seconds, offset: made.author.offset))
        patch = try patch.with(author: author, message: made.message)
      }
      result.append(
        (loaded.entries[index], try repository.refreshed(patch, from: before, to: made.tree)))
      before = made.tree
    }
    return result
  }
}
