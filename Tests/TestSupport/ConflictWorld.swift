import Foundation

/// A workspace with one patch, `one`, and an upstream that has moved on since.
public struct ConflictWorld {
  public let folder: TemporaryDirectory
  public var work: String { folder.file("work") }
  /// The work tree of the stopped stack.
  public var tree: String { folder.file("work/src/master/demo") }

  /// - Parameters:
  ///   - base: a line of bash that makes upstream's files.
  ///   - ours: what upstream does next.
  ///   - theirs: what the patch does to the files.
  public init(base: String, ours: String, theirs: String) throws {
    folder = try TemporaryDirectory(inMemory: true)
    try run(
      "git init -q -b master up && cd up && seq 1 9 > keep && \(base)\ngit add -A && git commit -qm base"
    )
    try run("git clone -q up dev && cd dev && \(theirs)\ngit add -A && git commit -qm one")
    try run(
      "kerb init --project demo --git https://example.org/d.git work > /dev/null && mkdir -p work/patches/demo"
    )
    try run(
      "cd dev && git format-patch -q -1 --zero-commit --full-index --no-signature --no-stat --binary "
        + "--stdout > ../work/patches/demo/one.patch && echo demo/one.patch >> ../work/series/master"
    )
    try run("cd work && kerb fetch --update --from ../up > /dev/null 2>&1")
    try run("cd up && \(ours)\ngit add -A && git commit -qm ours")
  }

  /// What `git cherry-pick` leaves of the same two changes, in the folder `ref`.
  public func pick() throws {
    try run(
      "git clone -q up ref && cd ref && git fetch -q ../dev master && "
        + "(git -c merge.conflictStyle=diff3 cherry-pick FETCH_HEAD > /dev/null 2>&1 || true)")
  }

  /// Runs kerb in the workspace.
  public func kerb(_ arguments: String...) throws -> Outcome {
    try TestSupport.kerb(arguments, in: work)
  }

  /// Moves the stack to what upstream has now.
  public func rebase(_ options: String...) throws -> Outcome {
    try TestSupport.kerb(["rebase", "demo", "--update", "--from", "../up"] + options, in: work)
  }

  /// The patch's text.
  public var patch: String { folder.read("work/patches/demo/one.patch") ?? "" }

  /// Runs a line of bash in the folder that holds everything.
  @discardableResult
  public func run(_ line: String) throws -> String {
    let outcome = try shell("set -e\n\(line)", in: folder.path)
    guard outcome.status == 0 else {
      throw GitFailure(arguments: [line], outcome: outcome)
    }
    return outcome.text
  }
}
