import Foundation
import Git
import Patches

extension Workspace {
  /// True where kerb may write below `.kerb/`, as far as there is something yet.
  public var isStateWritable: Bool {
    ["", "/journal", "/upstream"].allSatisfy { name in
      let path = "\(root)/.kerb\(name)"
      return access(path, F_OK) != 0 || access(path, W_OK | X_OK) == 0
    }
  }

  /// The same workspace for work that writes nothing to it and needs room all the same: objects of new trees,
  /// and the work trees of `exec`, go into another folder.
  ///
  /// - Parameter folder: an empty folder of this process's own; whoever made it removes it.
  public func aside(in folder: String) throws -> Workspace {
    var caller = caller
    caller.aside = folder
    let aside = try Workspace(in: journal.aside(in: folder), for: caller)
    for project in configuration.projects {
      let lender = ownStore.repositoryPath(project: project.name)
      guard access("\(lender)/HEAD", F_OK) == 0 else { continue }
      try makeDirectories("\(folder)/upstream")
      try borrowRepository(lender, as: aside.store.repositoryPath(project: project.name))
    }
    return aside
  }
}
