import Foundation
import Git
import PatchEngine
import Patches
import Upstream

/// The upstream tree that stacks are held against, and where it lies.
public struct UpstreamTarget: Sendable {
  /// What a reader calls it: `sdist:29.4.0`, `31.0.0`, `origin/master`.
  public let name: String
  public let tree: ObjectID
  /// The commit, where the repository has one for the tree.
  public let commit: ObjectID?
  /// The repository with the tree or the history.
  let repository: String
  /// Another repository whose objects are read too.
  let lenders: [String]
  /// The commit that the stack's locked version stands for in the repository.
  let lockedCommit: ObjectID?

  /// The target as reports name it.
  var named: StackVerdict.Target { StackVerdict.Target(name: name, commit: commit, tree: tree) }

  /// True where the commits behind the tree are at hand.
  public let hasHistory: Bool

  /// A handle on all its objects.
  ///
  /// - Throws: `GitError` where a repository cannot be opened.
  func open() throws(GitError) -> Repository {
    let repository = try Repository(opening: repository)
    for lender in lenders { try repository.borrowObjects(of: lender) }
    return repository
  }
}

/// Which upstream tree stacks are held against.
public struct TargetChoice: Sendable {
  /// A revision, a release or version of the lock, `latest`, or nil for the locked tree.
  public var onto: String?
  /// A clone of the project with history.
  public var clone: String?

  public init(onto: String? = nil, clone: String? = nil) {
    self.onto = onto
    self.clone = clone
  }

  /// The word for upstream's tip.
  public static let latest = "latest"
}

extension Workspace {
  /// The tree that a stack is held against.
  ///
  /// - Throws: `UsageError` for a revision that is nowhere, `GitError` for a clone that is none.
  func target(for entry: UpstreamLock.Entry, _ choice: TargetChoice) throws -> UpstreamTarget {
    let store = store.repositoryPath(project: entry.stack.project)
    let clone = try choice.clone.map { try gitDirectory(of: $0) }
    if let clone {
      let repository = try Repository(opening: clone)
      let locked = lockedCommit(entry, in: repository)
      guard let onto = choice.onto else {
        return UpstreamTarget(
          name: "\(entry.source)", tree: entry.tree, commit: locked, repository: clone,
          lenders: [store], lockedCommit: locked, hasHistory: locked != nil)
      }
      if let (name, commit) = commit(named: onto, inClone: repository) {
        return UpstreamTarget(
          name: name, tree: try repository.commit(commit).tree, commit: commit, repository: clone,
          lenders: [store], lockedCommit: locked, hasHistory: true)
      }
    }
    guard let found = try storedTarget(choice.onto, entry, in: store) else {
      let place = choice.clone.map { "\($0) nor in " } ?? ""
      throw UsageError(
        "'\(choice.onto ?? "")' is no revision in \(place)the trees that were fetched of "
          + "\(entry.stack.project); name a clone that has it with --repo")
    }
    return found
  }

  private func storedTarget(
    _ onto: String?, _ entry: UpstreamLock.Entry, in store: String
  ) throws -> UpstreamTarget? {
    let repository = try Repository(opening: store)
    func target(_ name: String, _ commit: ObjectID) throws -> UpstreamTarget {
      let read = try repository.commit(commit)
      return UpstreamTarget(
        name: name, tree: read.tree, commit: commit, repository: store, lenders: [],
        lockedCommit: entry.commit,
        hasHistory: read.parents.contains { repository.contains($0) })
    }
    guard let onto else { return try target("\(entry.source)", entry.commit) }
    let release = onto == TargetChoice.latest ? Release.master.name : onto
    let others = lock.entries.values.filter { $0.stack.project == entry.stack.project }
    let locked = others.sorted { $0.stack < $1.stack }.first { other in
      release == other.stack.release.name || "\(other.source)".hasSuffix(":\(onto)")
    }
    if let locked, repository.contains(locked.commit) {
      return try target("\(locked.source)", locked.commit)
    }
    if onto == TargetChoice.latest { return nil }
    return (try? repository.resolve(onto)).flatMap { try? target(onto, $0) }
  }

  /// `latest` is master or main as `origin` had it, else the clone's own, else what is checked out.
  private func commit(
    named onto: String, inClone repository: borrowing Repository
  ) -> (String, ObjectID)? {
    guard onto == TargetChoice.latest else {
      return (try? repository.resolve(onto)).map { (onto, $0) }
    }
    for name in [
      "refs/remotes/origin/master", "refs/remotes/origin/main", "refs/heads/master",
      "refs/heads/main", "HEAD",
    ] {
      guard let commit = try? repository.resolve(name) else { continue }
      let short = name.replacing("refs/remotes/", with: "").replacing("refs/heads/", with: "")
      return (short, commit)
    }
    return nil
  }

  /// The commit of a clone that a locked tree was made of: the tag of its version, or itself.
  private func lockedCommit(
    _ entry: UpstreamLock.Entry, in repository: borrowing Repository
  ) -> ObjectID? {
    switch entry.source {
    case .git(let ref):
      return repository.contains(entry.commit)
        ? entry.commit : try? repository.resolve("refs/tags/\(ref)^{commit}")
    case .sdist(let version):
      return (try? repository.resolve("refs/tags/\(version)^{commit}"))
        ?? (try? repository.resolve("refs/tags/v\(version)^{commit}"))
    }
  }

  private func gitDirectory(of clone: String) throws -> String {
    do {
      return try Repository(opening: URL(filePath: clone).standardizedFileURL.path).gitDirectory
    } catch {
      throw UsageError("--repo \(clone): \(error)")
    }
  }
}
