import Git
import PatchEngine
import Patches

extension Workspace {
  /// Which patches of a stack need which, on its locked tree.
  ///
  /// - Returns: the stack's verdict, the names of its patches without folder and ending, and the
  ///   dependencies; nil where the stack does not apply, so that there is no order to keep.
  /// - Throws: `GitError` where the repository cannot be read.
  public func graph(
    of stack: StackName
  ) throws -> (verdict: StackVerdict, names: [String], dependencies: Dependencies?) {
    var files = PatchCache(self.files)
    switch load(stack, &files) {
    case .verdict(let verdict): return (verdict, [], nil)
    case .stack(let loaded):
      let path = store.repositoryPath(project: stack.project)
      let result = try ReplaySession(repository: path).replay(
        loaded.patches, onto: loaded.upstream.tree, recording: .nothing)
      let verdict = try verdict(loaded, steps: result.steps)
      let names = loaded.entries.map { String(fileName($0.path).dropLast(".patch".count)) }
      guard verdict.isGood else { return (verdict, names, nil) }
      let tree = GitTree(
        repository: try Repository(opening: path), root: loaded.upstream.tree, base: nil)
      let dependencies = try dependencies(
        of: loaded.patches, on: tree, using: ReplayMeans(primitives: .git))
      return (verdict, names, dependencies)
    }
  }
}
