import Claims
import Git
import PatchEngine
import Patches

extension Workspace {
  /// Looks at what moved stacks make of their new trees: each value of the microversions stands once,
  /// and the newest is the same in all places. A merge without a conflict, or a person's end of one, may
  /// leave two things under one number.
  ///
  /// - Returns: a finding for each place that is not as it should be, unless upstream's is so already.
  /// - Throws: `GitError` where a tree cannot be read.
  func claimFindings(of finished: FinishedMove) throws -> [Diagnostic] {
    let move = finished.move
    let repository = try Repository(
      opening: store.repositoryPath(project: move.stack.project))
    let last = finished.done.last.flatMap { ObjectID($0.commit) } ?? move.onto.commit
    let tree = try repository.commit(last).tree
    var budget = CounterBudget()
    return try renumberedCounters(of: move.stack.project).flatMap { counter -> [Diagnostic] in
      let before = try repository.upstreamCounter(counter, inTree: move.onto.tree, &budget)
      let after = try repository.upstreamCounter(counter, inTree: tree, &budget)
      let known = Set(before.inconsistencies)
      return after.inconsistencies.filter { !known.contains($0) }.map { problem in
        Diagnostic(
          Location("series/\(move.stack.release)"), "\(move.stack): \(problem)",
          rule: "claim-evidence")
      }
    }
  }
}
