import Foundation
import Git
import Journal
import PatchEngine
import Patches
import Processes

/// How one command on a patched tree ended.
public struct Execution: Sendable {
  public let stack: StackName
  /// The last patch in the tree, as a path in the workspace.
  public let patch: String
  public let command: [String]
  /// The command's exit status; 128 and the signal's number for one that was ended.
  public let status: Int32

  public var succeeded: Bool { status == 0 }
}

extension Workspace {
  /// Runs commands on the patched tree of a stack, in a work tree of kerb's own below `.kerb/exec/`.
  /// A command that fails does not stop the next.
  ///
  /// The commands start in the tree and find `KERB_WORKSPACE`, `KERB_STACK`, `KERB_RELEASE`,
  /// `KERB_PROJECT`, `KERB_PATCH` and, the path of this program, `KERB_PROGRAM` in their environment.
  ///
  /// - Parameters:
  ///   - output: where the commands' standard output goes.
  ///   - begin: called before each command with the patch that is on top.
  /// - Returns: an execution for each command, in order; or the verdict of a stack that does not
  ///   apply.
  /// - Throws: `Refusal` where a command has changed tracked files, `ProgramError`, `GitError`.
  public func execute(
    _ proofs: [Configuration.Proof], on stack: StackName, output: Program.Destination,
    begin: (String, [String]) -> Void
  ) async throws -> (verdict: StackVerdict, executions: [Execution]) {
    var files = PatchCache(self.files)
    guard case .stack(let loaded) = try journal.read({ load(stack, &files) }) else {
      return (try check([stack])[0], [])
    }
    let (verdict, commits) = try storeCommits(of: loaded)
    guard verdict.isGood else { return (verdict, []) }
    var executions: [Execution] = []
    for (index, commit) in commits.enumerated() {
      let isLast = index == commits.count - 1
      let due = proofs.filter { $0.isForEach || isLast }
      guard !due.isEmpty else { continue }
      let directory = try checkOut(commit, of: stack)
      for proof in due {
        let command = proof.command.map { $0.replacing("{workspace}", with: root) }
        let patch = loaded.files[index]
        begin(patch, command)
        let status = try await run(command, in: directory, stack, patch: patch, output)
        try note(proof, status, after: index, of: loaded)
        executions.append(
          Execution(stack: stack, patch: patch, command: command, status: status))
      }
    }
    return (verdict, executions)
  }

  /// Stores a stack's commits, one a patch.
  ///
  /// - Returns: the verdict, and the commits in order; none where the stack does not apply.
  func storeCommits(
    of loaded: LoadedStack
  ) throws -> (StackVerdict, [ObjectID]) {
    let path = store.repositoryPath(project: loaded.name.project)
    let pack = try PackWriter(objectsDirectory: Repository(opening: path).objectsDirectory)
    let result = try ReplaySession(repository: path).replay(
      loaded.patches, onto: loaded.upstream.tree, recording: .objects(pack))
    let verdict = try verdict(loaded, steps: result.steps)
    guard verdict.isGood else { return (verdict, []) }
    return (verdict, try commits(loaded, result, path, pack).commits)
  }

  private func checkOut(_ commit: ObjectID, of stack: StackName) throws -> String {
    let path = store.repositoryPath(project: stack.project)
    let branch = "kerb-exec/\(stack.release)"
    let repository = try Repository(opening: path)
    let ref = "refs/heads/\(branch)"
    try repository.updateReference(
      ref, to: commit, expecting: try repository.reference(ref), message: "kerb exec")
    let tree = WorkTree(
      directory: "\(root)/.kerb/exec/\(stack.release)/\(stack.project)", repository: path,
      name: "exec-\(stack.release)")
    try tree.attempt(hint: "remove the folder to start afresh") { (tree) throws(WorkTreeError) in
      try tree.checkOut(branch: branch, commit: commit)
    }
    return tree.directory
  }

  private func run(
    _ command: [String], in directory: String, _ stack: StackName, patch: String,
    _ output: Program.Destination
  ) async throws -> Int32 {
    var environment = [
      "KERB_WORKSPACE": root, "KERB_STACK": stack.description,
      "KERB_RELEASE": stack.release.name, "KERB_PROJECT": stack.project, "KERB_PATCH": patch,
    ]
    environment["KERB_PROGRAM"] = Bundle.main.executablePath
    let program = Program(
      command[0], Array(command.dropFirst()), environment: environment, directory: directory)
    switch try await program.runForwarding(output: output) {
    case .exited(let code): return code
    case .signalled(let signal): return 128 + signal
    }
  }
}
