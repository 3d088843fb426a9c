import Git

extension WorkTree {
  /// Does something to the folder.
  ///
  /// - Parameter hint: what the user can do where something is in the way, as a clause.
  /// - Throws: `Refusal`, which names the folder, where something of the user's is in the way; `GitError`
  ///   where the repository or the file system refused.
  func attempt<Result>(
    hint: String? = nil, _ body: (WorkTree) throws(WorkTreeError) -> Result
  ) throws -> Result {
    do throws(WorkTreeError) {
      return try body(self)
    } catch {
      guard case .git(let error) = error else {
        throw Refusal("\(directory): \(error)" + (hint.map { "; \($0)" } ?? ""))
      }
      throw GitError("\(directory): \(error.doing)", because: error.reason)
    }
  }
}
