import Foundation
import Git
import Images
import Patches

/// A patched tree as it is exported.
struct ExportedTree {
  /// What the files are called: `nova-29.4.0+kerbside.13`.
  let name: String
  let version: String?
  let tree: ObjectID
  private let time: Int64
  private let files: [(path: RepoPath, entry: TreeEntry)]
  /// The contents of files that are not as the tree has them.
  private var completed: [RepoPath: [UInt8]] = [:]

  /// - Parameter tip: the last patch's commit; nil for a stack without patches.
  /// - Throws: `Refusal` for a path that cannot be stored everywhere, `GitError`.
  init(
    _ loaded: LoadedStack, _ tip: ObjectID?, label: String, in repository: borrowing Repository
  ) throws {
    let upstream = try repository.commit(loaded.upstream.commit)
    let tree = try tip.map { try repository.commit($0).tree } ?? loaded.upstream.tree
    (self.tree, time) = (tree, upstream.committer.seconds)
    files = try repository.files(inTree: tree).map { path, entry in
      do {
        return (try RepoPath(path), entry)
      } catch {
        throw Refusal("\(loaded.name): \(String(decoding: path, as: UTF8.self)): \(error)")
      }
    }
    try refuseTwins(files, in: loaded.name)
    let project = loaded.name.project
    let metadata = try Self.content("PKG-INFO", files, repository)
    if let metadata, let stated = SourceDistribution.version(of: metadata) {
      let version = SourceDistribution.localVersion(
        stated, label: label, count: loaded.patches.count)
      self.version = version
      name = "\(project)-\(version)"
      try complete(version, since: loaded.upstream.tree, repository)
    } else {
      version = nil
      name = "\(project)-\(loaded.name.release)-\(tree.short)"
    }
  }

  private static func content(
    _ name: String, _ files: [(path: RepoPath, entry: TreeEntry)],
    _ repository: borrowing Repository
  ) throws -> [UInt8]? {
    let found = files.first { $0.path.bytes.elementsEqual(name.utf8) && $0.entry.mode.isFile }
    return try found.map { try repository.blob($0.entry.id) }
  }

  /// Gives the released archive's own files the version and the files of the patched tree.
  private mutating func complete(
    _ version: String, since upstream: ObjectID, _ repository: borrowing Repository
  ) throws {
    guard tree != upstream else { return }
    let changes = try repository.changes(from: upstream, to: tree)
    let added = changes.filter { $0.old == nil }.map(\.path)
    let removed = Set(changes.filter { $0.new == nil }.map(\.path))
    for (path, entry) in files where entry.mode.isFile {
      let parts = path.components
      let isTop = parts.count == 1
      let isInfo = parts.count == 2 && parts[0].suffix(9).elementsEqual(".egg-info".utf8)
      if isTop || isInfo, path.name.elementsEqual("PKG-INFO".utf8) {
        let text = try repository.blob(entry.id)
        completed[path] = SourceDistribution.metadata(text, version: version)
      } else if isInfo, path.name.elementsEqual("SOURCES.txt".utf8) {
        let text = try repository.blob(entry.id)
        completed[path] = SourceDistribution.sources(text, adding: added, removing: removed)
      }
    }
  }

  private func content(
    _ path: RepoPath, _ entry: TreeEntry, _ repository: borrowing Repository
  ) throws -> [UInt8] {
    try completed[path] ?? repository.blob(entry.id)
  }

  /// The directories of the tree, each before what is in it.
  private var directories: [RepoPath] {
    var found: Set<RepoPath> = []
    for file in files {
      var above = file.path.parent
      while let directory = above, found.insert(directory).inserted { above = directory.parent }
    }
    return found.sorted()
  }

  /// The tree as a tar archive below one folder, entries in the order of their paths.
  func archive(_ repository: borrowing Repository) throws -> [UInt8] {
    var archive = TarArchive(time: time)
    let top = Array(name.utf8)
    func below(_ path: RepoPath) -> [UInt8] { top + [UInt8(ascii: "/")] + path.bytes }
    archive.add(directory: top)
    let all =
      directories.map { ($0, TreeEntry?.none) } + files.map { ($0.path, TreeEntry?.some($0.entry)) }
    for (path, entry) in all.sorted(by: { $0.0 < $1.0 }) {
      // A submodule is an empty folder, as in an archive of git's.
      guard let entry, entry.mode != .gitlink else {
        archive.add(directory: below(path))
        continue
      }
      let bytes = try content(path, entry, repository)
      if entry.mode == .symlink {
        archive.add(link: below(path), to: bytes)
      } else if entry.mode.isFile {
        archive.add(file: below(path), bytes, isExecutable: entry.mode == .executable)
      }
    }
    return archive.content
  }

  /// Writes the tree into a folder that is empty. Modes do not depend on the umask.
  ///
  /// - Returns: the number of files.
  /// - Throws: `Refusal` for names that cannot be written, `GitError`, `UsageError`.
  func write(into folder: String, _ repository: borrowing Repository) throws -> Int {
    func make(_ directory: String) throws {
      guard mkdir(directory, 0o755) == 0 || errno == EEXIST, chmod(directory, 0o755) == 0 else {
        throw refused("make \(directory)")
      }
    }
    try make(folder)
    for directory in directories { try make("\(folder)/\(directory)") }
    for (path, entry) in files {
      guard entry.mode != .gitlink else {
        try make("\(folder)/\(path)")
        continue
      }
      let bytes = try content(path, entry, repository)
      let words = path.bytes + (entry.mode == .symlink ? bytes : [])
      guard String(validating: words, as: UTF8.self) != nil else {
        throw Refusal("\(path): the name or the link is not UTF-8; --format tar keeps every byte")
      }
      let place = "\(folder)/\(path)"
      if entry.mode == .symlink {
        guard symlink(String(decoding: bytes, as: UTF8.self), place) == 0 else {
          throw refused("write \(place)")
        }
      } else if entry.mode.isFile {
        try writeNew(
          place, bytes, mode: entry.mode == .executable ? 0o755 : 0o644, isExact: true)
      }
    }
    return files.count
  }
}
