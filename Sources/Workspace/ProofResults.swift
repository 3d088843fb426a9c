import Foundation
import Git
import Patches

/// How the proofs of a stack ended last, step by step: a file below `.kerb/proofs/`.
///
/// A result counts as long as nothing that leads to its step has changed: it is kept under the name of
/// all of that, the locked tree and the patches up to there.
struct ProofResults: Codable {
  struct Result: Codable, Hashable {
    /// The step's name: see `steps`.
    let step: String
    let command: [String]
    let status: Int32
  }

  /// The largest file of results, in bytes: 16 MiB.
  static let maximumSize = 16 << 20

  private(set) var version = 1
  private(set) var results: [Result] = []

  /// A name for the stack up to each patch, of which no byte can change without the name changing.
  static func steps(of patches: [Patch], on tree: ObjectID) throws(GitError) -> [String] {
    var text = "\(tree)\n"
    return try patches.map { patch throws(GitError) in
      text += "\(try objectID(.blob, patch.bytes))\n"
      return "\(try objectID(.blob, Array(text.utf8)))"
    }
  }

  /// Takes a result, and drops those of steps that are no longer.
  mutating func take(_ result: Result, among steps: [String]) {
    let steps = Set(steps)
    results.removeAll { old in
      !steps.contains(old.step) || (old.step == result.step && old.command == result.command)
    }
    results.append(result)
  }
}

extension Workspace {
  private func resultsPath(_ stack: StackName) -> String {
    ".kerb/proofs/\(stack.release)-\(stack.project).json"
  }

  /// The results that are at hand; none where the file is missing or of another version of kerb.
  private func proofResults(of stack: StackName) -> ProofResults {
    guard let bytes = try? files.read(resultsPath(stack), limit: ProofResults.maximumSize),
      let read = try? JSONDecoder().decode(ProofResults.self, from: Data(bytes)),
      read.version == 1
    else { return ProofResults() }
    return read
  }

  /// Notes how a proof that kerb.yaml lists ended on the stack with its patches up to one.
  ///
  /// - Throws: `UsageError` where the file cannot be written.
  func note(_ proof: Configuration.Proof, _ status: Int32, after patch: Int, of loaded: LoadedStack)
    throws
  {
    let listed = configuration.project(loaded.name.project)?.verify ?? []
    guard listed.contains(proof) else { return }
    let steps = try ProofResults.steps(of: loaded.patches, on: loaded.upstream.tree)
    var results = proofResults(of: loaded.name)
    results.take(
      ProofResults.Result(step: steps[patch], command: proof.command, status: status),
      among: steps)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try replaceFile(
      "\(root)/\(resultsPath(loaded.name))", in: root, with: Array(try encoder.encode(results)))
  }

  /// A finding for each proof of kerb.yaml that failed after a patch of a stack as it is now.
  func failedProofs() -> [Diagnostic] {
    var files = PatchCache(self.files)
    return configuration.projects.flatMap { project in
      configuration.releases.flatMap { release -> [Diagnostic] in
        let stack = StackName(release, project.name)
        let results = proofResults(of: stack).results.filter { $0.status != 0 }
        guard !results.isEmpty, let tree = lock[stack]?.tree, let series = try? series(release),
          let patches = try? files.patches(series.entries(of: project.name), in: series.file),
          let steps = try? ProofResults.steps(of: patches, on: tree)
        else { return [] }
        let places = Dictionary(zip(steps, steps.indices)) { first, _ in first }
        return results.compactMap { result in
          guard let step = places[result.step] else { return nil }
          let isLast = step == steps.count - 1
          let isListed = project.verify.contains {
            $0.command == result.command && ($0.isForEach || isLast)
          }
          guard isListed else { return nil }
          return Diagnostic(
            Location(patches[step].name),
            "\(stack): with this patch on top, '\(result.command.joined(separator: " "))' ended with "
              + "\(result.status)", rule: "step-fails")
        }
      }
    }
  }
}
