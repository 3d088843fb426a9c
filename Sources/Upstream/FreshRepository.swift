import Foundation
import Git
import Patches

/// An empty bare repository for one call of git, in a folder of its own.
///
/// git is never started in a project's repository below `.kerb/`: that one may have come with a cache,
/// and what its configuration names would run. Here git sees the user's own settings and those that
/// kerb wrote a moment ago.
struct FreshRepository: Sendable {
  let path: String
  private let folder: Folder

  /// Holds a lock on the folder for as long as it lives, so that the next fetch knows what a process
  /// that was killed has left. A class, as it is closed and removed once.
  private final class Folder: Sendable {
    let path: String
    private let lock: FolderLock

    init(_ path: String) throws(GitError) {
      self.path = path
      lock = try FolderLock(making: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  /// - Parameters:
  ///   - folder: where the folders of such repositories are; what dead processes left there is removed.
  ///   - lender: a repository whose commits git may build on, so that less has to come.
  init(in folder: String, lender: String? = nil) throws(GitError) {
    try makeDirectories(folder)
    // Between making a folder and holding it, it looks like one that is left.
    let turn = try FolderLock(holding: folder)
    Self.removeLeft(in: folder)
    let own = try Folder("\(folder)/\(UUID().uuidString)")
    _ = consume turn
    self.folder = own
    path = "\(own.path)/repository.git"
    _ = try Repository(creatingBareAt: path)
    if let lender { try borrow(from: lender) }
  }

  private static func removeLeft(in folder: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      let path = "\(folder)/\(name)"
      guard FolderLock.isLeft(path) else { continue }
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  /// Lets git count the objects of another repository as here.
  private func borrow(from lender: String) throws(GitError) {
    let repository = try Repository(opening: lender)
    let commits = try repository.references(below: "refs/kerb/upstream/")
    guard !commits.isEmpty else { return }
    try write("objects/info/alternates", "\(repository.objectsDirectory)\n")
    let references = commits.enumerated().map { "\($0.element) refs/lent/\($0.offset)\n" }
    try write("packed-refs", references.joined())
    if let shallow = try readFile("\(lender)/shallow") {
      try write("shallow", String(decoding: shallow, as: UTF8.self))
    }
  }

  private func write(_ name: String, _ text: String) throws(GitError) {
    let file = try Descriptor(
      opening: "\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o644)
    try file.write(Array(text.utf8), "write \(path)/\(name)")
  }

  /// Moves everything that git brought into a project's repository: packs first, then the list of
  /// commits whose parents are not there.
  func handOver(to store: String) throws(GitError) {
    try movePacks(from: "\(path)/objects", to: "\(store)/objects")
    guard let brought = try readFile("\(path)/shallow") else { return }
    try addShallow(brought, to: store)
  }
}
